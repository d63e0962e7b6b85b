//! The cookies sent when something fails: changes, removals, or none.

use std::{
    fmt,
    future::{Ready, ready},
    time::Duration,
};

use actix_secure_session_tests::{
    Auth, Prefs, ada,
    app::{Answer, Server, block_on},
    http::Loopback,
    logs::Logs,
};
use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse, ResponseError,
    dev::{Payload, ServiceRequest},
    error::ErrorImATeapot,
    http::StatusCode,
    middleware::{Next, from_fn},
    test::{TestRequest, call_service, init_service, try_call_service},
    web,
};
use secure_session::{Session, SessionExt as _};
use serde::Deserialize;
use tracing::Level;

#[derive(Debug)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed")
    }
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        StatusCode::BAD_GATEWAY
    }
}

async fn destroys_and_fails(auth: Session<Auth>) -> Result<HttpResponse, Failed> {
    auth.destroy();
    Err(Failed)
}

async fn sets_and_fails(auth: Session<Auth>) -> Result<HttpResponse, Failed> {
    auth.set_visits(6);
    Err(Failed)
}

async fn sets_and_answers_500(auth: Session<Auth>) -> HttpResponse {
    auth.set_visits(6);
    HttpResponse::InternalServerError().body("sorry")
}

#[derive(Deserialize)]
struct Number {
    #[expect(dead_code, reason = "only asked for")]
    number: u32,
}

async fn asks_for_more(auth: Session<Auth>, _: web::Query<Number>) -> HttpResponse {
    auth.set_visits(6);
    HttpResponse::Ok().finish()
}

/// An extractor that destroys a session before it fails.
struct Refuses;

impl FromRequest for Refuses {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let auth = request.session::<Auth>();
        auth.expect("registered").destroy();
        ready(Err(Failed.into()))
    }
}

async fn is_refused(auth: Session<Auth>, _: Refuses) -> HttpResponse {
    auth.set_visits(6);
    HttpResponse::Ok().finish()
}

async fn too_much_and_a_removal(auth: Session<Auth>, prefs: Session<Prefs>) -> HttpResponse {
    auth.destroy();
    prefs.set_basket(["x".repeat(5000)]);
    HttpResponse::Ok()
        .insert_header(("X-Handler", "was here"))
        .body("ok")
}

async fn panics(auth: Session<Auth>) -> HttpResponse {
    auth.set_visits(6);
    panic!("planted")
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/destroys-and-fails", web::get().to(destroys_and_fails))
        .route("/sets-and-fails", web::get().to(sets_and_fails))
        .route("/500", web::get().to(sets_and_answers_500))
        .route("/asks-for-more", web::get().to(asks_for_more))
        .route("/is-refused", web::get().to(is_refused))
        .route("/too-much", web::get().to(too_much_and_a_removal))
        .route("/panics", web::get().to(panics));
}

fn get(server: &Server, path: &str) -> (Answer, Logs) {
    let cookie = server.cookie(&ada());
    Logs::of(|| {
        block_on(async {
            let app = App::new().wrap(server.sessions.clone()).configure(routes);
            let app = init_service(app).await;
            let request = TestRequest::get().uri(path);
            let request = request.insert_header(("Cookie", cookie));
            Answer::of(call_service(&app, request.to_request()).await).await
        })
    })
}

#[test]
fn error_responses_send_earlier_changes_and_removals() {
    let server = Server::default();
    let (changed, removed) = (Some(Some(6)), Some(None));
    let rows = [
        ("/destroys-and-fails", 502, removed),
        ("/sets-and-fails", 502, changed),
        ("/500", 500, changed),
        ("/is-refused", 502, removed),
        // The handler does not run.
        ("/asks-for-more", 400, None),
    ];
    for (path, status, sent) in rows {
        let (answer, _) = get(&server, path);
        assert_eq!(answer.status, status, "{path}");
        assert!(!answer.body.is_empty(), "{path}");
        let cookie = answer.cookie("__Host-auth");
        let stored = cookie.map(|_| server.stored(&answer).map(|auth| auth.visits));
        assert_eq!(stored, sent, "{path}");
    }
}

#[test]
fn oversized_session_is_an_empty_500_and_others_are_still_sent() {
    let (answer, logs) = get(&Server::default(), "/too-much");
    assert_eq!(answer.status, 500);
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("x-handler"), None);
    assert!(answer.cookie("__Host-auth").unwrap().is_removal());
    assert_eq!(answer.cookie("prefs"), None);
    let errors = logs.at(Level::ERROR);
    assert_eq!(errors.len(), 1);
    for part in ["session `prefs`", "4096", "`basket` (5"] {
        assert!(errors[0].contains(part), "{part}: {errors:?}");
    }
    assert!(!errors[0].contains("xxx"));
}

