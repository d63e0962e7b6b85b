//! Session metadata.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use super::{SessionOrigin, cell::SessionCell, state::RequestState};
use crate::{
    codec::Contents,
    error::{EncodeError, RejectReason},
    log::event,
    payload::{Envelope, SessionId, json::ReceivedMembers},
    schema::{Native, SessionField, field_set::FieldSet},
    session::SecureSession,
    time::system_time,
};

/// Session metadata: id, times, origin, changed fields; see
/// [`Session::info`](super::Session::info).
///
/// It is a separate type so that names such as `id` and `created_at` remain available for fields.
pub struct SessionInfo<'a, T>(&'a SessionCell<T>);

impl<'a, T: SecureSession> SessionInfo<'a, T> {
    pub(super) fn new(cell: &'a SessionCell<T>) -> Self {
        Self(cell)
    }

    /// Returns when the session expires, as the client will have it after this response.
    ///
    /// `None` if there is no session.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at_seconds().map(system_time)
    }

    /// Returns how long the session lasts, measured from the time at which the request first
    /// extracted a session.
    ///
    /// `None` if there is no session.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_at_seconds()
            .map(|end| self.0.time().until(end))
    }

    /// Returns whether the session is new, restored, expired, revoked or rejected.
    #[must_use]
    pub fn origin(&self) -> SessionOrigin {
        self.0.open().origin()
    }

    /// Returns why the request's cookie was rejected, or `None` if it was accepted.
    #[must_use]
    pub fn reason(&self) -> Option<RejectReason> {
        self.0.open().failure()
    }

    /// Returns true if this request changed a value, compared with the received session.
    #[doc(alias = "changed")]
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.changed_fields().is_empty()
    }

    /// Returns the fields that this request changed, in the order of the struct.
    ///
    /// Setting an equal value is not a change. A field whose type has no `PartialEq` counts if it
    /// was written; `skip` fields never count.
    #[must_use]
    pub fn changed_fields(&self) -> Vec<T::Field> {
        let changed = self.0.open().changed();
        let fields = T::Field::ALL.iter().copied();
        fields
            .filter(|field| changed.contains(field.__index()))
            .collect()
    }

    /// Returns the [`lenient`](macro@crate::SecureSession#lenient) fields whose members did not fit
    /// when the session was opened, in the order of the struct.
    ///
    /// They have their defaults. That is not a change: no cookie is sent for it, and the member
    /// stays in the cookie until the field is written.
    #[must_use]
    pub fn reset_fields(&self) -> Vec<T::Field> {
        let received = self.0.open().received();
        let misfits = received.into_iter().flat_map(ReceivedMembers::misfits);
        let reset = FieldSet::from_positions(misfits.map(|(field, _)| field));
        let fields = T::Field::ALL.iter().copied();
        fields
            .filter(|field| reset.contains(field.__index()))
            .collect()
    }

    /// Returns true if the response head has been sent, so that a write would have no effect.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Returns true if `destroy` was called and no new session was started since.
    #[doc(alias = "deleted")]
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        let state = self.state();
        state.is_destroyed() && !self.exists(&state)
    }

    /// Returns the length of `name=value` in bytes if the session were stored now. A session longer
    /// than [`MAX_COOKIE_BYTES`](crate::codec::MAX_COOKIE_BYTES) cannot be stored.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not be read back unchanged.
    /// - [`EncodeError::Random`] if the operating system returns no random bytes.
    pub fn encoded_len(&self) -> Result<usize, EncodeError> {
        let state = self.state();
        let open = self.0.open();
        let value = &*open.current();
        let extensions = open.extensions(&state);
        #[cfg(feature = "revocation")]
        let extensions = self.0.proven(extensions, open, &state, value);
        // All ids have the same length.
        let envelope = Envelope {
            id: SessionId::NONE,
            times: self.envelope_times(&state),
            authenticated: state.authenticated(),
            schema_version: state.schema_version(),
            extensions,
        };
        self.0.codec().encoded_len(Contents {
            value,
            envelope: &envelope,
            carried: open.carried(&state),
            is_compact: false,
        })
    }

    /// Returns when the session expires, in seconds since 1970.
    pub(super) fn expires_at_seconds(&self) -> Option<u64> {
        let state = self.state();
        self.exists(&state).then(|| {
            let times = self.envelope_times(&state);
            self.0.codec().policy().limits.end(&times).0
        })
    }

    /// Returns when the session expires at the latest: idle time does not count.
    #[cfg(feature = "revocation")]
    pub(super) fn latest_end(&self) -> u64 {
        let times = self.envelope_times(&self.state());
        self.0.codec().policy().limits.latest_end(&times)
    }

    fn state(&self) -> RequestState {
        self.0.open().state(RequestState::clone)
    }

    /// Returns true if the client will have a session after this response.
    fn exists(&self, state: &RequestState) -> bool {
        let open = self.0.open();
        state.is_stored() || state.must_send() || open.differs_from_stored(state, &open.current())
    }

    fn envelope_times(&self, state: &RequestState) -> crate::policy::Times {
        let codec = self.0.codec();
        let open = self.0.open();
        let changed = open.differs_from_stored(state, &open.current());
        let now = codec.activity_time(self.0.time(), codec.read_clock());
        state.times(&codec.policy().limits, changed, now)
    }
}

/// Methods of the native format, which has an id and two clocks.
impl<T: SecureSession<Format = Native>> SessionInfo<'_, T> {
    /// Returns the session's id as it will be stored: after `sign_in`, the new one.
    ///
    /// `None` if there is no session: none was received and nothing has been written yet. Also
    /// `None`, with an error in the log, if the session needs a new id and the operating system
    /// returns no random bytes.
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        let state = self.state();
        #[cfg(feature = "revocation")]
        let id = {
            let open = self.0.open();
            open.id_to_send(&state, &open.current())
        };
        #[cfg(not(feature = "revocation"))]
        let id = state.id();
        match id {
            Some(id) => Some(id),
            None if self.exists(&state) => self.new_id(),
            None => None,
        }
    }

    /// Returns when the session was created, in whole seconds. The absolute limit counts from this
    /// time.
    ///
    /// `None` if there is no session.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        let state = self.state();
        self.exists(&state)
            .then(|| system_time(self.envelope_times(&state).created))
    }

    /// Returns true if the user authenticated at most `time` ago, in whole seconds: `sign_in` or
    /// `reauthenticate` was called then, and neither `regenerate` nor `destroy` since.
    ///
    /// Check it before actions that a session left open must not allow, such as changing the
    /// password or e-mail address, or a payment.
    #[must_use]
    pub fn authenticated_within(&self, time: Duration) -> bool {
        let now = self.0.time().seconds();
        self.state()
            .authenticated()
            .is_some_and(|at| now.saturating_sub(at) <= time.as_secs())
    }

    /// Draws the id that the session will be stored with.
    fn new_id(&self) -> Option<SessionId> {
        match self.0.codec().new_id_and_nonce() {
            Ok((id, _)) => Some(self.0.open().assign_id_if_missing(id)),
            Err(err) => {
                let session = self.0.codec().cookie_name();
                event!(error, "session.no_id", session, %err, "could not create a session id");
                None
            }
        }
    }
}

impl<T> fmt::Debug for SessionInfo<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionInfo").finish_non_exhaustive()
    }
}
