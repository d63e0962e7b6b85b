//! Tests of an application with sessions: they send cookies, read the sessions of responses, and
//! set the clock.

use std::{future::poll_fn, time::Duration};

use actix_web::{
    App,
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    },
    test::{self, TestRequest},
    web,
};
use secure_session::{
    Key, Revocations, SecureSession, SessionId, SessionMiddleware,
    codec::{Codec, Opened},
    test_util::{RequestCookie, ResponseSession, TestBrowser, TestClock, request_cookie},
};

use super::{Auth, Notice, Prefs};
use crate::{devices::Devices, register, routes};

/// The application, with a clock that the test controls.
struct Demo {
    clock: TestClock,
    sessions: SessionMiddleware,
    revocations: web::Data<Revocations>,
    devices: web::Data<Devices>,
}

impl Demo {
    fn new() -> Self {
        let clock = TestClock::at(1_800_000_000);
        let revocations = Revocations::in_memory();
        let devices = web::Data::new(Devices::default());
        let builder = SessionMiddleware::builder(Key::generate().unwrap());
        let sessions = register(builder.clock(&clock), &revocations, &devices).unwrap();
        Self {
            clock,
            sessions,
            revocations: web::Data::new(revocations),
            devices,
        }
    }

    fn codec<T: SecureSession>(&self) -> Codec<T> {
        self.sessions.codec().unwrap()
    }

    /// Sends a request with only the cookies that it has itself.
    async fn call(&self, request: TestRequest) -> ServiceResponse<BoxBody> {
        self.visit(&mut TestBrowser::at(&self.clock), request).await
    }

    async fn visit(
        &self,
        browser: &mut TestBrowser,
        request: TestRequest,
    ) -> ServiceResponse<BoxBody> {
        let app = App::new()
            .wrap(self.sessions.clone())
            .app_data(self.revocations.clone())
            .app_data(self.devices.clone())
            .configure(routes::configure);
        let app = test::init_service(app).await;
        let response = browser.call(&app, request).await;
        response.map_body(|_, body| body.boxed())
    }

    /// Returns a new browser after a login.
    async fn login(&self, name: &str) -> TestBrowser {
        let mut browser = TestBrowser::at(&self.clock);
        let response = self.visit(&mut browser, post("/login", "name", name)).await;
        self.session::<Auth>(&response).assert_authenticated();
        browser
    }

    async fn is_signed_in(&self, browser: &mut TestBrowser) -> bool {
        let response = self.visit(browser, get("/account")).await;
        response.status() == StatusCode::OK
    }

    /// Returns the session in a browser.
    fn auth(&self, browser: &TestBrowser) -> Opened<Auth> {
        let value = browser.cookie("__Host-auth").unwrap();
        self.codec::<Auth>().open(value).unwrap()
    }

    /// Returns the listed sessions of the user in a browser.
    fn listed(&self, browser: &TestBrowser) -> Vec<SessionId> {
        let user_id = self.auth(browser).user_id.unwrap();
        self.devices.ids_of(user_id)
    }

    fn session<T: SecureSession>(&self, response: &ServiceResponse<BoxBody>) -> ResponseSession<T> {
        ResponseSession::of(&self.codec(), response)
    }

    fn stored<T: SecureSession>(&self, response: &ServiceResponse<BoxBody>) -> Opened<T> {
        self.session(response).stored()
    }

    /// Adds a session's cookie to a request.
    fn with<T: SecureSession>(&self, request: TestRequest, value: &T) -> TestRequest {
        request.insert_header(request_cookie(&self.codec(), value))
    }
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn post(path: &str, field: &str, value: &str) -> TestRequest {
    TestRequest::post().uri(path).set_form([(field, value)])
}

fn push(path: &str) -> TestRequest {
    TestRequest::post().uri(path)
}

fn end_device(id: SessionId) -> TestRequest {
    post("/devices/end", "id", &id.to_string())
}

#[track_caller]
fn assert_redirects<B>(response: &ServiceResponse<B>, location: &str) {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers().get(LOCATION).unwrap(), location);
}

