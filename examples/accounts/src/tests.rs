//! Tests of the application's behaviour.

mod blocking;
mod confirmation;
mod devices;
mod expiry;
mod logins;
mod new_password;
mod operations;
mod preferences;

use std::time::Duration;

use actix_web::{
    App,
    dev::ServiceResponse,
    http::header::{ACCEPT, LOCATION},
    test::{TestRequest, init_service, read_body},
    web::Data,
};
use rusqlite::Connection;
use secure_session::{
    IntoKeyRing, Key, Revocations, SessionMiddleware,
    codec::Codec,
    test_util::{TestBrowser, TestClock},
};

use crate::{
    database::Database,
    devices::Devices,
    passwords::Passwords,
    register, routes,
    sessions::{Auth, Language, Prefs, Theme},
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
    devices: Data<Devices>,
    revocations: Data<Revocations>,
    auth: Codec<Auth>,
    prefs: Codec<Prefs>,
}

impl Server {
    fn new() -> Self {
        Self::with_keys(key())
    }

    fn with_keys(keys: impl IntoKeyRing) -> Self {
        let clock = TestClock::at(1_800_000_000);
        let database = Database::open(Connection::open_in_memory().unwrap()).unwrap();
        let users = Users::open(database.clone(), Passwords::cheap()).unwrap();
        let devices = Devices::open(database).unwrap();
        let revocations = Revocations::in_memory();
        let builder = SessionMiddleware::builder(keys).clock(&clock);
        let sessions = register(builder, &revocations, &devices).unwrap();
        Self {
            auth: sessions.codec().unwrap(),
            prefs: sessions.codec().unwrap(),
            clock,
            sessions,
            users: Data::new(users),
            devices: Data::new(devices),
            revocations: Data::new(revocations),
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
            .app_data(self.devices.clone())
            .app_data(self.revocations.clone())
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

fn login_of_grace() -> TestRequest {
    post(
        "/login",
        &[("name", "grace"), ("password", "battery staple")],
    )
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
