//! A native session that takes over sessions of the Node package.

use std::time::Duration;

use actix_secure_session_tests::app::Answer;
use actix_web::http::StatusCode;
use secure_session::{
    KeyRing, SecureSession, Session, SessionMiddleware, SessionOrigin,
    codec::Codec,
    policy::{FastifyMigration, Lifetime},
    test_util::TestClock,
};

use crate::support::{Visitor, key, request};

const T0: u64 = 1_800_000_000;
const EXPIRY: u64 = 3600;

/// The application after the migration.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "__Host-auth", idle = "2h", absolute = "12h")]
struct Auth {
    user: Option<String>,
    n: Option<u32>,
}

fn old_key() -> secure_session::Key {
    key(&"0f1e".repeat(16))
}

fn native_key() -> secure_session::Key {
    key(&"a5b6".repeat(16))
}

/// The codec with which the Node application creates its cookies.
fn old_codec(clock: &TestClock) -> Codec<Visitor> {
    let codec = Codec::builder(old_key()).clock(clock);
    codec.build().unwrap()
}

fn old_cookie(clock: &TestClock) -> String {
    let alice = Visitor {
        user: Some("alice".to_owned()),
        n: Some(1),
        a: None,
        b: None,
        mine: None,
    };
    format!("session={}", old_codec(clock).seal(&alice).unwrap())
}

fn server(clock: &TestClock) -> SessionMiddleware {
    server_with(clock, |former| former)
}

fn server_with(
    clock: &TestClock,
    change: impl FnOnce(FastifyMigration) -> FastifyMigration,
) -> SessionMiddleware {
    let former = FastifyMigration {
        expiry: Duration::from_secs(EXPIRY),
        ..FastifyMigration::new(old_key())
    };
    SessionMiddleware::builder(native_key())
        .session_with::<Auth>(|policy| policy.migrate_from_fastify(change(former)))
        .clock(clock)
        .build()
        .unwrap()
}

fn send(
    server: &SessionMiddleware,
    cookies: &str,
    handler: impl Fn(&Session<Auth>) + 'static,
) -> Answer {
    let cookies = (!cookies.is_empty()).then_some(cookies);
    request::<Auth>(server, cookies, move |session| {
        handler(session);
        StatusCode::OK
    })
}

/// The cookies of a browser, each as `name=value`.
struct Browser(Vec<String>);

impl Browser {
    fn header(&self) -> String {
        self.0.join("; ")
    }

    fn take(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let name = format!("{}=", cookie.name);
            self.0.retain(|pair| !pair.starts_with(&name));
            if !cookie.is_removal() {
                self.0.push(name + &cookie.value);
            }
        }
    }
}

