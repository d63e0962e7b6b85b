//! Revocations of groups are ordered by numbers of the store, not by clocks.

use std::time::Duration;

use actix_secure_session_tests::{T0, key};
use secure_session::{
    __private::revocation::{entry, group_key},
    RevocationError, RevocationState, SecureSession, Session, SessionOrigin,
    codec::Codec,
    test_util::{TestClock, TestSession},
};

use super::{
    support::{Auth, AuthSelector, Site, ada, cookie_of},
    world::World,
};

const MINUTE: u64 = 60;

fn user() -> AuthSelector {
    AuthSelector::UserId(42)
}

#[test]
fn processes_whose_clocks_differ_by_ten_minutes_agree() {
    let mut world = World::new(0);
    for offset in [0, 10 * MINUTE, 20 * MINUTE] {
        world.start(&TestClock::at(T0 - 10 * MINUTE + offset));
    }
    // The store numbers with the clock of the process that appends.
    for (revoking, signing_in) in [(0, 2), (2, 0), (1, 2), (2, 1), (0, 1)] {
        let before = world.site(signing_in).signed_in();
        drop(world.site(revoking).revocations.revoke_all(user()));
        world.clock.set(world.site(revoking).clock.now());
        world.exchange();
        let after = world.site(signing_in).signed_in();
        for process in 0..3 {
            // A cookie from a clock that is far ahead opens nowhere.
            assert!(
                !world.site(process).accepts(&before),
                "{revoking} {signing_in}"
            );
        }
        assert!(
            world.site(signing_in).accepts(&after),
            "{revoking} {signing_in}"
        );
    }
}

#[test]
fn sign_in_between_the_append_and_its_arrival_is_revoked() {
    let mut world = World::new(2);
    drop(world.site(0).revocations.revoke_all(user()));
    world.flush(0);
    // The other process does not know of it yet.
    let between = world.site(1).signed_in();
    assert!(world.site(1).accepts(&between));
    world.exchange();
    let after = world.site(1).signed_in();
    for process in [0, 1] {
        assert!(!world.site(process).accepts(&between));
        assert!(world.site(process).accepts(&after));
    }
}

#[test]
fn number_of_an_own_entry_proves_nothing_before_it_is_read() {
    let mut world = World::new(2);
    drop(world.site(0).revocations.revoke_all(user()));
    world.flush(0);
    // The other process gets a higher number, but has not read the one before it.
    drop(
        world
            .site(1)
            .revocations
            .revoke_all(AuthSelector::UserId(7)),
    );
    world.flush(1);
    let between = world.site(1).signed_in();
    world.exchange();
    assert!(!world.site(0).accepts(&between) && !world.site(1).accepts(&between));
}

#[test]
fn login_counts_from_sign_in_and_not_from_its_setters() {
    let mut world = World::new(1);
    let request = world.site(0).request("");
    request.session().sign_in();
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    request.session().set_user_id(42);
    request.finish().assert_unchanged();
}

#[test]
fn sign_in_is_unavailable_while_the_entry_has_no_number() {
    let mut world = World::new(1);
    let other_user = world.site(0).signed_in();
    drop(world.site(0).revocations.revoke_all(user()));
    let request = world.site(0).request(&other_user);
    request.session().sign_in();
    request.session().replace(ada());
    let response = request.finish();
    assert!(!response.is_stored(), "{response:?}");
    response.assert_removed();
    // Another user can sign in.
    let request = world.site(0).request("");
    request.session().sign_in();
    request.session().set_user_id(43);
    request.finish().assert_stored();

    world.exchange();
    let cookie = world.site(0).signed_in();
    assert!(world.site(0).accepts(&cookie));
}

#[test]
fn newest_of_the_entries_of_a_session_counts() {
    let selectors = || [user(), AuthSelector::Tenant("north".to_owned())];
    for order in [[0, 1], [1, 0]] {
        let mut world = World::new(1);
        for which in order {
            let [first, second] = selectors();
            let selector = if which == 0 { first } else { second };
            let before = world.site(0).signed_in();
            drop(world.site(0).revocations.revoke_all(selector));
            world.exchange();
            assert!(!world.site(0).accepts(&before));
            assert!(world.site(0).accepts(&world.site(0).signed_in()));
        }
        let before = world.site(0).signed_in();
        drop(world.site(0).revocations.revoke_everyone::<Auth>());
        world.exchange();
        assert!(!world.site(0).accepts(&before));
        assert!(world.site(0).accepts(&world.site(0).signed_in()));
    }
}

