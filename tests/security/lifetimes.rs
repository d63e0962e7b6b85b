//! The limit of the fastify format, and wrong clocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_secure_session_tests::{
    ABSOLUTE, Auth, IDLE, T0, ada,
    app::{Jar, Server},
    key,
};
use secure_session::{ExpiryLimit, RejectReason, codec::Codec, test_util::TestClock};

use crate::support::{Shared, shared};

/// A time after 1970 by which all limits of the tests have passed.
const TEN_YEARS: u64 = 3653 * 86_400;

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// C31: in the fastify format, the limit matches the Node package to the millisecond.
#[test]
fn fastify_session_is_valid_until_the_millisecond_of_its_limit() {
    let clock = TestClock::at(T0);
    let codec = Codec::<Shared>::builder(key(1)).clock(&clock);
    let codec = codec.build().unwrap();
    let text = codec.seal(&shared()).unwrap();
    clock.set_millis((T0 + IDLE) * 1000 - 1);
    assert!(codec.open(&text).is_ok());
    clock.set_millis((T0 + IDLE) * 1000);
    assert!(codec.open(&text).is_err());
}

/// C36: a request gets a response at any clock time. A cookie whose time exceeds the permitted skew
/// is not a session, and no cookie written meanwhile outlives the limits of a correct clock.
#[test]
fn no_clock_time_makes_a_request_fail() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let i64_limit = i64::MAX.unsigned_abs();
    let rows = [
        (T0 - 3600, Some(RejectReason::Malformed)),
        (T0 - 61, Some(RejectReason::Malformed)),
        (T0 - 60, None),
        (
            T0 + TEN_YEARS,
            Some(RejectReason::Expired(ExpiryLimit::Absolute)),
        ),
        // The platform's clock before 1970.
        (0, Some(RejectReason::Malformed)),
        (1, Some(RejectReason::Malformed)),
        (
            u64::from(u32::MAX),
            Some(RejectReason::Expired(ExpiryLimit::Absolute)),
        ),
        (
            (1 << 40) - 1,
            Some(RejectReason::Expired(ExpiryLimit::Absolute)),
        ),
        (1 << 40, Some(RejectReason::Expired(ExpiryLimit::Absolute))),
        (
            i64_limit / 1000,
            Some(RejectReason::Expired(ExpiryLimit::Absolute)),
        ),
        (
            i64_limit,
            Some(RejectReason::Expired(ExpiryLimit::Absolute)),
        ),
        (u64::MAX, Some(RejectReason::Expired(ExpiryLimit::Absolute))),
    ];
    for (now, reason) in rows {
        server.clock.set(now);
        let verbs: [fn(&secure_session::Session<Auth>); 7] = [
            |auth| assert!(auth.info().expires_at().is_some() || auth.info().reason().is_some()),
            |auth| auth.set_visits(9),
            |auth| auth.touch(),
            |auth| auth.sign_in(),
            |auth| auth.reauthenticate(),
            |auth| auth.remember_for(Duration::MAX),
            |auth| auth.destroy(),
        ];
        for (index, verb) in verbs.into_iter().enumerate() {
            let answer = server.auth(&cookie, move |auth| {
                let found = auth.info().reason();
                let limits = [ExpiryLimit::Idle, ExpiryLimit::Absolute].map(RejectReason::Expired);
                let is_expired =
                    |reason: Option<RejectReason>| reason.is_some_and(|r| limits.contains(&r));
                assert!(
                    found == reason || (is_expired(found) && is_expired(reason)),
                    "{now}: {found:?}"
                );
                verb(auth);
            });
            assert_eq!(answer.status, 200, "{now}, verb {index}");
            for sent in answer.set_cookies() {
                assert!(
                    sent.max_age().is_none_or(|age| age <= 400 * 86_400),
                    "{now}: {}",
                    sent.text
                );
            }
        }
    }
}

/// C36: at the maximum time, a cookie created now is read now.
#[test]
fn session_created_at_the_maximum_time_does_not_fail() {
    for now in [(1 << 40) - 2, (1 << 40) - 1, 1 << 40, u64::MAX] {
        let server = Server::at(&TestClock::at(now), &[1]);
        let mut jar = Jar::default();
        let answer = server.auth("", |auth| auth.sign_in());
        assert_eq!(answer.status, 200, "{now}");
        jar.take(&answer);
        assert_eq!(
            server.auth(&jar.header(), |auth| auth.set_visits(1)).status,
            200,
            "{now}"
        );
        // The clock is at the last time that the limits can represent, so they never pass.
        server.clock.set(now.saturating_add(IDLE));
        assert_eq!(
            server.auth(&jar.header(), |auth| auth.touch()).status,
            200,
            "{now}"
        );
    }
}

/// C36: two servers half a minute apart serve one visitor in turn. The session expires by the
/// absolute limit plus the difference, regardless of the order.
#[test]
fn clock_difference_of_two_servers_does_not_extend_a_session() {
    for ahead_first in [true, false] {
        let (ahead, behind) = (Server::default(), Server::default());
        let at = |now: u64| {
            ahead.clock.set(now + 30);
            behind.clock.set(now - 30);
        };
        at(T0);
        let mut jar = Jar::default();
        let first = if ahead_first { &ahead } else { &behind };
        jar.take(&first.auth("", |auth| {
            auth.sign_in();
            auth.set_name("Ada");
        }));
        let created = first.clock.now();
        let mut last_alive = T0;
        for round in 1..2 * ABSOLUTE / 600 {
            let now = T0 + round * 600;
            at(now);
            for server in [&behind, &ahead, &behind] {
                let answer = server.auth(&jar.header(), |auth| {
                    if auth.name() == "Ada" {
                        auth.update_visits(|visits| *visits += 1);
                    }
                });
                assert_eq!(answer.status, 200);
                if let Some(stored) = server.stored(&answer) {
                    assert_eq!(stored.created_at(), time(created));
                    last_alive = now;
                }
                jar.take(&answer);
            }
        }
        assert!(
            last_alive >= T0 + ABSOLUTE - 660,
            "it lives on between the servers"
        );
        assert!(
            last_alive < T0 + ABSOLUTE + 60,
            "and not beyond limit and difference"
        );
    }
}
