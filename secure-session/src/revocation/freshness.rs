//! How old the list is.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use crate::time::Reading;

/// When the store was last heard, by two clocks: one may be set back, and the other does not run
/// while the machine sleeps.
#[derive(Default)]
pub(super) struct Freshness(Mutex<Option<Heard>>);

#[derive(Debug, Clone, Copy)]
struct Heard {
    at: Instant,
    time: Reading,
    /// The store failed since.
    has_failed: bool,
}

impl Freshness {
    /// Records that the list is current. Returns true if the store had failed before.
    pub(super) fn heard(&self, at: Instant, time: Reading) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = heard.replace(Heard {
            at,
            time,
            has_failed: false,
        });
        before.is_some_and(|heard| heard.has_failed)
    }

    /// Records that the store failed. Returns true the first time since it was heard.
    pub(super) fn failed(&self) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (heard.as_mut()).is_some_and(|heard| !std::mem::replace(&mut heard.has_failed, true))
    }

    /// Returns the time since the store was heard, by the clock that says more.
    pub(super) fn age(&self, now: Instant, time: Reading) -> Duration {
        match self.get() {
            None => Duration::MAX,
            Some(heard) => {
                let by_time = time.since(heard.time);
                now.saturating_duration_since(heard.at).max(by_time)
            }
        }
    }

    /// Returns when the store was heard, if it has failed since or was never heard.
    pub(super) fn failed_since(&self) -> Option<SystemTime> {
        match self.get() {
            None => Some(SystemTime::UNIX_EPOCH),
            Some(heard) => heard.has_failed.then(|| heard.time.system_time()),
        }
    }

    fn get(&self) -> Option<Heard> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
