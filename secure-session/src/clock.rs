//! Where the time comes from.
//!
//! Only the outermost functions ask a [`Clock`]; the inner ones take the time as a parameter.
//! Times are whole seconds since 1970 (Unix time), as they stand in the cookie.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[cfg(feature = "test-util")]
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// The latest time that the envelope can hold (40 bits): some day in the year 36812.
pub(crate) const MAX_TIME: u64 = (1 << 40) - 1;

/// How far ahead of our clock a time in a cookie may be: two servers are rarely in perfect step.
pub(crate) const MAX_SKEW_SECONDS: u64 = 60;

/// Tells the time.
#[derive(Clone, Default)]
pub(crate) enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that tests set, in milliseconds.
    #[cfg(feature = "test-util")]
    Test(Arc<AtomicU64>),
}

impl Clock {
    /// Gives the time now in whole seconds; 0 before 1970, [`MAX_TIME`] at most.
    pub(crate) fn now(&self) -> u64 {
        (self.now_millis() / 1000).min(MAX_TIME)
    }

    /// Gives the time now, rounded to the nearest second, half a second upwards: as
    /// @fastify/secure-session writes its times.
    #[cfg(feature = "fastify")]
    pub(crate) fn now_rounded(&self) -> u64 {
        (self.now_millis().saturating_add(500) / 1000).min(MAX_TIME)
    }

    fn now_millis(&self) -> u64 {
        match self {
            Self::System => unix_millis(SystemTime::now()),
            #[cfg(feature = "test-util")]
            Self::Test(millis) => millis.load(Ordering::SeqCst),
        }
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

/// Milliseconds since 1970; 0 for earlier times.
fn unix_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A time in whole seconds as the platform tells it; 1970 if it cannot.
pub(crate) fn system_time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
