//! Clients learn nothing from a response about why a cookie was not accepted.

use std::time::Duration;

use actix_secure_session_tests::http::{Loopback, RawAnswer};
use actix_web::{HttpResponse, web};
use secure_session::{RejectReason, Session, test_util::RequestCookie};

use super::support::{Auth, Site, ada};

async fn page(auth: Session<Auth>) -> String {
    format!("user {:?}, {} visits", auth.user_id(), auth.visits())
}

async fn write(auth: Session<Auth>) -> HttpResponse {
    auth.touch();
    HttpResponse::Ok().body("touched")
}

fn without_date(answer: &RawAnswer) -> Vec<u8> {
    let lines = answer.head.split_inclusive("\r\n");
    let lines = lines.filter(|line| !line.starts_with("date:"));
    let head: String = lines.collect();
    [head.as_bytes(), &answer.body].concat()
}

#[test]
fn responses_to_all_cookies_that_do_not_open_are_equal_byte_for_byte() {
    let site = Site::new();
    let server = Loopback::start(&site.sessions, |routes| {
        routes
            .route("/", web::get().to(page))
            .route("/write", web::get().to(write));
    });
    let codec = site.codec();
    let cookie = || RequestCookie::of(&codec, &ada()).signed_in();
    let other_key = secure_session::Key::generate().unwrap();
    let revoked = site.signed_in();
    let request = site.request(&revoked);
    request.session().destroy();
    let _ = request.finish();
    let cookies = [
        ("none", String::new(), RejectReason::Absent),
        (
            "malformed",
            "__Host-auth=nonsense".to_owned(),
            RejectReason::Malformed,
        ),
        (
            "unknown key",
            cookie().sealed_with(&other_key).pair(),
            RejectReason::UnknownKey,
        ),
        ("forged", cookie().forged().pair(), RejectReason::Forged),
        (
            "expired",
            cookie().idle_for(Duration::from_secs(3600)).pair(),
            RejectReason::Expired(secure_session::ExpiryLimit::Idle),
        ),
        ("revoked", revoked, RejectReason::Revoked),
        (
            "revoked by the kit",
            cookie().revoked().pair(),
            RejectReason::Revoked,
        ),
    ];
    let raw = |path: &str, cookie: &str| without_date(&server.get(path, cookie.as_bytes()));
    let expected = raw("/", "");
    assert!(expected.ends_with(b"user None, 0 visits"));
    for (name, cookie, reason) in &cookies {
        assert_eq!(
            site.request(cookie).session().info().reason(),
            Some(*reason),
            "{name}"
        );
        assert_eq!(raw("/", cookie), expected, "{name}");
    }
    // The sealed value differs, and nothing else.
    let lengths: Vec<_> = cookies[..5]
        .iter()
        .map(|(_, cookie, _)| raw("/write", cookie).len())
        .collect();
    assert!(
        lengths.iter().all(|length| *length == lengths[0]),
        "{lengths:?}"
    );
}
