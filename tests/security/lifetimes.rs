//! Limits, authentication again, and clocks that are wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_secure_session_tests::{
    ABSOLUTE, Auth, IDLE, Prefs, T0, ada,
    app::{Jar, Server},
    ring,
};
use secure_session::{
    Limit, Reason, SecureSession, SessionMiddleware,
    codec::Codec,
    policy::{Lifetime, Policy},
    test_util::TestClock,
};

use crate::support::{Shared, shared, value_of};

/// The time after 1970 by which all limits of the tests have passed.
const TEN_YEARS: u64 = 3653 * 86_400;

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn codec<T: SecureSession>(clock: &TestClock) -> Codec<T> {
    let codec = Codec::builder(ring(&[1])).clock(clock);
    codec.build().unwrap()
}

fn at_the_idle_limit<T: SecureSession>(value: &T) {
    let clock = TestClock::at(T0);
    let codec = codec::<T>(&clock);
    let text = codec.seal(value).unwrap();
    for (after, reason) in [
        (IDLE - 1, None),
        (IDLE, Some(Reason::Expired(Limit::Idle))),
        (IDLE + 1, Some(Reason::Expired(Limit::Idle))),
    ] {
        clock.set(T0 + after);
        assert_eq!(codec.open(&text).err(), reason, "{after} s");
    }
}

/// C31: alive a second before the idle limit, dead at it and a second after; in both formats.
#[test]
fn the_idle_limit_is_the_first_second_without_a_session() {
    at_the_idle_limit(&ada());
    at_the_idle_limit(&shared());
}

/// C31: in the fastify format the boundary is the peer's to the millisecond.
#[test]
fn the_last_millisecond_before_the_limit_belongs_to_a_fastify_session() {
    let clock = TestClock::at(T0);
    let codec = codec::<Shared>(&clock);
    let text = codec.seal(&shared()).unwrap();
    clock.set_millis((T0 + IDLE) * 1000 - 1);
    assert!(codec.open(&text).is_ok());
    clock.set_millis((T0 + IDLE) * 1000);
    assert!(codec.open(&text).is_err());
}

/// C32: activity at half the idle limit moves the idle clock each time and the absolute one never.
#[test]
fn activity_moves_the_idle_clock_and_never_the_absolute_one() {
    let server = Server::default();
    let mut jar = Jar::default();
    jar.take(&server.auth("", |auth| auth.sign_in()));
    for round in 1..2 * ABSOLUTE / IDLE {
        let now = T0 + round * IDLE / 2;
        server.clock.set(now);
        let answer = server.auth(&jar.header(), move |auth| match round % 3 {
            0 => auth.touch(),
            1 => auth.set_visits(u32::try_from(round).unwrap()),
            _ => assert!(auth.info().created_at().is_some()),
        });
        let stored = server.stored(&answer).unwrap();
        assert_eq!(
            (stored.created_at(), stored.seen_at()),
            (time(T0), time(now))
        );
        jar.take(&answer);
    }
    server.clock.set(T0 + ABSOLUTE);
    server.auth(&jar.header(), |auth| {
        assert_eq!(auth.info().reason(), Some(Reason::Expired(Limit::Absolute)));
    });
}

/// A server whose sessions have this idle limit.
fn idle_server(idle: u64) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let days = Duration::from_secs(400 * 86_400);
    let lifetime = Lifetime::new(Duration::from_secs(idle), days);
    let builder = builder.session_with::<Auth>(|policy| policy.lifetime(lifetime));
    Server::of(&TestClock::at(T0), builder.session::<Prefs>())
}

/// C32: a session that is only read, at any pace, ends after its last activity by at least nine
/// tenths of the idle limit and never by more than the whole.
#[test]
fn the_refresh_takes_at_most_a_tenth_of_the_idle_limit() {
    for idle in [10_u64, 60, 1800, 86_400, 30 * 86_400] {
        for pace in [1, 2, 3, 7, 10] {
            let gap = (idle / 10).div_ceil(pace).max(1);
            let server = idle_server(idle);
            let mut jar = Jar::default();
            jar.take(&server.auth("", |auth| auth.set_name("Ada")));
            for _ in 0..=pace * 3 {
                server.clock.set(server.clock.now() + gap);
                jar.take(&server.auth(&jar.header(), |auth| assert_eq!(auth.name(), "Ada")));
            }
            let last = server.clock.now();
            let header = jar.header();
            server.clock.set(last + idle - idle / 10 - 1);
            assert!(
                server.codec().open(value_of(&header)).is_ok(),
                "{idle} s, {gap} s: too early"
            );
            server.clock.set(last + idle);
            assert!(
                server.codec().open(value_of(&header)).is_err(),
                "{idle} s, {gap} s: late"
            );
        }
    }
}

