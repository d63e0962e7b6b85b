//! Tests of administrators, who block users.

use actix_web::{http::StatusCode, test::TestRequest};

use super::{Server, get, login, login_of_grace, place, post, text};

fn block(user: &str) -> TestRequest {
    post(&format!("/users/{user}/block"), &[])
}

#[actix_web::test]
async fn blocked_user_is_logged_out_and_cannot_log_in() {
    let server = Server::new();
    let [mut of_ada, mut of_grace] = [server.browser(), server.browser()];
    server.call_in(&mut of_ada, login()).await;
    server.call_in(&mut of_grace, login_of_grace()).await;
    let page = server.call_in(&mut of_ada, get("/users")).await;
    assert!(text(page).await.contains(r#"action="/users/2/block""#));
    let response = server.call_in(&mut of_ada, block("2")).await;
    assert_eq!(place(&response), "/users");
    let page = server.call_in(&mut of_ada, get("/users")).await;
    assert!(text(page).await.contains("grace: blocked"));

    // The reason shows that the session was revoked: without that, the account alone would deny the
    // request.
    let request = TestRequest::get().uri("/account");
    let response = server.call_in(&mut of_grace, request).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(text(response).await, r#"{"error":"session_revoked"}"#);
    let response = server.call_in(&mut of_grace, login_of_grace()).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(text(response).await.contains("Wrong name or password"));
}

#[actix_web::test]
async fn blocked_account_is_signed_in_nowhere_without_a_revocation() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login_of_grace()).await;
    let block = "UPDATE users SET blocked = 1 WHERE name = 'grace'";
    server.users.execute(block);
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(place(&page), "/login?next=%2Faccount");
}

#[actix_web::test]
async fn only_administrators_can_block() {
    let server = Server::new();
    let mut browser = server.browser();
    for (request, expected) in [
        (get("/users"), "/login?next=%2Fusers"),
        (block("2"), "/login"),
    ] {
        let response = server.call_in(&mut browser, request).await;
        assert_eq!(place(&response), expected);
    }
    server.call_in(&mut browser, login_of_grace()).await;
    for request in [get("/users"), block("2")] {
        let response = server.call_in(&mut browser, request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
}

#[actix_web::test]
async fn administrators_and_unknown_users_cannot_be_blocked() {
    let server = Server::new();
    let mut browser = server.browser();
    server.call_in(&mut browser, login()).await;
    for user in ["1", "3", "ada"] {
        let response = server.call_in(&mut browser, block(user)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
    let page = server.call_in(&mut browser, get("/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
}
