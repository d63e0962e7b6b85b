//! What a request did to its session: flags that do not depend on each other, with one owner.
//!
//! A verb only notes what it asks for; what is sent is worked out once, when the response goes
//! out.

use crate::{
    payload::{Envelope, SessionId},
    policy::{CookieOptions, Limits, Times},
    schema::field_set::FieldSet,
};

/// The flags of one session in one request.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they do not depend on each other; all combinations are possible"
)]
pub(crate) struct Status {
    /// The client holds this session (the cookie opened, and nobody destroyed it).
    stored: bool,
    /// `destroy` was called.
    destroyed: bool,
    /// A verb was called that sends the cookie even when nothing differs from the defaults.
    sending: bool,
    /// The id is a new one.
    renewed: bool,
    /// The idle clock restarts, whatever else the request is.
    touched: bool,
    /// Something was done that counts as activity, whether or not it changed a value.
    active: bool,
    /// The request does not count as activity.
    inactive: bool,
    /// Members that the struct does not know are not written back.
    forgets_unknown: bool,
    /// Fields written in this request, and those written since `destroy`.
    written: FieldSet,
    written_anew: FieldSet,
    /// Fields that setters wrote and no verb has put back since.
    set: FieldSet,
    facts: Facts,
    /// Boxed, as few requests have any and every status is moved.
    options: Option<Box<CookieOptions>>,
}

/// The envelope as it will be; what is `None` is drawn when the session is sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Facts {
    id: Option<SessionId>,
    created: Option<u64>,
    seen: Option<u64>,
    authenticated: Option<u64>,
    own_end: Option<u64>,
    schema_version: u32,
}

/// What goes out for one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    Nothing,
    Remove,
    Send(Sending),
}

/// A session that is to be sealed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// If not (a refresh, another key), a failure leaves the old cookie in place.
    pub(crate) required: bool,
    /// The time at which it is sent.
    pub(crate) now: u64,
    /// `None` for a new one.
    pub(crate) id: Option<SessionId>,
    pub(crate) times: Times,
    pub(crate) authenticated: Option<u64>,
    pub(crate) schema_version: u32,
}

impl Status {
    /// The status of a session that a cookie brought. One in another format has no id: it gets it
    /// when it is sent.
    #[inline]
    pub(crate) fn restored(envelope: &Envelope, has_id: bool) -> Self {
        Self {
            stored: true,
            facts: Facts::of(envelope, has_id),
            ..Self::default()
        }
    }

    pub(crate) fn write(&mut self, fields: FieldSet) {
        self.written = self.written.with(fields);
        self.written_anew = self.written_anew.with(fields);
        self.set = self.set.with(fields);
    }

    /// These fields were put back to their defaults.
    pub(crate) fn reset(&mut self, fields: FieldSet) {
        self.write(fields);
        self.set = FieldSet::EMPTY;
    }

    pub(crate) fn touch(&mut self) {
        self.sending = true;
        self.touched = true;
    }

    pub(crate) fn renew(&mut self) {
        self.renewed = true;
        self.facts.id = None;
    }

    pub(crate) fn regenerate(&mut self) {
        self.renew();
        self.active = true;
        self.forgets_unknown = true;
        // What is left are fields of this build, so a newer one has to migrate them.
        self.facts.schema_version = 0;
        // Whoever was authenticated is not in the fields any more, so this must not speak for the
        // next one.
        self.facts.authenticated = None;
    }

    pub(crate) fn sign_in(&mut self, now: u64) {
        self.regenerate();
        self.facts.own_end = None;
        self.reauthenticate(now);
    }

    pub(crate) fn reauthenticate(&mut self, now: u64) {
        self.renew();
        self.touch();
        self.facts.created = Some(now);
        self.facts.authenticated = Some(now);
    }

    pub(crate) fn remember_until(&mut self, end: u64) {
        self.sending = true;
        self.active = true;
        self.facts.own_end = Some(end);
    }

