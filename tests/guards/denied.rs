//! The application's own responses.

use std::pin::Pin;

use actix_secure_session_tests::app::{Answer, block_on};
use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{Payload, ServiceRequest},
    http::header::{HeaderName, HeaderValue},
    middleware::{Next, from_fn},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Denied, ExtractError, Session, SessionGuard as _, SessionMiddleware, SessionMiddlewareBuilder,
    SessionOrigin,
};

use crate::support::{Admin, Auth, Confirmed, Server, SignedIn, get};

fn naming(builder: SessionMiddlewareBuilder) -> SessionMiddlewareBuilder {
    builder.denied(|denied, request| {
        let kind = match denied {
            Denied::NotSignedIn { .. } => "not signed in",
            Denied::Stale { .. } => return None,
            Denied::Forbidden => "forbidden",
            Denied::Session(ExtractError::CrossOrigin { .. }) => "cross origin",
            Denied::Session(ExtractError::NotRegistered { .. }) => "not registered",
            Denied::NotStored(_) => "not stored",
            _ => "something new",
        };
        Some(HttpResponse::ImATeapot().body(format!("{kind} at {}", request.path())))
    })
}

#[derive(secure_session::SecureSession)]
struct Other {
    name: String,
}

async fn store_too_much(auth: Session<Auth>) -> HttpResponse {
    auth.set_name("x".repeat(5000));
    HttpResponse::Ok()
        .insert_header(("X-Accel-Redirect", "/file"))
        .finish()
}

fn send(server: &Server, request: TestRequest) -> Answer {
    server.send_to(request, |config| {
        config
            .route("/account", web::to(|_: SignedIn| async { "let in" }))
            .route("/admin", web::to(|_: Admin| async { "let in" }))
            .route("/secret", web::to(|_: Confirmed| async { "let in" }))
            .route("/other", web::to(|_: Session<Other>| async { "let in" }))
            .route("/large", web::to(store_too_much))
            .route(
                "/option",
                web::to(
                    |user: Option<SignedIn>| async move { user.map_or("nobody", |_| "let in") },
                ),
            )
            .service(
                web::scope("/scope")
                    .wrap(SignedIn::required())
                    .route("", web::to(|| async { "let in" })),
            );
    })
}

#[test]
fn denied_replaces_every_response_except_of_an_option() {
    let server = Server::with(naming);
    let cookie = server.cookie(301, &[]);
    let none: [(&str, &str); 0] = [];
    let rows = [
        ("/account", &none[..], "not signed in at /account"),
        ("/scope", &none[..], "not signed in at /scope"),
        ("/other", &none[..], "not registered at /other"),
        ("/large", &none[..], "not stored at /large"),
        (
            "/admin",
            &[("Cookie", cookie.as_str())][..],
            "forbidden at /admin",
        ),
    ];
    for (path, headers, body) in rows {
        let answer = send(&server, get(path, headers));
        assert_eq!(answer.status, 418, "{path}");
        assert!(answer.header("X-Accel-Redirect").is_none(), "of a success");
        assert_eq!(String::from_utf8(answer.body).unwrap(), body);
    }
    let posted =
        get("/account", &[("Sec-Fetch-Site", "cross-site")]).method("POST".parse().unwrap());
    assert_eq!(send(&server, posted).body, b"cross origin at /account");
    let stale = send(&server, get("/secret", &[("Cookie", &cookie)]));
    assert_eq!(stale.status, 401, "`None` keeps the default");
    assert_eq!(send(&server, get("/option", &[])).body, b"nobody");
}

#[test]
fn session_changes_are_sent_with_a_denied_response() {
    let server = Server::new();
    let cookie = server.cookie(0, &[]);
    let answer = server.send_to(get("/", &[("Cookie", &cookie)]), |config| {
        let handler = |auth: Session<Auth>| async move {
            auth.set_visits(9);
            Err::<HttpResponse, _>(Denied::Forbidden)
        };
        config.route("/", web::get().to(handler));
    });
    assert_eq!(answer.status, 403);
    let sent = answer.cookie("__Host-auth").unwrap();
    assert_eq!(server.codec().open(&sent.value).unwrap().visits, 9);
}

