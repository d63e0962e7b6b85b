//! A login, a page, a preference and a logout, with tests.
//!
//! ```text
//! cargo test --example testing    # the tests, at the end of this file
//! cargo run --example testing     # prints one visit
//! ```
//!
//! The test kit is the feature `test-util`. Enable it in `[dev-dependencies]`.

use std::{error::Error, time::Duration};

use actix_web::{
    App, HttpResponse, Responder,
    http::header::LOCATION,
    test::{TestRequest, init_service, read_body},
    web,
};
use secure_session::{
    ConfigError, Key, SecureSession, Session, SessionMiddleware, SessionMiddlewareBuilder,
    SessionOrigin, test_util::TestBrowser,
};
use serde::Deserialize;

/// The signed-in user.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth", idle = "30m", absolute = "12h")]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

/// The browser's preferences.
#[derive(SecureSession)]
#[session(cookie = "__Host-prefs", idle = "none", absolute = "365d", persistent)]
struct Prefs {
    theme: Option<String>,
}

#[derive(Deserialize)]
struct Login {
    name: String,
    #[serde(default)]
    remember: bool,
}

async fn login(auth: Session<Auth>, form: web::Form<Login>) -> HttpResponse {
    let Some(user_id) = user_id_of(&form.name) else {
        return HttpResponse::Unauthorized().body("unknown name");
    };
    auth.sign_in();
    auth.set_user_id(user_id);
    auth.set_name(&form.name);
    if form.remember {
        auth.remember_for(Duration::from_secs(30 * 86_400));
    }
    see_other("/")
}

async fn page(auth: Session<Auth>, prefs: Session<Prefs>) -> impl Responder {
    let theme = prefs.theme().unwrap_or("light");
    match (auth.user_id(), auth.info().origin()) {
        (Some(_), _) => format!("hello {}, in {theme}", auth.name()),
        (None, SessionOrigin::Expired) => format!("your login has expired, in {theme}"),
        (None, _) => format!("please log in, in {theme}"),
    }
}

/// Requires a recent login, so that nobody can do this in a session that was left open.
async fn delete_account(auth: Session<Auth>) -> HttpResponse {
    if !auth.info().authenticated_within(Duration::from_secs(300)) {
        return HttpResponse::Forbidden().body("please enter your password again");
    }
    auth.destroy();
    see_other("/")
}

async fn theme(prefs: Session<Prefs>, theme: web::Path<String>) -> HttpResponse {
    prefs.set_theme(theme.into_inner());
    see_other("/")
}

async fn logout(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    see_other("/")
}

fn see_other(place: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((LOCATION, place)).finish()
}

/// An application would query its database and check a password.
fn user_id_of(name: &str) -> Option<u64> {
    let position = ["Ada", "Grace"].iter().position(|known| *known == name)?;
    u64::try_from(position).ok()
}

