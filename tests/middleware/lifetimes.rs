//! Both limits at their edges, through whole requests whose cookies are sent with the next request.

use std::time::{Duration, UNIX_EPOCH};

use actix_secure_session_tests::{
    ABSOLUTE, Auth, AuthField, IDLE, Prefs, REFRESH, T0, ada,
    app::{Jar, Server},
    ring,
};
use secure_session::{
    ExpiryLimit, RejectReason, Session, SessionMiddleware, SessionOrigin,
    test_util::{RequestCookie, TestClock},
};

const DAY: u64 = 86_400;

fn origin_at(server: &Server, cookie: &str, time: u64) -> (SessionOrigin, Option<RejectReason>) {
    server.clock.set(time);
    let seen = std::rc::Rc::new(std::cell::Cell::new(None));
    let in_handler = std::rc::Rc::clone(&seen);
    server.auth(cookie, move |auth| {
        in_handler.set(Some((auth.info().origin(), auth.info().reason())));
    });
    seen.take().unwrap()
}

/// C31.
#[test]
fn session_is_expired_at_exactly_its_idle_limit() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let expired = (
        SessionOrigin::Expired,
        Some(RejectReason::Expired(ExpiryLimit::Idle)),
    );
    assert_eq!(
        origin_at(&server, &cookie, T0 + IDLE - 1),
        (SessionOrigin::Restored, None)
    );
    assert_eq!(origin_at(&server, &cookie, T0 + IDLE), expired);
    assert_eq!(origin_at(&server, &cookie, T0 + IDLE + 1), expired);
}

/// C32.
#[test]
fn session_that_is_only_read_is_refreshed_after_a_tenth_of_idle() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let read = |auth: &Session<Auth>| assert_eq!(auth.name(), "Ada");
    server.clock.set(T0 + REFRESH - 1);
    assert!(server.auth(&cookie, read).set_cookies().is_empty());
    server.clock.set(T0 + REFRESH);
    let stored = server.stored(&server.auth(&cookie, read)).unwrap();
    let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    assert_eq!(stored.seen_at(), time(T0 + REFRESH));
    assert_eq!(stored.created_at(), time(T0));
    let silent = server.auth(&cookie, |auth| {
        auth.without_activity();
        assert_eq!(auth.name(), "Ada");
    });
    assert!(
        silent.set_cookies().is_empty(),
        "without_activity is no activity"
    );
}

/// The time of the extraction counts, also for the recorded activity.
#[test]
fn slow_request_is_checked_and_recorded_at_its_extraction() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let read_after = |begin: u64, seconds: u64| {
        let clock = server.clock.clone();
        clock.set(begin);
        server.auth(&cookie, move |auth| {
            clock.set(begin + seconds);
            assert_eq!(auth.name(), "Ada");
            assert_eq!(auth.info().origin(), SessionOrigin::Restored);
        })
    };
    for seconds in [0, 1, 600] {
        let answer = read_after(T0 + REFRESH - 1, seconds);
        assert!(answer.set_cookies().is_empty(), "{seconds}");
    }
    let arrived = T0 + IDLE - 60;
    let answer = read_after(arrived, 120);
    let stored = server.stored(&answer).unwrap();
    assert_eq!(stored.seen_at(), UNIX_EPOCH + Duration::from_secs(arrived));
}

#[test]
fn session_that_expires_during_a_request_is_only_removed() {
    let server = Server::default();
    let cookie = RequestCookie::of(&server.codec(), &ada()).age(Duration::from_secs(ABSOLUTE - 1));
    let steps: [(fn(&Session<Auth>), usize); 5] = [
        (|auth| assert_eq!(auth.name(), "Ada"), 0),
        (|auth| auth.set_visits(9), 0),
        (Session::touch, 0),
        (Session::sign_in, 1),
        (Session::destroy, 1),
    ];
    for (index, (step, sent)) in steps.into_iter().enumerate() {
        let clock = server.clock.clone();
        clock.set(T0);
        let answer = server.auth(&cookie.pair(), move |auth| {
            step(auth);
            clock.set(T0 + 2);
        });
        assert_eq!(answer.set_cookies().len(), sent, "step {index}");
    }
}

#[test]
fn new_session_has_an_expiry_once_it_will_be_sent() {
    Server::default().auth("", |auth| {
        assert_eq!(auth.info().expires_at(), None);
        auth.touch();
        let end = UNIX_EPOCH + Duration::from_secs(T0 + IDLE);
        assert_eq!(auth.info().expires_at(), Some(end));
    });
}

