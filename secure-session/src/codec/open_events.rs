//! Events that a codec logs when it opens cookies.

use super::{Codec, name_value_len, opened::Opened, wire::OpenError};
use crate::{
    error::RejectReason,
    log::{event, event_once},
    payload::json::{Mistake, ReadError, ReceivedMembers},
    schema::SessionData,
};

impl<T: SessionData> Codec<T> {
    /// Logs what happened to the fields, and converts the error into a reason.
    #[inline]
    pub(super) fn report_result(
        &self,
        opened: Result<(), OpenError>,
        session: &Opened<T>,
    ) -> Result<(), RejectReason> {
        if let Some(from) = session.migrated_from {
            event!(
                debug,
                "session.schema_migrated",
                session = self.cookie_name(),
                from,
                to = T::SCHEMA.version,
                "session migrated"
            );
        }
        match opened {
            Ok(()) => {
                session
                    .received
                    .iter()
                    .for_each(|received| self.report_resets(received));
                Ok(())
            }
            Err(OpenError::Rejected(reason)) => Err(reason),
            Err(OpenError::NotRead { version, err }) => Err(self.report_not_read(version, err)),
        }
    }

    /// Logs that a cookie opened. `cookie` is its name if it is not the session's own cookie.
    #[inline]
    pub(super) fn report_opened(
        &self,
        cookie: Option<&str>,
        text: &[u8],
        now: u64,
        session: &Opened<T>,
    ) {
        let times = &session.envelope.times;
        // A session of the Node package has no id; it gets one when it is sent.
        let id = cookie.is_none().then_some(session.envelope.id);
        event!(
            debug,
            "session.opened",
            session = self.cookie_name(),
            fastify_cookie = cookie,
            key_index = session.key_index,
            id_hash = self.id_hash(id),
            age = now.saturating_sub(times.created),
            idle = now.saturating_sub(times.seen),
            size = self.size_of(cookie, text),
            "session cookie accepted"
        );
    }

    pub(super) fn report_not_opened(
        &self,
        cookie: Option<&str>,
        text: &[u8],
        reason: RejectReason,
    ) {
        event!(
            debug,
            "session.not_opened",
            session = self.cookie_name(),
            fastify_cookie = cookie,
            %reason,
            size = self.size_of(cookie, text),
            "session cookie rejected"
        );
    }

    fn size_of(&self, cookie: Option<&str>, text: &[u8]) -> usize {
        let name = match cookie {
            Some(cookie) => cookie,
            None => self.cookie_name(),
        };
        name_value_len(name, text.len())
    }

    /// Logs why the object of a session does not fit the struct: at `warn` the first time, then at
    /// `debug`.
    fn report_not_read(&self, version: u32, err: ReadError) -> RejectReason {
        match err {
            ReadError::Malformed => RejectReason::Malformed,
            ReadError::NotMigrated { panicked } => self.report_not_migrated(version, panicked),
            ReadError::Schema { field, mistake } => self.report_misfit(field, mistake),
        }
    }

    fn report_not_migrated(&self, from: u32, panicked: bool) -> RejectReason {
        event_once!(
            self.log_state().not_migrated,
            "session.schema_not_migrated",
            session = self.cookie_name(),
            from,
            to = T::SCHEMA.version,
            panicked,
            "session rejected: `migrate` failed; check that function"
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
            "session rejected: a field does not fit the struct; see `schema_changes` in the manual"
        );
        RejectReason::Schema
    }

    /// Logs the fields that were reset.
    fn report_resets(&self, received: &ReceivedMembers) {
        for (index, mistake) in received.misfits() {
            let Some(once) = self.log_state().field_reset.get(index) else {
                continue;
            };
            event_once!(
                once,
                "session.field_reset",
                session = self.cookie_name(),
                field = T::SCHEMA.fields.get(index).map_or("", |field| field.name),
                %mistake,
                "session field does not fit the struct and was reset to its default"
            );
        }
    }

    /// Logs that sessions are still received under an old key, at most hourly.
    pub(super) fn report_old_key(&self, key_index: usize, now: u64) {
        if self.log_state().is_old_key_due(key_index, now) {
            event!(
                info,
                "session.old_key",
                session = self.cookie_name(),
                key_index,
                "still receiving sessions encrypted with an old key; keep that key in the ring \
                 (logged at most hourly)"
            );
        }
    }
}
