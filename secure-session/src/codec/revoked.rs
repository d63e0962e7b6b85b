//! Revoked sessions: checks them, and finds the sessions that a request received.

use std::{sync::Arc, time::Duration};

use super::{Codec, opened::Opened};
use crate::{
    cookie::MAX_CANDIDATES,
    error::{ExpiryLimit, RejectReason},
    payload::{Envelope, SessionId},
    revocation::{Revoked, SessionEvent, TypeRevocations},
    schema::SessionData,
};

/// An application's function that is called for events of sessions.
pub(crate) type EventHandler = Arc<dyn Fn(&SessionEvent<'_>) + Send + Sync>;

/// Returns when a client may try again, from a random byte.
pub(crate) fn retry_after(random: u8) -> Duration {
    Duration::from_secs(u64::from(random % 6).saturating_add(3))
}

impl<T: SessionData> Codec<T> {
    /// Returns the revocations of the type, or `None` if it is not revocable.
    #[inline]
    pub(crate) fn revocations(&self) -> Option<&TypeRevocations> {
        self.inner.revocations.as_ref()
    }

    pub(crate) fn on_event(&self) -> Option<&EventHandler> {
        self.inner.on_event.as_ref()
    }

    /// Returns true if the list of revoked sessions is too old to trust.
    pub(crate) fn is_stale(&self) -> bool {
        self.revocations().is_some_and(TypeRevocations::is_stale)
    }

    /// Returns when a client may try again: after 3 to 8 seconds, at random, so that not all return
    /// together.
    pub(crate) fn retry_after(&self) -> Duration {
        retry_after(self.inner.random.bytes::<1>().map_or(0, |[byte]| byte))
    }

    /// Rejects a session that is revoked.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Revoked`].
    #[inline]
    pub(super) fn check_revoked(&self, session: &Opened<T>) -> Result<(), RejectReason> {
        match self.revoked(session) {
            None => Ok(()),
            Some(_) => Err(RejectReason::Revoked),
        }
    }

    /// Returns the reason for a session that does not fit the struct, or that it is revoked.
    pub(super) fn not_opened(&self, session: &Opened<T>, reason: RejectReason) -> RejectReason {
        let id = session.envelope.id;
        let is_revoked = reason == RejectReason::Schema
            && (self.revocations()).is_some_and(|revocations| revocations.is_session_revoked(id));
        if is_revoked {
            RejectReason::Revoked
        } else {
            reason
        }
    }

    /// Returns the envelope of a new session, with the proof of a user who authenticates now.
    pub(super) fn proven_now(&self, mut envelope: Envelope) -> Envelope {
        if let Some(revocations) = self.revocations() {
            envelope.extensions = envelope.extensions.with_proof(revocations.highest());
        }
        envelope
    }

    /// Returns the ids of the sessions in these cookies that are authentic, whether they open or not,
    /// except those past the absolute limit. Another copy of a session that was idle may be in use,
    /// and one from the future is valid where the clock is ahead.
    pub(crate) fn ids_in<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: u64,
    ) -> Vec<SessionId> {
        let ids = candidates.filter_map(|text| {
            let mut session = Opened::blank();
            match self.open_into(text, now, &mut session) {
                Err(RejectReason::Expired(ExpiryLimit::Absolute)) => None,
                // The id is read only from an authentic cookie.
                Ok(()) | Err(_) => Some(session.envelope.id),
            }
        });
        ids.filter(|id| *id != SessionId::NONE).collect()
    }

    /// Returns why the first revoked session of these cookies is revoked.
    pub(crate) fn revoked_in<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: u64,
    ) -> Option<(SessionId, Revoked)> {
        candidates.take(MAX_CANDIDATES).find_map(|text| {
            let mut session = Opened::blank();
            let opened = self.open_into(text, now, &mut session);
            (opened == Err(RejectReason::Revoked)).then_some(())?;
            Some((session.envelope.id, self.revoked(&session)?))
        })
    }

    #[inline]
    fn revoked(&self, session: &Opened<T>) -> Option<Revoked> {
        let revocations = self.revocations()?;
        let envelope = &session.envelope;
        revocations.revoked(envelope.id, &envelope.extensions, &session.value)
    }
}