/// xorshift, for a reproducible sequence.
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// C32, C70: this is also how long a thief can use a copied cookie.
#[test]
fn no_mix_of_200_calls_moves_the_absolute_expiry() {
    let clock = TestClock::at(T0);
    let mut sequence = Sequence(0x9e37_79b9_7f4a_7c15);
    let builder = |keys| {
        SessionMiddleware::builder(ring(keys))
            .session_with::<Auth>(|policy| policy.persistent(true))
            .session::<Prefs>()
    };
    let servers = [
        Server::of(&clock, builder(&[1, 2])),
        Server::of(&clock, builder(&[2, 1])),
    ];
    let end = T0 + ABSOLUTE;
    let mut jar = Jar::default();
    jar.take(&servers[0].auth("", |auth| auth.sign_in()));
    let mut sent = 0;
    for call in 1..=200 {
        clock.set(T0 + call * ABSOLUTE / 201);
        let verb = sequence.below(6);
        let server = &servers[usize::try_from(sequence.below(2)).unwrap()];
        let answer = server.auth(&jar.header(), move |auth| {
            assert_eq!(auth.info().origin(), SessionOrigin::Restored, "call {call}");
            match verb {
                0 => auth.touch(),
                1 => auth.set_visits(u32::try_from(call).unwrap()),
                2 => auth.regenerate(),
                3 => auth.regenerate_keeping(&[AuthField::Visits]),
                4 => {
                    let shorter = |cookie: secure_session::policy::CookieOptions| {
                        cookie.max_age(Duration::from_secs(1))
                    };
                    auth.cookie_options(shorter).unwrap();
                    auth.touch();
                }
                _ => assert_eq!(auth.name(), ""),
            }
        });
        for cookie in answer.set_cookies() {
            let left = i64::try_from(end - clock.now()).unwrap();
            assert!(
                cookie.max_age().unwrap() <= left,
                "call {call}: {}",
                cookie.text
            );
            sent += 1;
        }
        if let Some(stored) = server.stored(&answer) {
            assert_eq!(stored.created_at(), UNIX_EPOCH + Duration::from_secs(T0));
            assert!(stored.expires_at(&server.codec()) <= UNIX_EPOCH + Duration::from_secs(end));
        }
        jar.take(&answer);
    }
    assert!(sent > 100, "only {sent} cookies were sent");
    assert_eq!(
        origin_at(&servers[0], &jar.header(), end - 1).0,
        SessionOrigin::Restored
    );
    let expired = (
        SessionOrigin::Expired,
        Some(RejectReason::Expired(ExpiryLimit::Absolute)),
    );
    assert_eq!(origin_at(&servers[0], &jar.header(), end), expired);
}

/// C33.
#[test]
fn authenticated_within_counts_from_the_last_authentication() {
    let server = Server::default();
    let mut jar = Jar::default();
    let within = |seconds| Duration::from_secs(seconds);
    jar.take(&server.auth("", move |auth| {
        auth.touch();
        assert!(!auth.info().authenticated_within(within(DAY)));
        auth.sign_in();
        assert!(auth.info().authenticated_within(within(0)));
    }));
    server.clock.set(T0 + 100);
    jar.take(&server.auth(&jar.header(), move |auth| {
        assert!(auth.info().authenticated_within(within(100)));
        assert!(!auth.info().authenticated_within(within(99)));
        auth.set_visits(1);
        auth.touch();
        auth.remember_for(within(DAY));
        assert!(!auth.info().authenticated_within(within(99)));
    }));
    server.clock.set(T0 + 200);
    jar.take(&server.auth(&jar.header(), move |auth| {
        assert!(auth.info().authenticated_within(within(200)));
        assert!(!auth.info().authenticated_within(within(199)));
        auth.reauthenticate();
        assert!(auth.info().authenticated_within(within(0)));
    }));
    jar.take(&server.auth(&jar.header(), move |auth| {
        assert!(auth.info().authenticated_within(within(0)));
        auth.regenerate();
        assert!(!auth.info().authenticated_within(within(DAY)));
    }));
    server.auth(&jar.header(), move |auth| {
        assert!(!auth.info().authenticated_within(within(DAY)));
    });
}

#[test]
fn remember_for_survives_writes_new_ids_and_key_rotation() {
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &[1]);
    let end = T0 + 30 * DAY;
    let mut jar = Jar::default();
    let answer = server.auth("", |auth| {
        auth.sign_in();
        auth.remember_for(Duration::from_secs(30 * DAY));
    });
    assert_eq!(answer.set_cookies()[0].max_age(), Some(30 * 86_400));
    jar.take(&answer);

    let steps: [(&[u8], fn(&Session<Auth>)); 5] = [
        (&[1], |auth| auth.set_visits(1)),
        (&[2, 1], |auth| assert_eq!(auth.visits(), 1)),
        (&[2, 1], |auth| auth.regenerate()),
        (&[2, 1], |auth| auth.reauthenticate()),
        (&[2, 1], |auth| auth.touch()),
    ];
    for (step, (keys, change)) in (1..).zip(steps) {
        clock.set(T0 + step * 4 * DAY);
        let server = Server::at(&clock, keys);
        let answer = server.auth(&jar.header(), change);
        let cookie = &answer.set_cookies()[0];
        let left = i64::try_from(end - clock.now()).unwrap();
        assert_eq!(cookie.max_age(), Some(left), "step {step}");
        jar.take(&answer);
    }
    let server = Server::at(&clock, &[2]);
    assert_eq!(
        origin_at(&server, &jar.header(), end - 1).0,
        SessionOrigin::Restored
    );
    let expired = (
        SessionOrigin::Expired,
        Some(RejectReason::Expired(ExpiryLimit::Absolute)),
    );
    assert_eq!(origin_at(&server, &jar.header(), end), expired);
}

#[test]
fn sign_in_and_destroy_end_a_remembered_login() {
    let verbs: [fn(&Session<Auth>); 2] = [
        |auth| auth.sign_in(),
        |auth| {
            auth.destroy();
            auth.set_visits(1);
        },
    ];
    for verb in verbs {
        let server = Server::default();
        let mut jar = Jar::default();
        jar.take(&server.auth("", |auth| auth.remember_for(Duration::from_secs(30 * DAY))));
        let answer = server.auth(&jar.header(), verb);
        assert_eq!(answer.set_cookies()[0].max_age(), None);
        jar.take(&answer);
        assert_eq!(
            origin_at(&server, &jar.header(), T0 + IDLE).0,
            SessionOrigin::Expired
        );
    }
}