#[test]
fn session_near_the_limit_warns_with_its_largest_fields() {
    let server = Server::default();
    let (answer, logs) = Logs::of(|| server.auth("", |auth| auth.set_name("x".repeat(2400))));
    assert_eq!(answer.status, 200);
    let warnings = logs.at(Level::WARN);
    assert_eq!(warnings.len(), 1);
    for part in [
        "session=__Host-auth",
        "size=3",
        "limit=4096",
        "(\"name\", 24",
    ] {
        assert!(warnings[0].contains(part), "{part}: {warnings:?}");
    }
    let (_, logs) = Logs::of(|| server.auth("", |auth| auth.set_name("x".repeat(2300))));
    assert!(logs.at(Level::WARN).is_empty());
}

#[test]
fn values_that_would_change_are_named_in_the_log_but_not_quoted() {
    let server = Server::default();
    let rows: [(fn(&Session<Auth>), &str, &str); 2] = [
        (|auth| auth.set_ratio(f64::NAN), "`ratio`", "NaN"),
        (
            |auth| {
                let deep = (0..70).fold(serde_json::json!("secret"), |v, _| serde_json::json!([v]));
                auth.set_extra(deep);
            },
            "`extra`",
            "64 levels",
        ),
    ];
    for (change, field, problem) in rows {
        let (answer, logs) = Logs::of(|| server.auth("", change));
        assert_eq!(answer.status, 500);
        let errors = logs.at(Level::ERROR);
        assert!(
            errors[0].contains(field) && errors[0].contains(problem),
            "{errors:?}"
        );
        assert!(!errors[0].contains("secret"));
    }
}

/// An inner middleware that fails, before or after the handler.
fn inner_middleware(server: &Server, after_handler: bool) -> Answer {
    let cookie = server.cookie(&ada());
    block_on(async {
        let failing = from_fn(move |request: ServiceRequest, next: Next<_>| async move {
            let auth = request.session::<Auth>()?;
            auth.set_visits(6);
            if after_handler {
                next.call(request).await?;
            }
            Err::<actix_web::dev::ServiceResponse<actix_web::body::BoxBody>, _>(ErrorImATeapot(
                "no",
            ))
        });
        let app = App::new()
            .wrap(failing)
            .wrap(server.sessions.clone())
            .route("/", web::get().to(destroys_and_fails));
        let app = init_service(app).await;
        let request = TestRequest::get().insert_header(("Cookie", cookie));
        let result = try_call_service(&app, request.to_request()).await;
        let response = result.unwrap_err().error_response();
        let request = TestRequest::get().to_http_request();
        Answer::of(actix_web::dev::ServiceResponse::new(request, response)).await
    })
}

#[test]
fn changes_and_removals_are_sent_with_an_inner_middlewares_error() {
    let server = Server::default();
    let answer = inner_middleware(&server, false);
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (418, &b"no"[..])
    );
    assert_eq!(server.stored(&answer).unwrap().visits, 6);
    assert_eq!(answer.header("vary"), Some("Cookie"));
    let answer = inner_middleware(&server, true);
    assert!(answer.cookie("__Host-auth").unwrap().is_removal());
}

#[test]
fn panic_sends_nothing_and_the_worker_continues() {
    let server = Server::default();
    let loopback = Loopback::start(&server.sessions, routes);
    let cookie = server.cookie(&ada());
    assert!(
        loopback
            .connect()
            .try_get("/panics", cookie.as_bytes())
            .is_err()
    );
    let answer = loopback.get("/500", cookie.as_bytes());
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.headers("set-cookie").len(), 1);
}

#[test]
fn handle_that_outlives_the_response_can_read_but_not_write() {
    let server = Server::default();
    let kept = std::rc::Rc::new(std::cell::RefCell::new(None));
    let in_handler = std::rc::Rc::clone(&kept);
    let answer = server.auth(&server.cookie(&ada()), move |auth| {
        in_handler.replace(Some(auth.clone()));
    });
    assert!(answer.set_cookies().is_empty());
    let auth = kept.take().unwrap();
    let ((), logs) = Logs::of(|| {
        assert!(auth.info().is_closed());
        assert_eq!(auth.name(), "Ada", "opened after the response");
        auth.set_name("Eve");
        auth.update_visits(|visits| *visits += 1);
        assert_eq!(auth.take_user_id(), Some(7), "it stays, so it is not gone");
        auth.replace(Auth {
            visits: 77,
            ..ada()
        });
        auth.update(|auth| auth.visits = 78);
        auth.sign_in();
        auth.destroy();
        auth.touch();
        auth.remember_for(Duration::from_secs(5));
        assert_eq!(auth.snapshot(), ada());
    });
    assert_eq!(logs.at(Level::ERROR).len(), 1);
}
