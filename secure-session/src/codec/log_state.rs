//! What a codec keeps for the log: the hash that stands for a session's id, and what was said
//! already.

use std::{
    array, fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Codec, wire::WireFormat as _};
use crate::{
    error::RejectReason,
    key::KeyRing,
    log::{WarnOnce, event, event_once},
    payload::{
        SessionId,
        json::{Mistake, ReadError, UnknownMembers},
    },
    schema::SessionData,
};

/// A key that does not seal any more is reported once in this time, in seconds.
const OLD_KEY_INTERVAL: u64 = 3600;

/// What was said already: the owner of a cookie can bring these about as often as he likes.
pub(crate) struct LogState {
    pub(crate) discarded_writes: WarnOnce,
    pub(crate) large: WarnOnce,
    pub(crate) remember_cut: WarnOnce,
    not_migrated: WarnOnce,
    schema_mismatch: WarnOnce,
    /// By the position of the field; a struct has at most 64.
    field_reset: [WarnOnce; 64],
    /// When each key was last reported, by its position.
    old_keys: [AtomicU64; KeyRing::MAX_KEYS],
}

impl Default for LogState {
    fn default() -> Self {
        Self {
            discarded_writes: WarnOnce::new(),
            large: WarnOnce::new(),
            remember_cut: WarnOnce::new(),
            not_migrated: WarnOnce::new(),
            schema_mismatch: WarnOnce::new(),
            field_reset: [const { WarnOnce::new() }; 64],
            old_keys: array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

/// Stands for the id of a session in the log: 16 hexadecimal digits.
///
/// The id itself stands in no log: whoever keeps a table of sessions may take it for a secret. The
/// hash has a key of its own, so it tells nothing to who holds the log alone.
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

    /// What the log shows of an id; `None` while there is none, and in a format that has none.
    pub(crate) fn id_hash(
        &self,
        id: Option<SessionId>,
    ) -> Option<tracing::field::DisplayValue<IdHash>> {
        let hash = self.inner.wire.id_hash(id?)?;
        Some(tracing::field::display(IdHash(hash)))
    }

    /// How many keys decrypt the session.
    pub(crate) fn key_count(&self) -> usize {
        self.inner.wire.key_count()
    }

    /// Distinguishes two keys that encrypt. It is not a secret, and it is only compared.
    pub(crate) fn sealing_key_fingerprint(&self) -> [u8; 4] {
        self.inner.wire.sealing_key_fingerprint()
    }

    /// Says now and then that sessions still come under a key that does not seal any more.
    pub(super) fn report_old_key(&self, key_index: usize, now: u64) {
        let Some(last) = self.log_state().old_keys.get(key_index) else {
            return;
        };
        let told = last.load(Ordering::Relaxed);
        let is_due = key_index > 0 && (told == 0 || now.abs_diff(told) >= OLD_KEY_INTERVAL);
        if is_due && last.swap(now, Ordering::Relaxed) == told {
            event!(
                info,
                "session.old_key",
                session = self.cookie_name(),
                key_index,
                "sessions still come under a key that does not seal any more; this is said once an \
                 hour"
            );
        }
    }

    /// Logs why the object of a session does not become the struct: at `warn` the first time, then at
    /// `debug`.
    pub(super) fn report_not_read(&self, version: u32, err: ReadError) -> RejectReason {
        match err {
            ReadError::Malformed => RejectReason::Malformed,
            ReadError::NotMigrated { panicked } => self.report_not_migrated(version, panicked),
            ReadError::Schema { field, mistake } => self.report_misfit(field, mistake),
        }
    }

    fn report_not_migrated(&self, from: u32, panicked: bool) -> RejectReason {
        event_once!(
            self.log_state().not_migrated,
            "session.not_migrated",
            session = self.cookie_name(),
            from,
            to = T::SCHEMA.version,
            panicked,
            "session could not be migrated and is not accepted"
        );
        RejectReason::Schema
    }

    fn report_misfit(&self, field: &'static str, mistake: Mistake) -> RejectReason {
        event_once!(
            self.log_state().schema_mismatch,
            "session.schema_mismatch",
            session = self.cookie_name(),
            field,
            %mistake,
            "session does not fit the struct and is not accepted"
        );
        RejectReason::Schema
    }

    /// Names the fields that were reset.
    pub(super) fn report_resets(&self, unknown: &UnknownMembers) {
        for (index, mistake) in unknown.misfits() {
            let Some(once) = self.log_state().field_reset.get(index) else {
                continue;
            };
            event_once!(
                once,
                "session.field_reset",
                session = self.cookie_name(),
                field = T::SCHEMA.fields.get(index).map_or("", |field| field.name),
                %mistake,
                "session field does not fit the struct and is reset to its default"
            );
        }
    }
}
