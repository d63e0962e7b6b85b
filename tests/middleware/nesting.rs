//! One set of sessions per request, regardless of the number of middlewares around its route.

use actix_secure_session_tests::{
    Auth, Prefs, T0, ada,
    app::{Answer, Server, block_on},
    key,
    logs::Logs,
    ring,
};
use actix_web::{
    App, HttpResponse,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    SecureSession, Session, SessionMiddleware, SessionMiddlewareBuilder,
    policy::{FastifyMigration, Policy},
    test_util::TestClock,
};
use tracing::Level;

fn only<T: SecureSession>() -> SessionMiddleware {
    let builder = SessionMiddleware::builder(ring(&[2])).session::<T>();
    builder.clock(&TestClock::at(T0)).build().unwrap()
}

/// One around the app, the other around its scope.
fn call<R: Into<HttpResponse>>(
    [outer, inner]: [&SessionMiddleware; 2],
    cookies: &str,
    handler: impl Fn(&Session<Auth>, Option<&Session<Prefs>>) -> R + 'static,
) -> (Answer, Vec<String>) {
    let handler = std::rc::Rc::new(handler);
    let route = web::to(move |auth: Session<Auth>, prefs: Option<Session<Prefs>>| {
        let response: HttpResponse = handler(&auth, prefs.as_ref()).into();
        async move { response }
    });
    let (answer, logs) = Logs::of(|| {
        block_on(async {
            let scope = web::scope("/in").wrap(inner.clone()).route("/", route);
            let app = App::new().wrap(outer.clone()).service(scope);
            let app = init_service(app).await;
            let mut last = None;
            for _ in 0..3 {
                let request = TestRequest::get().uri("/in/");
                let request = request.insert_header(("Cookie", cookies));
                last = Some(call_service(&app, request.to_request()).await);
            }
            Answer::of(last.unwrap()).await
        })
    });
    (answer, logs.at(Level::WARN))
}

#[test]
fn inner_middleware_adds_its_types() {
    let (auth, prefs) = (only::<Auth>(), only::<Prefs>());
    let (answer, warnings) = call([&auth, &prefs], "", |auth, prefs| {
        auth.set_name("Ada");
        prefs.unwrap().set_theme("dark");
        HttpResponse::Ok()
    });
    assert!(warnings.is_empty());
    let names: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["__Host-auth", "prefs"]);
}

#[test]
fn type_served_by_the_outer_middleware_stays_there_with_one_warning() {
    let outer = Server::default();
    let cookie = outer.cookie(&ada());
    let (answer, warnings) = call([&outer.sessions, &only::<Auth>()], &cookie, |auth, _| {
        assert_eq!(auth.name(), "Ada", "opened with the outer keys");
        auth.set_visits(9);
        HttpResponse::Ok()
    });
    assert_eq!(outer.stored(&answer).unwrap().visits, 9);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("__Host-auth"), "{warnings:?}");
}

#[test]
fn the_same_middleware_twice_sends_one_cookie() {
    let server = Server::default();
    let (answer, warnings) = call([&server.sessions, &server.sessions], "", |auth, _| {
        auth.set_visits(1);
        HttpResponse::Ok()
    });
    assert_eq!(server.stored(&answer).unwrap().visits, 1);
    assert_eq!(warnings.len(), 1);
}

/// A session would remove another session's cookie.
#[test]
fn inner_session_with_a_legacy_cookie_of_the_outer_is_not_served() {
    type Change = fn(Policy) -> Policy;
    let rows: [[Change; 2]; 3] = [
        [|p| p, |p| p.remove_legacy_cookie("__Host-auth", "/", None)],
        [|p| p.remove_legacy_cookie("prefs", "/", None), |p| p],
        [
            |p| p.remove_legacy_cookie("session", "/", None),
            |p| p.migrate_from_fastify(FastifyMigration::new(key(9))),
        ],
    ];
    for (index, [outer, inner]) in rows.into_iter().enumerate() {
        let build = |builder: SessionMiddlewareBuilder| builder.build().unwrap();
        let builder = || SessionMiddleware::builder(ring(&[2]));
        let outer = build(builder().session_with::<Auth>(outer));
        let inner = build(builder().session_with::<Prefs>(inner));
        let cookies = "__Host-auth=1; prefs=1; session=1";
        let (_, warnings) = call([&outer, &inner], cookies, |_, prefs| {
            assert!(prefs.is_none());
            HttpResponse::Ok()
        });
        assert_eq!(warnings.len(), 1, "row {index}: {warnings:?}");
    }
}

#[test]
fn cookie_name_of_the_outer_middleware_is_not_served_for_another_type() {
    let builder = SessionMiddleware::builder(ring(&[2]));
    let inner = builder
        .session_with::<Prefs>(|policy| policy.cookie("__Host-auth"))
        .build()
        .unwrap();
    let outer = only::<Auth>();
    let (answer, warnings) = call([&outer, &inner], "", |auth, prefs| {
        assert!(prefs.is_none());
        auth.set_visits(1);
        HttpResponse::Ok()
    });
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(warnings.len(), 1);
}