/// The names of the cookies after the response to a request with these.
fn jar(cookies: &str, answer: &Answer) -> Vec<String> {
    let mut browser = Browser(cookies.split("; ").map(str::to_owned).collect());
    browser.take(answer);
    let names = browser.0.iter().map(|pair| pair.split('=').next());
    names
        .map(|name| name.unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn first_request_migrates_a_visitor_and_leaves_one_cookie() {
    let clock = TestClock::at(T0);
    let cookie = old_cookie(&clock);
    clock.set(T0 + 600);
    let server = server(&clock);
    let answer = send(&server, &cookie, |auth| {
        assert_eq!((auth.user(), auth.n()), (Some("alice"), Some(1)));
        assert_eq!(auth.info().origin(), SessionOrigin::Restored);
    });
    assert_eq!(jar(&cookie, &answer), ["__Host-auth"]);
    let sent = answer.cookie("__Host-auth").unwrap();
    let codec: Codec<Auth> = server.codec().unwrap();
    let opened = codec.open(&sent.value).unwrap();
    assert_eq!(opened.user.as_deref(), Some("alice"));
    let issued = std::time::UNIX_EPOCH + Duration::from_secs(T0);
    assert_eq!(
        opened.created_at(),
        issued,
        "the time of issue is that of creation"
    );

    let native = format!("__Host-auth={}", sent.value);
    let answer = send(&server, &native, |auth| {
        assert_eq!(auth.user(), Some("alice"));
    });
    assert!(answer.set_cookies().is_empty(), "nothing is left to do");
}

#[test]
fn request_that_does_not_open_the_session_keeps_the_old_cookie() {
    let clock = TestClock::at(T0);
    let answer = send(&server(&clock), &old_cookie(&clock), |_| ());
    assert!(answer.set_cookies().is_empty());
}

#[test]
fn old_expiry_applies_until_the_session_is_migrated() {
    let clock = TestClock::at(T0);
    let cookie = old_cookie(&clock);
    // The second server has the default of the Node package.
    for (server, expiry) in [
        (server(&clock), EXPIRY),
        (
            server_with(&clock, |former| FastifyMigration::new(former.keys)),
            86_401,
        ),
    ] {
        for (age, user, origin) in [
            (expiry - 1, Some("alice"), SessionOrigin::Restored),
            (expiry, None, SessionOrigin::Expired),
        ] {
            clock.set(T0 + age);
            send(&server, &cookie, move |auth| {
                assert_eq!(auth.user(), user, "after {age} s");
                assert_eq!(auth.info().origin(), origin, "after {age} s");
            });
        }
    }
}

#[test]
fn old_expiry_beyond_the_native_limit_is_kept() {
    let clock = TestClock::at(T0);
    let cookie = old_cookie(&clock);
    let week = 7 * 86_400;
    let server = server_with(&clock, |former| FastifyMigration {
        expiry: Duration::from_secs(week),
        ..former
    });
    clock.set(T0 + week - 10);
    let answer = send(&server, &cookie, |auth| {
        assert_eq!(auth.user(), Some("alice"));
    });
    let native = format!(
        "__Host-auth={}",
        answer.cookie("__Host-auth").unwrap().value
    );
    for (time, user) in [(T0 + week - 1, Some("alice")), (T0 + week, None)] {
        clock.set(time);
        send(&server, &native, move |auth| assert_eq!(auth.user(), user));
    }
}

#[test]
fn native_cookie_wins_over_an_old_one_which_is_removed() {
    let clock = TestClock::at(T0);
    let server = server(&clock);
    let codec: Codec<Auth> = server.codec().unwrap();
    let bob = Auth {
        user: Some("bob".to_owned()),
        n: None,
    };
    let both = format!(
        "{}; __Host-auth={}",
        old_cookie(&clock),
        codec.seal(&bob).unwrap()
    );
    let answer = send(&server, &both, |auth| {
        assert_eq!(auth.user(), Some("bob"));
        auth.set_n(2);
    });
    assert_eq!(jar(&both, &answer), ["__Host-auth"]);
    let answer = send(&server, &both, |auth| assert_eq!(auth.user(), Some("bob")));
    let names: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
    assert_eq!(
        names,
        ["session"],
        "removed by a request that only reads, too"
    );
}

#[test]
fn invalid_native_cookie_does_not_hide_an_old_one() {
    let clock = TestClock::at(T0);
    let both = format!("__Host-auth=junk; {}", old_cookie(&clock));
    send(&server(&clock), &both, |auth| {
        assert_eq!(auth.user(), Some("alice"));
    });
}

#[test]
fn old_cookie_of_an_unknown_key_is_ignored() {
    let clock = TestClock::at(T0);
    let server = server_with(&clock, |former| FastifyMigration {
        keys: KeyRing::new(key(&"1234".repeat(16))),
        ..former
    });
    send(&server, &old_cookie(&clock), |auth| {
        assert_eq!(auth.user(), None);
    });
}

#[test]
fn old_cookie_is_ignored_without_the_option() {
    let clock = TestClock::at(T0);
    let sessions = SessionMiddleware::builder(old_key()).session::<Auth>();
    let server = sessions.clock(&clock).build().unwrap();
    let answer = send(&server, &old_cookie(&clock), |auth| {
        assert_eq!(
            (auth.user(), auth.info().origin()),
            (None, SessionOrigin::New)
        );
    });
    assert!(answer.set_cookies().is_empty());
}

#[test]
fn one_key_can_serve_the_old_and_the_native_cookie() {
    let clock = TestClock::at(T0);
    let sessions = SessionMiddleware::builder(old_key());
    let server = sessions
        .session_with::<Auth>(|policy| {
            policy.migrate_from_fastify(FastifyMigration::new(old_key()))
        })
        .clock(&clock)
        .build()
        .unwrap();
    let cookie = old_cookie(&clock);
    let answer = send(&server, &cookie, |auth| {
        assert_eq!(auth.user(), Some("alice"));
    });
    let native = answer.cookie("__Host-auth").unwrap().value;
    assert!(
        old_codec(&clock).open(&native).is_err(),
        "the native key is another"
    );
    let as_native = cookie.replace("session=", "__Host-auth=");
    send(&server, &as_native, |auth| assert_eq!(auth.user(), None));
}

#[test]
fn old_cookie_is_removed_with_its_domain_and_path() {
    let clock = TestClock::at(T0);
    let server = server_with(&clock, |former| FastifyMigration {
        path: "/app".to_owned(),
        domain: Some("example.com".to_owned()),
        ..former
    });
    let answer = send(&server, &old_cookie(&clock), |auth| auth.touch());
    let old = answer.cookie("session").unwrap();
    assert!(old.is_removal());
    assert_eq!(
        (&*old.attributes["path"], &*old.attributes["domain"]),
        ("/app", "example.com")
    );
    let answer = send(&self::server(&clock), &old_cookie(&clock), |auth| {
        auth.touch();
    });
    let old = answer.cookie("session").unwrap();
    assert_eq!(old.attributes["path"], "/");
    assert!(!old.attributes.contains_key("domain"));
}

/// The next request of a browser, with the cookies that it has at that time.
const REQUESTS: [(&str, fn(&Session<Auth>)); 6] = [
    ("ignore", |_| ()),
    ("read", |auth| drop(auth.user().map(str::to_owned))),
    ("write", |auth| {
        auth.update_n(|n| *n = Some(n.unwrap_or_default() + 1));
    }),
    ("touch", |auth| auth.touch()),
    ("regenerate", |auth| {
        auth.regenerate_keeping(&[AuthField::User]);
    }),
    ("logout", |auth| auth.destroy()),
];

#[test]
fn no_order_of_requests_restores_the_old_login_after_a_logout() {
    const LENGTH: u32 = 4;
    let kinds = REQUESTS.len();
    let clock = TestClock::at(T0);
    let cookie = old_cookie(&clock);
    let mut logged_out = 0;
    for number in 0..kinds.pow(LENGTH) {
        let order = (0..LENGTH).map(|place| REQUESTS[number / kinds.pow(place) % kinds]);
        let order: Vec<_> = order.collect();
        let names: Vec<&str> = order.iter().map(|(name, _)| *name).collect();
        clock.set(T0);
        let server = server(&clock);
        let mut browser = Browser(vec![cookie.clone()]);
        let mut is_in = true;
        for (name, handler) in order {
            clock.advance(Duration::from_secs(60));
            browser.take(&send(&server, &browser.header(), handler));
            is_in &= name != "logout";
            let user = is_in.then_some("alice");
            let told = format!("{names:?} after {name}");
            send(&server, &browser.header(), move |auth| {
                assert_eq!(auth.user(), user, "{told}");
            });
            let cookies = browser.header();
            assert!(
                is_in || !cookies.contains("session="),
                "{names:?}: {cookies}"
            );
            assert!(
                name != "logout" || cookies.is_empty(),
                "{names:?}: {cookies}"
            );
        }
        logged_out += u32::from(!is_in);
    }
    assert!(logged_out > 600, "{logged_out} orders had a logout");
}

#[test]
fn sign_in_over_an_old_session_drops_all_of_it() {
    let clock = TestClock::at(T0);
    let cookie = old_cookie(&clock);
    let server = server(&clock);
    let answer = send(&server, &cookie, |auth| {
        auth.sign_in();
        auth.set_user("bob");
    });
    assert_eq!(jar(&cookie, &answer), ["__Host-auth"]);
    let codec: Codec<Auth> = server.codec().unwrap();
    let opened = codec
        .open(answer.cookie("__Host-auth").unwrap().value)
        .unwrap();
    assert_eq!((opened.user.as_deref(), opened.n), (Some("bob"), None));
    assert_eq!(opened.unknown_members().count(), 0);
}

#[test]
fn unknown_members_are_migrated_but_the_timestamp_is_not() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth")]
    struct Less {
        n: Option<u32>,
    }
    let clock = TestClock::at(T0);
    let server = SessionMiddleware::builder(native_key())
        .session_with::<Less>(|policy| {
            let lifetime = Lifetime::aal2();
            policy
                .lifetime(lifetime)
                .migrate_from_fastify(FastifyMigration::new(old_key()))
        })
        .clock(&clock)
        .build()
        .unwrap();
    let answer = request::<Less>(&server, Some(&old_cookie(&clock)), |session| {
        assert_eq!(session.n(), Some(1));
        StatusCode::OK
    });
    let codec: Codec<Less> = server.codec().unwrap();
    let opened = codec
        .open(answer.cookie("__Host-auth").unwrap().value)
        .unwrap();
    assert_eq!(opened.unknown_members().collect::<Vec<_>>(), ["user"]);
}