/// The sessions of the application; tests pass their own key and clock.
fn sessions(builder: SessionMiddlewareBuilder) -> Result<SessionMiddleware, ConfigError> {
    builder.session::<Auth>().session::<Prefs>().build()
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(page))
        .route("/login", web::post().to(login))
        .route("/delete", web::post().to(delete_account))
        .route("/theme/{theme}", web::post().to(theme))
        .route("/logout", web::post().to(logout));
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = sessions(SessionMiddleware::builder(Key::generate()?))?;
    let app = init_service(App::new().wrap(sessions).configure(routes)).await;
    let mut browser = TestBrowser::new();
    let login = [("name", "Ada")];
    for (text, request) in [
        ("GET /", TestRequest::get()),
        (
            "POST /login",
            TestRequest::post().uri("/login").set_form(login),
        ),
        ("POST /theme/dark", TestRequest::post().uri("/theme/dark")),
        ("GET /", TestRequest::get()),
        ("POST /logout", TestRequest::post().uri("/logout")),
        ("GET /", TestRequest::get()),
    ] {
        let response = browser.call(&app, request).await;
        let status = response.status().as_u16();
        let page = String::from_utf8(read_body(response).await.to_vec())?;
        println!("{text}: {status} {page}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::{dev::ServiceResponse, http::StatusCode};
    use secure_session::{
        SessionId,
        codec::Codec,
        test_util::{
            RequestCookie, ResponseSession, TestClock, TestSession, request_cookie,
            signed_in_cookie,
        },
    };

    use super::*;

    /// The sessions of the application, with a clock that the test controls.
    struct Server {
        clock: TestClock,
        sessions: SessionMiddleware,
        auth: Codec<Auth>,
        prefs: Codec<Prefs>,
    }

    impl Server {
        fn new() -> Self {
            let clock = TestClock::at(1_800_000_000);
            let builder = SessionMiddleware::builder(Key::generate().unwrap()).clock(&clock);
            let sessions = sessions(builder).unwrap();
            Self {
                auth: sessions.codec().unwrap(),
                prefs: sessions.codec().unwrap(),
                clock,
                sessions,
            }
        }

        /// Returns the response to one request.
        async fn call(&self, request: TestRequest) -> ServiceResponse {
            self.call_in(&mut TestBrowser::at(&self.clock), request)
                .await
        }

        /// Returns the response to a request of this browser.
        async fn call_in(
            &self,
            browser: &mut TestBrowser,
            request: TestRequest,
        ) -> ServiceResponse {
            let app = App::new().wrap(self.sessions.clone()).configure(routes);
            let app = init_service(app).await;
            browser.call(&app, request).await.map_into_boxed_body()
        }
    }

    fn ada() -> Auth {
        Auth {
            user_id: Some(0),
            name: "Ada".to_owned(),
        }
    }

    fn form(name: &str) -> web::Form<Login> {
        web::Form(Login {
            name: name.to_owned(),
            remember: false,
        })
    }

    fn login_as(name: &str) -> TestRequest {
        TestRequest::post().uri("/login").set_form([("name", name)])
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    async fn text(response: ServiceResponse) -> String {
        String::from_utf8(read_body(response).await.to_vec()).unwrap()
    }

    // A single handler.

    #[actix_web::test]
    async fn login_starts_a_new_session() {
        let before = SessionId::from_bytes([7; 16]);
        let visitor = RequestCookie::of(&Server::new().auth, &Auth::defaults()).id(before);
        let auth = TestSession::with_cookie(&visitor);
        login(auth.session(), form("Ada")).await;

        let sent = auth.finish();
        sent.assert_new_id(before)
            .assert_authenticated()
            .assert_persistent(false);
        assert_eq!(sent.stored().user_id, Some(0));
    }

    #[actix_web::test]
    async fn remembered_login_outlives_the_browser() {
        let auth = TestSession::new(&Server::new().auth);
        let mut form = form("Ada");
        form.remember = true;
        login(auth.session(), form).await;

        let month = minutes(30 * 24 * 60);
        auth.finish()
            .assert_remembered_for(month)
            .assert_max_age(month);
    }

    #[actix_web::test]
    async fn unknown_name_does_not_sign_in() {
        let auth = TestSession::with(&Server::new().auth, &ada());
        let response = login(auth.session(), form("Bob")).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        auth.finish().assert_unchanged();
    }

    // One request.

    #[actix_web::test]
    async fn reading_visitor_gets_no_cookie() {
        let server = Server::new();
        let response = server.call(TestRequest::get()).await;
        ResponseSession::of(&server.auth, &response).assert_unchanged();
        ResponseSession::of(&server.prefs, &response).assert_unchanged();
        assert_eq!(text(response).await, "please log in, in light");
    }

    #[actix_web::test]
    async fn page_reads_both_sessions() {
        let server = Server::new();
        let dark = Prefs {
            theme: Some("dark".to_owned()),
        };
        let request = TestRequest::get()
            .append_header(signed_in_cookie(&server.auth, &ada()))
            .append_header(request_cookie(&server.prefs, &dark));
        assert_eq!(text(server.call(request).await).await, "hello Ada, in dark");
    }

    #[actix_web::test]
    async fn expired_and_forged_logins_are_rejected() {
        let server = Server::new();
        let cookie = || RequestCookie::of(&server.auth, &ada()).signed_in();
        let (hello, expired) = ("hello Ada, in light", "your login has expired, in light");
        let other_key = Key::generate().unwrap();
        for (cookie, page) in [
            (cookie().idle_for(minutes(29)), hello),
            (cookie().idle_for(minutes(30)), expired),
            (cookie().age(minutes(719)), hello),
            (cookie().age(minutes(720)), expired),
            (cookie().forged(), "please log in, in light"),
            (cookie().sealed_with(&other_key), "please log in, in light"),
        ] {
            let request = TestRequest::get().append_header(cookie.header());
            assert_eq!(text(server.call(request).await).await, page);
        }
    }

    #[actix_web::test]
    async fn account_deletion_requires_a_recent_login() {
        let server = Server::new();
        for (ago, status) in [(5, StatusCode::SEE_OTHER), (6, StatusCode::FORBIDDEN)] {
            let cookie = RequestCookie::of(&server.auth, &ada()).authenticated_ago(minutes(ago));
            let request = TestRequest::post()
                .uri("/delete")
                .append_header(cookie.header());
            assert_eq!(server.call(request).await.status(), status);
        }
    }

    // A visit.

    #[actix_web::test]
    async fn login_lasts_until_logout_and_the_theme_longer() {
        let server = Server::new();
        let mut browser = TestBrowser::at(&server.clock);

        server.call_in(&mut browser, login_as("Ada")).await;
        let dark = TestRequest::post().uri("/theme/dark");
        server.call_in(&mut browser, dark).await;
        let page = server.call_in(&mut browser, TestRequest::get()).await;
        assert_eq!(text(page).await, "hello Ada, in dark");

        let logout = TestRequest::post().uri("/logout");
        let response = server.call_in(&mut browser, logout).await;
        ResponseSession::of(&server.auth, &response).assert_removed();
        assert_eq!(browser.cookie("__Host-auth"), None);
        let page = server.call_in(&mut browser, TestRequest::get()).await;
        assert_eq!(text(page).await, "please log in, in dark");
    }

    #[actix_web::test]
    async fn active_visitor_stays_signed_in() {
        let server = Server::new();
        let mut browser = TestBrowser::at(&server.clock);
        server.call_in(&mut browser, login_as("Grace")).await;
        for _ in 0..8 {
            server.clock.advance(minutes(15));
            let page = server.call_in(&mut browser, TestRequest::get()).await;
            assert_eq!(text(page).await, "hello Grace, in light");
        }
        browser.restart();
        let page = server.call_in(&mut browser, TestRequest::get()).await;
        assert_eq!(text(page).await, "please log in, in light");
    }
}