/// Returns the next part of a body that is sent bit by bit.
async fn next(body: &mut BoxBody) -> Option<String> {
    let bytes = poll_fn(|context| body.as_pin_mut().poll_next(context)).await?;
    Some(String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

async fn text(response: ServiceResponse<BoxBody>) -> String {
    String::from_utf8(test::read_body(response).await.to_vec()).unwrap()
}

fn ada() -> Auth {
    Auth {
        user_id: Some(1),
        name: "Ada".to_owned(),
        roles: vec!["admin".to_owned()],
        visits: 1,
    }
}

fn basket(items: usize) -> Prefs {
    Prefs {
        basket: vec!["x".repeat(40); items],
        ..Prefs::defaults()
    }
}

#[actix_web::test]
async fn login_resets_all_fields_except_kept_ones() {
    let demo = Demo::new();
    let login = demo.with(post("/login", "name", " Bob "), &ada());
    let bob = demo.stored::<Auth>(&demo.call(login).await);
    assert_eq!(bob.name, "Bob");
    assert_ne!(bob.user_id, Some(1));
    assert!(bob.roles.is_empty());
    assert_eq!(bob.visits, 2);
}

#[actix_web::test]
async fn account_page_requires_a_login() {
    let demo = Demo::new();
    let page = get("/account").insert_header(("Accept", "text/html"));
    let response = demo.call(page).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let login = "/login?next=%2Faccount";
    assert_eq!(response.headers().get(LOCATION).unwrap(), login);
    let response = demo.call(post(login, "name", "Ada")).await;
    assert_eq!(response.headers().get(LOCATION).unwrap(), "/account");

    let response = demo.call(demo.with(get("/account"), &ada())).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(text(response).await.contains("Ada"));
}

#[actix_web::test]
async fn confirmation_lasts_five_minutes_and_returns_to_the_page() {
    let demo = Demo::new();
    let cookie = RequestCookie::of(&demo.codec(), &ada()).signed_in();
    let page = || get("/confirm-needed").insert_header(("Accept", "text/html"));
    let response = demo.call(page().insert_header(cookie.header())).await;
    assert_eq!(response.status(), StatusCode::OK);
    let cookie = cookie.age(Duration::from_secs(301));
    let response = demo.call(page().insert_header(cookie.header())).await;
    let confirm = "/confirm?next=%2Fconfirm-needed";
    assert_eq!(response.headers().get(LOCATION).unwrap(), confirm);
    let request = TestRequest::post()
        .uri(confirm)
        .insert_header(cookie.header());
    let response = demo.call(request).await;
    assert_eq!(response.headers().get(LOCATION).unwrap(), "/confirm-needed");
    demo.session::<Auth>(&response).assert_authenticated();
}

#[actix_web::test]
async fn public_view_has_the_name_only() {
    let demo = Demo::new();
    let response = demo.call(demo.with(get("/me"), &ada())).await;
    let me: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(me["session"], serde_json::json!({"name": "Ada"}));
    assert_eq!(me["expires_in"], 30 * 60);
}

#[actix_web::test]
async fn expired_login_is_reported_and_removed() {
    let demo = Demo::new();
    let request = demo.with(get("/"), &ada());
    demo.clock.advance(Duration::from_secs(30 * 60));
    let response = demo.call(request).await;
    demo.session::<Auth>(&response).assert_removed();
    let page = text(response).await;
    assert!(page.contains("expired") && !page.contains("Ada"));
}

#[actix_web::test]
async fn notice_is_shown_once() {
    let demo = Demo::new();
    let prefs = Prefs {
        notice: Some(Notice::LoggedOut),
        ..Prefs::defaults()
    };
    let response = demo.call(demo.with(get("/"), &prefs)).await;
    assert_eq!(demo.stored::<Prefs>(&response).notice, None);
    assert!(text(response).await.contains("You are logged out."));
}

#[actix_web::test]
async fn full_basket_rejects_items_with_a_notice() {
    let demo = Demo::new();
    let add = post("/basket", "item", "Tea");
    let added = demo.call(demo.with(add, &basket(20))).await;
    let prefs = demo.stored::<Prefs>(&added);
    assert_eq!((prefs.basket.len(), prefs.notice), (21, None));

    let add = post("/basket", "item", "Tea");
    let refused = demo.call(demo.with(add, &basket(60))).await;
    let prefs = demo.stored::<Prefs>(&refused);
    assert_eq!(
        (prefs.basket.len(), prefs.notice),
        (60, Some(Notice::BasketFull))
    );
}

#[actix_web::test]
async fn invalid_form_is_a_400_with_a_message_and_no_cookie() {
    let demo = Demo::new();
    for request in [
        post("/login", "name", " "),
        post("/login", "nom", "Ada"),
        post("/theme", "theme", "<blue>"),
        post("/basket", "item", &"x".repeat(41)),
    ] {
        let response = demo.call(request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        demo.session::<Prefs>(&response).assert_unchanged();
        let page = text(response).await;
        assert!(page.contains("The form is invalid: ") && !page.contains("<blue>"));
    }
}

#[actix_web::test]
async fn copied_cookie_is_nobody_after_the_logout() {
    let demo = Demo::new();
    let mut browser = demo.login("Ada").await;
    let mut copy = browser.clone();
    assert!(demo.is_signed_in(&mut copy).await);
    let response = demo.visit(&mut browser, push("/logout")).await;
    demo.session::<Auth>(&response).assert_removed();
    assert!(!demo.is_signed_in(&mut copy).await);
    let page = demo.visit(&mut copy, get("/")).await;
    demo.session::<Auth>(&page).assert_unchanged();
    let anonymous = demo.call(get("/")).await;
    assert_eq!(text(page).await, text(anonymous).await);
}

#[actix_web::test]
async fn logout_everywhere_ends_every_session_of_the_user() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    let mut bob = demo.login("Bob").await;
    assert_eq!(demo.listed(&there).len(), 2);
    let ada = demo.auth(&there).user_id.unwrap();

    let response = demo.visit(&mut here, push("/logout-everywhere")).await;
    assert_redirects(&response, "/");
    demo.session::<Auth>(&response).assert_removed();
    assert!(!demo.is_signed_in(&mut there).await);
    assert!(demo.is_signed_in(&mut bob).await);
    assert!(demo.devices.ids_of(ada).is_empty());

    let mut later = demo.login("Ada").await;
    assert!(demo.is_signed_in(&mut later).await);
}

#[actix_web::test]
async fn revoked_login_is_reported_once_and_removed() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    demo.visit(&mut here, push("/logout-everywhere")).await;
    let response = demo.visit(&mut there, get("/login")).await;
    demo.session::<Auth>(&response).assert_removed();
    let notice = "You were logged out on another device.";
    assert!(text(response).await.contains(notice));
    let response = demo.visit(&mut there, get("/login")).await;
    assert!(!text(response).await.contains(notice));
}

#[actix_web::test]
async fn new_password_ends_only_the_other_sessions() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    let mut copy = here.clone();
    let response = demo.visit(&mut here, push("/password")).await;
    assert_redirects(&response, "/account");
    assert_ne!(here.cookie("__Host-auth"), copy.cookie("__Host-auth"));
    assert!(demo.is_signed_in(&mut here).await);
    assert!(!demo.is_signed_in(&mut there).await);
    assert!(!demo.is_signed_in(&mut copy).await);
    assert_eq!(demo.listed(&here), [demo.auth(&here).id()]);

    let response = demo.call(push("/password")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn list_of_devices_follows_the_sessions() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    let (this, other) = (demo.auth(&here).id(), demo.auth(&there).id());
    let page = text(demo.visit(&mut here, get("/devices")).await).await;
    assert!(page.contains(&this.to_string()) && page.contains(&other.to_string()));

    demo.visit(&mut here, push("/confirm")).await;
    let confirmed = demo.auth(&here).id();
    assert_ne!(confirmed, this);
    demo.visit(&mut there, push("/logout")).await;
    assert_eq!(demo.listed(&here), [confirmed]);

    demo.visit(&mut here, post("/login", "name", "Ada")).await;
    assert_eq!(demo.listed(&here), [demo.auth(&here).id()]);
}

#[actix_web::test]
async fn chosen_device_is_ended() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    let this = demo.auth(&here).id();
    let other = demo.auth(&there).id();
    let response = demo.visit(&mut here, end_device(other)).await;
    assert_redirects(&response, "/devices");
    assert!(demo.is_signed_in(&mut here).await);
    assert!(!demo.is_signed_in(&mut there).await);
    assert_eq!(demo.listed(&here), [this]);

    let mut copy = here.clone();
    let response = demo.visit(&mut here, end_device(this)).await;
    demo.session::<Auth>(&response).assert_removed();
    assert!(!demo.is_signed_in(&mut copy).await);
}

