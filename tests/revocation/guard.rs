//! Guards and the application's own responses know revoked and unavailable sessions.

use std::time::{Duration, Instant};

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
};
use actix_web::{
    App, HttpResponse,
    http::header::{ACCEPT, COOKIE},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Denied, ExtractError, RevocationState, Revocations, SessionGuard,
    test_util::{FaultyStore, TestClock},
};

use super::support::{Auth, Site};

#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
struct SignedIn {
    user_id: u64,
}

async fn send(site: &Site, cookie: &str, accept: &str) -> Answer {
    let route = web::get().to(|user: SignedIn| async move { user.user_id.to_string() });
    let app = App::new().wrap(site.sessions.clone()).route("/", route);
    let app = init_service(app).await;
    let request = TestRequest::get()
        .insert_header((COOKIE, cookie))
        .insert_header((ACCEPT, accept));
    Answer::of(call_service(&app, request.to_request()).await).await
}

#[test]
fn guard_says_that_a_session_was_revoked() {
    block_on(async {
        let site = Site::new();
        let cookie = site.signed_in();
        assert_eq!(send(&site, &cookie, "*/*").await.body, b"42");
        site.request(&cookie).session().destroy();
        let answer = send(&site, &cookie, "*/*").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..]),
            (401, &br#"{"error":"session_revoked"}"#[..])
        );
        assert!(answer.set_cookies().is_empty());
        let answer = send(&site, &cookie, "text/html").await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.header("location"), Some("/login?next=%2F"));
    });
}

#[test]
fn application_responds_itself_if_the_store_is_away() {
    block_on(async {
        let clock = TestClock::at(T0);
        let store = FaultyStore::new();
        let revocations = Revocations::builder().clock(&clock);
        let revocations = revocations.with_store(store.clone()).await.unwrap();
        let site = Site::with(&clock, &revocations, |builder| {
            builder.denied(|denied, _| match denied {
                Denied::Session(ExtractError::Unavailable { .. }) => {
                    Some(HttpResponse::ServiceUnavailable().body("come back soon"))
                }
                _ => None,
            })
        });
        let cookie = site.signed_in();
        store.fail(true);
        let start = Instant::now();
        while matches!(revocations.state(), RevocationState::Live { .. }) {
            assert!(start.elapsed() < Duration::from_secs(10));
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        clock.advance(Duration::from_secs(121));
        let answer = send(&site, &cookie, "*/*").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body[..]),
            (503, &b"come back soon"[..])
        );
    });
}
