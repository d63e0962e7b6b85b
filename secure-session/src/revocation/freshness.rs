//! How old the list is.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant, SystemTime},
};

use crate::time::Reading;

/// When the store was last heard, by two clocks: one may be set back, and the other does not run
/// while the machine sleeps.
pub(super) struct Freshness {
    start: Instant,
    /// Milliseconds since the start.
    heard_at: AtomicU64,
    /// Milliseconds since 1970; 0 before the store was heard.
    heard_time: AtomicU64,
    has_failed: AtomicBool,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            heard_at: AtomicU64::new(0),
            heard_time: AtomicU64::new(0),
            has_failed: AtomicBool::new(false),
        }
    }
}

impl Freshness {
    /// Records that the list is current. Returns true if the store had failed before.
    pub(super) fn heard(&self, at: Instant, time: Reading) -> bool {
        let since_start = at.saturating_duration_since(self.start);
        self.heard_at.store(millis(since_start), Ordering::Release);
        self.heard_time.store(time.millis(), Ordering::Release);
        self.has_failed.swap(false, Ordering::AcqRel)
    }

    /// Counts from now by another clock.
    pub(super) fn use_clock(&self, time: Reading) {
        if self.heard_time.load(Ordering::Acquire) != 0 {
            self.heard_time.store(time.millis(), Ordering::Release);
        }
    }

    /// Records that the store failed. Returns true the first time since it was heard.
    pub(super) fn failed(&self) -> bool {
        !self.has_failed.swap(true, Ordering::AcqRel)
    }

    /// Returns the time since the store was heard, by the clock that says more.
    pub(super) fn age(&self, now: Instant, time: Reading) -> Duration {
        let heard_time = self.heard_time.load(Ordering::Acquire);
        if heard_time == 0 {
            return Duration::MAX;
        }
        let since_start = millis(now.saturating_duration_since(self.start));
        let by_instant = since_start.saturating_sub(self.heard_at.load(Ordering::Acquire));
        let by_time = time.millis().saturating_sub(heard_time);
        Duration::from_millis(by_instant.max(by_time))
    }

    /// Returns when the store was heard, if it has failed since or was never heard.
    pub(super) fn failed_since(&self) -> Option<SystemTime> {
        let heard_time = self.heard_time.load(Ordering::Acquire);
        let has_failed = heard_time == 0 || self.has_failed.load(Ordering::Acquire);
        let since = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(heard_time));
        has_failed.then(|| since.unwrap_or(SystemTime::UNIX_EPOCH))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_counted_by_the_clock_that_says_more() {
        let freshness = Freshness::default();
        let start = freshness.start;
        let age = |by_instant, time| {
            let now = start + Duration::from_secs(by_instant);
            freshness.age(now, Reading::at(time))
        };
        assert_eq!(age(0, 1_000), Duration::MAX);
        freshness.use_clock(Reading::at(1_000));
        assert_eq!(age(0, 1_000), Duration::MAX);
        freshness.heard(start + Duration::from_secs(10), Reading::at(1_010));
        assert_eq!(age(10, 1_010), Duration::ZERO);
        let five = Duration::from_secs(5);
        assert_eq!(age(15, 1_015), five);
        // The system's clock was set back.
        assert_eq!(age(15, 900), five);
        // The machine slept.
        assert_eq!(age(10, 1_015), five);
        freshness.use_clock(Reading::at(9_000));
        assert_eq!(age(10, 9_000), Duration::ZERO);
        assert_eq!(age(10, 9_005), five);
    }

    #[test]
    fn first_failure_since_the_store_was_heard_is_reported() {
        let freshness = Freshness::default();
        assert!(freshness.failed());
        assert!(!freshness.failed());
        assert!(freshness.heard(Instant::now(), Reading::at(1_000)));
        assert!(!freshness.heard(Instant::now(), Reading::at(1_000)));
        assert!(freshness.failed());
    }
}
