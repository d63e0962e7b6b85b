//! What a request did to its session, as independent flags.
//!
//! A lifecycle method only records flags; `outcome.rs` decides at the end of the request.

use crate::{
    payload::{Envelope, SessionId},
    policy::{CookieOptions, Limits, Times},
    schema::field_set::FieldSet,
};

/// The flags of one session in one request.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent; all combinations are possible"
)]
pub(crate) struct RequestState {
    /// The client holds this session: the cookie opened, and the session was not destroyed.
    stored: bool,
    /// `destroy` was called.
    destroyed: bool,
    /// A method was called after which the login in the request's cookie must not continue, even if
    /// something fails later.
    ends_login: bool,
    /// A method was called that sends the cookie even if nothing differs from the defaults.
    must_send: bool,
    /// The session needs or has a new id.
    has_new_id: bool,
    /// The idle clock restarts, even with `ignore_activity`.
    restart_idle: bool,
    /// A method was called that counts as activity, even if no value changed.
    counts_as_activity: bool,
    /// The request does not count as activity.
    ignore_activity: bool,
    /// `remember_for` was called and not undone since.
    remembered: bool,
    /// `reauthenticate` was called and not undone since.
    reauthenticated: bool,
    /// Members that the struct does not know are not written back.
    forgets_unknown: bool,
    /// Fields written in this request.
    written: FieldSet,
    written_since_destroy: FieldSet,
    /// Fields that setters wrote and no method reset since.
    set_by_caller: FieldSet,
    envelope: PendingEnvelope,
    #[cfg(feature = "revocation")]
    revocable: RevocableState,
    /// Boxed because few requests have options and every state is moved.
    options: Option<Box<CookieOptions>>,
}

/// The envelope to store. Values that are `None` are determined when the session is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct PendingEnvelope {
    id: Option<SessionId>,
    created: Option<u64>,
    seen: Option<u64>,
    authenticated: Option<u64>,
    own_end: Option<u64>,
    schema_version: u32,
}

/// What a revocable session needs to know in addition.
#[cfg(feature = "revocation")]
#[derive(Debug, Clone, Default)]
struct RevocableState {
    /// `sign_in` was called.
    signed_in: bool,
    /// `regenerate` was called, which draws a new id only if nobody is signed in.
    regenerated: bool,
    /// The number that proves the login, if this request noted one.
    proof: Option<u64>,
    /// The number for a login by a setter, noted at the first.
    setter_proof: Option<u64>,
    /// The id that replaces the received one, if it is needed.
    replacement_id: Option<SessionId>,
}

impl RequestState {
    /// Makes the state of a received session. A migrated session has no id until it is sent.
    #[inline]
    pub(crate) fn restored(envelope: &Envelope, has_id: bool) -> Self {
        Self {
            stored: true,
            envelope: PendingEnvelope::of(envelope, has_id),
            ..Self::default()
        }
    }

    pub(crate) fn write(&mut self, fields: FieldSet) {
        self.written = self.written.union(fields);
        self.written_since_destroy = self.written_since_destroy.union(fields);
        self.set_by_caller = self.set_by_caller.union(fields);
    }

