//! Envelope extensions: entries that a newer build stores with a session.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, AuthField, REFRESH, T0,
    app::{Answer, Server},
    key, ring,
};
use secure_session::{
    RejectReason, Session, SessionMiddleware, SessionOrigin, codec::Codec,
    policy::FastifyMigration, test_util::TestClock,
};

use crate::support::forge::{Forge, encoded, extensions};

/// Tag 2 with three bytes, tag 400 without a value.
const KEPT: &[u8] = b"\x08\x02\x03abc\x90\x03\x00";

/// Tag 3.
const ODD: &[u8] = b"\x03\x03\x01x";

/// A cookie with Ada's session and these extensions, as created by a newer build.
fn cookie_with(extensions: &[u8]) -> String {
    let json = br#"{"user_id":7,"name":"Ada","visits":5}"#;
    let plaintext = [&envelope_before_extensions(8), extensions, json].concat();
    let value = Forge::new(1, "__Host-auth").seal(&plaintext);
    format!("__Host-auth={value}")
}

/// Flags, id, created, seen.
fn envelope_before_extensions(flags: u8) -> Vec<u8> {
    let [_, _, _, created @ ..] = T0.to_be_bytes();
    [&[flags][..], &[7; 16], &created, &[0]].concat()
}

/// Whether the sent cookie has the extensions `KEPT`; panics if it has others.
fn has_extensions(first: u8, answer: &Answer) -> bool {
    let value = answer.cookie("__Host-auth").unwrap().value;
    let plaintext = Forge::new(first, "__Host-auth").open(&value);
    let extensions = extensions(&plaintext);
    assert!(
        extensions.is_empty() || extensions == KEPT,
        "{extensions:x?}"
    );
    !extensions.is_empty()
}

/// C79: an even extension that this build does not know survives everything that keeps the session.
#[test]
fn unknown_even_extension_is_written_back() {
    let changes: [fn(&Session<Auth>); 6] = [
        |auth| auth.set_visits(6),
        |auth| auth.touch(),
        |auth| auth.reauthenticate(),
        |auth| auth.remember_for(Duration::from_secs(86_400)),
        |auth| auth.replace(actix_secure_session_tests::ada()),
        |auth| auth.update(|auth| auth.theme = Some("light".to_owned())),
    ];
    let server = Server::default();
    for (index, change) in changes.into_iter().enumerate() {
        let answer = server.auth(&cookie_with(KEPT), change);
        assert!(has_extensions(1, &answer), "change {index}");
    }

    server.clock.advance(Duration::from_secs(REFRESH));
    let refreshed = server.auth(&cookie_with(KEPT), |auth| assert_eq!(auth.name(), "Ada"));
    assert!(has_extensions(1, &refreshed));

    let rotated = Server::with_keys(&[2, 1]);
    let resealed = rotated.auth(&cookie_with(KEPT), |auth| assert_eq!(auth.name(), "Ada"));
    assert!(has_extensions(2, &resealed));
    // Again, from a cookie that this build wrote.
    let value = resealed.cookie("__Host-auth").unwrap().value;
    let again = rotated.auth(&format!("__Host-auth={value}"), |auth| auth.set_visits(7));
    assert!(has_extensions(2, &again));
}

/// C79: the same outside a request; the length includes the extensions.
#[test]
fn unknown_even_extension_is_encrypted_again_by_the_codec() {
    let server = Server::default();
    let codec = server.codec();
    let cookie = cookie_with(KEPT);
    let value = cookie.strip_prefix("__Host-auth=").unwrap();
    let sealed = codec.open(value).unwrap().seal(&codec).unwrap();
    let plaintext = Forge::new(1, "__Host-auth").open(&sealed);
    assert_eq!(extensions(&plaintext), KEPT);

    // With a schema version of a newer build, which is included as well.
    let plaintext = [&envelope_before_extensions(12), &[5][..], KEPT, b"{}"].concat();
    let value = Forge::new(1, "__Host-auth").seal(&plaintext);
    let answer = server.call(&format!("__Host-auth={value}"), |auth, _| {
        auth.set_visits(6);
        let len = auth.info().encoded_len().unwrap();
        actix_web::HttpResponse::Ok().body(len.to_string())
    });
    let sent = answer.cookie("__Host-auth").unwrap().value;
    let expected = "__Host-auth=".len() + sent.len();
    assert_eq!(answer.body, expected.to_string().as_bytes());
}

/// C79: methods that drop unknown members drop unknown extensions.
#[test]
fn unknown_extension_is_dropped_by_sign_in_regenerate_and_destroy() {
    let changes: [fn(&Session<Auth>); 4] = [
        |auth| auth.sign_in(),
        |auth| auth.regenerate(),
        |auth| auth.regenerate_keeping(&[AuthField::Name]),
        |auth| {
            auth.destroy();
            auth.set_name("Bob");
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let answer = Server::default().auth(&cookie_with(KEPT), change);
        assert!(!has_extensions(1, &answer), "change {index}");
    }
}

/// C79: an unknown odd extension is for newer builds only.
#[test]
fn unknown_odd_extension_is_rejected_and_its_cookie_is_kept() {
    let server = Server::default();
    let cookie = cookie_with(ODD);
    let read = server.auth(&cookie, |auth| {
        assert_eq!(auth.name(), "");
        assert_eq!(auth.info().reason(), Some(RejectReason::NewerBuild));
        assert_eq!(auth.info().origin(), SessionOrigin::Rejected);
    });
    assert!(read.set_cookies().is_empty());
    let written = server.auth(&cookie, |auth| auth.set_name("Bob"));
    let stored = server.stored(&written).unwrap();
    assert_eq!((stored.name.as_str(), stored.user_id), ("Bob", None));
    assert!(!has_extensions(1, &written));
}

/// C79: a session that only a newer build can open was already migrated, so the old cookie of the
/// Node package must not restore an earlier login.
#[test]
fn unknown_odd_extension_does_not_fall_back_to_a_legacy_cookie() {
    #[derive(secure_session::SecureSession)]
    #[session(format = "fastify")]
    struct Old {
        name: String,
    }
    let clock = TestClock::at(T0);
    let old = Codec::<Old>::builder(key(9)).clock(&clock).build().unwrap();
    let name = "Eve".to_owned();
    let legacy = format!("session={}", old.seal(&Old { name }).unwrap());
    let builder = SessionMiddleware::builder(ring(&[1]))
        .session_with::<Auth>(|policy| policy.migrate_from_fastify(FastifyMigration::new(key(9))));
    let server = Server::of(
        &clock,
        builder.session::<actix_secure_session_tests::Prefs>(),
    );

    let alone = server.auth(&legacy, |auth| assert_eq!(auth.name(), "Eve"));
    assert!(alone.cookie("__Host-auth").is_some());
    let both = format!("{}; {legacy}", cookie_with(ODD));
    let answer = server.auth(&both, |auth| {
        assert_eq!(auth.name(), "");
        assert_eq!(auth.info().reason(), Some(RejectReason::NewerBuild));
    });
    assert!(answer.set_cookies().is_empty());
}

/// C79: among several cookies, an authentic one determines the reason.
#[test]
fn newer_build_is_reported_among_junk_cookies() {
    let cookies = format!("__Host-auth={}; {}", encoded(&[1; 60]), cookie_with(ODD));
    let answer = Server::default().auth(&cookies, |auth| {
        assert_eq!(auth.info().reason(), Some(RejectReason::NewerBuild));
    });
    assert!(answer.set_cookies().is_empty());
}