#[actix_web::test]
async fn device_of_another_user_is_a_404() {
    let demo = Demo::new();
    let (mut ada, mut bob) = (demo.login("Ada").await, demo.login("Bob").await);
    for id in [
        demo.auth(&bob).id(),
        SessionId::from_bytes([7; SessionId::LEN]),
    ] {
        let response = demo.visit(&mut ada, end_device(id)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
    assert!(demo.is_signed_in(&mut bob).await);
}

#[actix_web::test]
async fn live_stream_ends_with_the_session() {
    let demo = Demo::new();
    let (mut here, mut there) = (demo.login("Ada").await, demo.login("Ada").await);
    let response = demo.visit(&mut here, get("/live")).await;
    let headers = response.headers();
    assert_eq!(headers.get(CONTENT_TYPE).unwrap(), "text/event-stream");
    assert_eq!(headers.get(CACHE_CONTROL).unwrap(), "no-store");
    let mut events = response.into_body();
    let first = next(&mut events).await.unwrap();
    assert!(first.starts_with("event: signed-in\n"), "{first}");

    demo.visit(&mut there, push("/logout-everywhere")).await;
    let last = next(&mut events).await;
    assert_eq!(last.as_deref(), Some("event: ended\ndata: revoked\n\n"));
    assert_eq!(next(&mut events).await, None);
}
