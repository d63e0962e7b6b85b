//! The facts of a session.

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

/// What there is to know of a session beside its values; see
/// [`Session::info`](super::Session::info).
///
/// They stand behind one method, so that `id` and `created_at` stay free for fields.
pub struct SessionInfo<'a, T>(&'a SessionCell<T>);

impl<'a, T: SecureSession> SessionInfo<'a, T> {
    pub(super) fn new(cell: &'a SessionCell<T>) -> Self {
        Self(cell)
    }

    /// When the session ends, as the client will have it after this response.
    ///
    /// `None` while there is no session.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.end().map(system_time)
    }

    /// Returns how long the session lives on, measured from the time of the request.
    ///
    /// That is the time at which the request first asked for a session. `None` while there is no
    /// session.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.end().map(|end| self.0.time().until(end))
    }

    /// How the session came to be.
    #[must_use]
    pub fn origin(&self) -> SessionOrigin {
        self.0.open().origin()
    }

    /// Why the request's cookie was not accepted; `None` if it was.
    #[must_use]
    pub fn reason(&self) -> Option<RejectReason> {
        self.0.open().failure()
    }

    /// Whether this request changed a value, by comparison with what came.
    #[doc(alias = "changed")]
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.changed_fields().is_empty()
    }

    /// The fields that this request changed, in the order of the struct.
    ///
    /// An equal value is no change. Fields of a type without `PartialEq` count when they are
    /// written, `skip` fields never.
    #[must_use]
    pub fn changed_fields(&self) -> Vec<T::Field> {
        let changed = self.0.open().changed();
        let fields = T::Field::ALL.iter().copied();
        fields
            .filter(|field| changed.contains(field.__index()))
            .collect()
    }

    /// The [`lenient`](macro@crate::SecureSession#lenient) fields whose members did not fit when
    /// the session was opened, in the order of the struct.
    ///
    /// They were given their defaults, which is no change: nothing is sent for it, and the member
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

    /// Whether the response head has gone, so that a write would change nothing.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Whether `destroy` was called, and nothing has begun a new session since.
    #[doc(alias = "deleted")]
    #[must_use]
    pub fn is_destroyed(&self) -> bool {
        let state = self.state();
        state.is_destroyed() && !self.exists(&state)
    }

    /// The length of `name=value` in bytes, if the session were stored as it is now; at most
    /// [`MAX_COOKIE_BYTES`](crate::codec::MAX_COOKIE_BYTES) can be.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not come back as it is.
    /// - [`EncodeError::Random`] when the operating system gives no random bytes.
    pub fn encoded_len(&self) -> Result<usize, EncodeError> {
        let state = self.state();
        let open = self.0.open();
        // The id has one length, whatever it is.
        let envelope = Envelope {
            id: SessionId::NONE,
            times: self.envelope_times(&state),
            authenticated: state.authenticated(),
            schema_version: state.schema_version(),
            extensions: open.extensions(&state),
        };
        self.0.codec().encoded_len(Contents {
            value: &open.current(),
            envelope: &envelope,
            carried: open.carried(&state),
            is_compact: false,
        })
    }

    /// In seconds since 1970.
    fn end(&self) -> Option<u64> {
        let state = self.state();
        self.exists(&state).then(|| {
            let times = self.envelope_times(&state);
            self.0.codec().policy().limits.end(&times).0
        })
    }

    fn state(&self) -> RequestState {
        self.0.open().state(RequestState::clone)
    }

    /// Whether the client will have a session after this response.
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

/// What only the native format has.
impl<T: SecureSession<Format = Native>> SessionInfo<'_, T> {
    /// The session's id, as it will be stored: after `sign_in` the new one.
    ///
    /// `None` while there is no session: nothing came with the request, and nothing was written
    /// yet. Also `None`, with an error in the log, when a new id is due and the operating system
    /// gives no random bytes.
    #[must_use]
    pub fn id(&self) -> Option<SessionId> {
        let state = self.state();
        match state.id() {
            Some(id) => Some(id),
            None if self.exists(&state) => self.new_id(),
            None => None,
        }
    }

    /// When the session began, in whole seconds; the absolute limit counts from here.
    ///
    /// `None` while there is no session.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        let state = self.state();
        self.exists(&state)
            .then(|| system_time(self.envelope_times(&state).created))
    }

    /// Whether the user was authenticated within this time, its last second included: `sign_in` or
    /// `reauthenticate` was called, and since then neither `regenerate` nor `destroy`.
    ///
    /// Ask for it before what must not be done from a session left open: a change of password, of
    /// address, a payment.
    #[must_use]
    pub fn authenticated_within(&self, time: Duration) -> bool {
        let now = self.0.time().seconds();
        self.state()
            .authenticated()
            .is_some_and(|at| now.saturating_sub(at) <= time.as_secs())
    }

    /// Draws the id that the session will be sealed with.
    fn new_id(&self) -> Option<SessionId> {
        match self.0.codec().new_id_and_nonce() {
            Ok((id, _)) => Some(self.0.open().assign_id_if_missing(id)),
            Err(err) => {
                let session = self.0.codec().cookie_name();
                event!(error, "session.no_id", session, %err, "no session id");
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
