//! The last look at the list of revoked sessions, after waiting for the store and before a cookie is
//! sent.

use std::{fmt, time::Duration};

use crate::{
    codec::{EventHandler, retry_after},
    log::{event, event_once},
    payload::SessionId,
    revocation::{
        GroupKeys, RevocationError, Revocations, SessionEvent, Ticket, TypeRevocations,
        report_event,
    },
};

/// An entry that the response waits for.
#[derive(Debug)]
pub(crate) struct Append {
    pub(super) revocations: Revocations,
    pub(super) ticket: Ticket,
    pub(super) session: String,
}

impl Append {
    /// Waits until the store has the entry, at most [`STORE_WAIT`](crate::revocation::STORE_WAIT).
    pub(crate) fn recorded(
        &self,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<> {
        self.revocations.recorded(Some(self.ticket))
    }

    /// Logs that the response does not wait any longer.
    pub(crate) fn report_not_recorded(&self) {
        if self.revocations.count_not_recorded() {
            event!(
                error,
                "revocations.not_recorded",
                session = self.session,
                "the revocation store did not confirm in time that a session was revoked; this \
                 process refuses the session and goes on trying, but others may accept it until \
                 then (further responses are counted in `Revocations::state()`)"
            );
        }
    }
}

/// The question to the list before a cookie is sent.
pub(crate) struct LastLook {
    pub(super) revocations: TypeRevocations,
    pub(super) session: String,
    /// The id that is sent.
    pub(super) id: SessionId,
    pub(super) opened: OpenedId,
    pub(super) keys: GroupKeys,
    pub(super) proof: u64,
    pub(super) signs_in: bool,
    pub(super) authenticates: bool,
    /// Sent if the cookie is not, because the login in the request must not continue.
    pub(super) removal: Option<String>,
    pub(super) type_name: &'static str,
    pub(super) began: Option<Began>,
}

/// The id that the request opened.
pub(super) enum OpenedId {
    /// There is none, or it was signed in to or destroyed since.
    Unrelated,
    /// The session goes on with it, or nobody was signed in to it.
    Kept(SessionId),
    /// The response revokes it and sends another one.
    Replaced(Replacement),
    /// It was revoked before the response could replace it.
    Revoked,
}

/// A session that the response replaces with another id. Dropped after the last look.
pub(super) struct Replacement {
    pub(super) revocations: TypeRevocations,
    pub(super) id: SessionId,
}

impl Drop for Replacement {
    fn drop(&mut self) {
        self.revocations.end_replacement(self.id);
    }
}

pub(super) struct Began {
    pub(super) on_event: EventHandler,
    pub(super) previous: Option<SessionId>,
}

/// A session that is not available now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub(crate) session: &'static str,
    pub(crate) retry_after: Duration,
}

/// The result of the last look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Send,
    /// The session was revoked, or the list is too old.
    Drop,
    /// A user who signs in is in a group whose revocation was not read back from the store yet.
    Unavailable,
}

impl LastLook {
    /// Asks the list, and reports a session that is sent to the application.
    pub(super) fn verdict(&self) -> Verdict {
        let verdict = self.decide();
        if verdict == Verdict::Send
            && let Some(began) = &self.began
        {
            let happened = SessionEvent::Began {
                session: &self.session,
                id: self.id,
                previous: began.previous,
                at: self.revocations.time(),
            };
            report_event(&*began.on_event, &self.session, &happened);
        }
        verdict
    }

    /// Returns the session that cannot be signed in to now, and when to try again.
    pub(super) fn unavailable(&self) -> Unavailable {
        // Ids are random.
        let [byte, ..] = self.id.as_bytes();
        Unavailable {
            session: self.type_name,
            retry_after: retry_after(*byte),
        }
    }

    fn decide(&self) -> Verdict {
        let revocations = &self.revocations;
        let is_opened_revoked = match &self.opened {
            OpenedId::Unrelated => false,
            OpenedId::Kept(id) => revocations.is_session_revoked(*id),
            OpenedId::Replaced(replacement) => !revocations.is_only_replaced(replacement.id),
            OpenedId::Revoked => true,
        };
        if revocations.is_stale() && !self.signs_in {
            self.report_dropped("the list of revoked sessions is too old");
            return Verdict::Drop;
        }
        if self.signs_in && revocations.is_pending(&self.keys) {
            return Verdict::Unavailable;
        }
        if revocations.revokes(&self.keys, self.proof) {
            if self.authenticates {
                self.report_revoked_itself();
            } else {
                self.report_dropped("the session was revoked");
            }
            return Verdict::Drop;
        }
        if is_opened_revoked || revocations.is_session_revoked(self.id) {
            self.report_dropped("the session was revoked");
            return Verdict::Drop;
        }
        Verdict::Send
    }

    fn report_dropped(&self, reason: &'static str) {
        event!(
            debug,
            "session.not_sent",
            session = self.session,
            reason,
            "session cookie not sent"
        );
    }

    fn report_revoked_itself(&self) {
        event_once!(
            self.revocations.revoked_itself_reported(),
            "session.revoked_itself",
            session = self.session,
            "the user signed in, but all sessions of the user or of the type were revoked since, so \
             this one is not sent; if this request revokes them, call `revoke_all` before \
             `sign_in`, or call `revoke_others`"
        );
    }
}

impl fmt::Debug for LastLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastLook").finish_non_exhaustive()
    }
}
