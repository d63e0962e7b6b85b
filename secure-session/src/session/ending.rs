//! Ends revocable sessions: at the call of a method, or when their replacement is encrypted.

use super::{
    SecureSession,
    cell::{Loaded, SessionCell},
    last_look::{Append, Began, LastLook, OpenedId, Replacement},
    state::RequestState,
};
use crate::{
    cookie,
    error::RejectReason,
    log::event,
    payload::{Extensions, SessionId, json},
    revocation::{
        EndReason, Group, GroupKeys, ReadEntry, SessionEvent, Ticket, TypeRevocations, report_event,
    },
    schema::field_set::FieldSet,
};

/// A write after the end of a session is late for this many seconds, and must not replace the cookie
/// of a later login.
const LATE_SECONDS: u64 = 60;

impl<T: SecureSession> SessionCell<T> {
    /// Revokes the sessions that the request received, at the call of a method.
    pub(super) fn revoke_received(&self, because: EndReason) {
        let Some(revocations) = self.codec().revocations() else {
            return;
        };
        for id in self.received_ids() {
            self.revoke(revocations, id, because);
        }
    }

    /// Records that the identity is written, for a login by a setter.
    pub(super) fn note_identity(&self, fields: FieldSet, state: &mut RequestState) {
        if let Some(revocations) = self.codec().revocations()
            && fields.intersection(FieldSet::identity::<T>()) != FieldSet::EMPTY
        {
            state.note_setter_proof(revocations.highest());
        }
    }

    /// Records `sign_in`, at its call.
    pub(super) fn note_sign_in(&self, state: &mut RequestState) {
        state.note_sign_in();
        state.note_proof(self.proof_now());
    }

    /// Returns the number that proves a login now.
    pub(super) fn proof_now(&self) -> u64 {
        self.codec()
            .revocations()
            .map_or(0, TypeRevocations::highest)
    }

    /// Spares the session from the entry of a group, if it was valid before.
    pub(super) fn spare(&self, revocations: &TypeRevocations, group: Group, read: ReadEntry) {
        let open = self.open();
        let value = &*open.current();
        let state = open.state(Clone::clone);
        let proof = self.proof(open, &state, value);
        let mut others = open.keys(revocations, value);
        others.retain(|key| *key != group.key);
        let is_valid = read.before <= proof && !revocations.revokes(&others, proof);
        if is_valid {
            self.record(|state| state.spare(read.number));
        }
    }

    /// Returns the number that proves the login of the session as it would be sent.
    pub(super) fn proof(&self, open: &Loaded<T>, state: &RequestState, value: &T) -> u64 {
        if let Some(proof) = state.proof() {
            return proof;
        }
        let is_restored = open.failure().is_none() && !state.is_destroyed();
        let is_signed_in = is_signed_in(value);
        if is_signed_in && !(is_restored && is_signed_in_at(open)) {
            return state.setter_proof();
        }
        if is_restored {
            return open.received_extensions().proof();
        }
        self.proof_now()
    }

    /// Returns the extensions with the session's proof.
    pub(super) fn proven(
        &self,
        extensions: Extensions,
        open: &Loaded<T>,
        state: &RequestState,
        value: &T,
    ) -> Extensions {
        if self.codec().revocations().is_none() {
            return extensions;
        }
        extensions.with_proof(self.proof(open, state, value))
    }

    /// Returns true if a write to a session that was revoked just now must not be sent.
    pub(super) fn is_late_write(&self, open: &Loaded<T>, state: &RequestState) -> bool {
        if open.failure() != Some(RejectReason::Revoked)
            || state.is_destroyed()
            || state.is_signed_in_here()
            || !self.is_written()
        {
            return false;
        }
        let now = self.time().seconds();
        let cookies = self.cookies().values(self.codec().cookie_name());
        let revoked = self.codec().revoked_in(cookies, now);
        let is_late = revoked.is_some_and(|(_, it)| now < it.since.saturating_add(LATE_SECONDS));
        if is_late {
            event!(
                debug,
                "session.write_after_revocation",
                session = self.codec().cookie_name(),
                "the session was revoked less than 60 seconds ago, so its changes are dropped, or \
                 they would replace the cookie of a later login"
            );
        }
        is_late
    }

    /// Counts a session that was revoked before and is still used.
    pub(super) fn report_revoked_used(&self) {
        let Some(revocations) = self.codec().revocations() else {
            return;
        };
        let now = self.time().seconds();
        let cookies = self.cookies().values(self.codec().cookie_name());
        let Some((id, revoked)) = self.codec().revoked_in(cookies, now) else {
            return;
        };
        if now < revoked.since.saturating_add(LATE_SECONDS) {
            return;
        }
        revocations.count_revoked_used();
        self.report(|session| SessionEvent::RevokedUsed {
            session,
            id,
            at: revocations.time(),
        });
    }

