//! What the cookie looks like.

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
    Origin, Reason, Session, SessionMiddleware, codec::Codec, test_util::TestClock,
};
use tracing::Level;

use super::{KEY, T0, members, middleware, pair, send, visitors};
use crate::{
    file::recorded,
    support::{Members, Visitor, key},
};

#[test]
fn a_cookie_name_of_its_own_is_written_and_read_and_the_default_is_not() {
    let server = visitors(|policy| policy.cookie("foobar"));
    let answer = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    let cookie = pair(&answer);
    assert!(cookie.starts_with("foobar="));
    send::<Visitor>(&server, &cookie, |session| {
        assert_eq!(session.user(), Some("alice"));
    });
    let default = cookie.replace("foobar=", "session=");
    send::<Visitor>(&server, &default, |session| {
        assert_eq!(session.user(), None);
    });
}

#[test]
fn sessions_are_made_sealed_and_opened_without_a_request() {
    let codec: Codec<Visitor> = Codec::builder(key(KEY)).build().unwrap();
    let visitor = |user: &str| Visitor {
        user: Some(user.to_owned()),
        n: None,
        a: None,
        b: None,
        mine: None,
    };
    let alice = codec.begin(visitor("alice")).unwrap().seal(&codec).unwrap();
    let bob = codec.seal(&visitor("bob")).unwrap();
    assert_ne!(alice, bob);
    for (text, user) in [(&alice, "alice"), (&bob, "bob")] {
        let opened = codec.open(text).unwrap();
        assert_eq!(*opened, visitor(user), "and nothing else");
    }
    assert_eq!(
        codec.open("this is no session").unwrap_err(),
        Reason::Malformed
    );
}

#[test]
fn fifteen_bytes_and_sixteen_random_ones_are_refused_and_the_log_says_why() {
    for (name, reason) in [
        ("cipher-15-bytes", Reason::Malformed),
        ("cipher-16-bytes", Reason::Forged),
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
fn a_removal_keeps_path_and_domain_and_ends_at_the_epoch() {
    let server = visitors(|policy| policy.path("/app").domain("example.com").persistent(true));
    let set = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    let stored = &set.set_cookies()[0];
    assert_eq!(stored.max_age(), Some(86_401));
    assert_eq!(
        members(&set).names(),
        ["__ts", "user"],
        "what is None is not there"
    );
    let removed = send::<Visitor>(&server, &pair(&set), |session| session.destroy());
    let removal = &removed.set_cookies()[0];
    assert_eq!((removal.value.as_str(), removal.max_age()), ("", Some(0)));
    let epoch = "Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(removal.attributes["expires"], epoch);
    assert_eq!(removal.scope(), stored.scope());
}

#[test]
fn a_max_age_for_one_response_is_in_seconds_and_leaves_the_rest() {
    let long = Duration::from_secs(3_600_000);
    let server = visitors(|policy| policy.path("/app"));
    let answer = send::<Visitor>(&server, "", move |session| {
        session.set_user("alice");
        session
            .cookie_options(|cookie| cookie.max_age(long))
            .unwrap();
    });
    let cookie = &answer.set_cookies()[0];
    assert_eq!(cookie.max_age(), Some(3_600_000));
    assert_eq!(cookie.scope(), "httponly=;path=/app;samesite=Lax");
    let next = send::<Visitor>(&server, &pair(&answer), |session| {
        assert_eq!(session.user(), Some("alice"));
        session.touch();
    });
    assert_eq!(next.set_cookies()[0].max_age(), None);
}

#[test]
fn other_cookies_of_the_handler_survive_beside_the_session() {
    let sessions = visitors(|policy| policy);
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

#[test]
fn http_only_is_on_unless_turned_off_whatever_else_changes() {
    let hour = Duration::from_secs(3600);
    let has_http_only = |server: &SessionMiddleware| {
        let answer = send::<Visitor>(server, "", move |session| {
            session.touch();
            let options = session.cookie_options(|cookie| cookie.max_age(hour));
            options.unwrap();
        });
        let cookie = &answer.set_cookies()[0];
        assert_eq!(cookie.max_age(), Some(3600));
        cookie.text.to_ascii_lowercase().contains("httponly")
    };
    assert!(has_http_only(&visitors(|policy| policy)));
    assert!(!has_http_only(&visitors(|policy| policy.http_only(false))));
}

#[test]
fn values_that_are_no_session_are_an_empty_one_and_no_failure() {
    let server = visitors(|policy| policy);
    let good = pair(&send::<Visitor>(&server, "", |session| {
        session.set_user("alice");
    }));
    let values = [
        "session=".to_owned(),
        good.clone() + "aaaaaaaaaa",
        good.replace("%3B", "%2C"),
    ];
    for cookies in values {
        let answer = send::<Visitor>(&server, &cookies, |session| {
            assert_eq!(
                (session.user(), session.info().origin()),
                (None, Origin::Rejected)
            );
        });
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
        assert!(answer.set_cookies().is_empty());
    }
}

#[test]
fn the_path_is_an_attribute_and_the_root_unless_told_otherwise() {
    for (server, path) in [
        (visitors(|policy| policy), "/"),
        (visitors(|policy| policy.path("/app")), "/app"),
    ] {
        let answer = send::<Visitor>(&server, "", |session| session.touch());
        assert_eq!(answer.set_cookies()[0].attributes["path"], path);
    }
}

#[test]
fn a_touch_sends_the_cookie_with_a_session_and_without() {
    let clock = TestClock::at(T0);
    let server = middleware::<Visitor>(&clock, |policy| policy);
    let begun = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    clock.set(T0 + 60);
    let touched = send::<Visitor>(&server, &pair(&begun), |session| session.touch());
    let expected = format!(r#"{{"__ts":{},"user":"alice"}}"#, T0 + 60);
    assert_eq!(members(&touched), Members::of(&expected));
    let empty = send::<Visitor>(&server, "", |session| session.touch());
    assert_eq!(
        members(&empty),
        Members::of(&format!(r#"{{"__ts":{}}}"#, T0 + 60))
    );
}
