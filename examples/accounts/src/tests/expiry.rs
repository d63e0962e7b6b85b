//! Tests of "remember me" and of sessions that expire.

use actix_web::http::StatusCode;
use secure_session::test_util::ResponseSession;

use super::{A_SECOND, HALF_AN_HOUR, Server, get, login, place, remembered_login, text};
use crate::sessions::A_DAY;

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
