//! A rolling deploy: builds with and without `revocable` take turns on one cookie.

use actix_secure_session_tests::key;
use secure_session::{SecureSession, Session, SessionOrigin, codec::Codec, test_util::TestSession};

use super::support::{Auth, AuthSelector, Site, cookie_of};

/// The build before.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct Before {
    #[session(identity)]
    user_id: Option<u64>,
    tenant: Option<String>,
    visits: u32,
}

struct Deploy {
    old: Codec<Before>,
    new: Site,
}

impl Deploy {
    fn new() -> Self {
        let new = Site::new();
        let old = Codec::<Before>::builder(key(1))
            .clock(&new.clock)
            .build()
            .unwrap();
        Self { old, new }
    }

    /// A request to the old build. Returns the cookie after it.
    fn old(&self, cookie: &str, change: impl Fn(&Session<Before>)) -> String {
        let request = TestSession::from_cookie_header(&self.old, cookie);
        change(&request.session());
        let response = request.finish();
        match response.set_cookie() {
            Some(line) => line.split(';').next().unwrap().to_owned(),
            None => cookie.to_owned(),
        }
    }

    /// A request to the new build. Returns the cookie after it.
    fn new_build(&self, cookie: &str, change: impl Fn(&Session<Auth>)) -> String {
        let request = self.new.request(cookie);
        change(&request.session());
        cookie_of(&request.finish()).unwrap_or_else(|| cookie.to_owned())
    }
}

#[test]
fn builds_that_take_turns_log_nobody_out_and_keep_the_proof() {
    let deploy = Deploy::new();
    drop(deploy.new.revocations.revoke_all(AuthSelector::UserId(7)));
    let mut cookie = deploy.old("", |auth| {
        auth.sign_in();
        auth.set_user_id(42);
    });
    for turn in 1..6 {
        cookie = deploy.new_build(&cookie, |auth| {
            assert_eq!((auth.user_id(), auth.visits()), (Some(42), 2 * turn - 2));
            auth.set_visits(2 * turn - 1);
        });
        cookie = deploy.old(&cookie, |auth| {
            assert_eq!((auth.user_id(), auth.visits()), (Some(42), 2 * turn - 1));
            auth.set_visits(2 * turn);
        });
    }
    // A login at the new build, a write at the old one: the proof is still in the cookie.
    drop(deploy.new.revocations.revoke_all(AuthSelector::UserId(42)));
    assert!(!deploy.new.accepts(&cookie));
    let cookie = deploy.new.signed_in();
    let cookie = deploy.old(&cookie, |auth| auth.set_visits(1));
    assert!(deploy.new.accepts(&cookie));
}

#[test]
fn what_the_manual_says_is_not_guaranteed_is_exactly_that() {
    let deploy = Deploy::new();
    // A logout at the old build ends nothing elsewhere.
    let cookie = deploy.new.signed_in();
    deploy.old(&cookie, |auth| auth.destroy());
    assert!(deploy.new.accepts(&cookie));
    // A session that the new build ended is valid at the old one.
    deploy.new_build(&cookie, |auth| auth.destroy());
    let request = TestSession::from_cookie_header(&deploy.old, &cookie);
    assert_eq!(request.session().info().origin(), SessionOrigin::Restored);
    // What the old build makes of it with the same id is not valid at the new one,
    let written = deploy.old(&cookie, |auth| auth.set_visits(1));
    assert!(!deploy.new.accepts(&written));
    // but under a new id it is.
    let regenerated = deploy.old(&cookie, |auth| {
        auth.regenerate_keeping(&[BeforeField::UserId]);
    });
    assert!(deploy.new.accepts(&regenerated));
    // The proof is dropped by a login at the old build, so such a user signs in again once a
    // group of theirs has been revoked.
    drop(deploy.new.revocations.revoke_all(AuthSelector::UserId(42)));
    let login = deploy.old("", |auth| {
        auth.sign_in();
        auth.set_user_id(42);
    });
    assert!(!deploy.new.accepts(&login));
    assert!(deploy.new.accepts(&deploy.new.signed_in()));
}

#[test]
fn roll_back_logs_nobody_out() {
    let deploy = Deploy::new();
    drop(deploy.new.revocations.revoke_all(AuthSelector::UserId(7)));
    let cookie = deploy.new.signed_in();
    deploy.old(&cookie, |auth| assert_eq!(auth.user_id(), Some(42)));
}
