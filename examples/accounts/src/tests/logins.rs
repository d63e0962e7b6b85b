//! Tests of the login.

use actix_web::{http::StatusCode, test::TestRequest};
use secure_session::{
    SessionId,
    test_util::{RequestCookie, ResponseSession},
};

use super::{
    A_SECOND, FIVE_MINUTES, Server, ada, get, login, login_at, password, place, post, text,
};
use crate::sessions::Auth;

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
