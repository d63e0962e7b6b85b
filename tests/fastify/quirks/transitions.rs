//! Requests with another response.

use std::time::Duration;

use actix_secure_session_tests::app::Answer;
use actix_web::http::StatusCode;
use secure_session::{
    Session,
    codec::Codec,
    policy::{CookieOptions, SameSite, Signing},
};
use serde_json::json;

use crate::{
    file::{Transition, recorded},
    support::{Anything, Members, Nothing, Visitor, VisitorField, request},
};

/// The request of a step, with the test's own handler.
fn on_visitor(step: &'static Transition, handler: impl Fn(&Session<Visitor>) + 'static) -> Answer {
    let cookies = step.cookie_header.as_deref();
    request::<Visitor>(&step.server::<Visitor>(), cookies, move |session| {
        handler(session);
        StatusCode::OK
    })
}

pub(super) fn set_same_value() {
    let step = recorded().transition("set-same-value");
    assert!(step.run(&step.server::<Visitor>()).set_cookies().is_empty());
}

pub(super) fn set_null() {
    let step = recorded().transition("set-null");
    let answer = on_visitor(step, |session| session.clear_user());
    let stored = step.stored(&answer).unwrap();
    assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"n":1}"#));
    let codec: Codec<Visitor> = step.server::<Visitor>().codec().unwrap();
    let theirs = codec.open(step.recorded().unwrap().value).unwrap();
    assert_eq!((theirs.user.as_deref(), theirs.n), (None, Some(1)));
}

pub(super) fn delete_then_set() {
    let step = recorded().transition("delete-then-set");
    let answer = step.run(&step.server::<Visitor>());
    let stored = step.stored(&answer).unwrap();
    assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"b":2}"#));
}

pub(super) fn regenerate_given_text() {
    let step = recorded().transition("regenerate-given-text");
    let answer = on_visitor(step, |session| {
        session.regenerate_keeping(&[VisitorField::N]);
    });
    let stored = step.stored(&answer).unwrap();
    assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"n":1}"#));
}

pub(super) fn no_timestamp_read() {
    let step = recorded().transition("no-timestamp-read");
    let answer = on_visitor(step, |session| assert_eq!(session.user(), None));
    assert!(answer.set_cookies().is_empty());
}

pub(super) fn no_timestamp_set() {
    let step = recorded().transition("no-timestamp-set");
    let stored = step.stored(&step.run(&step.server::<Visitor>())).unwrap();
    assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"a":1}"#));
    let server = step.server_with::<Visitor>(|policy| policy.accept_sessions_without_time());
    let mut stored = step.stored(&step.run(&server)).unwrap();
    let mut theirs = Members::of(step.plaintext_json.as_ref().unwrap());
    for members in [&mut stored, &mut theirs] {
        members.0.sort_by(|left, right| left.0.cmp(&right.0));
    }
    assert_eq!(stored, theirs);
}

pub(super) fn no_timestamp_rotate() {
    let step = recorded().transition("no-timestamp-rotate");
    let server = step.server::<Nothing>();
    assert!(step.read(&server).set_cookies().is_empty());
    let server = step.server_with::<Nothing>(|policy| policy.accept_sessions_without_time());
    let stored = step.stored(&step.read(&server)).unwrap();
    let mut names = stored.names();
    names.sort_unstable();
    assert_eq!(names, ["__ts", "user"]);
}

pub(super) fn set_timestamp_by_hand() {
    let step = recorded().transition("set-timestamp-by-hand");
    let cookies = step.cookie_header.as_deref();
    let answer = request::<Anything>(&step.server::<Anything>(), cookies, |session| {
        session.update_members(|members| {
            members.insert("__ts".to_owned(), json!(5));
        });
        StatusCode::OK
    });
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.set_cookies().is_empty(), "the old cookie stays");
}

pub(super) fn handler_fails_after_set() {
    let step = recorded().transition("handler-fails-after-set");
    let answer = step.run(&step.server::<Visitor>());
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let theirs = step.plaintext_json.as_deref().map(Members::of);
    assert_eq!(step.stored(&answer), theirs);
}

pub(super) fn all_attributes() {
    let step = recorded().transition("all-attributes");
    let hour = Duration::from_secs(3600);
    let server = step.server_with::<Visitor>(|policy| policy.idle(hour));
    let mut theirs = step.recorded().unwrap().attributes;
    assert!(theirs.remove("expires").is_some() && theirs.remove("priority").is_some());
    assert_eq!(
        step.run(&server).cookie("session").unwrap().attributes,
        theirs
    );
}

pub(super) fn max_age_zero() {
    let step = recorded().transition("max-age-zero");
    on_visitor(step, |session| {
        let err = session
            .cookie_options(|cookie| cookie.max_age(Duration::ZERO))
            .unwrap_err();
        assert!(err.to_string().contains("destroy()"), "{err}");
    });
}

pub(super) fn options_twice() {
    let step = recorded().transition("options-twice");
    let sent = step
        .run(&step.server::<Visitor>())
        .cookie("session")
        .unwrap();
    assert_eq!(sent.max_age(), Some(5));
    assert_eq!(
        (&*sent.attributes["path"], &*sent.attributes["domain"]),
        ("/x", "a.example")
    );
}

pub(super) fn options_null() {
    let step = recorded().transition("options-null");
    let answer = on_visitor(step, |session| {
        session.touch();
        let five = Duration::from_secs(5);
        session
            .cookie_options(|cookie| cookie.max_age(five))
            .unwrap();
        session
            .cookie_options(|cookie| cookie.persistent(false))
            .unwrap();
    });
    let sent = answer.cookie("session").unwrap();
    assert_eq!(sent.attributes, step.recorded().unwrap().attributes);
}

pub(super) fn options_http_only_null() {
    let step = recorded().transition("options-http-only-null");
    let has_http_only = |change: fn(CookieOptions) -> CookieOptions| {
        let answer = on_visitor(step, move |session| {
            session.touch();
            session.cookie_options(change).unwrap();
        });
        let sent = answer.cookie("session").unwrap();
        sent.attributes.contains_key("httponly")
    };
    assert!(has_http_only(|cookie| cookie.same_site(SameSite::Strict)));
    assert!(!has_http_only(|cookie| cookie.http_only(false)));
}

pub(super) fn signed_delete() {
    let step = recorded().transition("signed-delete");
    let signing = Signing::with_session_key();
    let server = step.server_with::<Visitor>(|policy| policy.signed(signing));
    let sent = step.run(&server).cookie("session").unwrap();
    assert_eq!(sent.value, "");
    assert_eq!(sent.attributes, step.recorded().unwrap().attributes);
}
