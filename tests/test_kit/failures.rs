//! The text and location of a failed assertion; the text is part of the interface.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

use secure_session::{
    SessionId,
    policy::SameSite,
    test_util::{
        RequestCookie, ResponseSession, TestBrowser, TestSession, request_cookie, signed_in_cookie,
    },
};

use crate::{Visit, ada, codec, minutes, response, stored};

thread_local! {
    static FILE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The message of a failing test. The location is in this file, not in the kit.
fn text(test: impl FnOnce()) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            FILE.set(info.location().unwrap().file().to_owned());
            before(info);
        }));
    });
    let payload = catch_unwind(AssertUnwindSafe(test)).expect_err("it should fail");
    let file = FILE.take();
    assert!(file.ends_with("failures.rs"), "{file}");
    *payload.downcast::<String>().unwrap()
}

type Session = ResponseSession<Visit>;

fn removed() -> Session {
    let codec = codec();
    response(&codec, &[&codec.removal_cookie()])
}

#[test]
fn failure_shows_what_the_response_does_instead() {
    let codec = codec();
    let too_large = || {
        let visit = TestSession::new(&codec);
        visit.session().set_name("x".repeat(5000));
        visit.finish()
    };
    let rows: [(&dyn Fn() -> Session, &str); 6] = [
        (&|| response(&codec, &[]), "the response sets no cookie"),
        (
            &|| response(&codec, &["visit=1", "prefs=2; Path=/"]),
            "the response does not set it, only `visit`, `prefs`",
        ),
        (&removed, "the response removes it"),
        (
            &|| stored(&codec),
            r#"the response stores {"name":"Ada","count":3}"#,
        ),
        (
            &|| response(&codec, &["__Host-visit=junk"]),
            "the response sets a cookie that does not open: malformed",
        ),
        (
            &too_large,
            "it cannot be stored: session `__Host-visit` needs a cookie of 6799 bytes, but \
             browsers accept at most 4096; store less in its largest fields: `name` (5009 bytes), \
             `count` (9 bytes)",
        ),
    ];
    for (index, (session, instead)) in rows.into_iter().enumerate() {
        let assertions: [(fn(Session), &str, bool); 5] = [
            (|s| done(s.assert_unchanged()), "unchanged", index < 2),
            (|s| done(s.assert_removed()), "removed", index == 2),
            (|s| done(s.assert_stored()), "stored", index == 3),
            (|s| done(s.stored()), "stored", index == 3),
            (
                |s| done(s.assert_authenticated()),
                "authenticated",
                index == 3,
            ),
        ];
        let start = "session `__Host-visit`: it should be";
        for (assertion, expected, holds) in assertions {
            if !holds {
                let says = format!("{start} {expected}, but {instead}");
                assert_eq!(text(|| assertion(session())), says);
            }
        }
    }
}

#[test]
fn failure_shows_the_attributes() {
    let codec = codec();
    let rows: [(fn(&Session), &str); 10] = [
        (|s| done(s.assert_secure(false)), "have no `Secure`"),
        (|s| done(s.assert_http_only(false)), "have no `HttpOnly`"),
        (|s| done(s.assert_partitioned(true)), "have `Partitioned`"),
        (|s| done(s.assert_path("/app")), "have `Path=/app`"),
        (|s| done(s.assert_domain("a.b")), "have `Domain=a.b`"),
        (
            |s| done(s.assert_same_site(SameSite::Strict)),
            "have `SameSite=Strict`",
        ),
        (
            |s| done(s.assert_same_site(SameSite::Unspecified)),
            "have no `SameSite`",
        ),
        (|s| done(s.assert_max_age(minutes(1))), "have `Max-Age=60`"),
        (|s| done(s.assert_persistent(true)), "be persistent"),
        (
            |s| done(s.assert_same_site(SameSite::None)),
            "have `SameSite=None`",
        ),
    ];
    for (assertion, should) in rows {
        assert_eq!(
            text(|| assertion(&stored(&codec))),
            format!(
                "session `__Host-visit`: the cookie should {should}, but it has \
                 `Path=/; Secure; HttpOnly; SameSite=Lax`"
            )
        );
        assert_eq!(
            text(|| assertion(&response(&codec, &[]))),
            format!(
                "session `__Host-visit`: the cookie should {should}, but the response sets no \
                 cookie"
            )
        );
    }
    assert_eq!(
        text(|| done(removed().assert_persistent(false).assert_max_age(None))),
        "session `__Host-visit`: the cookie should not be persistent, but it has `Max-Age=0; \
         Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Lax`"
    );
}

#[test]
fn failure_shows_id_login_and_expiry() {
    let codec = codec();
    let [seven, eight] = [7, 8].map(|byte| SessionId::from_bytes([byte; 16]));
    let sent = |cookie: RequestCookie<Visit>| response(&codec, &[&cookie.pair()]);
    let visitor = || sent(RequestCookie::of(&codec, &ada()).id(seven));
    let user = || {
        sent(
            RequestCookie::of(&codec, &ada())
                .signed_in()
                .remembered_for(minutes(2)),
        )
    };
    let rows: [(&dyn Fn(), &str); 7] = [
        (
            &|| done(visitor().assert_new_id(seven)),
            "it should have a new id, but it keeps the previous one",
        ),
        (
            &|| done(visitor().assert_id(eight)),
            "it should have the id 08080808080808080808080808080808, but it has \
             07070707070707070707070707070707",
        ),
        (
            &|| done(visitor().assert_authenticated()),
            "it should be authenticated, but it is not",
        ),
        (
            &|| done(user().assert_not_authenticated()),
            "it should not be authenticated, but it is",
        ),
        (
            &|| done(visitor().assert_remembered_for(minutes(1))),
            "it should be remembered for 60 s, but it is not remembered",
        ),
        (
            &|| done(user().assert_remembered_for(minutes(1))),
            "it should be remembered for 60 s, but it is remembered for 120 s",
        ),
        (
            &|| done(user().assert_remembered_for(None)),
            "it should not be remembered, but it is remembered for 120 s",
        ),
    ];
    for (assertion, says) in rows {
        assert_eq!(text(assertion), format!("session `__Host-visit`: {says}"));
    }
}

#[test]
fn value_that_cannot_be_stored_fails_where_it_is_sent() {
    let codec = codec();
    let long = Visit {
        name: "x".repeat(5000),
        ..ada()
    };
    let sends: [&dyn Fn(); 6] = [
        &|| drop(request_cookie(&codec, &long)),
        &|| drop(signed_in_cookie(&codec, &long)),
        &|| drop(RequestCookie::of(&codec, &long).pair()),
        &|| drop(TestSession::with(&codec, &long)),
        &|| drop(TestSession::with_cookie(&RequestCookie::of(&codec, &long))),
        &|| TestBrowser::new().put(&RequestCookie::of(&codec, &long)),
    ];
    for send in sends {
        let text = text(send);
        let start = "session `__Host-visit` needs a cookie of ";
        assert!(text.starts_with(start), "{text}");
    }
}

/// An assertion returns the session.
fn done<T>(_: T) {}
