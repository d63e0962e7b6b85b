//! Tests of the password confirmation.

use actix_web::http::StatusCode;
use secure_session::test_util::{RequestCookie, ResponseSession};

use super::{
    A_SECOND, FIVE_MINUTES, Server, ada, get, login, password, password_at, place, post,
    remembered_login, text,
};
use crate::sessions::A_DAY;

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
