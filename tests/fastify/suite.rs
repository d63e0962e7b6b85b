//! Cases of the Node package's test suite that no recorded request covers, in typed form.
//! `manual.rs` checks that `SUITE.md` lists all cases.

use std::time::Duration;

use actix_secure_session_tests::{
    app::{Answer, block_on},
    logs::Logs,
};
use actix_web::{
    App, HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header::COOKIE},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    RejectReason, SecureSession, Session, SessionMiddleware,
    codec::{Codec, Fastify},
    policy::Policy,
    test_util::TestClock,
};
use tracing::Level;

use crate::{
    file::recorded,
    support::{Anything, Members, Visitor, VisitorField, key, plaintext, request},
};

const T0: u64 = 1_800_000_000;
const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe";
const OTHER: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

fn middleware<T: SecureSession<Format = Fastify>>(
    clock: &TestClock,
    change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
) -> SessionMiddleware {
    SessionMiddleware::builder(key(KEY))
        .session_with::<T>(change)
        .clock(clock)
        .build()
        .unwrap()
}

fn send<T: SecureSession>(
    sessions: &SessionMiddleware,
    cookies: &str,
    handler: impl Fn(&Session<T>) + 'static,
) -> Answer {
    request::<T>(
        sessions,
        Some(cookies).filter(|cookies| !cookies.is_empty()),
        move |session| {
            handler(session);
            StatusCode::OK
        },
    )
}

/// The cookie of a session that a first request creates.
fn begun(sessions: &SessionMiddleware) -> String {
    pair(&send::<Visitor>(sessions, "", |session| {
        session.set_user("alice");
    }))
}

/// The cookie that a response sets, for the next request.
fn pair(answer: &Answer) -> String {
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1);
    format!("{}={}", cookies[0].name, cookies[0].value)
}

#[test]
fn timestamp_is_never_in_the_data() {
    let clock = TestClock::at(T0);
    let server = middleware::<Anything>(&clock, |policy| policy);
    let answer = send::<Anything>(&server, "", |session| {
        session.update_members(|members| {
            members.insert("one".to_owned(), 1.into());
        });
    });
    let cookie = answer.cookie("session").expect("the default name");
    let stored = Members::of(&plaintext(&cookie.value, KEY));
    assert_eq!(stored.names(), ["__ts", "one"]);
    send::<Anything>(&server, &pair(&answer), |session| {
        assert_eq!(session.members().len(), 1);
        assert_eq!(session.members()["one"], 1);
    });
    let server = middleware::<Visitor>(&clock, |policy| policy);
    let codec: Codec<Visitor> = server.codec().unwrap();
    let opened = codec.open(&cookie.value).unwrap();
    assert_eq!(opened.unknown_members().collect::<Vec<_>>(), ["one"]);
}

#[test]
fn session_info_shows_changes_and_destruction() {
    let server = middleware::<Visitor>(&TestClock::at(T0), |policy| policy);
    let first = send::<Visitor>(&server, "", |session| {
        assert!(!session.info().is_changed());
        session.set_user("alice");
        assert!(session.info().is_changed());
        assert_eq!(session.info().changed_fields(), [VisitorField::User]);
    });
    send::<Visitor>(&server, &pair(&first), |session| {
        assert_eq!(session.user(), Some("alice"));
        assert!(!session.info().is_changed());
        assert!(!session.info().is_destroyed());
        session.destroy();
        assert!(session.info().is_destroyed());
        assert_eq!(session.user(), None);
    });
}

#[test]
fn session_expires_after_a_day_and_a_second_by_default() {
    let clock = TestClock::at(T0);
    let server = middleware::<Visitor>(&clock, |policy| policy.refresh(None));
    let cookie = begun(&server);
    for (age, user) in [(86_400, Some("alice")), (86_401, None)] {
        clock.set(T0 + age);
        send::<Visitor>(&server, &cookie, move |session| {
            assert_eq!(session.user(), user, "after {age} s");
        });
    }
}

#[test]
fn new_cookie_has_a_new_lifetime_and_the_old_one_keeps_its_own() {
    let changes: [fn(&Session<Visitor>); 2] = [|s| s.touch(), |s| s.set_n(2)];
    for change in changes {
        let clock = TestClock::at(T0);
        let server = middleware::<Visitor>(&clock, |policy| policy.idle(Duration::from_secs(900)));
        let old = begun(&server);
        clock.set(T0 + 899);
        let new = pair(&send::<Visitor>(&server, &old, change));
        clock.set(T0 + 900);
        send::<Visitor>(&server, &new, |session| {
            assert_eq!(session.user(), Some("alice"));
        });
        send::<Visitor>(&server, &old, |session| assert_eq!(session.user(), None));
    }
}

#[test]
fn active_session_that_is_only_read_is_sent_again_in_time() {
    // Not in the suite: the Node package renews only written sessions, so a visitor who only reads
    // is logged out.
    let clock = TestClock::at(T0);
    let server = middleware::<Visitor>(&clock, |policy| policy.idle(Duration::from_secs(3600)));
    let cookie = begun(&server);
    for (age, cookies) in [(359, 0), (360, 1)] {
        clock.set(T0 + age);
        let answer = send::<Visitor>(&server, &cookie, |session| {
            assert_eq!(session.user(), Some("alice"));
        });
        assert_eq!(answer.set_cookies().len(), cookies, "after {age} s");
    }
}

