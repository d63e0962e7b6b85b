//! The lifetime of a session: an idle limit, which activity restarts, and an absolute limit.

use std::time::Duration;

use crate::{cookie::rules::MAX_LIFETIME_SECONDS, error::ExpiryLimit};

const QUARTER_OF_AN_HOUR: Duration = Duration::from_secs(15 * 60);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
const HALF_A_DAY: Duration = Duration::from_secs(12 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// By default, activity is recorded once this fraction of the idle time (a tenth) has passed.
const REFRESH_PARTS: u64 = 10;

/// The idle limit and the absolute limit of a session.
///
/// The presets are the limits of NIST SP 800-63B for the three authenticator assurance levels.
///
/// | Preset | Idle | Absolute |
/// |---|---|---|
/// | [`aal1`](Self::aal1) | 30 days | 30 days |
/// | [`aal2`](Self::aal2), the default | 30 minutes | 12 hours |
/// | [`aal3`](Self::aal3) | 15 minutes | 12 hours |
///
/// # Examples
///
/// ```
/// use secure_session::policy::Lifetime;
/// use std::time::Duration;
///
/// assert_eq!(Lifetime::default(), Lifetime::aal2());
/// assert_eq!(Lifetime::aal2().idle(), Some(Duration::from_secs(30 * 60)));
/// assert_eq!(Lifetime::aal2().absolute(), Duration::from_secs(12 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    idle: Option<Duration>,
    absolute: Duration,
}

impl Lifetime {
    /// Makes a lifetime of both limits, in whole seconds. `None` means no idle limit.
    ///
    /// `build()` rejects zero, more than 400 days, and an idle limit above the absolute limit.
    #[must_use]
    pub fn new(idle: impl Into<Option<Duration>>, absolute: Duration) -> Self {
        Self {
            idle: idle.into(),
            absolute,
        }
    }

    /// Returns the limits of AAL1: 30 days idle, 30 days absolute.
    #[must_use]
    pub fn aal1() -> Self {
        Self::new(MONTH, MONTH)
    }

    /// Returns the limits of AAL2: 30 minutes idle, 12 hours absolute.
    #[must_use]
    pub fn aal2() -> Self {
        Self::new(HALF_AN_HOUR, HALF_A_DAY)
    }

    /// Returns the limits of AAL3: 15 minutes idle, 12 hours absolute.
    #[must_use]
    pub fn aal3() -> Self {
        Self::new(QUARTER_OF_AN_HOUR, HALF_A_DAY)
    }

    /// Returns the idle limit, if there is one.
    #[must_use]
    pub fn idle(&self) -> Option<Duration> {
        self.idle
    }

    /// Returns the absolute limit.
    #[must_use]
    pub fn absolute(&self) -> Duration {
        self.absolute
    }
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::aal2()
    }
}

/// A session's limits in seconds, and when its cookie is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) idle: Option<u64>,
    /// `None` in a format without an absolute limit.
    pub(crate) absolute: Option<u64>,
    /// `None` if reads never refresh the cookie.
    pub(crate) refresh: Option<u64>,
    pub(crate) remember: RememberLimit,
}

/// What `remember_for` may do to the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RememberLimit {
    /// It replaces both limits.
    #[default]
    None,
    /// It replaces both limits, for at most these seconds without activity that is recorded.
    AtMost(u64),
    /// Both limits still apply.
    WithinLimits,
}

/// A session's times, from which its limits are counted, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) created: u64,
    pub(crate) seen: u64,
    /// Set by `remember_for`; replaces both limits, unless a [`RememberLimit`] says otherwise.
    pub(crate) own_end: Option<u64>,
}

impl Limits {
    /// Returns a tenth of the idle time, at least one second.
    pub(crate) fn default_refresh(idle: u64) -> u64 {
        (idle / REFRESH_PARTS).max(1)
    }

    /// Returns the first second at which the session has expired, and the limit that ends it.
    pub(crate) fn end(&self, times: &Times) -> (u64, ExpiryLimit) {
        let Some(own_end) = times.own_end else {
            return self.end_of_limits(times);
        };
        match self.remember {
            RememberLimit::None => (own_end, ExpiryLimit::Absolute),
            RememberLimit::AtMost(seconds) => {
                let latest = times.seen.saturating_add(seconds);
                (own_end.min(latest), ExpiryLimit::Absolute)
            }
            RememberLimit::WithinLimits => match self.end_of_limits(times) {
                (end, limit) if end < own_end => (end, limit),
                _ => (own_end, ExpiryLimit::Absolute),
            },
        }
    }

    /// Returns the most seconds that a session lasts without being encrypted again.
    #[cfg(feature = "revocation")]
    pub(crate) fn longest_unsealed(&self, counts_idle: bool) -> u64 {
        let limit = self.idle.filter(|_| counts_idle).or(self.absolute);
        let remembered = match self.remember {
            RememberLimit::AtMost(seconds) => seconds,
            RememberLimit::None | RememberLimit::WithinLimits => 0,
        };
        limit.map_or(u64::MAX, |limit| limit.max(remembered))
    }

