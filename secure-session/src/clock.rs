//! Where the time comes from.
//!
//! Only the outermost functions ask a [`Clock`]; the inner ones take the time as a parameter.
//! All times are whole seconds since 1970 (Unix time), as they stand in the cookie.

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

/// Tells the time in whole Unix seconds.
#[derive(Clone, Default)]
pub(crate) enum Clock {
    /// The operating system's clock.
    #[default]
    System,
    /// A clock that tests set.
    #[cfg(feature = "test-util")]
    Test(Arc<AtomicU64>),
}

impl Clock {
    /// Gives the time now; 0 before 1970, [`MAX_TIME`] at most.
    pub(crate) fn now(&self) -> u64 {
        let seconds = match self {
            Self::System => unix_seconds(SystemTime::now()),
            #[cfg(feature = "test-util")]
            Self::Test(seconds) => seconds.load(Ordering::SeqCst),
        };
        seconds.min(MAX_TIME)
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

/// Whole seconds since 1970; 0 for earlier times.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The reverse of [`unix_seconds`]; the end of what the platform can tell, if it ends earlier.
pub(crate) fn system_time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
