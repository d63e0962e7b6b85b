//! A request's cookie has the age, id, login and key that the test sets.

use std::time::{SystemTime, UNIX_EPOCH};

use actix_secure_session_tests::{T0, key, ring};
use secure_session::{
    ExpiryLimit, RejectReason, SecureSession, SessionId,
    codec::{Codec, Opened},
    test_util::{RequestCookie, TestClock, TestSession, request_cookie, signed_in_cookie},
};

use crate::{Visit, ada, codec, minutes, unknown_key};

/// A session of the fastify format: no id, one time.
#[derive(SecureSession)]
#[session(format = "fastify", idle = "30m")]
struct Shared {
    name: String,
}

fn open(
    codec: &Codec<Visit>,
    cookie: &RequestCookie<Visit>,
) -> Result<Opened<Visit>, RejectReason> {
    let pair = cookie.pair();
    codec.open(pair.strip_prefix("__Host-visit=").unwrap())
}

/// Seconds from a time until [`T0`].
fn age(time: SystemTime) -> u64 {
    T0 - time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Seconds since the session was created, seen and authenticated.
type Ages = (u64, u64, Option<u64>);

#[test]
fn cookie_has_the_times_set_by_the_test() {
    let codec = codec();
    let cookie = || RequestCookie::of(&codec, &ada());
    let rows: [(RequestCookie<Visit>, Ages); 11] = [
        (cookie(), (0, 0, None)),
        (cookie().age(minutes(60)), (3600, 0, None)),
        (cookie().idle_for(minutes(5)), (300, 300, None)),
        (
            cookie().age(minutes(60)).idle_for(minutes(5)),
            (3600, 300, None),
        ),
        (
            cookie().idle_for(minutes(5)).age(minutes(60)),
            (3600, 300, None),
        ),
        (
            cookie().idle_for(minutes(5)).age(minutes(1)),
            (300, 300, None),
        ),
        (cookie().signed_in(), (0, 0, Some(0))),
        (cookie().signed_in().age(minutes(60)), (3600, 0, Some(3600))),
        (cookie().age(minutes(60)).signed_in(), (3600, 0, Some(3600))),
        (cookie().authenticated_ago(minutes(7)), (420, 0, Some(420))),
        (
            cookie().age(minutes(60)).authenticated_ago(minutes(5)),
            (3600, 0, Some(300)),
        ),
    ];
    for (index, (cookie, expected)) in rows.into_iter().enumerate() {
        let session = open(&codec, &cookie).unwrap();
        let ages = (
            age(session.created_at()),
            age(session.seen_at()),
            session.authenticated_at().map(age),
        );
        assert_eq!(ages, expected, "row {index}");
        assert_eq!((session.name.as_str(), session.count), ("Ada", 3));
    }
}

#[test]
fn short_forms_create_cookies_with_and_without_a_login() {
    let codec = codec();
    for ((name, text), is_signed_in) in [
        (request_cookie(&codec, &ada()), false),
        (signed_in_cookie(&codec, &ada()), true),
    ] {
        assert_eq!(name, "cookie");
        let visit = TestSession::from_cookie_header(&codec, text).session();
        assert_eq!(visit.name(), "Ada");
        assert_eq!(visit.info().authenticated_within(minutes(0)), is_signed_in);
    }
}

#[test]
fn cookie_encrypted_with_a_second_key_opens_with_it() {
    let codec = Codec::<Visit>::builder(ring(&[1, 2]))
        .application("shop")
        .policy(|policy| policy.purpose("tests"))
        .build()
        .unwrap();
    let cookie = RequestCookie::of(&codec, &ada());
    assert_eq!(
        open(&codec, &cookie.sealed_with(&key(2)))
            .unwrap()
            .key_index(),
        1
    );
}

#[test]
fn stored_session_can_be_sent_again() {
    let codec = codec();
    let id = SessionId::from_bytes([7; 16]);
    let cookie = RequestCookie::of(&codec, &ada())
        .id(id)
        .signed_in()
        .age(minutes(9));
    let session = open(&codec, &cookie).unwrap();
    let again = open(&codec, &RequestCookie::of_opened(&codec, &session)).unwrap();
    assert_eq!(again.id(), id);
    assert_eq!(again.created_at(), session.created_at());
    assert_eq!(again.authenticated_at(), session.authenticated_at());
    assert!(again.authenticated_at().is_some());
}

#[test]
fn fastify_cookies_have_one_time() {
    let codec = Codec::<Shared>::builder(ring(&[1, 2])).clock(&TestClock::at(T0));
    let codec = codec.build().unwrap();
    let grace = Shared {
        name: "Grace".to_owned(),
    };
    let cookie = || RequestCookie::of(&codec, &grace);
    let rows = [
        (cookie(), None),
        (cookie().idle_for(minutes(29)), None),
        (
            cookie().idle_for(minutes(31)),
            Some(RejectReason::Expired(ExpiryLimit::Idle)),
        ),
        (cookie().sealed_with(&key(2)), None),
        (
            cookie().sealed_with(&unknown_key()),
            Some(RejectReason::Forged),
        ),
        (cookie().forged(), Some(RejectReason::Forged)),
    ];
    for (index, (cookie, reason)) in rows.into_iter().enumerate() {
        let shared = TestSession::with_cookie(&cookie).session();
        assert_eq!(shared.info().reason(), reason, "row {index}");
        assert_eq!(shared.name() == "Grace", reason.is_none(), "row {index}");
    }
}
