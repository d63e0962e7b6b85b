//! The clock and its readings.
//!
//! Only the outermost functions read a [`Clock`]; inner functions take the time as a parameter.
//! Times are whole seconds since 1970 (Unix time), as in the cookie.

#[cfg(feature = "test-util")]
mod test_clock;

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[cfg(feature = "test-util")]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

#[cfg(feature = "test-util")]
pub use self::test_clock::TestClock;

/// The latest time that fits the envelope's 40 bits; it is in the year 36812.
pub(crate) const MAX_TIME: u64 = (1 << 40) - 1;

/// How far ahead of our clock a time in a cookie may be, because servers' clocks differ slightly.
pub(crate) const MAX_SKEW_SECONDS: u64 = 60;

/// A source of the current time.
#[derive(Clone, Default)]
pub(crate) enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that tests control, in milliseconds since 1970.
    #[cfg(feature = "test-util")]
    Test(Arc<AtomicU64>),
}

impl Clock {
    /// Reads the clock. A time before 1970 counts as 1970.
    pub(crate) fn read(&self) -> Reading {
        let millis = match self {
            Self::System => {
                let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
                since_1970.unwrap_or_default().as_millis()
            }
            #[cfg(feature = "test-util")]
            Self::Test(millis) => millis.load(Ordering::SeqCst).into(),
        };
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        Reading {
            millis: millis.min(MAX_TIME.saturating_mul(1000)),
        }
    }

    /// Reads the clock in whole seconds.
    pub(crate) fn now(&self) -> u64 {
        self.read().seconds()
    }
}

/// One reading of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reading {
    /// Milliseconds since 1970.
    millis: u64,
}

impl Reading {
    /// Returns whole seconds since 1970, at most [`MAX_TIME`].
    pub(crate) fn seconds(self) -> u64 {
        self.millis / 1000
    }

    /// Returns the reading as a `SystemTime`.
    #[cfg(feature = "revocation")]
    pub(crate) fn system_time(self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(Duration::from_millis(self.millis))
            .unwrap_or(UNIX_EPOCH)
    }

    /// Returns milliseconds since 1970.
    #[cfg(feature = "revocation")]
    pub(crate) fn millis(self) -> u64 {
        self.millis
    }

    /// Returns seconds since 1970, rounded to the nearest (half a second rounds up), as
    /// @fastify/secure-session does.
    #[cfg(feature = "fastify")]
    pub(crate) fn rounded_seconds(self) -> u64 {
        (self.millis.saturating_add(500) / 1000).min(MAX_TIME)
    }

    /// Makes a reading for tests.
    #[cfg(all(test, feature = "revocation"))]
    pub(crate) fn at(seconds: u64) -> Self {
        Self {
            millis: seconds.saturating_mul(1000),
        }
    }

    /// Returns the time left until `end` (seconds since 1970), or zero if it has passed.
    pub(crate) fn until(self, end: u64) -> Duration {
        let end = end.saturating_mul(1000);
        Duration::from_millis(end.saturating_sub(self.millis))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "Clock::System",
            #[cfg(feature = "test-util")]
            Self::Test(_) => "Clock::Test",
        })
    }
}

/// Converts seconds since 1970 into a `SystemTime`, or into 1970 if it is out of the platform's
/// range.
pub(crate) fn system_time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
