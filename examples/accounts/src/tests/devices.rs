//! Tests of the list of devices.

use actix_web::http::{StatusCode, header::USER_AGENT};
use secure_session::test_util::TestBrowser;

use super::{Server, get, login, login_of_grace, password, place, post, remembered_login, text};
use crate::sessions::{A_MONTH, HALF_A_DAY};

async fn log_in(server: &Server, user_agent: &str) -> TestBrowser {
    let mut browser = server.browser();
    let request = login().append_header((USER_AGENT, user_agent));
    let response = server.call_in(&mut browser, request).await;
    assert_eq!(place(&response), "/account");
    browser
}

async fn devices(server: &Server, browser: &mut TestBrowser) -> String {
    let page = server.call_in(browser, get("/devices")).await;
    assert_eq!(page.status(), StatusCode::OK);
    text(page).await
}

/// Ids are given in the order of logins, from 1.
async fn end(server: &Server, browser: &mut TestBrowser, device: &str) -> StatusCode {
    let request = post("/devices/end", &[("device", device)]);
    server.call_in(browser, request).await.status()
}

async fn is_signed_in(server: &Server, browser: &mut TestBrowser) -> bool {
    let page = server.call_in(browser, get("/account")).await;
    page.status() == StatusCode::OK
}

#[actix_web::test]
async fn devices_page_lists_devices_and_ends_one() {
    let server = Server::new();
    let mut phone = log_in(&server, "Phone").await;
    let mut laptop = log_in(&server, "Laptop").await;
    let page = devices(&server, &mut laptop).await;
    assert!(page.contains("<li>Phone, since 2027-01-15 08:00 UTC: <button"));
    assert!(page.contains("<li>Laptop, since 2027-01-15 08:00 UTC: this device"));

    assert_eq!(end(&server, &mut laptop, "1").await, StatusCode::SEE_OTHER);
    assert!(!devices(&server, &mut laptop).await.contains("Phone"));
    let denied = server.call_in(&mut phone, get("/account")).await;
    let login_page = place(&denied);
    assert_eq!(login_page, "/login?next=%2Faccount");
    let page = server.call_in(&mut phone, get(login_page)).await;
    assert!(text(page).await.contains("You have been logged out."));
}

#[actix_web::test]
async fn device_of_another_user_cannot_be_ended() {
    let server = Server::new();
    let mut of_ada = log_in(&server, "Phone").await;
    let mut of_grace = server.browser();
    server.call_in(&mut of_grace, login_of_grace()).await;
    assert!(!devices(&server, &mut of_grace).await.contains("Phone"));
    for device in ["1", "3"] {
        let status = end(&server, &mut of_grace, device).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    assert!(is_signed_in(&server, &mut of_ada).await);
}

#[actix_web::test]
async fn device_stays_listed_after_a_password_confirmation() {
    let server = Server::new();
    let mut phone = log_in(&server, "Phone").await;
    let mut laptop = log_in(&server, "Laptop").await;
    let confirmed = server.call_in(&mut phone, password("correct horse")).await;
    assert_eq!(place(&confirmed), "/email");

    assert!(devices(&server, &mut laptop).await.contains("Phone"));
    assert_eq!(end(&server, &mut laptop, "1").await, StatusCode::SEE_OTHER);
    assert!(!is_signed_in(&server, &mut phone).await);
}

#[actix_web::test]
async fn logout_and_a_second_login_remove_the_device() {
    let server = Server::new();
    let mut phone = log_in(&server, "Phone").await;
    let mut laptop = log_in(&server, "Laptop").await;
    server.call_in(&mut phone, post("/logout", &[])).await;
    assert!(!devices(&server, &mut laptop).await.contains("Phone"));

    let again = login().append_header((USER_AGENT, "Laptop"));
    server.call_in(&mut laptop, again).await;
    let page = devices(&server, &mut laptop).await;
    assert_eq!(page.matches("<li>").count(), 1);
    assert!(page.contains("this device"));
}

#[actix_web::test]
async fn expired_devices_are_removed_at_a_later_login() {
    let server = Server::new();
    log_in(&server, "Phone").await;
    let remembered = remembered_login().append_header((USER_AGENT, "Tablet"));
    server.call(remembered).await;

    server.clock.advance(HALF_A_DAY);
    let page = devices(&server, &mut log_in(&server, "Laptop").await).await;
    assert!(!page.contains("Phone") && page.contains("Tablet"));
    server.clock.advance(A_MONTH);
    let page = devices(&server, &mut log_in(&server, "Laptop").await).await;
    assert!(!page.contains("Tablet") && page.contains("Laptop"));
}

#[actix_web::test]
async fn user_agent_is_shortened_and_escaped() {
    let server = Server::new();
    let user_agent = ["<b>", &"a".repeat(300)].concat();
    let mut browser = log_in(&server, &user_agent).await;
    let page = devices(&server, &mut browser).await;
    let expected = format!("<li>&lt;b>{},", "a".repeat(197));
    assert!(page.contains(&expected), "{page}");
}
