//! A guard around a scope.

use actix_secure_session_tests::{
    app::{Answer, block_on},
    logs::Logs,
};
use actix_web::{
    App,
    http::Method,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{SessionGuard as _, SessionMiddleware};

use crate::support::{Admin, Server, SignedIn, get};

fn send(server: &Server, request: TestRequest) -> Answer {
    server.send_to(request, |config| {
        let scope = web::scope("/admin")
            .wrap(Admin::required())
            .route(
                "/users",
                web::to(|user: SignedIn| async move { user.user.to_string() }),
            )
            .route("/added", web::to(|| async { "takes no guard" }))
            .default_service(web::to(|| async { "anything else" }));
        config.service(scope);
    })
}

#[test]
fn every_route_of_the_scope_is_closed_and_open_to_the_right_user() {
    let server = Server::new();
    let (user, admin) = (server.cookie(0, &[]), server.cookie(0, &["admin"]));
    for path in ["/admin/users", "/admin/added", "/admin/no/such/page"] {
        for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS] {
            let with = |cookie: &str| {
                let request = get(path, &[("Cookie", cookie)]).method(method.clone());
                send(&server, request).status.as_u16()
            };
            assert_eq!(
                [with(""), with(&user), with(&admin)],
                [401, 403, 200],
                "{method} {path}"
            );
        }
    }
    let page = get("/admin/added", &[("Sec-Fetch-Mode", "navigate")]);
    let answer = send(&server, page);
    assert_eq!(
        answer.header("Location"),
        Some("/login?next=%2Fadmin%2Fadded")
    );
}

#[test]
fn only_preflight_requests_pass_without_a_session() {
    let server = Server::new();
    let method = ("Access-Control-Request-Method", "POST");
    let origin = ("Origin", "https://app.example");
    for (headers, sent_as, status) in [
        (&[method, origin][..], Method::OPTIONS, 200),
        (&[method][..], Method::OPTIONS, 401),
        (&[origin][..], Method::OPTIONS, 401),
        (&[method, origin][..], Method::GET, 401),
    ] {
        let request = get("/admin/added", headers).method(sent_as);
        assert_eq!(send(&server, request).status, status, "{headers:?}");
    }
    let options = get("/admin/users", &[method, origin]).method(Method::OPTIONS);
    assert_eq!(
        send(&server, options).status,
        401,
        "the handler has the guard"
    );
}

#[test]
fn guard_outside_of_the_middleware_is_a_500_and_the_log_says_so() {
    let server = Server::new();
    let sessions: SessionMiddleware = server.sessions.clone();
    let (status, logs) = Logs::of(|| {
        block_on(async {
            let app = App::new()
                .wrap(sessions)
                .wrap(SignedIn::required())
                .route("/", web::get().to(|| async { "let in" }));
            let app = init_service(app).await;
            call_service(&app, get("/", &[]).to_request())
                .await
                .status()
        })
    });
    assert_eq!(status, 500);
    let events = logs.named("session.no_middleware");
    assert!(
        events[0].text().contains("required()"),
        "{}",
        events[0].text()
    );
}
