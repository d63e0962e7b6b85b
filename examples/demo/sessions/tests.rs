//! Tests of an application with sessions: they send cookies, read the sessions of responses, and
//! set the clock.

use std::time::Duration;

use actix_web::{
    App,
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{StatusCode, header::LOCATION},
    test::{self, TestRequest},
};
use secure_session::{
    Key, SecureSession, SessionMiddleware,
    codec::{Codec, Opened},
    test_util::{RequestCookie, ResponseSession, TestClock, request_cookie},
};

use super::{Auth, Notice, Prefs};
use crate::{register, routes};

/// The application, with a clock that the test controls.
struct Demo {
    clock: TestClock,
    sessions: SessionMiddleware,
}

impl Demo {
    fn new() -> Self {
        let clock = TestClock::at(1_800_000_000);
        let builder = SessionMiddleware::builder(Key::generate().unwrap());
        let sessions = register(builder.clock(&clock)).unwrap();
        Self { clock, sessions }
    }

    fn codec<T: SecureSession>(&self) -> Codec<T> {
        self.sessions.codec().unwrap()
    }

    async fn call(&self, request: TestRequest) -> ServiceResponse<BoxBody> {
        let app = App::new()
            .wrap(self.sessions.clone())
            .configure(routes::configure);
        let app = test::init_service(app).await;
        let response = test::call_service(&app, request.to_request()).await;
        response.map_body(|_, body| body.boxed())
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
