//! Everything that takes a session in one request gets the same one.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, UNIX_EPOCH},
};

use actix_secure_session_tests::{
    Auth, IDLE, T0, ada,
    app::{Answer, Server, block_on},
};
use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    guard,
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{ExtractError, ExtractSession, Session, SessionExt as _};

/// An application's own extractor that uses the session.
struct Visitor(Session<Auth>);

impl FromRequest for Visitor {
    type Error = ExtractError;
    type Future = std::future::Ready<Result<Self, ExtractError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(request.session().map(Self))
    }
}

#[test]
fn guard_middleware_extractor_handler_thread_and_task_see_one_session() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let answer = block_on(async {
        let guard = guard::fn_guard(|context| {
            context
                .session::<Auth>()
                .unwrap()
                .update_visits(|visits| *visits += 1);
            true
        });
        let handler = web::get().guard(guard).to(
            |visitor: Visitor, auth: Session<Auth>, request: HttpRequest| async move {
                let before = auth.name();
                visitor.0.set_name("from the extractor");
                assert_eq!(before, "Ada", "a reference from before the write");
                assert_eq!(auth.name(), "from the extractor");
                request
                    .session::<Auth>()
                    .unwrap()
                    .update_visits(|visits| *visits += 1);

                let handle = auth.clone();
                let thread = std::thread::spawn(move || {
                    handle.update_visits(|visits| *visits += 1);
                    handle.name().to_owned()
                });
                assert_eq!(thread.join().unwrap(), "from the extractor");

                let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
                let handle = auth.clone();
                let task = runtime.spawn(async move {
                    let name = handle.name();
                    tokio::task::yield_now().await;
                    handle.set_roles([name.to_owned()]);
                    handle.update_visits(|visits| *visits += 1);
                });
                task.await.unwrap();
                runtime.shutdown_background();
                assert_eq!(auth.roles(), ["from the extractor"]);
                assert_eq!(before, "Ada");
                HttpResponse::Ok().finish()
            },
        );
        let middleware = from_fn(
            |request: actix_web::dev::ServiceRequest, next: actix_web::middleware::Next<_>| async move {
                let auth = request.session::<Auth>()?;
                auth.update_visits(|visits| *visits += 1);
                let response = next.call(request).await?;
                auth.set_theme("after the handler");
                assert_eq!(response.session::<Auth>()?.name(), "from the extractor");
                Ok::<_, actix_web::Error>(response)
            },
        );
        let app = App::new()
            .wrap(middleware)
            .wrap(server.sessions.clone())
            .route("/", handler);
        let app = init_service(app).await;
        let request = TestRequest::get().insert_header(("Cookie", cookie));
        Answer::of(call_service(&app, request.to_request()).await).await
    });
    let stored = server.stored(&answer).unwrap();
    assert_eq!(stored.visits, 5 + 5);
    assert_eq!(stored.theme.as_deref(), Some("after the handler"));
    assert_eq!(stored.roles, ["from the extractor"]);
}

#[test]
fn handles_and_futures_move_between_threads_and_outlive_the_request() {
    fn asserted<T: Send + Sync + 'static>() {}
    asserted::<Session<Auth>>();
    asserted::<ExtractSession<Auth>>();
}

#[test]
fn session_info_follows_lifecycle_methods() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let codec = server.codec();
    let came = codec.open(cookie.split_once('=').unwrap().1).unwrap();
    let id = came.id();
    server.clock.set(T0 + 60);
    let drawn = Rc::new(Cell::new(None));
    let in_handler = Rc::clone(&drawn);
    let answer = server.auth(&cookie, move |auth| {
        let time = |seconds| Some(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(auth.info().id(), Some(id));
        assert_eq!(auth.info().created_at(), time(T0));
        assert_eq!(auth.info().expires_at(), time(T0 + IDLE));
        let left = Some(Duration::from_secs(IDLE - 60));
        assert_eq!(auth.info().expires_in(), left, "by the clock of the test");
        assert!(!auth.info().is_changed());
        assert!(!auth.info().is_closed());

        auth.sign_in();
        let new = auth.info().id().unwrap();
        assert_ne!(new, id);
        assert_eq!(auth.info().id(), Some(new), "the same each time");
        assert_eq!(auth.info().created_at(), time(T0 + 60));
        assert_eq!(auth.info().expires_at(), time(T0 + 60 + IDLE));
        let left = Some(Duration::from_secs(IDLE));
        assert_eq!(auth.info().expires_in(), left);
        in_handler.set(Some(new));
    });
    assert_eq!(server.stored(&answer).unwrap().id(), drawn.get().unwrap());

    server.auth("", |auth| {
        let info = auth.info();
        assert_eq!(
            (info.id(), info.created_at(), info.expires_at()),
            (None, None, None)
        );
        auth.set_name("Ada");
        assert!(info.id().is_some() && info.created_at().is_some());
        auth.destroy();
        assert_eq!(
            (info.id(), info.created_at(), info.expires_at()),
            (None, None, None)
        );
    });
}

#[test]
fn changed_fields_are_compared_with_the_received_session() {
    use actix_secure_session_tests::AuthField;
    let server = Server::default();
    server.auth(&server.cookie(&ada()), |auth| {
        auth.set_visits(6);
        auth.set_name("Ada");
        auth.clear_user_id();
        auth.set_scratch(1);
        let changed = auth.info().changed_fields();
        assert_eq!(changed, [AuthField::UserId, AuthField::Visits]);
        auth.set_visits(5);
        assert_eq!(auth.info().changed_fields(), [AuthField::UserId]);
    });
}

#[test]
fn id_read_after_the_response_is_the_one_that_was_sent() {
    let server = Server::default();
    let kept = Rc::new(Cell::new(None));
    let in_handler = Rc::clone(&kept);
    let answer = server.auth(&server.cookie(&ada()), move |auth| {
        auth.regenerate();
        in_handler.set(Some(auth.clone()));
    });
    let after = kept.take().unwrap().info().id();
    assert_eq!(after, Some(server.stored(&answer).unwrap().id()));
}
