//! The clock for tests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::Clock;

/// A clock for tests, which only moves when the test moves it.
///
/// Pass it to a builder. Clones share the same time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Makes a clock set to this time, in whole seconds since 1970.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self::at_millis(unix_seconds.saturating_mul(1000))
    }

    /// Makes a clock set to this time, in milliseconds since 1970.
    #[must_use]
    pub fn at_millis(unix_millis: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_millis)))
    }

    /// Returns the clock's time, in whole seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst) / 1000
    }

    /// Sets the time, forwards or backwards, in whole seconds since 1970.
    pub fn set(&self, unix_seconds: u64) {
        self.set_millis(unix_seconds.saturating_mul(1000));
    }

    /// Sets the time, forwards or backwards, in milliseconds since 1970.
    pub fn set_millis(&self, unix_millis: u64) {
        self.0.store(unix_millis, Ordering::SeqCst);
    }

    /// Moves the clock forwards by `time`, in whole milliseconds.
    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let moved = self.0.load(Ordering::SeqCst).saturating_add(millis);
        self.set_millis(moved);
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::Test(Arc::clone(&self.0))
    }
}
