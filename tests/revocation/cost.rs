//! What the list costs.

use secure_session::{SecureSession, SessionId, codec::Codec, test_util::TestSession};

use actix_secure_session_tests::key;

use super::support::{Auth, AuthSelector, Site};

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
