//! What happened to sessions, for an application's own table of devices.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::SystemTime,
};

use crate::{log::event, payload::SessionId};

/// What happened to a revocable session, for
/// [`on_event`](crate::SessionMiddlewareBuilder::on_event).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEvent<'a> {
    /// A session of a signed-in user got this id. The response that sends it is on its way.
    #[non_exhaustive]
    Began {
        /// The name of the cookie.
        session: &'a str,
        /// The id.
        id: SessionId,
        /// The id of the session that it replaces, if the request had one.
        previous: Option<SessionId>,
        /// When the response was made.
        at: SystemTime,
    },
    /// A session was revoked by a method of [`Session`](crate::Session).
    #[non_exhaustive]
    Ended {
        /// The name of the cookie.
        session: &'a str,
        /// The id.
        id: SessionId,
        /// What revoked it.
        because: EndReason,
        /// When it was revoked.
        at: SystemTime,
    },
    /// A request has a session that was revoked more than 60 seconds before: a copy of the cookie,
    /// or a browser that did not receive the logout.
    #[non_exhaustive]
    RevokedUsed {
        /// The name of the cookie.
        session: &'a str,
        /// The id.
        id: SessionId,
        /// When the request opened it.
        at: SystemTime,
    },
}

/// What revoked a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndReason {
    /// `destroy` was called.
    Destroyed,
    /// `sign_in` was called, which replaces the session.
    SignedIn,
    /// `reauthenticate` was called, which replaces the session.
    Reauthenticated,
    /// A setter or `regenerate` left nobody signed in.
    SignedOut,
}

/// Calls an application's function, and catches its panic.
pub(crate) fn report(
    handler: &(dyn Fn(&SessionEvent<'_>) + Send + Sync),
    session: &str,
    happened: &SessionEvent<'_>,
) {
    if catch_unwind(AssertUnwindSafe(|| handler(happened))).is_err() {
        event!(
            error,
            "session.event_panicked",
            session,
            "the function of `on_event` panicked; the request goes on"
        );
    }
}
