//! Where the time comes from.
//!
//! Only the outermost functions ask a [`Clock`]; the inner ones take the time as a parameter.
//! Times are whole seconds since 1970 (Unix time), as they stand in the cookie.

#[cfg(feature = "test-util")]
mod test_clock;

use std::{
    cell::OnceCell,
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
        let seconds = match self {
            Self::System => since_1970().as_secs(),
            #[cfg(feature = "test-util")]
            Self::Test(millis) => millis.load(Ordering::SeqCst) / 1000,
        };
        seconds.min(MAX_TIME)
    }

    /// Gives the time now, rounded to the nearest second, half a second upwards: as
    /// @fastify/secure-session writes its times.
    #[cfg(feature = "fastify")]
    pub(crate) fn now_rounded(&self) -> u64 {
        let millis = match self {
            Self::System => since_1970().as_millis(),
            #[cfg(feature = "test-util")]
            Self::Test(millis) => millis.load(Ordering::SeqCst).into(),
        };
        let rounded = millis.saturating_add(500) / 1000;
        u64::try_from(rounded).unwrap_or(u64::MAX).min(MAX_TIME)
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

/// The time of something that takes no time, such as opening a cookie: asked of the clock when it is
/// first needed, and the same from then on.
#[derive(Debug)]
pub(crate) struct LazyNow<'a> {
    clock: &'a Clock,
    seconds: OnceCell<u64>,
}

impl<'a> LazyNow<'a> {
    pub(crate) fn of(clock: &'a Clock) -> Self {
        Self {
            clock,
            seconds: OnceCell::new(),
        }
    }

    /// In whole seconds, as [`Clock::now`].
    pub(crate) fn seconds(&self) -> u64 {
        *self.seconds.get_or_init(|| self.clock.now())
    }
}

/// The time since 1970; none for earlier times.
///
/// It is that of the kernel's last tick, up to 10 ms ago: where whole seconds count that is as good,
/// and it takes a quarter of the time.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn since_1970() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::RealtimeCoarse);
    time.try_into().unwrap_or_default()
}

/// The time since 1970; none for earlier times.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn since_1970() -> Duration {
    let time = SystemTime::now();
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A time in whole seconds as the platform tells it; 1970 if it cannot.
pub(crate) fn system_time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