#[test]
fn numbers_rise_when_the_store_is_emptied_or_its_clock_is_set_back() {
    let mut world = World::new(2);
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    let before = world.site(1).signed_in();
    // Another store, which knows no number, and whose clock is an hour behind.
    world.empty_store();
    world.clock.set(T0 - 60 * MINUTE);
    let highest = world.highest_known();
    world.fence(highest);
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    for process in [0, 1] {
        assert!(!world.site(process).accepts(&before));
    }
    let after = world.site(1).signed_in();
    assert!(world.site(0).accepts(&after));
}

#[test]
fn session_revoked_by_its_own_request_is_not_sent() {
    let mut world = World::new(1);
    let cookie = world.site(0).signed_in();
    let request = world.site(0).request(&cookie);
    let auth = request.session();
    auth.sign_in();
    auth.replace(ada());
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    assert!(!request.finish().is_stored());

    // The other way round, the login lives.
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    let cookie = world.site(0).signed_in();
    assert!(world.site(0).accepts(&cookie));
}

#[test]
fn session_is_kept_where_its_replacement_is_not_sent() {
    let world = World::new(1);
    let (site, process) = (world.site(0), &world.processes[0].process);
    let cookie = site.signed_in();
    let request = site.request(&cookie);
    request.session().reauthenticate();
    // The list becomes too old during the request.
    world.clock.advance(Duration::from_secs(121));
    assert!(cookie_of(&request.finish()).is_none());
    process.hear();
    assert!(site.accepts(&cookie));
}

#[test]
fn replacement_is_sent_unless_another_process_revokes_the_session_too() {
    for (other_revokes, is_sent) in [(false, true), (true, false)] {
        let mut world = World::new(2);
        let cookie = world.site(0).signed_in();
        let request = world.site(0).request(&cookie);
        request.session().reauthenticate();
        let look = request.__close();
        if other_revokes {
            let other = world.site(1).request(&cookie);
            other.session().destroy();
            let _ = other.finish();
        }
        // The own entry is stored and read back before the response goes on.
        world.exchange();
        assert!(!world.site(0).accepts(&cookie));
        let sent = cookie_of(&look());
        assert_eq!(sent.is_some(), is_sent);
        assert!(sent.is_none_or(|sent| world.site(1).accepts(&sent)));
    }
}

#[test]
fn revoke_others_spares_only_a_session_that_was_valid() {
    let mut world = World::new(2);
    let [ours, theirs] = [0, 1].map(|_| world.site(0).signed_in());
    let request = world.site(0).request(&ours);
    request.session().reauthenticate();
    let result = world.revoke_others(0, &request.session(), user());
    assert_eq!(result, Ok(()));
    let ours = cookie_of(&request.finish()).unwrap();
    world.exchange();
    for process in [0, 1] {
        assert!(world.site(process).accepts(&ours));
        assert!(!world.site(process).accepts(&theirs));
    }

    // An administrator blocks the user in the other process, just before.
    let request = world.site(0).request(&ours);
    request.session().reauthenticate();
    drop(world.site(1).revocations.revoke_all(user()));
    world.flush(1);
    let result = world.revoke_others(0, &request.session(), user());
    assert_eq!(result, Ok(()));
    let sent = cookie_of(&request.finish());
    assert_eq!(sent, None);
}

#[test]
fn revoke_others_without_a_number_holds_nothing() {
    let world = World::new(1);
    let [ours, theirs] = [0, 1].map(|_| world.site(0).signed_in());
    let request = world.site(0).request(&ours);
    let revocations = world.site(0).revocations.clone();
    drop(revocations.revoke_others(&request.session(), user()));
    world.processes[0]
        .process
        .append_once(|_| panic!("nobody waits for it"));
    assert!(world.processes[0].process.queued().is_empty());
    assert!(world.site(0).accepts(&theirs) && world.site(0).accepts(&ours));
}

/// The same session, but not revocable.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct Plain {
    #[session(identity)]
    user_id: Option<u64>,
    tenant: Option<String>,
    visits: u32,
}

#[test]
fn cookie_is_longer_only_while_a_group_is_revoked() {
    let site = Site::new();
    let codec = Codec::<Plain>::builder(key(1))
        .clock(&site.clock)
        .build()
        .unwrap();
    let plain = TestSession::new(&codec);
    plain.session().sign_in();
    plain.session().set_user_id(42);
    plain.session().set_tenant("north".to_owned());
    let plain = plain.finish();
    let plain = plain.set_cookie().unwrap().split(';').next().unwrap().len();
    assert_eq!(site.signed_in().len(), plain);

    // Entries of sessions are not entries of groups.
    let request = site.request(&site.signed_in());
    request.session().destroy();
    let _ = request.finish();
    assert_eq!(site.signed_in().len(), plain);

    drop(site.revocations.revoke_all(AuthSelector::UserId(7)));
    // 11 bytes of an extension, in base64.
    assert_eq!(site.signed_in().len(), plain + 15);
}

