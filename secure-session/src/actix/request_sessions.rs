//! The sessions of a request, created on first use.

use std::{any::TypeId, cell::RefCell, iter, rc::Rc, sync::Arc};

use actix_web::{
    HttpMessage,
    dev::{Extensions, ServiceRequest},
    http::header::{COOKIE, HeaderMap, HeaderValue},
};
use smallvec::SmallVec;

use super::registry::Registry;
use crate::{
    codec::Codec,
    cookie::RequestCookies,
    log::event,
    session::{ErasedCell, ResponseEffects, SecureSession, Session, SessionCell},
    time::Reading,
};

/// Why a session type is not available in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookupError {
    /// There is no middleware around the route.
    Middleware,
    /// No middleware has the type.
    Registration,
    /// An inner middleware has the type, but an outer one already uses one of its cookie names.
    NameTaken,
    /// An inner middleware has the type, but an outer one reads the fastify format with its key.
    #[cfg(feature = "fastify")]
    KeyShared,
}

/// The sessions of a request, shared by all middlewares around its route.
///
/// They are held by the request's extensions and the future of the response. They must not hold a
/// clone of the `HttpRequest`, because then actix-web's router could not change it.
pub(super) struct RequestSessions {
    outermost: Arc<Registry>,
    inside: RefCell<Inside>,
}

#[derive(Default)]
struct Inside {
    /// Nested middlewares, outermost first.
    nested: Vec<Arc<Registry>>,
    /// Read at the first extraction.
    head: Option<(RequestCookies, Reading)>,
    /// Most requests use one session.
    cells: SmallVec<[(TypeId, Arc<dyn ErasedCell>); 1]>,
    closed: bool,
}

/// Attaches the sessions of a middleware to a request. Returns them to the outermost middleware,
/// which closes them.
pub(super) fn attach(
    registry: &Arc<Registry>,
    request: &ServiceRequest,
) -> Option<Rc<RequestSessions>> {
    // Only the outermost borrows mutably, because a middleware in between may borrow the
    // extensions.
    if let Some(outer) = find(&request.extensions()) {
        outer.nest(registry);
        return None;
    }
    let sessions = Rc::new(RequestSessions {
        outermost: Arc::clone(registry),
        inside: RefCell::default(),
    });
    request.extensions_mut().insert(Rc::clone(&sessions));
    Some(sessions)
}

/// Returns the sessions of a request, if a middleware attached any.
pub(super) fn find(extensions: &Extensions) -> Option<&RequestSessions> {
    extensions.get::<Rc<RequestSessions>>().map(AsRef::as_ref)
}

impl RequestSessions {
    /// Returns the session of a type, the same one every time.
    ///
    /// # Errors
    ///
    /// The reason why the type is not available.
    pub(super) fn get<T: SecureSession>(
        &self,
        headers: &HeaderMap,
    ) -> Result<Session<T>, LookupError> {
        let type_id = TypeId::of::<T>();
        let mut inside = self.inside.borrow_mut();
        let known = inside.cells.iter().find(|(other, _)| *other == type_id);
        let known = known.and_then(|(_, cell)| Arc::clone(cell).into_any().downcast().ok());
        if let Some(cell) = known {
            return Ok(Session::new(cell));
        }
        let codec = self.codec(&inside.nested)?;
        let (cookies, time) = inside.head.get_or_insert_with(|| {
            let lines = headers.get_all(COOKIE).map(HeaderValue::as_bytes);
            (RequestCookies::of(lines), codec.read_clock())
        });
        let (cookies, time) = (cookies.clone(), *time);
        let cell = Arc::new(SessionCell::<T>::new(codec, cookies, time, inside.closed));
        let for_closing = Arc::clone(&cell);
        inside.cells.push((type_id, for_closing));
        Ok(Session::new(cell))
    }

    /// Closes all sessions for writing and adds their effects, in the order of their first use.
    pub(super) fn close(&self, effects: &mut ResponseEffects) {
        self.inside.borrow_mut().closed = true;
        // Closing runs user code, which may extract another session, so nothing must stay borrowed.
        let cell = |index| {
            let inside = self.inside.borrow();
            inside.cells.get(index).map(|(_, cell)| Arc::clone(cell))
        };
        for cell in (0..).map_while(cell) {
            cell.close(effects);
        }
    }

    /// Returns the session types of the outermost middleware.
    pub(super) fn registry(&self) -> &Arc<Registry> {
        &self.outermost
    }

    /// Adds the session types of a middleware inside the others.
    fn nest(&self, inner: &Arc<Registry>) {
        let mut inside = self.inside.borrow_mut();
        let outer = || [&self.outermost].into_iter().chain(&inside.nested);
        let overlap = inner.sessions.iter().find(|session| {
            let mut served = outer().flat_map(|registry| &registry.sessions);
            served.any(|other| other.overlaps(session))
        });
        if let Some(session) = overlap
            && inner.overlap_reported.is_first()
        {
            event!(
                warn,
                "session.overlap",
                session = session.cookie_name,
                session_type = session.type_name,
                "an outer SessionMiddleware already serves this type or cookie name, or removes \
                 such a cookie; the outer one is used; register the session only once"
            );
        }
        inside.nested.push(Arc::clone(inner));
    }

    /// Returns the codec of the outermost middleware that has the type.
    fn codec<T: SecureSession>(&self, nested: &[Arc<Registry>]) -> Result<Codec<T>, LookupError> {
        if let Some(codec) = self.outermost.codec() {
            return Ok(codec.clone());
        }
        for (index, registry) in nested.iter().enumerate() {
            if let Some(codec) = registry.codec::<T>() {
                let outer = || iter::once(&self.outermost).chain(nested.iter().take(index));
                if outer().any(|outer| outer.shares_cookie::<T>(registry)) {
                    return Err(LookupError::NameTaken);
                }
                #[cfg(feature = "fastify")]
                if outer().any(|outer| outer.shares_keys::<T>(registry)) {
                    return Err(LookupError::KeyShared);
                }
                return Ok(codec.clone());
            }
        }
        Err(LookupError::Registration)
    }
}
