//! What the list costs.

use std::time::Duration;

use secure_session::{
    __private::revocation::content, RevocationState, SecureSession, SessionId, codec::Codec,
    test_util::TestSession,
};

use actix_secure_session_tests::key;

use super::{
    support::{Auth, AuthSelector, Site, cookie_of},
    world::World,
};

/// The same fields, but not revocable.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct Plain {
    user_id: Option<u64>,
    tenant: Option<String>,
    visits: u32,
}

#[test]
fn entry_takes_at_most_64_bytes() {
    const ENTRIES: u64 = 120_000;
    let site = Site::new();
    let memory = allocation_counter::measure(|| {
        for number in 0..ENTRIES {
            let id = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            drop(
                site.revocations
                    .revoke_session::<Auth>(SessionId::from_bytes(id.to_be_bytes())),
            );
        }
    });
    let each = u64::try_from(memory.bytes_current).unwrap() / ENTRIES;
    assert!(each <= 64, "{each} bytes");
}

#[test]
fn session_that_goes_on_under_another_id_leaves_one_entry() {
    const REQUESTS: u64 = 1_440;
    let site = Site::new();
    let mut cookie = site.signed_in();
    let memory = allocation_counter::measure(|| {
        for _ in 0..REQUESTS {
            let request = site.request(&cookie);
            request.session().reauthenticate();
            cookie = cookie_of(&request.finish()).unwrap();
        }
    });
    let each = u64::try_from(memory.bytes_current).unwrap() / REQUESTS;
    assert!(each <= 64, "{each} bytes");
}

#[test]
fn entries_are_dropped_in_the_minute_in_which_they_end() {
    let mut world = World::new(1);
    let entries_at = |world: &World, time| {
        world.clock.set(time);
        let process = &world.processes[0].process;
        process.sweep();
        process.hear();
        match process.revocations().state() {
            RevocationState::Live {
                entries, queued, ..
            } => (entries, queued),
            state => panic!("{state:?}"),
        }
    };
    let id = SessionId::from_bytes([7; 16]);
    drop(world.site(0).revocations.revoke_session::<Auth>(id));
    drop(world.site(0).revocations.revoke_everyone::<Auth>());
    world.exchange();
    world.clock.advance(Duration::from_secs(3600));
    for user_id in [42, 7] {
        let user = AuthSelector::UserId(user_id);
        drop(world.site(0).revocations.revoke_all(user));
    }
    world.exchange();
    let ends = world.log.iter().map(|entry| u64::from(content(entry).3));
    let ends: Vec<u64> = ends.collect();
    let [first, .., last] = ends[..] else {
        panic!("{ends:?}");
    };
    assert_eq!(ends, [first, first, last, last]);
    for (minute, left) in [(first - 1, 4), (first, 2), (last - 1, 2), (last, 0)] {
        assert_eq!(entries_at(&world, minute * 60), (left, 0));
    }
    // Also those that could not be stored.
    drop(world.site(0).revocations.revoke_session::<Auth>(id));
    drop(world.site(0).revocations.revoke_everyone::<Auth>());
    let now = world.clock.now();
    assert_eq!(entries_at(&world, now), (2, 2));
    assert_eq!(entries_at(&world, now + 400 * 86_400), (0, 0));
}

#[test]
fn reading_a_revocable_session_allocates_no_more_than_reading_another() {
    let site = Site::new();
    let cookie = site.signed_in();
    let plain = Codec::<Plain>::builder(key(1))
        .clock(&site.clock)
        .build()
        .unwrap();
    let of_plain = || {
        let request = TestSession::from_cookie_header(&plain, &cookie);
        assert_eq!(request.session().user_id(), Some(42));
    };
    let of_revocable = |cookie: &str| {
        let request = site.request(cookie);
        assert_eq!(request.session().user_id(), Some(42));
    };
    of_plain();
    of_revocable(&cookie);
    let plain = allocation_counter::measure(of_plain).count_total;
    let revocable = allocation_counter::measure(|| of_revocable(&cookie)).count_total;
    assert_eq!(revocable, plain);

    for user_id in 1000..1100 {
        drop(site.revocations.revoke_all(AuthSelector::UserId(user_id)));
    }
    let cookie = site.signed_in();
    of_revocable(&cookie);
    let revocable = allocation_counter::measure(|| of_revocable(&cookie)).count_total;
    assert_eq!(revocable, plain);
}
