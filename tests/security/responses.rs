//! Clients learn nothing from the response.

use actix_secure_session_tests::{
    Auth, IDLE, T0, ada,
    app::Server,
    http::{Connection, Loopback, RawAnswer},
};
use actix_web::{HttpResponse, web};
use secure_session::{ExpiryLimit, RejectReason, Session, test_util::TestClock};

use crate::support::{
    forge::{Forge, HEADER_LEN, decoded, encoded, envelope},
    value_of,
};

async fn ignores(_: Session<Auth>) -> &'static str {
    "ok"
}

async fn reads(auth: Session<Auth>) -> String {
    format!("{:?} {}", auth.user_id(), auth.name())
}

async fn writes(auth: Session<Auth>) -> HttpResponse {
    auth.update_visits(|visits| *visits += 1);
    HttpResponse::Ok().body(auth.visits().to_string())
}

async fn logs_out(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    HttpResponse::SeeOther()
        .insert_header(("Location", "/"))
        .finish()
}

async fn writes_too_much(auth: Session<Auth>) -> &'static str {
    auth.set_name("x".repeat(5000));
    "not sent"
}

const ROUTES: [&str; 5] = ["/ignores", "/reads", "/writes", "/logs-out", "/too-much"];

fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/ignores", web::get().to(ignores))
        .route("/reads", web::get().to(reads))
        .route("/writes", web::get().to(writes))
        .route("/logs-out", web::get().to(logs_out))
        .route("/too-much", web::get().to(writes_too_much));
}

/// A plaintext with an extension with tag 1.
fn newer_build() -> Vec<u8> {
    let created = &[0, 0x6b, 0x49, 0xd2, 0];
    [&[8][..], &[7; 16], created, &[0], &[2, 1, 0], b"{}"].concat()
}

/// Each way in which a cookie is not a session, with the reason that only the log shows. (A revoked
/// one needs a store and is not included.)
fn kinds(server: &Server) -> Vec<(&'static str, Option<String>, RejectReason)> {
    let forge = Forge::new(1, "__Host-auth");
    let valid = server.codec().seal(&ada()).unwrap();
    let bytes = decoded(&valid);
    let (header, plaintext) = (forge.header(1), [envelope(T0), b"{}".to_vec()].concat());
    let altered = |change: fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        Some(encoded(&bytes))
    };
    let made_at = |time: u64| {
        let clock = TestClock::at(time);
        let cookie = Server::at(&clock, &[1]).cookie(&ada());
        Some(value_of(&cookie).to_owned())
    };
    let under = |key: u8| {
        let cookie = Server::at(&server.clock, &[key]).cookie(&ada());
        Some(value_of(&cookie).to_owned())
    };
    let json = |json: &str| Some(forge.seal_json(T0, json));
    let unknown_version = {
        let header = forge.header(2);
        Some(forge.seal_as(&header, &header, &plaintext))
    };
    let absolute = [
        &[1][..],
        &[7; 16],
        &[0, 0x6b, 0x49, 0xd2, 0],
        &[0],
        &[0],
        b"{}",
    ]
    .concat();
    let idle = RejectReason::Expired(ExpiryLimit::Idle);
    vec![
        ("none", None, RejectReason::Absent),
        ("empty", Some(String::new()), RejectReason::Malformed),
        (
            "bad base64",
            Some(format!("{valid}!")),
            RejectReason::Malformed,
        ),
        (
            "short",
            Some(encoded(&bytes[..44])),
            RejectReason::Malformed,
        ),
        ("too long", Some("A".repeat(5000)), RejectReason::Malformed),
        (
            "nonce a byte short",
            altered(|bytes| _ = bytes.remove(5)),
            RejectReason::Forged,
        ),
        (
            "nonce a byte long",
            altered(|bytes| bytes.insert(HEADER_LEN, 0)),
            RejectReason::Forged,
        ),
        (
            "bad tag",
            altered(|bytes| *bytes.last_mut().unwrap() ^= 1),
            RejectReason::Forged,
        ),
        (
            "bad ciphertext",
            altered(|bytes| bytes[HEADER_LEN] ^= 1),
            RejectReason::Forged,
        ),
        ("unknown version", unknown_version, RejectReason::Malformed),
        ("retired key", under(9), RejectReason::UnknownKey),
        (
            "wrong associated data",
            Some(forge.seal_as(&header, b"", &plaintext)),
            RejectReason::Forged,
        ),
        ("expired idle", made_at(T0 - IDLE), idle),
        (
            "expired absolute",
            Some(forge.seal(&absolute)),
            RejectReason::Expired(ExpiryLimit::Absolute),
        ),
        ("from the future", made_at(T0 + 61), RejectReason::Malformed),
        (
            "newer build",
            Some(forge.seal(&newer_build())),
            RejectReason::NewerBuild,
        ),
        ("bad JSON", json("{\"name\":"), RejectReason::Malformed),
        ("no object", json("[]"), RejectReason::Malformed),
        (
            "bad envelope",
            Some(forge.seal(b"\xff")),
            RejectReason::Malformed,
        ),
        ("wrong type", json("{\"name\":7}"), RejectReason::Schema),
    ]
}

fn ask(connection: &mut Connection, route: &str, value: Option<&str>) -> RawAnswer {
    let cookie = value.map(|value| format!("__Host-auth={value}"));
    connection.get(route, cookie.unwrap_or_default().as_bytes())
}

/// C62: whatever is wrong with a cookie, the response is byte for byte the one to a request without
/// a cookie, except for the date and the value of a new cookie.
#[test]
fn response_to_any_invalid_cookie_is_byte_for_byte_the_same() {
    let server = Server::default();
    let codec = server.codec();
    let loopback = Loopback::start(&server.sessions, routes);
    let mut connection = loopback.connect();
    let kinds = kinds(&server);
    assert!(kinds.len() > 12);
    for route in ROUTES {
        let expected = ask(&mut connection, route, None).fingerprint();
        let fails = expected.starts_with("HTTP/1.1 500 ") && !expected.contains("not sent");
        assert_eq!(fails, route == "/too-much", "{expected}");
        let sets = expected
            .to_ascii_lowercase()
            .contains("set-cookie: __host-auth=");
        assert_eq!(
            sets,
            ["/writes", "/logs-out"].contains(&route),
            "{expected}"
        );
        for (kind, value, reason) in &kinds {
            if let Some(value) = value {
                assert_eq!(
                    codec.open(value).unwrap_err(),
                    *reason,
                    "{kind} is what it says"
                );
            }
            let answer = ask(&mut connection, route, value.as_deref());
            assert_eq!(answer.fingerprint(), expected, "{kind}, {route}");
        }
    }
    let valid = codec.seal(&ada()).unwrap();
    let answer = ask(&mut connection, "/reads", Some(&valid));
    assert_eq!(
        answer.body, b"Some(7) Ada",
        "a session would be told from none"
    );
}
