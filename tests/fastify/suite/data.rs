//! What a session holds, and how long.

use std::{collections::BTreeMap, time::Duration};

use actix_secure_session_tests::app::{Answer, block_on};
use actix_web::{
    App, HttpResponse,
    http::StatusCode,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{Origin, SecureSession, Session, codec::Codec, test_util::TestClock};
use serde::{Deserialize, Serialize};

use super::{T0, members, middleware, pair, send, visitors};
use crate::support::{Anything, Visitor, VisitorField};

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
struct Nested {
    some: String,
    list: Vec<BTreeMap<String, u32>>,
}

#[derive(SecureSession)]
#[session(format = "fastify", secure = false)]
struct TwoValues {
    plain: Option<String>,
    nested: Nested,
}

fn some_nested() -> Nested {
    Nested {
        some: "data".to_owned(),
        list: vec![BTreeMap::from([("n".to_owned(), 1)])],
    }
}

#[test]
fn what_a_handler_writes_is_what_the_next_request_reads() {
    let server = middleware::<TwoValues>(&TestClock::at(T0), |policy| policy);
    let answer = send::<TwoValues>(&server, "", |session| {
        session.set_plain("text");
        session.set_nested(some_nested());
    });
    send::<TwoValues>(&server, &pair(&answer), |session| {
        assert_eq!(session.plain(), Some("text"));
        assert_eq!(session.nested(), &some_nested());
        let all = session.snapshot();
        assert_eq!(
            (all.plain.as_deref(), all.nested),
            (Some("text"), some_nested())
        );
    });
}

#[test]
fn the_timestamp_never_shows_in_the_data() {
    let clock = TestClock::at(T0);
    let server = middleware::<Anything>(&clock, |policy| policy);
    let answer = send::<Anything>(&server, "", |session| {
        session.update_members(|members| members.insert("one".to_owned(), 1.into()));
    });
    assert_eq!(
        members(&answer).names(),
        ["__ts", "one"],
        "it is there all the same"
    );
    send::<Anything>(&server, &pair(&answer), |session| {
        let names: Vec<&String> = session.members().keys().collect();
        assert_eq!(names, ["one"]);
    });
    let codec: Codec<Visitor> = middleware::<Visitor>(&clock, |policy| policy)
        .codec()
        .unwrap();
    let opened = codec.open(&answer.set_cookies()[0].value).unwrap();
    assert_eq!(opened.unknown_members().collect::<Vec<_>>(), ["one"]);
}

#[test]
fn reading_sends_nothing_and_a_write_shows_as_a_change() {
    let server = visitors(|policy| policy);
    let answer = send::<Visitor>(&server, "", |session| {
        assert!(!session.info().is_changed());
        session.set_user("alice");
        assert!(session.info().is_changed());
        assert_eq!(session.info().changed_fields(), [VisitorField::User]);
    });
    let answer = send::<Visitor>(&server, &pair(&answer), |session| {
        assert_eq!(session.user(), Some("alice"));
        assert!(!session.info().is_changed());
    });
    assert!(answer.set_cookies().is_empty());
}

#[test]
fn a_destroyed_session_says_so_reads_as_empty_and_loses_its_cookie() {
    let server = visitors(|policy| policy);
    let begun = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    let answer = send::<Visitor>(&server, &pair(&begun), |session| {
        assert!(!session.info().is_destroyed());
        session.destroy();
        assert!(session.info().is_destroyed());
        assert_eq!(session.user(), None);
    });
    assert!(answer.cookie("session").unwrap().is_removal());
}

#[test]
fn a_session_ends_after_a_day_and_a_second_unless_told_otherwise() {
    let clock = TestClock::at(T0);
    let server = middleware::<Visitor>(&clock, |policy| policy.refresh(None));
    let cookie = pair(&send::<Visitor>(&server, "", |session| {
        session.set_user("alice");
    }));
    for (age, user) in [(86_400, Some("alice")), (86_401, None), (86_460, None)] {
        clock.set(T0 + age);
        let answer = send::<Visitor>(&server, &cookie, move |session| {
            assert_eq!(session.user(), user, "after {age} s");
        });
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[test]
fn a_lifetime_of_its_own_counts_from_the_timestamp() {
    let clock = TestClock::at(T0);
    let quarter = Duration::from_secs(15 * 60);
    let server = middleware::<Visitor>(&clock, |policy| policy.idle(quarter));
    let cookie = pair(&send::<Visitor>(&server, "", |session| {
        session.set_user("alice");
    }));
    for (age, user, origin) in [
        (15 * 60 - 1, Some("alice"), Origin::Restored),
        (15 * 60 + 1, None, Origin::Expired),
    ] {
        clock.set(T0 + age);
        send::<Visitor>(&server, &cookie, move |session| {
            assert_eq!((session.user(), session.info().origin()), (user, origin));
        });
    }
}

#[test]
fn a_new_cookie_has_a_new_lifetime_and_the_old_one_keeps_its_own() {
    let changes: [fn(&Session<Visitor>); 2] = [|s| s.touch(), |s| s.set_n(2)];
    for change in changes {
        let clock = TestClock::at(T0);
        let quarter = Duration::from_secs(15 * 60);
        let server = middleware::<Visitor>(&clock, |policy| policy.idle(quarter));
        let old = pair(&send::<Visitor>(&server, "", |session| {
            session.set_user("alice");
        }));
        clock.set(T0 + 15 * 60 - 1);
        let new = pair(&send::<Visitor>(&server, &old, change));
        clock.set(T0 + 15 * 60 + 1);
        send::<Visitor>(&server, &new, |session| {
            assert_eq!(session.user(), Some("alice"));
        });
        send::<Visitor>(&server, &old, |session| assert_eq!(session.user(), None));
    }
}

#[test]
fn regenerating_keeps_what_is_named_and_drops_what_nobody_knows() {
    let clock = TestClock::at(T0);
    let anything = middleware::<Anything>(&clock, |policy| policy);
    let begun = send::<Anything>(&anything, "", |session| {
        let members = serde_json::json!({ "user": "alice", "n": 1, "unknown": true });
        session.set_members(members.as_object().cloned().unwrap());
    });
    let server = middleware::<Visitor>(&clock, |policy| policy);
    clock.set(T0 + 60);
    let changes: [(fn(&Session<Visitor>), &[&str]); 2] = [
        (
            |session| session.regenerate_keeping(&[VisitorField::User]),
            &["__ts", "user"],
        ),
        (|session| session.regenerate(), &["__ts"]),
    ];
    for (change, names) in changes {
        let answer = send::<Visitor>(&server, &pair(&begun), change);
        let members = members(&answer);
        assert_eq!(members.names(), names);
        assert_eq!(members.0[0].1, T0 + 60);
    }
}

#[test]
fn a_body_that_is_refused_sets_nothing() {
    #[derive(Deserialize)]
    struct Body {
        name: String,
    }
    let sessions = visitors(|policy| policy);
    let route = || {
        web::post().to(|session: Session<Visitor>, body: web::Json<Body>| {
            session.set_user(&body.name);
            async { HttpResponse::Ok().finish() }
        })
    };
    for (body, status, cookies) in [
        (
            serde_json::json!({ "no_name": 1 }),
            StatusCode::BAD_REQUEST,
            0,
        ),
        (serde_json::json!({ "name": "alice" }), StatusCode::OK, 1),
    ] {
        let answer = block_on(async {
            let app = App::new().wrap(sessions.clone()).route("/", route());
            let app = init_service(app).await;
            let request = TestRequest::post().set_json(body).to_request();
            Answer::of(call_service(&app, request).await).await
        });
        assert_eq!(
            (answer.status, answer.set_cookies().len()),
            (status, cookies)
        );
    }
}

#[test]
fn an_active_session_that_is_only_read_is_sent_again_in_time() {
    // Not of the suite: the peer renews only what is written, and a reader is logged out.
    let clock = TestClock::at(T0);
    let server = middleware::<Visitor>(&clock, |policy| policy.idle(Duration::from_secs(3600)));
    let cookie = pair(&send::<Visitor>(&server, "", |session| {
        session.set_user("alice");
    }));
    for (age, cookies) in [(359, 0), (360, 1)] {
        clock.set(T0 + age);
        let answer = send::<Visitor>(&server, &cookie, |session| {
            assert_eq!(session.user(), Some("alice"));
        });
        assert_eq!(answer.set_cookies().len(), cookies, "after {age} s");
    }
}