#[test]
fn short_and_random_values_are_rejected_and_the_log_says_why() {
    for (name, reason) in [
        ("cipher-15-bytes", RejectReason::Malformed),
        ("cipher-16-bytes", RejectReason::Forged),
    ] {
        let vector = recorded().vector(name);
        let server = vector.middleware::<Visitor>();
        let (answer, logs) = Logs::of(|| {
            send::<Visitor>(&server, &vector.cookie_header, move |session| {
                assert_eq!(session.info().reason(), Some(reason));
            })
        });
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        let told = logs.at(Level::DEBUG).join("\n");
        assert!(told.contains(&format!("reason={reason}")), "{name}: {told}");
        for level in [Level::ERROR, Level::WARN, Level::INFO] {
            assert!(logs.at(level).is_empty(), "{name}: nothing above debug");
        }
    }
}

#[test]
fn other_cookies_of_the_handler_survive_next_to_the_session() {
    let sessions = middleware::<Visitor>(&TestClock::at(T0), |policy| policy);
    let route = web::to(|session: Session<Visitor>| {
        session.set_user("alice");
        let theirs = Cookie::new("other", "signed-by-somebody-else");
        async { HttpResponse::Ok().cookie(theirs).finish() }
    });
    let answer = block_on(async {
        let app = App::new().wrap(sessions.clone()).route("/", route);
        let app = init_service(app).await;
        let request = TestRequest::get().insert_header((COOKIE, "other=1; session=junk"));
        Answer::of(call_service(&app, request.to_request()).await).await
    });
    assert_eq!(answer.set_cookies().len(), 2);
    assert_eq!(
        answer.cookie("other").unwrap().value,
        "signed-by-somebody-else"
    );
    let session = answer.cookie("session").unwrap().value;
    let cookies = format!("other=2; session={session}");
    send::<Visitor>(&sessions, &cookies, |session| {
        assert_eq!(session.user(), Some("alice"));
    });
}

#[derive(SecureSession)]
#[session(format = "fastify", cookie = "second", secure = false)]
struct Second {
    text: Option<String>,
}

#[test]
fn two_sessions_keep_names_attributes_and_data_apart() {
    let sessions = SessionMiddleware::builder(key(KEY))
        .session_with::<Visitor>(|policy| policy.cookie("first").persistent(true))
        .session_with::<Second>(|policy| {
            let policy = policy.keys(key(OTHER)).domain("example.com");
            policy.idle(Duration::from_secs(900)).persistent(true)
        })
        .clock(&TestClock::at(T0))
        .build()
        .unwrap();
    let both = |cookies: String, handler: fn(&Session<Visitor>, &Session<Second>)| {
        let route = web::to(move |one: Session<Visitor>, two: Session<Second>| {
            handler(&one, &two);
            async { HttpResponse::NoContent().finish() }
        });
        block_on(async {
            let app = App::new().wrap(sessions.clone()).route("/", route);
            let app = init_service(app).await;
            let request = TestRequest::get().insert_header((COOKIE, cookies));
            let answer = Answer::of(call_service(&app, request.to_request()).await).await;
            assert_eq!(
                answer.status,
                StatusCode::NO_CONTENT,
                "the handler was called"
            );
            answer
        })
    };
    let answer = both("other=1".to_owned(), |one, two| {
        one.set_user("alice");
        two.set_text("basket");
    });
    let [one, two] = ["first", "second"].map(|name| answer.cookie(name).unwrap());
    assert_eq!((one.max_age(), two.max_age()), (Some(86_401), Some(900)));
    assert_eq!(two.attributes["domain"], "example.com");
    assert!(!one.attributes.contains_key("domain"));
    let cookies = format!("first={}; second={}", one.value, two.value);
    let answer = both(cookies, |one, two| {
        assert_eq!((one.user(), two.text()), (Some("alice"), Some("basket")));
        one.set_n(1);
        two.destroy();
    });
    assert!(!answer.cookie("first").unwrap().is_removal());
    assert!(answer.cookie("second").unwrap().is_removal());
    let swapped = format!("first={}; second={}", two.value, one.value);
    both(swapped, |one, two| {
        let reasons = [one.info().reason(), two.info().reason()];
        assert_eq!(reasons, [Some(RejectReason::Forged); 2]);
    });
}

#[test]
fn two_sessions_under_one_key_need_an_explicit_opt_in() {
    let build = |change: fn(Policy<Fastify>) -> Policy<Fastify>| {
        SessionMiddleware::builder(key(KEY))
            .session_with::<Visitor>(change)
            .session_with::<Second>(change)
            .build()
    };
    let err = build(|policy| policy).unwrap_err().to_string();
    assert!(err.contains("dangerously_share_keys"), "{err}");
    // What the option is about: a value opens under the other name.
    let sessions = build(|policy| policy.dangerously_share_keys()).unwrap();
    let text = sessions
        .codec::<Second>()
        .unwrap()
        .seal(&Second::defaults())
        .unwrap();
    assert!(sessions.codec::<Visitor>().unwrap().open(text).is_ok());
}
