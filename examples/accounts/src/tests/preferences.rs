//! Tests of the preferences.

use secure_session::test_util::{RequestCookie, ResponseSession};

use super::{A_SECOND, Server, dark_and_german, get, login, post, text};
use crate::sessions::A_DAY;

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
