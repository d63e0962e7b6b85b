//! Wakes those who wait for the end of a session: [`Session::ended`](crate::Session::ended).

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::entry::GroupKey;
use crate::payload::SessionId;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// It was revoked: by a logout, another login, or one of the methods of
    /// [`Revocations`](crate::Revocations).
    Revoked,
    /// It reached its absolute limit, or the time set by `remember_for`.
    Expired,
}

/// The waiting futures, by the id of their session.
#[derive(Default)]
pub(super) struct Waiters(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    waiters: BTreeMap<WaiterKey, Waiter>,
    /// The number of futures so far.
    count: u64,
}

/// The session, and the number of the future.
pub(super) type WaiterKey = (SessionId, u64);

struct Waiter {
    session: WaitedFor,
    waker: Option<Waker>,
    result: Option<Ended>,
}

/// A session whose end somebody waits for.
#[derive(Debug, Clone)]
pub(crate) struct WaitedFor {
    pub(crate) groups: Box<[GroupKey]>,
    pub(crate) proof: u64,
    /// When it expires without activity taken into account, in seconds since 1970.
    pub(crate) expires: u64,
}

impl Waiters {
    /// Adds a future.
    pub(super) fn add(&self, id: SessionId, session: WaitedFor) -> WaiterKey {
        let mut inside = self.inside();
        inside.count = inside.count.wrapping_add(1);
        let key = (id, inside.count);
        let waiter = Waiter {
            session,
            waker: None,
            result: None,
        };
        inside.waiters.insert(key, waiter);
        key
    }

    pub(super) fn remove(&self, key: &WaiterKey) {
        let removed = self.inside().waiters.remove(key);
        // A waker is foreign code, which must not run under the lock.
        drop(removed);
    }

    pub(super) fn poll(&self, key: &WaiterKey, context: &Context<'_>) -> Poll<Ended> {
        let waker = context.waker().clone();
        let mut inside = self.inside();
        let Some(waiter) = inside.waiters.get_mut(key) else {
            return Poll::Pending;
        };
        if let Some(ended) = waiter.result {
            return Poll::Ready(ended);
        }
        let replaced = waiter.waker.replace(waker);
        drop(inside);
        drop(replaced);
        Poll::Pending
    }

    /// Ends one future that was not polled yet.
    pub(super) fn end(&self, key: &WaiterKey, ended: Ended) {
        if let Some(waiter) = self.inside().waiters.get_mut(key) {
            waiter.result = Some(ended);
        }
    }

    /// Wakes those who wait for this session.
    pub(super) fn session_revoked(&self, id: SessionId) {
        let mut inside = self.inside();
        let waiters = inside.waiters.range_mut((id, 0)..=(id, u64::MAX));
        let wakers = waiters.filter_map(|(_, waiter)| waiter.end(Ended::Revoked));
        wake(wakers.collect(), inside);
    }

    /// Wakes those who wait for a session of this group with an older proof. `None` is older than
    /// every proof.
    pub(super) fn group_revoked(&self, key: &GroupKey, number: Option<u64>) {
        self.end_some(Ended::Revoked, |session| {
            number.is_none_or(|number| session.proof < number) && session.groups.contains(key)
        });
    }

    /// Wakes those whose session has expired.
    pub(super) fn expire(&self, now: u64) {
        self.end_some(Ended::Expired, |session| session.expires <= now);
    }

    fn end_some(&self, ended: Ended, is_ended: impl Fn(&WaitedFor) -> bool) {
        let mut inside = self.inside();
        let waiters = inside.waiters.values_mut();
        let wakers = waiters
            .filter(|waiter| is_ended(&waiter.session))
            .filter_map(|waiter| waiter.end(ended));
        wake(wakers.collect(), inside);
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    fn end(&mut self, ended: Ended) -> Option<Waker> {
        self.result.get_or_insert(ended);
        self.waker.take()
    }
}

/// Wakers are foreign code, which must not run under the lock.
fn wake(wakers: Vec<Waker>, inside: MutexGuard<'_, Inside>) {
    drop(inside);
    wakers.into_iter().for_each(Waker::wake);
}
