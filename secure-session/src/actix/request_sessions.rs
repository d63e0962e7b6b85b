//! The sessions of a request, created on first use.

#[cfg(feature = "revocation")]
use std::time::Duration;
use std::{any::TypeId, cell::RefCell, iter, rc::Rc, sync::Arc};

use actix_web::{
    HttpMessage,
    dev::{Extensions, RequestHead, ServiceRequest},
    http::header::{COOKIE, HeaderValue},
};
use smallvec::SmallVec;

use super::{
    activity,
    cross_origin::{self, Cause, OriginSettings, Refusal, Route},
    denial::{GuardUse, Verdict},
    registry::Registry,
};
use crate::{
    codec::Codec,
    cookie::RequestCookies,
    log::event,
    session::{ErasedCell, RequestFacts, ResponseEffects, SecureSession, Session, SessionCell},
    time::Reading,
};

/// Why a session is not available in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookupError {
    /// Another origin sent the request. Already logged.
    CrossOrigin,
    /// The list of revoked sessions is too old.
    #[cfg(feature = "revocation")]
    Unavailable {
        retry_after: Duration,
    },
    NotServed(NotServed),
}

impl From<NotServed> for LookupError {
    fn from(reason: NotServed) -> Self {
        Self::NotServed(reason)
    }
}

/// Why no middleware serves a session type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotServed {
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
    /// actix-web's `AppConfig::secure`.
    is_tls: bool,
    inside: RefCell<Inside>,
}

#[derive(Default)]
struct Inside {
    /// Nested middlewares, outermost first.
    nested: Vec<Arc<Registry>>,
    /// Read at the first extraction.
    head: Option<Head>,
    /// Most requests use one session.
    cells: SmallVec<[(TypeId, Arc<dyn ErasedCell>); 1]>,
    closed: bool,
    /// The guards that were asked for, in order.
    guards: SmallVec<[GuardUse; 1]>,
}

/// What is read from a request once, for all its sessions.
struct Head {
    cookies: RequestCookies,
    time: Reading,
    is_prefetch: bool,
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
        is_tls: request.app_config().secure(),
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
    #[inline]
    pub(super) fn get<T: SecureSession>(
        &self,
        head: &RequestHead,
        route: Route<'_>,
    ) -> Result<Session<T>, LookupError> {
        let type_id = TypeId::of::<T>();
        let mut inside = self.inside.borrow_mut();
        let known = inside.cells.iter().find(|(other, _)| *other == type_id);
        let known = known.and_then(|(_, cell)| Arc::clone(cell).into_any().downcast().ok());
        if let Some(cell) = known {
            return Ok(Session::new(cell));
        }
        let (codec, registry) = self.serving(&inside.nested)?;
        let codec = codec.clone();
        if cross_origin::can_change_something(head) {
            let (mode, trusted) = (codec.policy().cross_origin, &registry.origin.trusted);
            if let Err(cause) = cross_origin::judge(head, self.is_tls, mode, trusted) {
                let registry = Arc::clone(registry);
                // The report runs user code, so nothing must stay borrowed.
                drop(inside);
                self.refuse(cause, codec.cookie_name(), &registry.origin, head, route)?;
                inside = self.inside.borrow_mut();
            }
        }
        let is_closed = inside.closed;
        let read = inside.head.get_or_insert_with(|| {
            let headers = head.headers();
            let lines = headers.get_all(&COOKIE).map(HeaderValue::as_bytes);
            Head {
                cookies: RequestCookies::of(lines),
                time: codec.read_clock(),
                is_prefetch: activity::is_prefetch(headers),
            }
        });
        #[cfg(feature = "revocation")]
        if codec.is_stale() && read.cookies.values(codec.cookie_name()).next().is_some() {
            // Without a cookie, there is nothing to revoke.
            return Err(LookupError::Unavailable {
                retry_after: codec.retry_after(),
            });
        }
        let excepted = codec.policy().activity.as_ref();
        let ignore_activity =
            read.is_prefetch || excepted.is_some_and(|it| activity::is_excepted(it, head));
        let request = RequestFacts {
            cookies: read.cookies.clone(),
            time: read.time,
            ignore_activity,
            is_closed,
        };
        let cell = Arc::new(SessionCell::<T>::new(codec, request));
        let for_closing = Arc::clone(&cell);
        inside.cells.push((type_id, for_closing));
        Ok(Session::new(cell))
    }

    /// Logs a request from another origin. Returns an error unless the middleware only reports.
    #[cold]
    fn refuse(
        &self,
        cause: Cause,
        session: &str,
        origin: &OriginSettings,
        head: &RequestHead,
        route: Route<'_>,
    ) -> Result<(), LookupError> {
        let refusal = Refusal {
            cause,
            session: Some(session),
            head,
            is_tls: self.is_tls,
            report_only: origin.report_only,
        };
        refusal.report(&origin.reports, route);
        let is_allowed = origin.report_only;
        is_allowed.then_some(()).ok_or(LookupError::CrossOrigin)
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

    /// Records a guard, for the response.
    pub(super) fn record_guard(&self, guard: GuardUse) {
        let mut inside = self.inside.borrow_mut();
        // A scope's guard is often the handler's too.
        if inside.guards.last() != Some(&guard) {
            inside.guards.push(guard);
        }
    }

    /// Returns the last guard with this verdict, and the name of its session's cookie. If there is
    /// none, the verdict is the application's own, about the last guard that let the request in.
    pub(super) fn guard_of(&self, verdict: Verdict) -> Option<(GuardUse, String)> {
        let inside = self.inside.borrow();
        let last = |wanted| {
            let mut guards = inside.guards.iter().rev();
            guards.find(|guard| guard.verdict == wanted).copied()
        };
        let guard = last(Some(verdict)).or_else(|| last(None))?;
        let registries = iter::once(&self.outermost).chain(&inside.nested);
        let mut sessions = registries.flat_map(|registry| &registry.sessions);
        let session = sessions.find(|session| session.type_id == guard.session)?;
        Some((guard, session.cookie_name.clone()))
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

    /// Returns the outermost middleware that has the type, with its codec.
    #[inline]
    fn serving<'a, T: SecureSession>(
        &'a self,
        nested: &'a [Arc<Registry>],
    ) -> Result<(&'a Codec<T>, &'a Arc<Registry>), NotServed> {
        if let Some(codec) = self.outermost.codec() {
            return Ok((codec, &self.outermost));
        }
        for (index, registry) in nested.iter().enumerate() {
            if let Some(codec) = registry.codec::<T>() {
                let outer = || iter::once(&self.outermost).chain(nested.iter().take(index));
                if outer().any(|outer| outer.shares_cookie::<T>(registry)) {
                    return Err(NotServed::NameTaken);
                }
                #[cfg(feature = "fastify")]
                if outer().any(|outer| outer.shares_keys::<T>(registry)) {
                    return Err(NotServed::KeyShared);
                }
                return Ok((codec, registry));
            }
        }
        Err(NotServed::Registration)
    }
}
