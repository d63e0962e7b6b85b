//! Which methods draw a new id, and which revoke the session of the request.

use std::time::Duration;

use secure_session::{
    __private::revocation::content,
    EncodeError, RejectReason, RevocationState, Revocations, SecureSession, Session, SessionOrigin,
    codec::Codec,
    test_util::{MemoryStore, TestClock, TestSession},
};

use actix_secure_session_tests::{T0, app::block_on, key};

use super::support::{Auth, AuthField, AuthSelector, Site, ada, cookie_of};

type Method = (&'static str, fn(&Session<Auth>), Effect);

/// What a method does as the only change of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    KeepsId,
    /// Draws a new id and revokes the old one at the call.
    RevokesAtCall,
    /// Draws a new id and revokes the old one when the new session is encrypted.
    RevokesAtSeal,
}

const SIGNED_IN: [Method; 12] = [
    ("touch", |auth| auth.touch(), Effect::KeepsId),
    ("set", |auth| auth.set_visits(1), Effect::KeepsId),
    (
        "update",
        |auth| auth.update(|auth| auth.visits = 1),
        Effect::KeepsId,
    ),
    (
        "replace",
        |auth| auth.replace(Auth { visits: 1, ..ada() }),
        Effect::KeepsId,
    ),
    (
        "remember_for",
        |auth| auth.remember_for(Duration::from_secs(60)),
        Effect::KeepsId,
    ),
    (
        "regenerate_keeping",
        |auth| auth.regenerate_keeping(&[AuthField::UserId]),
        Effect::KeepsId,
    ),
    (
        "another identity",
        |auth| auth.set_user_id(43),
        Effect::KeepsId,
    ),
    ("sign_in", |auth| auth.sign_in(), Effect::RevokesAtCall),
    (
        "destroy and write",
        |auth| {
            auth.destroy();
            auth.set_visits(1);
        },
        Effect::RevokesAtCall,
    ),
    (
        "reauthenticate",
        |auth| auth.reauthenticate(),
        Effect::RevokesAtSeal,
    ),
    (
        "regenerate",
        |auth| auth.regenerate(),
        Effect::RevokesAtSeal,
    ),
    (
        "clear the identity",
        |auth| auth.clear_user_id(),
        Effect::RevokesAtSeal,
    ),
];

#[test]
fn id_changes_only_with_a_credential_or_without_a_user() {
    for (name, method, effect) in SIGNED_IN {
        let site = Site::new();
        let cookie = site.signed_in();
        let request = site.request(&cookie);
        let auth = request.session();
        let before = auth.info().id().unwrap();
        method(&auth);
        let is_revoked = || !site.accepts(&cookie);
        assert_eq!(is_revoked(), effect == Effect::RevokesAtCall, "{name}");
        let announced = auth.info().id().unwrap();
        let stored = request.finish().stored();
        assert_eq!(stored.id() == before, effect == Effect::KeepsId, "{name}");
        assert_eq!(stored.id(), announced, "{name}");
        assert_eq!(is_revoked(), effect != Effect::KeepsId, "{name}");
    }
}

#[test]
fn login_by_a_setter_is_proven_when_the_field_is_written() {
    let site = Site::new();
    let revoke_all = || drop(site.revocations.revoke_all(AuthSelector::UserId(42)));
    revoke_all();
    let request = site.request("");
    request.session().set_user_id(42);
    assert!(site.accepts(&cookie_of(&request.finish()).unwrap()));

    let request = site.request("");
    request.session().set_user_id(42);
    revoke_all();
    request.session().set_visits(1);
    let cookie = cookie_of(&request.finish());
    assert!(cookie.is_none_or(|cookie| !site.accepts(&cookie)));
}

#[test]
fn session_without_a_user_gets_a_new_id_without_being_revoked() {
    let methods: [(&str, fn(&Session<Auth>), bool); 4] = [
        ("set", |auth| auth.set_visits(2), false),
        ("touch", |auth| auth.touch(), false),
        ("regenerate", |auth| auth.regenerate(), true),
        ("login by a setter", |auth| auth.set_user_id(42), true),
    ];
    for (name, method, draws_new_id) in methods {
        let site = Site::new();
        let request = site.request("");
        request.session().set_visits(1);
        let cookie = cookie_of(&request.finish()).unwrap();
        let request = site.request(&cookie);
        let before = request.session().info().id().unwrap();
        method(&request.session());
        let stored = request.finish().stored();
        assert_eq!(stored.id() != before, draws_new_id, "{name}");
        let origin = site.request(&cookie).session().info().origin();
        assert_eq!(origin, SessionOrigin::Restored, "{name}");
    }
}

#[test]
fn session_that_cannot_be_stored_does_not_cost_the_old_one() {
    let site = Site::new();
    let cookie = site.signed_in();
    let request = site.request(&cookie);
    request.session().reauthenticate();
    request.session().set_tenant("x".repeat(5000));
    let response = request.finish();
    assert!(matches!(
        response.failure(),
        Some(EncodeError::TooLarge { .. })
    ));
    assert!(site.accepts(&cookie));
}

#[test]
fn method_that_revokes_does_so_after_the_response_too() {
    let site = Site::new();
    let cookie = site.signed_in();
    let request = site.request(&cookie);
    let auth = request.session();
    assert_eq!(auth.user_id(), Some(42));
    let _ = request.finish();
    assert!(site.accepts(&cookie));
    auth.destroy();
    assert!(!site.accepts(&cookie));
}