    /// From here on it is as if there had never been a session, but for the cookie to remove.
    pub(crate) fn destroy(&mut self, all: FieldSet) {
        *self = Self {
            destroyed: true,
            forgets_unknown: true,
            written: all,
            inactive: self.inactive,
            options: std::mem::take(&mut self.options),
            ..Self::default()
        };
    }

    pub(crate) fn without_activity(&mut self) {
        self.inactive = true;
    }

    pub(crate) fn options(&self) -> &CookieOptions {
        self.options.as_deref().unwrap_or(CookieOptions::NONE)
    }

    /// Gives back the former options, to be dropped outside the lock.
    pub(crate) fn set_options(
        &mut self,
        options: Box<CookieOptions>,
    ) -> Option<Box<CookieOptions>> {
        self.options.replace(options)
    }

    /// Takes an id for the session that has none yet.
    pub(crate) fn offer_id(&mut self, id: SessionId) -> SessionId {
        *self.facts.id.get_or_insert(id)
    }

    pub(crate) fn id(&self) -> Option<SessionId> {
        self.facts.id
    }

    pub(crate) fn authenticated(&self) -> Option<u64> {
        self.facts.authenticated
    }

    pub(crate) fn schema_version(&self) -> u32 {
        self.facts.schema_version
    }

    pub(crate) fn is_stored(&self) -> bool {
        self.stored
    }

    pub(crate) fn is_sending(&self) -> bool {
        self.sending
    }

    /// Whether the session is sent as activity, whatever its values are.
    pub(crate) fn is_touched(&self) -> bool {
        self.touched
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

    pub(crate) fn set(&self) -> FieldSet {
        self.set
    }

    pub(crate) fn written_anew(&self) -> FieldSet {
        self.written_anew
    }

    /// What goes out, if `changed` tells whether a value differs from what the client holds (or
    /// from the defaults, if it holds nothing), and `reseal` whether the cookie is to be sent again
    /// for what it was opened with.
    ///
    /// Whether a refresh is due is a question of when the request came, so of `opened_at`: a
    /// request that sends nothing asks no clock for it.
    pub(crate) fn plan(
        &self,
        limits: &Limits,
        changed: bool,
        reseal: bool,
        opened_at: u64,
        now: impl FnOnce() -> u64,
    ) -> Plan {
        let required = self.sending || changed || (self.stored && self.renewed);
        if required {
            return self.send(true, limits, changed, now());
        }
        if self.destroyed {
            return Plan::Remove;
        }
        if self.stored && (reseal || self.refresh_is_due(limits, opened_at)) {
            return self.send(false, limits, changed, now());
        }
        Plan::Nothing
    }

    /// The times that the session has if it is sent now.
    pub(crate) fn times(&self, limits: &Limits, changed: bool, now: u64) -> Times {
        let created = self.facts.created.unwrap_or(now);
        let noted = self.facts.seen.unwrap_or(now);
        let is_activity = changed || self.active || self.refresh_is_due(limits, now);
        let moves = self.touched || (is_activity && !self.inactive);
        // Never backwards, if another server's clock is a little ahead.
        let seen = if moves { noted.max(now) } else { noted };
        Times {
            created,
            seen: seen.max(created),
            own_end: self.facts.own_end,
        }
    }

    fn refresh_is_due(&self, limits: &Limits, now: u64) -> bool {
        let (Some(created), Some(seen)) = (self.facts.created, self.facts.seen) else {
            return false;
        };
        let noted = Times {
            created,
            seen,
            own_end: self.facts.own_end,
        };
        !self.inactive && limits.refresh_due(&noted, now)
    }

    fn send(&self, required: bool, limits: &Limits, changed: bool, now: u64) -> Plan {
        Plan::Send(Sending {
            required,
            now,
            id: self.facts.id,
            times: self.times(limits, changed, now),
            authenticated: self.facts.authenticated,
            schema_version: self.facts.schema_version,
        })
    }
}

impl Facts {
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
