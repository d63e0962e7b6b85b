//! The state of revocations, for readiness checks and metrics.

use std::time::{Duration, SystemTime};

/// The state of [`Revocations`](super::Revocations), as
/// [`Revocations::state`](super::Revocations::state) returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationState {
    /// The list is current.
    #[non_exhaustive]
    Live {
        /// The number of entries in the list.
        entries: usize,
        /// The time since the store was last heard.
        lag: Duration,
        /// The number of entries that the store does not have yet.
        queued: usize,
        /// The counters.
        counters: RevocationCounters,
    },
    /// The store cannot be reached. Sessions are checked against the list as it was.
    #[non_exhaustive]
    Behind {
        /// When the store was last heard.
        since: SystemTime,
        /// The number of entries that the store does not have yet.
        queued: usize,
        /// The counters.
        counters: RevocationCounters,
    },
    /// The store has not been reached for longer than `max_staleness`. Requests with a session get a
    /// 503.
    #[non_exhaustive]
    Refusing {
        /// When the store was last heard.
        since: SystemTime,
        /// The number of entries that the store does not have yet.
        queued: usize,
        /// The counters.
        counters: RevocationCounters,
    },
}

/// What has been counted since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RevocationCounters {
    /// Responses that were sent before the store had what they revoked.
    pub not_recorded: u64,
    /// Requests with a session that was revoked more than 60 seconds before.
    pub revoked_used: u64,
    /// Entries of the store that were skipped, because this version does not know them.
    pub skipped: u64,
}
