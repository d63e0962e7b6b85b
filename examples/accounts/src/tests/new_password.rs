//! Tests of the password change.

use actix_web::{http::StatusCode, test::TestRequest};
use secure_session::test_util::ResponseSession;

use super::{Server, get, login, place, post, remembered_login, text};

fn new_password(old: &str, new: &str) -> TestRequest {
    post("/password", &[("old", old), ("new", new)])
}

#[actix_web::test]
async fn password_change_ends_other_devices_and_keeps_this_one() {
    let server = Server::new();
    let [mut phone, mut laptop] = [server.browser(), server.browser()];
    server.call_in(&mut phone, remembered_login()).await;
    server.call_in(&mut laptop, login()).await;
    let mut copy_of_laptop = laptop.clone();

    let change = new_password("correct horse", "purple monkey");
    let response = server.call_in(&mut laptop, change).await;
    assert_eq!(place(&response), "/account");
    ResponseSession::of(&server.auth, &response).assert_authenticated();
    for other in [&mut phone, &mut copy_of_laptop] {
        let page = server.call_in(other, get("/account")).await;
        assert_eq!(place(&page), "/login?next=%2Faccount");
    }
    let page = server.call_in(&mut laptop, get("/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = text(server.call_in(&mut laptop, get("/devices")).await).await;
    assert_eq!(page.matches("<li>").count(), 1);
    assert!(page.contains("this device"));
}

#[actix_web::test]
async fn only_the_new_password_logs_in_after_a_change() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    let change = new_password("correct horse", "purple monkey");
    server.call_in(&mut browser, change).await;

    let response = server.call(login()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let form = [("name", "ada"), ("password", "purple monkey")];
    let response = server.call(post("/login", &form)).await;
    assert_eq!(place(&response), "/account");
}

#[actix_web::test]
async fn refused_password_change_ends_no_session() {
    let server = Server::new();
    let [mut phone, mut laptop] = [server.browser(), server.browser()];
    for browser in [&mut phone, &mut laptop] {
        server.call_in(browser, login()).await;
    }
    for (old, new, status) in [
        ("wrong", "purple monkey", StatusCode::FORBIDDEN),
        ("correct horse", "short", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let response = server.call_in(&mut laptop, new_password(old, new)).await;
        assert_eq!(response.status(), status);
        ResponseSession::of(&server.auth, &response).assert_unchanged();
    }
    let page = server.call_in(&mut phone, get("/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let response = server.call(login()).await;
    assert_eq!(place(&response), "/account");
}
