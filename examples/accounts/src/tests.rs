//! Tests of the application's behaviour.

use std::time::Duration;

use actix_web::{
    App,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{ACCEPT, LOCATION},
    },
    test::{TestRequest, init_service, read_body},
    web::Data,
};
use rusqlite::Connection;
use secure_session::{
    IntoKeyRing, Key, KeyRing, SessionId, SessionMiddleware,
    codec::Codec,
    test_util::{RequestCookie, ResponseSession, TestBrowser, TestClock, assert_schema_stable},
};

use crate::{
    passwords::Passwords,
    register, routes,
    sessions::{A_DAY, Auth, Language, Prefs, Theme},
    users::Users,
};

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
const A_SECOND: Duration = Duration::from_secs(1);

/// The application, with a clock that the test controls and a database in memory.
struct Server {
    clock: TestClock,
    sessions: SessionMiddleware,
    users: Data<Users>,
    auth: Codec<Auth>,
    prefs: Codec<Prefs>,
}

impl Server {
    fn new() -> Self {
        Self::with_keys(key())
    }

    fn with_keys(keys: impl IntoKeyRing) -> Self {
        let clock = TestClock::at(1_800_000_000);
        let sessions = register(SessionMiddleware::builder(keys).clock(&clock)).unwrap();
        let database = Connection::open_in_memory().unwrap();
        let users = Users::open(database, Passwords::cheap()).unwrap();
        Self {
            auth: sessions.codec().unwrap(),
            prefs: sessions.codec().unwrap(),
            clock,
            sessions,
            users: Data::new(users),
        }
    }

    fn browser(&self) -> TestBrowser {
        TestBrowser::at(&self.clock)
    }

    /// Returns the response to one request.
    async fn call(&self, request: TestRequest) -> ServiceResponse {
        self.call_in(&mut self.browser(), request).await
    }

    /// Returns the response to a request of this browser.
    async fn call_in(&self, browser: &mut TestBrowser, request: TestRequest) -> ServiceResponse {
        let app = App::new()
            .wrap(self.sessions.clone())
            .app_data(self.users.clone())
            .configure(routes::configure);
        let app = init_service(app).await;
        browser.call(&app, request).await.map_into_boxed_body()
    }
}

fn key() -> Key {
    Key::generate().unwrap()
}

fn ada() -> Auth {
    Auth { user_id: Some(1) }
}

fn dark_and_german() -> Prefs {
    Prefs {
        theme: Some(Theme::Dark),
        language: Some(Language::De),
    }
}

/// Loads a page. Browsers ask for HTML, which decides how the middleware responds to a denied
/// request.
fn get(path: &str) -> TestRequest {
    TestRequest::get()
        .uri(path)
        .append_header((ACCEPT, "text/html,*/*;q=0.8"))
}

/// Submits a form.
fn post(path: &str, form: &[(&str, &str)]) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .append_header((ACCEPT, "text/html,*/*;q=0.8"))
        .set_form(form)
}

fn login() -> TestRequest {
    login_at("/login")
}

fn login_at(path: &str) -> TestRequest {
    post(path, &[("name", "ada"), ("password", "correct horse")])
}

fn remembered_login() -> TestRequest {
    let form = [
        ("name", "ada"),
        ("password", "correct horse"),
        ("remember", "on"),
    ];
    post("/login", &form)
}

fn password(password: &str) -> TestRequest {
    password_at("/confirm", password)
}

fn password_at(path: &str, password: &str) -> TestRequest {
    post(path, &[("password", password)])
}

/// Where the response redirects the browser; empty for a page.
fn place(response: &ServiceResponse) -> &str {
    let place = response.headers().get(LOCATION);
    place.map_or("", |place| place.to_str().unwrap())
}

async fn text(response: ServiceResponse) -> String {
    String::from_utf8(read_body(response).await.to_vec()).unwrap()
}

// The login.