/// C33: an explicit authentication restarts both limits under a new id and is noted; nothing else
/// does.
#[test]
fn only_an_explicit_authentication_restarts_both_limits() {
    let server = Server::default();
    let mut jar = Jar::default();
    jar.take(&server.auth("", |auth| auth.set_user_id(7)));
    let came = server.codec().open(value_of(&jar.header())).unwrap();
    let now = T0 + IDLE - 1;
    server.clock.set(now);
    let minute = Duration::from_secs(60);

    let others: [fn(&secure_session::Session<Auth>); 5] = [
        |auth| auth.set_visits(9),
        |auth| auth.touch(),
        |auth| auth.renew(),
        |auth| auth.regenerate(),
        |auth| auth.remember_for(Duration::from_secs(86_400)),
    ];
    for (index, other) in others.into_iter().enumerate() {
        let answer = server.auth(&jar.header(), move |auth| {
            other(auth);
            assert!(!auth.info().authenticated_within(minute), "{index}");
        });
        let stored = server.stored(&answer).unwrap();
        assert_eq!(stored.created_at(), time(T0), "{index}");
        assert_eq!(stored.authenticated_at(), None, "{index}");
    }

    let answer = server.auth(&jar.header(), move |auth| {
        assert!(!auth.info().authenticated_within(minute));
        auth.reauthenticate();
        assert!(auth.info().authenticated_within(minute));
        assert_eq!(auth.user_id(), Some(7), "the data stays");
    });
    let stored = server.stored(&answer).unwrap();
    assert_ne!(stored.id(), came.id());
    assert_eq!(
        (stored.created_at(), stored.seen_at()),
        (time(now), time(now))
    );
    assert_eq!(stored.authenticated_at(), Some(time(now)));
    assert_eq!(stored.expires_at(&server.codec()), time(now + IDLE));
    jar.take(&answer);
    server.clock.set(now + 60);
    server.auth(&jar.header(), move |auth| {
        assert!(auth.info().authenticated_within(minute));
        assert!(!auth.info().authenticated_within(Duration::from_secs(59)));
    });
}

/// C35: lifetimes without sense are refused; to do without an idle limit takes the word `None`.
#[test]
fn lifetimes_without_sense_are_refused_and_no_idle_limit_has_to_be_said() {
    let seconds = Duration::from_secs;
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let build = |change: fn(Policy) -> Policy| {
        let builder = SessionMiddleware::builder(ring(&[1]));
        builder.session_with::<Auth>(change).build()
    };
    let refused: [fn(Policy) -> Policy; 8] = [
        |p| p.idle(Duration::ZERO),
        |p| p.idle(Duration::from_secs(12 * 3600 + 1)),
        |p| p.absolute(Duration::ZERO),
        |p| p.absolute(Duration::from_secs(400 * 86_400 + 1)),
        |p| p.absolute(Duration::MAX),
        |p| p.idle(Duration::MAX).absolute(Duration::MAX),
        |p| {
            p.lifetime(Lifetime::new(
                Duration::from_secs(2),
                Duration::from_secs(1),
            ))
        },
        |p| p.refresh(Duration::from_secs(1800)),
    ];
    for (index, change) in refused.into_iter().enumerate() {
        assert!(build(change).is_err(), "{index}");
    }
    assert!(build(|p| p.idle(None)).is_ok());
    assert!(build(|p| p.idle(Duration::from_secs(12 * 3600))).is_ok());
    assert!(build(|p| p.idle(None).absolute(Duration::from_secs(400 * 86_400))).is_ok());

    let presets = [
        (Lifetime::aal1(), days(30), days(30)),
        (Lifetime::aal2(), seconds(30 * 60), seconds(12 * 3600)),
        (Lifetime::aal3(), seconds(15 * 60), seconds(12 * 3600)),
    ];
    for (preset, idle, absolute) in presets {
        assert_eq!((preset.idle(), preset.absolute()), (Some(idle), absolute));
    }
    assert_eq!(Lifetime::default(), Lifetime::aal2());
    let codec = codec::<Auth>(&TestClock::at(T0));
    let session = codec.begin(ada()).unwrap();
    assert_eq!(
        session.expires_at(&codec),
        time(T0 + IDLE),
        "the default is aal2"
    );
}

/// C36: whatever the clock says, a request is answered; a time beyond the skew is no session, and no
/// cookie written meanwhile outlives the limits of a right clock.
#[test]
fn no_time_of_the_clock_makes_a_request_fail() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let i64_limit = i64::MAX.unsigned_abs();
    let rows = [
        (T0 - 3600, Some(Reason::Malformed)),
        (T0 - 61, Some(Reason::Malformed)),
        (T0 - 60, None),
        (T0 + TEN_YEARS, Some(Reason::Expired(Limit::Absolute))),
        // What the platform's clock shows before 1970.
        (0, Some(Reason::Malformed)),
        (1, Some(Reason::Malformed)),
        (u64::from(u32::MAX), Some(Reason::Expired(Limit::Absolute))),
        ((1 << 40) - 1, Some(Reason::Expired(Limit::Absolute))),
        (1 << 40, Some(Reason::Expired(Limit::Absolute))),
        (i64_limit / 1000, Some(Reason::Expired(Limit::Absolute))),
        (i64_limit, Some(Reason::Expired(Limit::Absolute))),
        (u64::MAX, Some(Reason::Expired(Limit::Absolute))),
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
                let limits = [Limit::Idle, Limit::Absolute].map(Reason::Expired);
                let is_expired =
                    |reason: Option<Reason>| reason.is_some_and(|r| limits.contains(&r));
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

/// C36: at the end of all times the cookie of now is read now.
#[test]
fn a_session_made_at_the_end_of_all_times_is_over_or_alive_and_no_failure() {
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
        // The clock of the limits stands at the last time, so they never pass.
        server.clock.set(now.saturating_add(IDLE));
        assert_eq!(
            server.auth(&jar.header(), |auth| auth.touch()).status,
            200,
            "{now}"
        );
    }
}

/// C36: a clock that is set back an hour and right again ends no session for good.
#[test]
fn a_clock_that_jumps_back_and_forth_ends_no_session_for_good() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    server.clock.set(T0 - 3600);
    let answer = server.auth(&cookie, |auth| assert_eq!(auth.name(), ""));
    assert!(
        answer.set_cookies().is_empty(),
        "a cookie that does not open is left alone"
    );
    server.clock.set(T0 + 1);
    server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada"));
}

/// C36: two servers half a minute apart serve one visitor in turn; the session ends by the absolute
/// limit and the difference, however it goes to and fro.
#[test]
fn two_servers_a_minute_apart_serve_one_visitor_and_add_no_life() {
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