#[test]
fn every_received_session_is_revoked_even_if_it_does_not_open_here() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth", revocable)]
    struct Wider {
        #[session(identity)]
        user_id: Option<u64>,
        visits: Option<String>,
    }
    let site = Site::new();
    // Another build encrypted it; it does not fit the struct.
    let other = Revocations::in_memory();
    let wider = Codec::<Wider>::builder(key(1))
        .clock(&site.clock)
        .revocations(&other);
    let wider = wider.build().unwrap();
    let sealed = wider
        .new_session(Wider {
            user_id: Some(42),
            visits: Some("many".to_owned()),
        })
        .unwrap();
    let misfit = format!("__Host-auth={}", sealed.seal(&wider).unwrap());
    let reason = site.request(&misfit).session().info().reason();
    assert_eq!(reason, Some(RejectReason::Schema));

    let (one, two) = (site.signed_in(), site.signed_in());
    let request = site.request(&format!("{one}; {misfit}; {two}"));
    request.session().destroy();
    let _ = request.finish();
    assert!(!site.accepts(&one) && !site.accepts(&two));
    let ended = site.request(&misfit);
    let reason = ended.session().info().reason();
    assert_eq!(reason, Some(RejectReason::Revoked));
    ended.session().destroy();
    // The session of the other build is in the list: three sessions were revoked.
    let RevocationState::Live { entries, .. } = site.revocations.state() else {
        panic!("no store can fail");
    };
    assert_eq!(entries, 3);
}

#[test]
fn session_from_a_clock_that_is_ahead_or_idle_is_revoked_too() {
    let site = Site::new();
    let entries = || match site.revocations.state() {
        RevocationState::Live { entries, .. } => entries,
        state => panic!("{state:?}"),
    };
    // Five minutes ahead of the clock, and idle for an hour.
    site.clock.set(T0 + 300);
    let ahead = site.signed_in();
    site.clock.set(T0);
    let reason = site.request(&ahead).session().info().reason();
    assert_eq!(reason, Some(RejectReason::Malformed));
    site.request(&ahead).session().destroy();
    assert_eq!(entries(), 1);
    site.clock.set(T0 + 300);
    assert!(!site.accepts(&ahead));

    let idle = site.signed_in();
    site.clock.set(T0 + 7200);
    site.request(&idle).session().sign_in();
    assert_eq!(entries(), 2);
    // Past the absolute limit, no copy is left.
    site.clock.set(T0 + 86_400);
    site.request(&idle).session().sign_in();
    assert_eq!(entries(), 2);
}

#[test]
fn entry_lasts_as_long_as_any_copy_of_the_session() {
    #[derive(SecureSession)]
    #[session(revocable)]
    struct Usual {
        #[session(identity)]
        user_id: Option<u64>,
    }
    #[derive(SecureSession)]
    #[session(revocable, idle = "none", absolute = "2h")]
    struct Absolute {
        #[session(identity)]
        user_id: Option<u64>,
    }

    fn minutes<T: SecureSession<Format = secure_session::codec::Native>>(
        staleness: Option<Duration>,
    ) -> u64 {
        block_on(async {
            let clock = TestClock::at(T0);
            let store = MemoryStore::at(&clock);
            let revocations = Revocations::builder()
                .clock(&clock)
                .max_staleness(staleness)
                .with_store(store.clone())
                .await
                .unwrap();
            let codec = Codec::<T>::builder(key(1))
                .clock(&clock)
                .revocations(&revocations);
            let codec = codec.build().unwrap();
            let text = codec.seal(&T::defaults()).unwrap();
            let cookie = format!("{}={text}", codec.cookie_name());
            // The age of the copy in hand does not count.
            clock.advance(Duration::from_secs(20 * 60));
            let request = TestSession::from_cookie_header(&codec, cookie);
            request.session().destroy();
            revocations.flush().await.unwrap();
            let (.., until) = content(&store.entries()[0]);
            u64::from(until) - clock.now().div_ceil(60)
        })
    }

    let default = Some(Duration::from_secs(120));
    assert_eq!(minutes::<Usual>(default), 47);
    assert_eq!(minutes::<Usual>(None), 12 * 60 + 15);
    assert_eq!(minutes::<Auth>(default), 30 * 24 * 60 + 17);
    assert_eq!(minutes::<Absolute>(default), 2 * 60 + 17);
}

#[test]
fn remember_for_reaches_no_further_than_the_entries_last() {
    #[derive(SecureSession)]
    #[session(revocable)]
    struct Usual {
        #[session(identity)]
        user_id: Option<u64>,
    }
    let clock = TestClock::at(T0);
    let revocations = Revocations::builder().clock(&clock).in_memory();
    let codec = Codec::<Usual>::builder(key(1))
        .clock(&clock)
        .revocations(&revocations);
    let codec = codec.build().unwrap();
    let request = TestSession::new(&codec);
    request.session().sign_in();
    request.session().remember_for(Duration::from_secs(86_400));
    // Both limits still apply: 30 minutes without activity.
    let response = request.finish();
    assert_eq!(
        response.remembered_for(),
        Some(Duration::from_secs(12 * 3600))
    );
    let cookie = response
        .set_cookie()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let is_valid = || {
        let request = TestSession::from_cookie_header(&codec, &cookie);
        request.session().info().origin() == SessionOrigin::Restored
    };
    clock.set(T0 + 1799);
    assert!(is_valid());
    clock.set(T0 + 1800);
    assert!(!is_valid());

    let site = Site::new();
    let request = site.request("");
    request.session().sign_in();
    request
        .session()
        .remember_for(Duration::from_secs(60 * 86_400));
    let remembered = request.finish().remembered_for();
    assert_eq!(remembered, Some(Duration::from_secs(30 * 86_400)));
}
