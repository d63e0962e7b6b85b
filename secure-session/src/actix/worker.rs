//! The requests that one worker has under way.
//!
//! Their sessions stand in one piece of memory that stays, so that a request which asks for none
//! allocates nothing for them but what actix-web needs to find them. Nothing here is shared between
//! workers: cores that count references at one place in memory wait for each other.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use actix_web::{HttpMessage, dev::ServiceRequest, http::header::HeaderMap};
use slab::Slab;

use super::{
    early,
    registry::Registry,
    request::{LookupError, RequestSessions},
};
use crate::{
    log::event,
    session::SecureSession,
    session::{ResponseEffects, Session},
};

/// A middleware in one worker.
pub(super) struct Worker {
    registry: Arc<Registry>,
    requests: RefCell<Slab<Kept>>,
}

/// The sessions of a request, until nobody holds them any more.
struct Kept {
    sessions: RequestSessions,
    holders: u8,
}

/// Holds the sessions of a request: one stands in the request's extensions and one in the future of
/// the response, never in a clone of the `HttpRequest`, which would keep actix-web's router from
/// changing it.
pub(super) struct Held {
    worker: Rc<Worker>,
    key: usize,
}

impl Worker {
    pub(super) fn new(registry: Arc<Registry>) -> Rc<Self> {
        Rc::new(Self {
            registry,
            requests: RefCell::default(),
        })
    }

    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Puts its sessions into a request. The outermost middleware gets them back, to close them.
    pub(super) fn enter(self: &Rc<Self>, request: &ServiceRequest) -> Option<Held> {
        let mut extensions = request.extensions_mut();
        if let Some(outer) = extensions.get::<Held>() {
            outer.join(self);
            return None;
        }
        if let Some(type_id) = early::take(&extensions, request.head()) {
            self.registry.report_asked_too_early(type_id);
        }
        let key = self.keep();
        extensions.insert(self.held(key));
        Some(self.held(key))
    }

    /// Makes room for the sessions of a request, until two holders are gone.
    fn keep(&self) -> usize {
        self.requests.borrow_mut().insert(Kept {
            sessions: RequestSessions::default(),
            holders: 2,
        })
    }

    fn held(self: &Rc<Self>, key: usize) -> Held {
        let worker = Rc::clone(self);
        Held { worker, key }
    }
}

impl Held {
    /// The session of a type; the same one each time.
    ///
    /// # Errors
    ///
    /// Why the type is not at hand.
    pub(super) fn get<T: SecureSession>(
        &self,
        headers: &HeaderMap,
    ) -> Result<Session<T>, LookupError> {
        let found = self.with(|sessions| sessions.get(&self.worker.registry, headers));
        found.unwrap_or(Err(LookupError::Middleware))
    }

    /// Ends writing to all sessions and adds what they have to say, in the order in which they were
    /// first asked for.
    pub(super) fn close(&self, closing: &mut ResponseEffects) {
        let count = self.with(|sessions| {
            sessions.closed = true;
            sessions.slots.len()
        });
        for index in 0..count.unwrap_or_default() {
            // ResponseEffects runs code of the user's, which may ask for a session.
            let slot = self.with(|sessions| {
                let (_, slot) = sessions.slots.get(index)?;
                Some(Arc::clone(slot))
            });
            if let Some(slot) = slot.flatten() {
                slot.close(closing);
            }
        }
    }

    /// The session types of the outermost middleware.
    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.worker.registry
    }

    fn join(&self, inner: &Rc<Worker>) {
        let overlap = self.with(|sessions| sessions.join(&self.worker.registry, &inner.registry));
        if let Some(session) = overlap.flatten()
            && inner.registry.overlap_reported.is_first()
        {
            event!(
                warn,
                "session.overlap",
                session = session.cookie_name,
                session_type = session.type_name,
                "an outer SessionMiddleware serves this type or cookie name already, and the \
                 outer one stays in force; register it only once"
            );
        }
    }

    /// `work` must run no code of the user's, which could ask for a session again.
    fn with<R>(&self, work: impl FnOnce(&mut RequestSessions) -> R) -> Option<R> {
        let mut requests = self.worker.requests.borrow_mut();
        requests
            .get_mut(self.key)
            .map(|kept| work(&mut kept.sessions))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut requests = self.worker.requests.borrow_mut();
        let Some(kept) = requests.get_mut(self.key) else {
            return;
        };
        kept.holders = kept.holders.saturating_sub(1);
        if kept.holders == 0 {
            let gone = requests.remove(self.key);
            // The values are the user's, and so is the code that drops them.
            drop(requests);
            drop(gone);
        }
    }
}
