//! Tests of what operators do, and of what can go wrong.

use actix_web::http::StatusCode;
use secure_session::{
    KeyRing,
    test_util::{RequestCookie, ResponseSession, assert_schema_stable},
};

use super::{Server, ada, dark_and_german, get, key, login, place, text};
use crate::sessions::Theme;

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
    let lines = include_str!("../signed_in.rs").lines().map(str::trim);
    let block = lines
        .skip_while(|line| *line != "// Plumbing: begin")
        .take_while(|line| *line != "// Plumbing: end");
    let code = block.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let count = code.count();
    assert!((1..=20).contains(&count), "{count} lines");
}
