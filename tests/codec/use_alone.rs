//! A codec outside a request.

use std::time::{Duration, UNIX_EPOCH};

use actix_secure_session_tests::{Auth, IDLE, Prefs, T0, ada, jar::SetCookie, ring};
use secure_session::{ExpiryLimit, RejectReason, codec::Codec, test_util::TestClock};

#[test]
fn opened_session_keeps_its_times_until_touched() {
    let clock = TestClock::at(T0);
    let codec = Codec::<Auth>::builder(ring(&[1]))
        .clock(&clock)
        .build()
        .unwrap();
    let session = codec.new_session(ada()).unwrap();
    let time = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    clock.set(T0 + 100);
    let mut again = codec.open(session.seal(&codec).unwrap()).unwrap();
    assert_eq!((again.created_at(), again.seen_at()), (time(T0), time(T0)));
    assert_eq!(again.expires_at(&codec), time(T0 + IDLE));
    again.touch(&codec);
    again.visits = 9;
    let last = codec.open(again.seal(&codec).unwrap()).unwrap();
    assert_eq!(
        (last.created_at(), last.seen_at()),
        (time(T0), time(T0 + 100))
    );
    assert_eq!((last.id(), last.visits), (session.id(), 9));
    clock.set(T0 + 100 + IDLE);
    let text = last.seal(&codec).unwrap();
    assert_eq!(
        codec.open(text).unwrap_err(),
        RejectReason::Expired(ExpiryLimit::Idle)
    );
}

#[test]
fn codec_returns_whole_headers_for_storing_and_removing() {
    let clock = TestClock::at(T0);
    let codec = Codec::<Prefs>::builder(ring(&[1]))
        .clock(&clock)
        .build()
        .unwrap();
    let prefs = Prefs {
        theme: Some("dark".into()),
        basket: vec![],
    };
    let session = codec.new_session(prefs.clone()).unwrap();
    clock.set(T0 + 1000);
    let header = SetCookie::parse(&codec.set_cookie(&session).unwrap());
    assert_eq!(header.name, "prefs");
    assert_eq!(header.max_age(), Some(365 * 86_400 - 1000));
    assert_eq!(header.scope(), "httponly=;path=/;samesite=Lax;secure=");
    assert_eq!(*codec.open(&header.value).unwrap(), prefs);
    let removal = SetCookie::parse(&codec.removal_cookie());
    assert!(removal.is_removal());
    assert_eq!(removal.scope(), header.scope());
}

#[test]
fn session_of_any_size_opens() {
    let codec = Codec::<Auth>::builder(ring(&[1])).build().unwrap();
    // Small sessions are decrypted on the stack, up to 768 bytes.
    for len in (0..800).chain([2500]) {
        let name = "x".repeat(len);
        let auth = Auth {
            name: name.clone(),
            ..ada()
        };
        let opened = codec.open(codec.seal(&auth).unwrap()).unwrap();
        assert_eq!(opened.name, name);
    }
}

#[test]
fn too_large_session_is_rejected_with_its_largest_fields() {
    let codec = Codec::<Auth>::builder(ring(&[1])).build().unwrap();
    let large = Auth {
        name: "x".repeat(3000),
        roles: vec!["y".repeat(500)],
        ..ada()
    };
    let text = codec.seal(&large).unwrap_err().to_string();
    assert!(
        text.contains("largest fields: `name` (3009 bytes), `roles` (512 bytes)"),
        "{text}"
    );
}
