//! A request's cookie has the age, the id, the login and the key that a test gives it.

use std::time::UNIX_EPOCH;

use actix_secure_session_tests::{T0, key, ring};
use secure_session::{
    Limit, Origin, Reason, SecureSession, SessionId,
    codec::{Codec, Opened},
    test_util::{RequestCookie, TestClock, TestSession, request_cookie, signed_in_cookie},
};

use crate::{Visit, ada, codec, codec_with, minutes, unknown_key};

/// A session of the fastify format: no id, one clock.
#[derive(SecureSession)]
#[session(format = "fastify", idle = "30m")]
struct Shared {
    name: String,
}

fn open(codec: &Codec<Visit>, cookie: &RequestCookie<Visit>) -> Result<Opened<Visit>, Reason> {
    let pair = cookie.pair();
    codec.open(pair.strip_prefix("__Host-visit=").unwrap())
}

fn seconds_after_1970(time: std::time::SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_cookie_without_further_words_began_now_and_nobody_signed_in_to_it() {
    let codec = codec();
    let session = open(&codec, &RequestCookie::of(&codec, &ada())).unwrap();
    assert_eq!((session.name.as_str(), session.count), ("Ada", 3));
    assert_eq!(seconds_after_1970(session.created_at()), T0);
    assert_eq!(session.authenticated_at(), None);
}

#[test]
fn both_clocks_stand_where_the_test_puts_them() {
    let codec = codec();
    let times = |cookie: RequestCookie<Visit>| {
        let session = open(&codec, &cookie).unwrap();
        [session.created_at(), session.seen_at()].map(|time| T0 - seconds_after_1970(time))
    };
    let cookie = || RequestCookie::of(&codec, &ada());
    assert_eq!(times(cookie()), [0, 0]);
    assert_eq!(times(cookie().age(minutes(60))), [3600, 0]);
    assert_eq!(times(cookie().idle_for(minutes(5))), [300, 300]);
    assert_eq!(
        times(cookie().age(minutes(60)).idle_for(minutes(5))),
        [3600, 300]
    );
    assert_eq!(
        times(cookie().idle_for(minutes(5)).age(minutes(60))),
        [3600, 300]
    );
    assert_eq!(
        times(cookie().idle_for(minutes(5)).age(minutes(1))),
        [300, 300]
    );
    assert_eq!(times(cookie().authenticated_ago(minutes(7))), [420, 0]);
}

#[test]
fn a_login_is_as_old_as_the_session_or_as_the_test_says() {
    let codec = codec();
    let authenticated = |cookie: RequestCookie<Visit>| {
        let session = open(&codec, &cookie).unwrap();
        session
            .authenticated_at()
            .map(|time| T0 - seconds_after_1970(time))
    };
    let cookie = || RequestCookie::of(&codec, &ada());
    assert_eq!(authenticated(cookie()), None);
    assert_eq!(authenticated(cookie().signed_in()), Some(0));
    assert_eq!(
        authenticated(cookie().signed_in().age(minutes(60))),
        Some(3600)
    );
    assert_eq!(
        authenticated(cookie().age(minutes(60)).signed_in()),
        Some(3600)
    );
    let confirmed = cookie().age(minutes(60)).authenticated_ago(minutes(5));
    assert_eq!(authenticated(confirmed), Some(300));
}

#[test]
fn cookies_of_any_failure_can_be_made() {
    let codec = codec();
    let cookie = || RequestCookie::of(&codec, &ada());
    let day = minutes(24 * 60);
    for (cookie, reason) in [
        (cookie().idle_for(minutes(30)), Reason::Expired(Limit::Idle)),
        (
            cookie().age(minutes(12 * 60)),
            Reason::Expired(Limit::Absolute),
        ),
        (
            cookie().remembered_for(day).age(day),
            Reason::Expired(Limit::Absolute),
        ),
        (cookie().sealed_with(&unknown_key()), Reason::UnknownKey),
        (cookie().forged(), Reason::Forged),
    ] {
        assert_eq!(open(&codec, &cookie).unwrap_err(), reason);
    }
    let remembered = cookie().remembered_for(2 * day).age(day);
    let end = open(&codec, &remembered).unwrap().expires_at(&codec);
    assert_eq!(seconds_after_1970(end), T0 + day.as_secs());
}

#[test]
fn a_cookie_of_a_second_key_is_opened_with_it_whatever_the_session_is_bound_to() {
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
fn a_session_comes_again_as_it_was() {
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
fn the_short_forms_are_headers() {
    let codec = codec();
    for ((name, text), is_signed_in) in [
        (request_cookie(&codec, &ada()), false),
        (signed_in_cookie(&codec, &ada()), true),
    ] {
        assert_eq!(name, "cookie");
        let visit = TestSession::from_cookie_header(&codec, text);
        assert_eq!(visit.session().name(), "Ada");
        let within = visit.session().info().authenticated_within(minutes(0));
        assert_eq!(within, is_signed_in);
    }
}

#[test]
fn the_time_is_that_of_the_codecs_clock() {
    let (codec, clock) = codec_with(|policy| policy);
    let cookie = RequestCookie::of(&codec, &ada()).idle_for(minutes(5));
    clock.set(T0 + 1000);
    assert_eq!(
        seconds_after_1970(open(&codec, &cookie).unwrap().seen_at()),
        T0 + 1000 - 300
    );
}

#[test]
fn in_the_fastify_format_there_is_one_clock() {
    let clock = TestClock::at(T0);
    let builder = Codec::<Shared>::builder(ring(&[1, 2])).clock(&clock);
    let codec = builder.build().unwrap();
    let grace = Shared {
        name: "Grace".to_owned(),
    };
    let origin_and_reason = |cookie: RequestCookie<Shared>| {
        let shared = TestSession::with_cookie(&cookie);
        let info = (
            shared.session().info().origin(),
            shared.session().info().reason(),
        );
        (info, shared.session().name() == "Grace")
    };
    let cookie = || RequestCookie::of(&codec, &grace);
    let restored = ((Origin::Restored, None), true);
    let failed = |origin, reason| ((origin, Some(reason)), false);
    for (cookie, expected) in [
        (cookie(), restored),
        (cookie().idle_for(minutes(29)), restored),
        (
            cookie().idle_for(minutes(31)),
            failed(Origin::Expired, Reason::Expired(Limit::Idle)),
        ),
        (cookie().sealed_with(&key(2)), restored),
        (
            cookie().sealed_with(&unknown_key()),
            failed(Origin::Rejected, Reason::Forged),
        ),
        (cookie().forged(), failed(Origin::Rejected, Reason::Forged)),
    ] {
        assert_eq!(origin_and_reason(cookie), expected);
    }
}