    /// Records that these fields were reset to their defaults.
    pub(crate) fn reset(&mut self, fields: FieldSet) {
        self.write(fields);
        self.set_by_caller = FieldSet::EMPTY;
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn note_setter_proof(&mut self, proof: u64) {
        self.revocable.setter_proof.get_or_insert(proof);
    }

    /// Notes the number that proves a login or a new password in this request.
    #[cfg(feature = "revocation")]
    pub(crate) fn note_proof(&mut self, proof: u64) {
        self.revocable.proof = Some(proof);
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn note_sign_in(&mut self) {
        self.revocable.signed_in = true;
    }

    /// Spares the session from an entry with this number.
    #[cfg(feature = "revocation")]
    pub(crate) fn spare(&mut self, number: u64) {
        self.must_send = true;
        self.revocable.proof = Some(number);
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn proof(&self) -> Option<u64> {
        self.revocable.proof
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn setter_proof(&self) -> u64 {
        // Without a setter, nothing is proven.
        self.revocable.setter_proof.map_or(0, |proof| proof)
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn is_signed_in_here(&self) -> bool {
        self.revocable.signed_in
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn is_regenerated(&self) -> bool {
        self.revocable.regenerated
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn replacement_id(&self) -> Option<SessionId> {
        self.revocable.replacement_id
    }

    #[cfg(feature = "revocation")]
    pub(crate) fn assign_replacement_id(&mut self, id: SessionId) -> SessionId {
        *self.revocable.replacement_id.get_or_insert(id)
    }

    pub(crate) fn touch(&mut self) {
        self.must_send = true;
        self.restart_idle = true;
    }

    fn draw_new_id(&mut self) {
        self.has_new_id = true;
        self.envelope.id = None;
    }

    /// Regenerates the session with a new id.
    pub(crate) fn regenerate(&mut self) {
        self.draw_new_id();
        self.regenerate_content();
    }

    /// Regenerates a revocable session, which keeps its id while somebody is signed in.
    #[cfg(feature = "revocation")]
    pub(crate) fn regenerate_revocable(&mut self) {
        self.revocable.regenerated = true;
        self.must_send |= self.stored;
        self.regenerate_content();
    }

    fn regenerate_content(&mut self) {
        self.counts_as_activity = true;
        self.forgets_unknown = true;
        // Only fields of this build remain, so a newer build must migrate them.
        self.envelope.schema_version = 0;
        // The fields no longer identify the authenticated user, and the next user must not count as
        // authenticated.
        self.envelope.authenticated = None;
        self.reauthenticated = false;
    }

    pub(crate) fn sign_in(&mut self, now: u64) {
        self.regenerate();
        self.end_login();
        self.envelope.own_end = None;
        self.remembered = false;
        self.authenticate(now);
    }

    pub(crate) fn end_login(&mut self) {
        self.ends_login = true;
    }

    pub(crate) fn reauthenticate(&mut self, now: u64) {
        self.authenticate(now);
        self.reauthenticated = true;
    }

    fn authenticate(&mut self, now: u64) {
        self.draw_new_id();
        self.touch();
        self.envelope.created = Some(now);
        self.envelope.authenticated = Some(now);
    }

    pub(crate) fn remember_until(&mut self, end: u64) {
        self.must_send = true;
        self.counts_as_activity = true;
        self.envelope.own_end = Some(end);
        self.remembered = true;
    }

    /// Resets everything as if no session had existed, except that its cookie must be removed.
    pub(crate) fn destroy(&mut self, all: FieldSet) {
        *self = Self {
            destroyed: true,
            ends_login: true,
            forgets_unknown: true,
            written: all,
            options: std::mem::take(&mut self.options),
            ..Self::default()
        };
    }

    pub(crate) fn without_activity(&mut self) {
        self.ignore_activity = true;
    }

    pub(crate) fn options(&self) -> &CookieOptions {
        self.options.as_deref().unwrap_or(CookieOptions::NONE)
    }

    /// Sets the options. Returns the previous ones, so that they are dropped outside the lock.
    pub(crate) fn set_options(
        &mut self,
        options: Box<CookieOptions>,
    ) -> Option<Box<CookieOptions>> {
        self.options.replace(options)
    }

    /// Sets the session's id if it has none, and returns the session's id.
    pub(crate) fn assign_id_if_missing(&mut self, id: SessionId) -> SessionId {
        *self.envelope.id.get_or_insert(id)
    }

    pub(crate) fn id(&self) -> Option<SessionId> {
        self.envelope.id
    }

    pub(crate) fn authenticated(&self) -> Option<u64> {
        self.envelope.authenticated
    }

    pub(crate) fn schema_version(&self) -> u32 {
        self.envelope.schema_version
    }

    pub(crate) fn has_new_id(&self) -> bool {
        self.has_new_id
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.stored
    }

    pub(crate) fn must_send(&self) -> bool {
        self.must_send
    }

    /// Returns true if the session is sent as activity, even if no value changed.
    pub(crate) fn is_touched(&self) -> bool {
        self.restart_idle
    }

    pub(crate) fn ends_login(&self) -> bool {
        self.ends_login
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.destroyed
    }

    pub(crate) fn forgets_unknown(&self) -> bool {
        self.forgets_unknown
    }

    pub(crate) fn written(&self) -> FieldSet {
        self.written
    }

    pub(crate) fn is_remembered_here(&self) -> bool {
        self.remembered
    }

    pub(crate) fn is_reauthenticated_here(&self) -> bool {
        self.reauthenticated
    }

    pub(crate) fn set(&self) -> FieldSet {
        self.set_by_caller
    }

    pub(crate) fn written_since_destroy(&self) -> FieldSet {
        self.written_since_destroy
    }

    /// Returns the session's times if it is sent now.
    pub(crate) fn times(&self, limits: &Limits, changed: bool, now: u64) -> Times {
        let created = self.envelope.created.unwrap_or(now);
        let recorded = self.envelope.seen.unwrap_or(now);
        let is_activity = changed || self.counts_as_activity || self.refresh_is_due(limits, now);
        let moves = self.restart_idle || (is_activity && !self.ignore_activity);
        // Never move backwards, in case another server's clock is slightly ahead.
        let seen = if moves { recorded.max(now) } else { recorded };
        Times {
            created,
            seen: seen.max(created),
            own_end: self.envelope.own_end,
        }
    }

    /// Returns true if enough of the idle time has passed to record activity again.
    pub(super) fn refresh_is_due(&self, limits: &Limits, now: u64) -> bool {
        let (Some(created), Some(seen)) = (self.envelope.created, self.envelope.seen) else {
            return false;
        };
        let recorded = Times {
            created,
            seen,
            own_end: self.envelope.own_end,
        };
        !self.ignore_activity && limits.refresh_due(&recorded, now)
    }
}

impl PendingEnvelope {
    fn of(envelope: &Envelope, has_id: bool) -> Self {
        Self {
            id: has_id.then_some(envelope.id),
            created: Some(envelope.times.created),
            seen: Some(envelope.times.seen),
            authenticated: envelope.authenticated,
            own_end: envelope.times.own_end,
            schema_version: envelope.schema_version,
        }
    }
}
