//! A codec's state for logging: warn-once flags and the hashes of session ids.

use std::{
    array, fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Codec, wire::WireFormat as _};
use crate::{key::KeyRing, log::WarnOnce, payload::SessionId, schema::SessionData};

/// The interval in seconds at which an old key that still opens sessions is reported.
const OLD_KEY_INTERVAL: u64 = 3600;

/// Warn-once flags for events that a client can trigger at will.
pub(crate) struct LogState {
    pub(crate) discarded_writes: WarnOnce,
    pub(crate) identity_without_sign_in: WarnOnce,
    pub(crate) large: WarnOnce,
    pub(crate) opened_after_response: WarnOnce,
    pub(crate) remember_for_clamped: WarnOnce,
    pub(super) not_migrated: WarnOnce,
    pub(super) schema_mismatch: WarnOnce,
    /// By the field's position; a struct has at most 64 fields.
    pub(super) field_reset: [WarnOnce; 64],
    /// When each key was last reported, by the key's position.
    old_keys: [AtomicU64; KeyRing::MAX_KEYS],
}

impl LogState {
    /// Returns true if the use of an old key must be reported: once per [`OLD_KEY_INTERVAL`] and
    /// key.
    pub(super) fn is_old_key_due(&self, key_index: usize, now: u64) -> bool {
        let Some(last) = self.old_keys.get(key_index).filter(|_| key_index > 0) else {
            return false;
        };
        let reported = last.load(Ordering::Relaxed);
        let is_due = reported == 0 || now.abs_diff(reported) >= OLD_KEY_INTERVAL;
        is_due && last.swap(now, Ordering::Relaxed) == reported
    }
}

impl Default for LogState {
    fn default() -> Self {
        Self {
            discarded_writes: WarnOnce::new(),
            identity_without_sign_in: WarnOnce::new(),
            large: WarnOnce::new(),
            opened_after_response: WarnOnce::new(),
            remember_for_clamped: WarnOnce::new(),
            not_migrated: WarnOnce::new(),
            schema_mismatch: WarnOnce::new(),
            field_reset: [const { WarnOnce::new() }; 64],
            old_keys: array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

/// The hash that represents a session's id in the log: 16 hexadecimal digits.
///
/// The id itself is never logged, because applications with a table of sessions may treat it as a
/// secret. The hash has its own key, so the log alone reveals nothing about the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdHash([u8; 8]);

impl fmt::Display for IdHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<T: SessionData> Codec<T> {
    pub(crate) fn log_state(&self) -> &LogState {
        &self.inner.log_state
    }

    /// Returns the hash of an id for the log, or `None` if there is no id or the format has none.
    pub(crate) fn id_hash(
        &self,
        id: Option<SessionId>,
    ) -> Option<tracing::field::DisplayValue<IdHash>> {
        let hash = self.inner.wire.id_hash(id?)?;
        Some(tracing::field::display(IdHash(hash)))
    }

    /// Returns the number of keys that decrypt the session.
    pub(crate) fn key_count(&self) -> usize {
        self.inner.wire.key_count()
    }

    /// Returns a fingerprint of the key that encrypts, for comparison. It is not secret.
    pub(crate) fn sealing_key_fingerprint(&self) -> [u8; 4] {
        self.inner.wire.sealing_key_fingerprint()
    }
}