    /// Returns the first second at which the session has expired, however active it is.
    #[cfg(feature = "revocation")]
    pub(crate) fn latest_end(&self, times: &Times) -> u64 {
        let without_idle = Self {
            idle: None,
            ..*self
        };
        without_idle.end(times).0
    }

    fn end_of_limits(&self, times: &Times) -> (u64, ExpiryLimit) {
        let absolute = self
            .absolute
            .map_or(u64::MAX, |absolute| times.created.saturating_add(absolute));
        match self.idle.map(|idle| times.seen.saturating_add(idle)) {
            Some(idle) if idle < absolute => (idle, ExpiryLimit::Idle),
            _ => (absolute, ExpiryLimit::Absolute),
        }
    }

    /// Returns the limit that has passed, if any. At exactly its limit, a session has expired.
    pub(crate) fn passed(&self, times: &Times, now: u64) -> Option<ExpiryLimit> {
        let (end, limit) = self.end(times);
        (now >= end).then_some(limit)
    }

    /// Returns the seconds until the session expires, which is also the maximum for `Max-Age`.
    pub(crate) fn left(&self, times: &Times, now: u64) -> u64 {
        let (end, _) = self.end(times);
        end.saturating_sub(now).min(MAX_LIFETIME_SECONDS)
    }

    /// Returns true if activity at this time must be recorded.
    pub(crate) fn refresh_due(&self, times: &Times, now: u64) -> bool {
        let is_idle_limited =
            times.own_end.is_none() || self.remember == RememberLimit::WithinLimits;
        match (self.idle, self.refresh) {
            (Some(_), Some(refresh)) if is_idle_limited => {
                now.saturating_sub(times.seen) >= refresh
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        idle: Some(100),
        absolute: Some(1000),
        refresh: Some(10),
        remember: RememberLimit::None,
    };

    fn times(created: u64, seen: u64) -> Times {
        Times {
            created,
            seen,
            own_end: None,
        }
    }

    #[test]
    fn presets_are_the_limits_of_the_assurance_levels() {
        let seconds = |lifetime: Lifetime| {
            let idle = lifetime.idle().unwrap();
            (idle.as_secs(), lifetime.absolute().as_secs())
        };
        assert_eq!(seconds(Lifetime::aal1()), (2_592_000, 2_592_000));
        assert_eq!(seconds(Lifetime::aal2()), (1800, 43_200));
        assert_eq!(seconds(Lifetime::aal3()), (900, 43_200));
        assert_eq!(MAX_LIFETIME_SECONDS, 34_560_000);
    }

    #[test]
    fn session_is_expired_at_exactly_its_limit() {
        let idle = times(500, 500);
        assert_eq!(LIMITS.passed(&idle, 599), None);
        assert_eq!(LIMITS.passed(&idle, 600), Some(ExpiryLimit::Idle));
        let absolute = times(500, 1450);
        assert_eq!(LIMITS.passed(&absolute, 1499), None);
        assert_eq!(LIMITS.passed(&absolute, 1500), Some(ExpiryLimit::Absolute));
    }

    #[test]
    fn absolute_limit_is_reported_when_both_end_together() {
        assert_eq!(LIMITS.end(&times(500, 1400)), (1500, ExpiryLimit::Absolute));
        assert_eq!(LIMITS.end(&times(500, 1399)), (1499, ExpiryLimit::Idle));
    }

    #[test]
    fn own_end_replaces_both_limits() {
        let remembered = Times {
            own_end: Some(9000),
            ..times(500, 500)
        };
        assert_eq!(LIMITS.passed(&remembered, 8999), None);
        assert_eq!(
            LIMITS.passed(&remembered, 9000),
            Some(ExpiryLimit::Absolute)
        );
        assert!(!LIMITS.refresh_due(&remembered, 8000));
    }

    #[test]
    fn refresh_is_not_due_before_its_time() {
        assert!(!LIMITS.refresh_due(&times(500, 500), 509));
        assert!(LIMITS.refresh_due(&times(500, 500), 510));
        assert!(!LIMITS.refresh_due(&times(500, 560), 510));
    }

    #[test]
    fn largest_times_do_not_overflow() {
        let last = times(u64::MAX, u64::MAX);
        assert_eq!(LIMITS.end(&last).0, u64::MAX);
        assert_eq!(LIMITS.left(&last, 0), MAX_LIFETIME_SECONDS);
        assert_eq!(LIMITS.left(&times(0, 0), u64::MAX), 0);
    }

    #[test]
    fn default_refresh_is_a_tenth_and_at_least_a_second() {
        assert_eq!(Limits::default_refresh(1800), 180);
        assert_eq!(Limits::default_refresh(5), 1);
    }
}