/// A script of another origin could not read the response without the headers of CORS, and no client
/// could read it with a `Content-Encoding` that it does not have.
#[test]
fn headers_of_inner_middleware_are_kept_unless_they_describe_the_body() {
    for (server, status) in [(Server::new(), 401), (Server::with(naming), 418)] {
        let answer = block_on(async {
            let inner = from_fn(|request: ServiceRequest, next: Next<BoxBody>| async move {
                let mut response = next.call(request).await?;
                let headers = [
                    ("access-control-allow-origin", "https://app.example"),
                    ("vary", "Origin"),
                    ("set-cookie", "other=1"),
                    ("content-security-policy", "default-src 'none'"),
                    ("content-encoding", "br"),
                    ("etag", "\"1\""),
                    ("transfer-encoding", "chunked"),
                ];
                for (name, value) in headers {
                    let name = HeaderName::from_static(name);
                    (response.headers_mut()).append(name, HeaderValue::from_static(value));
                }
                Ok::<_, actix_web::Error>(response)
            });
            let app = App::new()
                .wrap(inner)
                .wrap(server.sessions.clone())
                .route("/", web::get().to(|_: SignedIn| async { "let in" }));
            let app = init_service(app).await;
            Answer::of(call_service(&app, get("/", &[]).to_request()).await).await
        });
        let has = |name: &str| answer.headers.contains_key(name);
        assert_eq!(answer.status, status);
        assert!(has("access-control-allow-origin") && has("content-security-policy"));
        assert!(!has("content-encoding") && !has("etag") && !has("transfer-encoding"));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        assert_eq!(answer.set_cookies().len(), 1);
        let vary: Vec<_> = (answer.headers.get_all("vary"))
            .map(|value| value.to_str().unwrap())
            .collect();
        let vary = vary.join(", ");
        assert!(vary.contains("Origin") && vary.contains("Cookie"), "{vary}");
    }
}

#[test]
fn nested_middleware_with_the_session_of_the_guard_responds() {
    let builder = || SessionMiddleware::builder(actix_secure_session_tests::key(1));
    let other = || builder().session::<Other>().build().unwrap();
    let naming = || naming(builder()).session::<Auth>().build().unwrap();
    for (outer, inner) in [(other(), naming()), (naming(), other())] {
        let answer = block_on(async {
            let scope = web::scope("")
                .wrap(inner)
                .route("/", web::get().to(|_: SignedIn| async { "let in" }));
            let app = init_service(App::new().wrap(outer).service(scope)).await;
            Answer::of(call_service(&app, get("/", &[]).to_request()).await).await
        });
        assert_eq!(answer.body, b"not signed in at /");
    }
}

#[test]
fn guard_without_the_middleware_is_an_empty_500() {
    let answer = block_on(async {
        let app = App::new().route("/", web::get().to(|_: SignedIn| async { "let in" }));
        let app = init_service(app).await;
        Answer::of(call_service(&app, get("/", &[]).to_request()).await).await
    });
    assert_eq!((answer.status.as_u16(), answer.body.len()), (500, 0));
}

/// An extractor that did not find the account of a guard that let the request in.
#[test]
fn denial_of_the_application_gets_the_response_of_the_last_guard() {
    struct Account;

    impl FromRequest for Account {
        type Error = actix_web::Error;
        type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

        fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
            let guard = Confirmed::from_request(request, payload);
            Box::pin(async move {
                guard.await?;
                let origin = SessionOrigin::Restored;
                Err(Denied::NotSignedIn { origin }.into())
            })
        }
    }

    let server = Server::new();
    let cookie = server.cookie(0, &[]);
    let headers = [("Cookie", cookie.as_str()), ("Accept", "text/html")];
    let answer = server.send_to(get("/account?a", &headers), |config| {
        config.route("/account", web::get().to(|_: Account| async { "let in" }));
    });
    assert_eq!(
        answer.header("Location"),
        Some("/login?next=%2Faccount%3Fa")
    );
}
