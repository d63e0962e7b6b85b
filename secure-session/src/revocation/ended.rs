//! The future of a session's end.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{
    shared::Shared,
    type_revocations::TypeRevocations,
    waiters::{Ended, WaitedFor, WaiterKey},
};
use crate::payload::SessionId;

/// The future of [`Session::ended`](crate::Session::ended).
#[must_use = "a future does nothing unless it is awaited"]
pub struct SessionEnded(State);

enum State {
    /// It was over before.
    Over(Ended),
    Waiting {
        shared: Arc<Shared>,
        key: WaiterKey,
    },
}

impl SessionEnded {
    pub(crate) fn over(ended: Ended) -> Self {
        Self(State::Over(ended))
    }

    pub(crate) fn of(revocations: &TypeRevocations, id: SessionId, session: WaitedFor) -> Self {
        let shared = Arc::clone(&revocations.shared);
        let WaitedFor {
            groups,
            proof,
            expires,
        } = session.clone();
        // First, so that nothing is missed in between.
        let key = shared.waiters.add(id, session);
        let is_revoked = shared.replica.session(id).is_some()
            || shared.replica.revoking(&groups, proof).is_some();
        if is_revoked {
            shared.waiters.end(&key, Ended::Revoked);
        } else if expires <= shared.now().seconds() {
            shared.waiters.end(&key, Ended::Expired);
        }
        Self(State::Waiting { shared, key })
    }
}

impl Future for SessionEnded {
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        match &self.0 {
            State::Over(ended) => Poll::Ready(*ended),
            State::Waiting { shared, key } => shared.waiters.poll(key, context),
        }
    }
}

impl Drop for SessionEnded {
    fn drop(&mut self) {
        if let State::Waiting { shared, key } = &self.0 {
            shared.waiters.remove(key);
        }
    }
}

impl fmt::Debug for SessionEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionEnded").finish_non_exhaustive()
    }
}