#[test]
fn nobody_is_revoked_by_another_users_entry() {
    let site = Site::new();
    let cookie = site.signed_in();
    for selector in [
        AuthSelector::UserId(4),
        AuthSelector::UserId(422),
        AuthSelector::Tenant("42".to_owned()),
        AuthSelector::Tenant(String::new()),
    ] {
        drop(site.revocations.revoke_all(selector));
    }
    assert!(site.accepts(&cookie));
    // Neither is somebody who has not signed in.
    let request = site.request("");
    request.session().set_visits(1);
    let anonymous = cookie_of(&request.finish()).unwrap();
    drop(site.revocations.revoke_all(user()));
    let origin = |cookie: &str| site.request(cookie).session().info().origin();
    assert_eq!(origin(&anonymous), SessionOrigin::Restored);
    assert_eq!(origin(&cookie), SessionOrigin::Revoked);
    // All of a type are.
    drop(site.revocations.revoke_everyone::<Auth>());
    assert_eq!(origin(&anonymous), SessionOrigin::Revoked);
    let request = site.request("");
    request.session().set_visits(1);
    let anonymous = cookie_of(&request.finish()).unwrap();
    assert_eq!(origin(&anonymous), SessionOrigin::Restored);
}

#[test]
fn entry_that_a_store_did_not_number_is_junk() {
    let world = World::new(1);
    let cookie = world.site(0).signed_in();
    let key = group_key("", "__Host-auth", "", "user_id", "42");
    let process = &world.processes[0].process;
    process.read(&entry("group", key, 0, u32::MAX).unwrap());
    assert_eq!(skipped(world.site(0)), 1);
    assert!(world.site(0).accepts(&cookie));
    process.read(&entry("group", key, 1, u32::MAX).unwrap());
    assert_eq!(skipped(world.site(0)), 1);
    assert!(!world.site(0).accepts(&cookie));
}

#[test]
fn written_session_keeps_the_number_of_its_login() {
    let mut world = World::new(1);
    let written = |world: &World, cookie: &str, write: fn(&Session<Auth>)| {
        let request = world.site(0).request(cookie);
        write(&request.session());
        cookie_of(&request.finish()).unwrap()
    };
    let anonymous = written(&world, "", |auth| auth.set_visits(1));
    drop(world.site(0).revocations.revoke_all(user()));
    world.exchange();
    let cookie = written(&world, &world.site(0).signed_in(), |auth| {
        auth.set_visits(1);
    });
    assert!(world.site(0).accepts(&cookie));
    // A login by a setter, in a session that is older than the entry.
    let cookie = written(&world, &anonymous, |auth| auth.set_user_id(42));
    assert!(world.site(0).accepts(&cookie));
}

fn skipped(site: &Site) -> u64 {
    match site.revocations.state() {
        RevocationState::Live { counters, .. } => counters.skipped,
        state => panic!("{state:?}"),
    }
}

#[test]
fn type_that_is_not_connected_is_an_error() {
    #[derive(SecureSession)]
    #[session(revocable)]
    struct Other {
        #[session(identity)]
        user_id: Option<u64>,
    }
    let site = Site::new();
    let mut result = None;
    actix_secure_session_tests::app::block_on(async {
        result = Some(site.revocations.revoke_everyone::<Other>().await);
    });
    assert_eq!(
        result,
        Some(Err(RevocationError::NotRegistered { session: "Other" }))
    );
}

#[test]
fn revoked_session_is_not_valid_again_where_clocks_differ_by_ten_minutes() {
    const MONTH: u64 = 30 * 24 * 60 * MINUTE;
    for (signing, revoking, accepting) in [(0, 1, 0), (1, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)] {
        // The second is almost ten minutes ahead.
        let offsets = [0, 10 * MINUTE - 1];
        let mut world = World::new(0);
        let clocks = offsets.map(|offset| TestClock::at(T0 + offset));
        for clock in &clocks {
            world.start(clock);
        }
        let request = world.site(signing).request("");
        request.session().sign_in();
        request.session().replace(ada());
        request.session().remember_for(Duration::from_secs(MONTH));
        let cookie = cookie_of(&request.finish()).unwrap();
        let id = world
            .site(signing)
            .request(&cookie)
            .session()
            .info()
            .id()
            .unwrap();
        drop(world.site(revoking).revocations.revoke_session::<Auth>(id));
        world.exchange();
        for minute in 0..60 {
            for (clock, offset) in clocks.iter().zip(offsets) {
                clock.set(T0 + offset + MONTH - 20 * MINUTE + minute * MINUTE);
            }
            world.processes[accepting].process.sweep();
            world.processes[accepting].process.hear();
            let context = (signing, revoking, accepting, minute);
            assert!(!world.site(accepting).accepts(&cookie), "{context:?}");
        }
    }
}