    /// Revokes the received session if the sent one replaces it: the one with this id, or with a new
    /// one. Returns the last look, or `None` if the session is not revocable.
    pub(super) fn last_look(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
        value: &T,
        id: Option<SessionId>,
    ) -> Option<Box<LastLook>> {
        let revocations = self.codec().revocations()?.clone();
        // A new id was assigned when the session was encrypted.
        let id = id.or_else(|| open.id())?;
        let is_exempt = state.is_signed_in_here() || state.is_destroyed();
        let received = open.received_id();
        let opened = match received.filter(|_| !is_exempt) {
            None => OpenedId::Unrelated,
            Some(opened) if opened == id => OpenedId::Kept(opened),
            // It will not be sent, so it must not cost the old session.
            Some(opened) if revocations.is_stale() => OpenedId::Kept(opened),
            Some(opened) if !is_signed_in_at(open) && !state.has_new_id() => OpenedId::Kept(opened),
            Some(opened) => self.revoke_replaced(&revocations, opened, state),
        };
        let on_event = self.codec().on_event().cloned();
        let is_new = received != Some(id) && is_signed_in(value);
        let keys = if is_exempt {
            revocations.keys(value)
        } else {
            open.keys(&revocations, value)
        };
        Some(Box::new(LastLook {
            session: self.codec().cookie_name().to_owned(),
            id,
            opened,
            keys,
            proof: self.proof(open, state, value),
            signs_in: state.is_signed_in_here(),
            authenticates: state.is_signed_in_here() || state.is_reauthenticated_here(),
            removal: self.removal_of_login(state),
            type_name: T::SCHEMA.type_name,
            began: on_event.filter(|_| is_new).map(|on_event| Began {
                on_event,
                previous: received,
            }),
            revocations,
        }))
    }

    /// Revokes the received session, whose replacement is encrypted.
    fn revoke_replaced(
        &self,
        revocations: &TypeRevocations,
        id: SessionId,
        state: &RequestState,
    ) -> OpenedId {
        let Ok(ticket) = revocations.replace_session(id) else {
            return OpenedId::Revoked;
        };
        self.append(revocations, ticket);
        let because = if state.is_reauthenticated_here() {
            EndReason::Reauthenticated
        } else {
            EndReason::SignedOut
        };
        self.report_ended(revocations, id, because);
        OpenedId::Replaced(Replacement {
            revocations: revocations.clone(),
            id,
        })
    }

    fn revoke(&self, revocations: &TypeRevocations, id: SessionId, because: EndReason) {
        let is_first = !revocations.is_session_revoked(id);
        let ticket = revocations.revoke_session(id);
        self.append(revocations, ticket);
        if is_first {
            self.report_ended(revocations, id, because);
        }
    }

    fn append(&self, revocations: &TypeRevocations, ticket: Option<Ticket>) {
        if let Some(ticket) = ticket {
            self.appends().push(Append {
                revocations: revocations.revocations().clone(),
                ticket,
                session: self.codec().cookie_name().to_owned(),
            });
        }
    }

    fn report_ended(&self, revocations: &TypeRevocations, id: SessionId, because: EndReason) {
        self.report(|session| SessionEvent::Ended {
            session,
            id,
            because,
            at: revocations.time(),
        });
    }

    fn report<'a>(&'a self, happened: impl FnOnce(&'a str) -> SessionEvent<'a>) {
        if let Some(on_event) = self.codec().on_event() {
            let session = self.codec().cookie_name();
            report_event(&**on_event, session, &happened(session));
        }
    }

    /// Returns the ids of the received sessions that have not expired.
    fn received_ids(&self) -> Vec<SessionId> {
        let name = self.codec().cookie_name();
        let mut cookies = self.cookies().values(name);
        if let (Some(_), None) = (cookies.next(), cookies.next())
            && let Some(id) = self.open().received_id()
        {
            return vec![id];
        }
        let candidates = self.cookies().values(name);
        let candidates = candidates.take(cookie::MAX_CANDIDATES);
        self.codec().ids_in(candidates, self.time().seconds())
    }

    /// Returns the removal of the received cookie, if its login must not continue.
    fn removal_of_login(&self, state: &RequestState) -> Option<String> {
        let policy = self.codec().policy();
        let name = &policy.cookie.name;
        let is_received = self.cookies().values(name).next().is_some();
        (state.ends_login() && is_received).then(|| cookie::removal(name, &policy.tail))
    }
}

impl<T: SecureSession> Loaded<T> {
    /// Returns the groups of the session as it was received and as it would be sent.
    fn keys(&self, revocations: &TypeRevocations, value: &T) -> GroupKeys {
        let mut keys = revocations.keys(value);
        if self.failure().is_none() {
            keys.extend(revocations.keys(self.first()));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Returns the id to send, or `None` for a new one.
    ///
    /// The id of somebody who is signed in does not change without a credential, so that no process
    /// that does not know of a logout carries the session over to another id.
    pub(super) fn id_to_send(&self, state: &RequestState, value: &T) -> Option<SessionId> {
        let is_kept = !T::SCHEMA.revocable
            || state.has_new_id()
            || state.is_destroyed()
            || self.received_id().is_none();
        if is_kept {
            return state.id();
        }
        let (before, after) = (is_signed_in_at(self), is_signed_in(value));
        if before != after || (state.is_regenerated() && !before) {
            state.replacement_id()
        } else {
            state.id()
        }
    }
}

/// Returns true if somebody was signed in to the received session.
fn is_signed_in_at<T: SecureSession>(open: &Loaded<T>) -> bool {
    open.failure().is_none() && is_signed_in(open.first())
}

/// Returns true if somebody is signed in.
fn is_signed_in<T: SecureSession>(value: &T) -> bool {
    let identity = FieldSet::identity::<T>();
    identity
        .positions()
        .any(|field| json::is_some(value, field))
}
