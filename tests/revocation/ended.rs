//! Waiting for the end of a session.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use actix_secure_session_tests::{T0, app::block_on};
use secure_session::{Ended, Revocations, SessionEnded, test_util::TestClock};

use super::support::{Auth, AuthSelector, Site};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn wait_for(site: &Site, cookie: &str) -> SessionEnded {
    site.request(cookie).session().ended()
}

#[test]
fn session_ends_when_it_or_its_group_or_its_type_is_revoked() {
    let revoke: [fn(&Site, &str); 6] = [
        |site, cookie| site.request(cookie).session().destroy(),
        |site, cookie| site.request(cookie).session().sign_in(),
        |site, cookie| {
            let id = site.request(cookie).session().info().id().unwrap();
            drop(site.revocations.revoke_session::<Auth>(id));
        },
        |site, _| drop(site.revocations.revoke_all(AuthSelector::UserId(42))),
        |site, _| {
            let north = AuthSelector::Tenant("north".to_owned());
            drop(site.revocations.revoke_all(north));
        },
        |site, _| drop(site.revocations.revoke_everyone::<Auth>()),
    ];
    for revoke in revoke {
        let site = Site::new();
        let cookie = site.signed_in();
        let mut ended = pin!(wait_for(&site, &cookie));
        assert!(poll(ended.as_mut()).is_pending());
        let meanwhile = site.request(&cookie);
        assert_eq!(meanwhile.session().user_id(), Some(42));
        drop(site.revocations.revoke_all(AuthSelector::UserId(7)));
        assert!(poll(ended.as_mut()).is_pending());
        revoke(&site, &cookie);
        assert_eq!(poll(ended.as_mut()), Poll::Ready(Ended::Revoked));
        // It was over before, also for a request that read it before.
        for over in [wait_for(&site, &cookie), meanwhile.session().ended()] {
            assert_eq!(poll(pin!(over)), Poll::Ready(Ended::Revoked));
        }
    }
}

#[test]
fn session_ends_at_its_absolute_limit_and_not_when_it_is_idle() {
    block_on(async {
        let site = Site::new();
        let ended = wait_for(&site, &site.signed_in());
        site.clock.set(T0 + 12 * 3600 - 1);
        let mut ended = pin!(ended);
        // The thread looks at the clock four times a second.
        actix_web::rt::time::sleep(Duration::from_millis(600)).await;
        assert!(poll(ended.as_mut()).is_pending());
        site.clock.set(T0 + 12 * 3600);
        assert_eq!(ended.await, Ended::Expired);
        assert_eq!(wait_for(&site, "").await, Ended::Expired);
    });
}

#[test]
fn session_that_goes_on_under_another_id_ends_for_those_who_wait() {
    let site = Site::new();
    let cookie = site.signed_in();
    let mut ended = pin!(wait_for(&site, &cookie));
    let request = site.request(&cookie);
    request.session().reauthenticate();
    assert!(poll(ended.as_mut()).is_pending());
    request.finish().assert_stored();
    assert_eq!(poll(ended.as_mut()), Poll::Ready(Ended::Revoked));
}

#[test]
fn one_entry_wakes_one_of_ten_thousand_and_dropped_ones_leave_nothing() {
    const WAITERS: usize = 10_000;
    let clock = TestClock::at(T0);
    let revocations = Revocations::builder().clock(&clock).in_memory();
    let site = Site::of(&clock, &revocations);
    let sessions: Vec<_> = (0..WAITERS)
        .map(|user| {
            let request = site.request("");
            request.session().sign_in();
            request.session().set_user_id(user as u64);
            request.session()
        })
        .collect();
    let woken: Vec<_> = (0..WAITERS).map(|_| Arc::new(Count::default())).collect();
    let mut waiting = Vec::with_capacity(WAITERS);
    let memory = allocation_counter::measure(|| {
        for (session, count) in sessions.iter().zip(&woken) {
            let mut ended = session.ended();
            let waker = Waker::from(Arc::clone(count));
            assert!(
                Pin::new(&mut ended)
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            waiting.push(ended);
        }
    });
    let bytes = usize::try_from(memory.bytes_current).expect("memory is in use");
    let each = bytes / WAITERS + size_of::<SessionEnded>();
    assert!(each <= 200, "{each} bytes for each that waits");
    let woken_count = || {
        woken
            .iter()
            .map(|it| it.0.load(Ordering::SeqCst))
            .sum::<usize>()
    };

    drop(revocations.revoke_all(AuthSelector::UserId(5000)));
    assert_eq!(
        (woken_count(), woken[5000].0.load(Ordering::SeqCst)),
        (1, 1)
    );
    drop(revocations.revoke_session::<Auth>(sessions[77].info().id().unwrap()));
    assert_eq!((woken_count(), woken[77].0.load(Ordering::SeqCst)), (2, 1));

    let freed = allocation_counter::measure(|| drop(waiting));
    assert!(
        freed.bytes_current <= -memory.bytes_current,
        "{freed:?} of {memory:?}"
    );
}