#[actix_web::test]
async fn login_shows_the_account_until_the_browser_is_closed() {
    let server = Server::new();
    let mut browser = server.browser();
    let response = server.call_in(&mut browser, login()).await;
    assert_eq!(place(&response), "/account");
    let sent = ResponseSession::of(&server.auth, &response);
    sent.assert_authenticated().assert_remembered_for(None);
    assert_eq!(
        sent.attributes(),
        Some("Path=/; Secure; HttpOnly; SameSite=Lax")
    );

    let page = server.call_in(&mut browser, get("/account")).await;
    assert!(text(page).await.contains("ada@example.com"));
    browser.restart();
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(place(&page), "/login?next=%2Faccount");
}

#[actix_web::test]
async fn login_does_not_take_over_another_users_session() {
    let server = Server::new();
    let before = SessionId::from_bytes([7; 16]);
    let mut browser = server.browser();
    browser.put(&RequestCookie::of(&server.auth, &Auth { user_id: Some(2) }).id(before));
    let response = server.call_in(&mut browser, login()).await;
    let sent = ResponseSession::of(&server.auth, &response);
    sent.assert_new_id(before);
    assert_eq!(sent.stored().user_id, Some(1));
}

#[actix_web::test]
async fn wrong_password_does_not_log_in() {
    let server = Server::new();
    for (name, password) in [("ada", "battery staple"), ("bob", "correct horse")] {
        let form = [("name", name), ("password", password)];
        let response = server.call(post("/login", &form)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        ResponseSession::of(&server.auth, &response).assert_unchanged();
        assert!(text(response).await.contains("Wrong name or password"));
    }
}

#[actix_web::test]
async fn anonymous_visitors_are_redirected_to_the_login() {
    let server = Server::new();
    for (request, expected) in [
        (get("/account"), "/login?next=%2Faccount"),
        (get("/email"), "/login?next=%2Femail"),
        // A submitted form cannot be repeated after the login, so it isn't returned to.
        (password("correct horse"), "/login"),
    ] {
        let response = server.call(request).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(place(&response), expected);
        ResponseSession::of(&server.auth, &response).assert_unchanged();
    }
}

#[actix_web::test]
async fn deleted_account_is_signed_in_nowhere() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    server.users.execute("DELETE FROM users WHERE name = 'ada'");

    // The second guard lets the session in, too: the login is recent.
    for (path, expected) in [
        ("/account", "/login?next=%2Faccount"),
        ("/email", "/login?next=%2Femail"),
    ] {
        let response = server.call_in(&mut browser, get(path)).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(place(&response), expected);
        ResponseSession::of(&server.auth, &response).assert_unchanged();
    }
    let page = server.call_in(&mut browser, get("/")).await;
    assert!(text(page).await.contains("Hello, stranger!"));
    let response = server.call_in(&mut browser, login()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn scripts_get_json_instead_of_a_redirect() {
    let server = Server::new();
    let request = TestRequest::get().uri("/account");
    let response = server.call(request).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(text(response).await, r#"{"error":"not_signed_in"}"#);

    let long_ago = FIVE_MINUTES + A_SECOND;
    let cookie = RequestCookie::of(&server.auth, &ada()).authenticated_ago(long_ago);
    let request = TestRequest::get().uri("/email");
    let response = server.call(request.append_header(cookie.header())).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let expected = r#"{"error":"confirmation_required","within":300}"#;
    assert_eq!(text(response).await, expected);
}

#[actix_web::test]
async fn login_returns_to_the_denied_page() {
    let server = Server::new();
    let mut browser = server.browser();
    let denied = server.call_in(&mut browser, get("/email")).await;
    let login_page = place(&denied);
    let page = server.call_in(&mut browser, get(login_page)).await;
    let form = r#"action="/login?next=%2Femail""#;
    assert!(text(page).await.contains(form));
    // The form of the error page keeps it, too.
    let wrong = post(login_page, &[("name", "ada"), ("password", "wrong")]);
    let page = server.call_in(&mut browser, wrong).await;
    assert!(text(page).await.contains(form));

    let response = server.call_in(&mut browser, login_at(login_page)).await;
    assert_eq!(place(&response), "/email");
    let page = server.call_in(&mut browser, get("/email")).await;
    assert_eq!(page.status(), StatusCode::OK);
}

#[actix_web::test]
async fn login_does_not_lead_to_other_sites() {
    let server = Server::new();
    for next in [
        "",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "%2F%09%2Fevil.example",
        "https%3A%2F%2Fevil.example",
    ] {
        let address = format!("/login?next={next}");
        let page = text(server.call(get(&address)).await).await;
        assert!(page.contains(r#"action="/login""#), "{page}");
        let response = server.call(login_at(&address)).await;
        assert_eq!(place(&response), "/account", "{next}");
    }
}

// Remember me.

#[actix_web::test]
async fn remembered_login_outlives_the_browser_for_a_month() {
    let server = Server::new();
    let mut browser = server.browser();
    let response = server.call_in(&mut browser, remembered_login()).await;
    ResponseSession::of(&server.auth, &response)
        .assert_remembered_for(30 * A_DAY)
        .assert_max_age(30 * A_DAY);

    browser.restart();
    server.clock.advance(29 * A_DAY);
    server.clock.advance(A_DAY.saturating_sub(A_SECOND));
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
    server.clock.advance(A_SECOND);
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(place(&page), "/login?next=%2Faccount");
}

// Expiry.

#[actix_web::test]
async fn expired_session_shows_a_notice_once() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    server.clock.advance(HALF_AN_HOUR);
    let denied = server.call_in(&mut browser, get("/account")).await;
    let login_page = place(&denied);
    assert_eq!(login_page, "/login?next=%2Faccount");

    let page = server.call_in(&mut browser, get(login_page)).await;
    ResponseSession::of(&server.auth, &page).assert_removed();
    assert!(text(page).await.contains("expired"));
    // The next visit looks like a first visit.
    let page = server.call_in(&mut browser, get("/login")).await;
    assert!(!text(page).await.contains("expired"));
}

// Password confirmation.

#[actix_web::test]
async fn email_change_requires_a_recent_password() {
    let server = Server::new();
    let mut browser = server.browser();
    let long_ago = FIVE_MINUTES + A_SECOND;
    browser.put(&RequestCookie::of(&server.auth, &ada()).authenticated_ago(long_ago));
    let change = || post("/email", &[("email", "ada@example.org")]);
    let confirm_page = "/confirm?next=%2Femail";
    for (request, expected) in [(get("/email"), confirm_page), (change(), "/confirm")] {
        let response = server.call_in(&mut browser, request).await;
        assert_eq!(place(&response), expected);
    }
    let page = server.call_in(&mut browser, get(confirm_page)).await;
    let form = format!("action=\"{confirm_page}\"");
    assert!(text(page).await.contains(&form));
    let wrong = password_at(confirm_page, "wrong");
    let response = server.call_in(&mut browser, wrong).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(text(response).await.contains(&form));
    let response = server.call_in(&mut browser, change()).await;
    assert_eq!(place(&response), "/confirm");

    let right = password_at(confirm_page, "correct horse");
    let response = server.call_in(&mut browser, right).await;
    assert_eq!(place(&response), "/email");
    server.clock.advance(FIVE_MINUTES);
    let response = server.call_in(&mut browser, change()).await;
    assert_eq!(place(&response), "/account");
    let page = server.call_in(&mut browser, get("/account")).await;
    assert!(text(page).await.contains("ada@example.org"));
}

#[actix_web::test]
async fn password_confirmation_requires_the_users_own_password() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    let of_grace = password("battery staple");
    let response = server.call_in(&mut browser, of_grace).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    ResponseSession::of(&server.auth, &response).assert_unchanged();
}

#[actix_web::test]
async fn password_confirmation_keeps_the_expiry_of_a_remembered_login() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, remembered_login()).await;
    server.clock.advance(10 * A_DAY);
    let page = server.call_in(&mut browser, get("/email")).await;
    assert_eq!(place(&page), "/confirm?next=%2Femail");
    let right = password("correct horse");
    let response = server.call_in(&mut browser, right).await;
    assert_eq!(place(&response), "/email");
    ResponseSession::of(&server.auth, &response).assert_remembered_for(20 * A_DAY);
}

// Logout and preferences.

#[actix_web::test]
async fn preferences_survive_login_logout_and_browser_restart() {
    let server = Server::new();
    let mut browser = server.browser();
    let choice = post("/prefs", &[("theme", "dark"), ("language", "de")]);
    let response = server.call_in(&mut browser, choice).await;
    ResponseSession::of(&server.prefs, &response).assert_max_age(400 * A_DAY);
    ResponseSession::of(&server.auth, &response).assert_unchanged();

    let response = server.call_in(&mut browser, login()).await;
    ResponseSession::of(&server.prefs, &response).assert_unchanged();
    let page = server.call_in(&mut browser, get("/")).await;
    assert!(text(page).await.contains("Hallo, ada!"));

    let logout = post("/logout", &[]);
    let response = server.call_in(&mut browser, logout).await;
    ResponseSession::of(&server.auth, &response).assert_removed();
    ResponseSession::of(&server.prefs, &response).assert_unchanged();

    browser.restart();
    let page = server.call_in(&mut browser, get("/")).await;
    let page = text(page).await;
    assert!(page.contains("Hallo, wer immer da ist!") && page.contains("color-scheme: dark"));
}

#[actix_web::test]
async fn preferences_in_use_are_extended() {
    let server = Server::new();
    let visit = |age| {
        let cookie = RequestCookie::of(&server.prefs, &dark_and_german()).age(age);
        server.call(get("/").append_header(cookie.header()))
    };
    let page = visit(30 * A_DAY).await;
    ResponseSession::of(&server.prefs, &page).assert_unchanged();
    let page = visit(30 * A_DAY + A_SECOND).await;
    ResponseSession::of(&server.prefs, &page).assert_remembered_for(400 * A_DAY);
}

// Operations.

#[actix_web::test]
async fn replacing_a_key_logs_nobody_out() {
    let [new, old, retired] = [key(), key(), key()];
    let server = Server::with_keys(KeyRing::from_keys([new, old.clone()]).unwrap());
    let visit = |key| {
        let auth = RequestCookie::of(&server.auth, &ada()).signed_in();
        let prefs = RequestCookie::of(&server.prefs, &dark_and_german());
        let request = get("/account")
            .append_header(auth.sealed_with(key).header())
            .append_header(prefs.sealed_with(key).header());
        server.call(request)
    };
    let page = visit(&old).await;
    assert_eq!(page.status(), StatusCode::OK);
    let auth = ResponseSession::of(&server.auth, &page).stored();
    assert_eq!((auth.user_id, auth.key_index()), (Some(1), 0));
    let prefs = ResponseSession::of(&server.prefs, &page).stored();
    assert_eq!((prefs.theme, prefs.key_index()), (Some(Theme::Dark), 0));

    let page = visit(&retired).await;
    assert_eq!(place(&page), "/login?next=%2Faccount");
}

#[actix_web::test]
async fn failure_of_the_database_is_an_empty_500() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    server.users.execute("DROP TABLE users");
    for request in [get("/account"), login()] {
        let response = server.call_in(&mut browser, request).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(text(response).await, "");
    }
}

#[test]
fn sessions_of_earlier_builds_open() {
    assert_schema_stable("auth.session.json", [ada()]);
    assert_schema_stable("prefs.session.json", [dark_and_german()]);
}

/// `signed_in.rs` promises it.
#[test]
fn plumbing_has_at_most_20_lines() {
    let lines = include_str!("signed_in.rs").lines().map(str::trim);
    let block = lines
        .skip_while(|line| *line != "// Plumbing: begin")
        .take_while(|line| *line != "// Plumbing: end");
    let code = block.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let count = code.count();
    assert!((1..=20).contains(&count), "{count} lines");
}
