//! The sessions of one request, made when asked for.

use std::{
    any::{Any, TypeId},
    cell::{Cell, OnceCell, RefCell},
    fmt,
    rc::Rc,
    sync::Arc,
};

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{COOKIE, HeaderMap, HeaderValue},
};

use super::{early, transport::Transport};
#[cfg(feature = "fastify")]
use crate::codec::SharedKeys;
use crate::{
    codec::Codec,
    events::{Once, event},
    policy::Limits,
    schema::SecureSession,
    session::{AnySlot, Closing, CookieLines, Session, Slot},
};

/// The session types of one middleware.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) sessions: Vec<Registration>,
    pub(super) transport: Transport,
    pub(super) override_reported: Once,
    overlap_reported: Once,
}

/// One session type of a middleware.
pub(super) struct Registration {
    type_id: TypeId,
    pub(super) type_name: &'static str,
    pub(super) cookie_name: String,
    /// The keys under which it reads the fastify format.
    #[cfg(feature = "fastify")]
    pub(super) fastify_keys: SharedKeys,
    /// Tells two keys that seal apart.
    pub(super) sealing_key_mark: [u8; 4],
    key_count: usize,
    secure: bool,
    limits: Limits,
    /// `Codec<T>` of the type above.
    codec: Box<dyn Any + Send + Sync>,
}

impl Registration {
    pub(super) fn new<T: SecureSession>(codec: Codec<T>) -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: T::SCHEMA.type_name,
            cookie_name: codec.cookie_name().to_owned(),
            #[cfg(feature = "fastify")]
            fastify_keys: codec.fastify_keys(),
            sealing_key_mark: codec.sealing_key_mark(),
            key_count: codec.key_count(),
            secure: codec.policy().cookie.secure,
            limits: codec.policy().limits,
            codec: Box::new(codec),
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.type_id == other.type_id || self.cookie_name == other.cookie_name
    }
}

impl Registry {
    pub(super) fn codec<T: SecureSession>(&self) -> Option<&Codec<T>> {
        self.find::<T>()?.codec.downcast_ref()
    }

    /// Says which sessions there are.
    pub(super) fn report(&self) {
        for session in &self.sessions {
            event!(
                debug,
                "session.registered",
                session = session.cookie_name,
                session_type = session.type_name,
                keys = session.key_count,
                secure = session.secure,
                idle = session.limits.idle,
                absolute = session.limits.absolute,
                "session registered"
            );
        }
    }

    fn find<T: SecureSession>(&self) -> Option<&Registration> {
        let type_id = TypeId::of::<T>();
        self.sessions
            .iter()
            .find(|session| session.type_id == type_id)
    }

    /// A middleware outside this one has asked for a session that this one serves.
    fn report_asked_too_early(&self, type_id: TypeId) {
        let mut sessions = self.sessions.iter();
        if let Some(session) = sessions.find(|session| session.type_id == type_id) {
            event!(
                error,
                "session.asked_too_early",
                session = session.cookie_name,
                session_type = session.type_name,
                "a middleware outside SessionMiddleware asked for this session before it was there: \
                 write `.wrap(…)` of that middleware first and `.wrap(sessions)` after it, as the \
                 last one runs first"
            );
        }
    }

    fn has_cookie(&self, name: &str) -> bool {
        self.sessions
            .iter()
            .any(|session| session.cookie_name == name)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sessions.iter();
        f.debug_list()
            .entries(names.map(|session| &session.cookie_name))
            .finish()
    }
}

/// Why a session type is not at hand in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// There is no middleware around the route.
    Middleware,
    /// The middleware does not know the type.
    Registration,
    /// An inner middleware knows it, under a cookie name that an outer one serves.
    NameTaken,
}

/// The sessions of one request, shared by all middlewares around its route.
///
/// It stands in the request's extensions by `Rc`, never through a clone of the `HttpRequest`, which
/// would keep actix-web's router from changing it.
pub(super) struct RequestSessions {
    outermost: Arc<Registry>,
    inner: RefCell<Vec<Arc<Registry>>>,
    cookies: OnceCell<Arc<RequestCookies>>,
    slots: RefCell<Vec<(TypeId, Arc<dyn AnySlot>)>>,
    closed: Cell<bool>,
}

impl RequestSessions {
    /// Puts the sessions of `registry` into a request. The outermost middleware gets them back, to
    /// close them.
    pub(super) fn enter(request: &ServiceRequest, registry: &Arc<Registry>) -> Option<Rc<Self>> {
        let mut extensions = request.extensions_mut();
        if let Some(outer) = extensions.get::<Rc<Self>>() {
            outer.join(registry);
            return None;
        }
        if let Some(type_id) = early::take(&extensions, request.head()) {
            registry.report_asked_too_early(type_id);
        }
        let sessions = Rc::new(Self {
            outermost: Arc::clone(registry),
            inner: RefCell::default(),
            cookies: OnceCell::new(),
            slots: RefCell::default(),
            closed: Cell::new(false),
        });
        extensions.insert(Rc::clone(&sessions));
        Some(sessions)
    }

    /// The session of a type; the same one each time.
    ///
    /// # Errors
    ///
    /// Why the type is not at hand.
    pub(super) fn get<T: SecureSession>(&self, headers: &HeaderMap) -> Result<Session<T>, Missing> {
        let type_id = TypeId::of::<T>();
        let mut slots = self.slots.borrow_mut();
        let known = slots.iter().find(|(other, _)| *other == type_id);
        let known = known.and_then(|(_, slot)| Arc::clone(slot).into_any().downcast().ok());
        if let Some(slot) = known {
            return Ok(Session::new(slot));
        }
        let codec = self.codec()?;
        let cookies = self.cookies.get_or_init(|| RequestCookies::of(headers));
        let cookies: Arc<RequestCookies> = Arc::clone(cookies);
        let slot = Arc::new(Slot::<T>::new(codec, cookies, self.closed.get()));
        let for_closing: Arc<dyn AnySlot> = Arc::clone(&slot) as _;
        slots.push((type_id, for_closing));
        Ok(Session::new(slot))
    }

    /// Ends writing to all sessions and gives what each has to say, in the order in which they were
    /// first asked for.
    pub(super) fn close(&self, mut each: impl FnMut(Closing)) {
        self.closed.set(true);
        // Closing runs code of the user's, which must meet no borrowed cell.
        let slots = self.slots.take();
        for (_, slot) in &slots {
            each(slot.close());
        }
        // Whoever asks later gets the sessions as they were left.
        let late = self.slots.replace(slots);
        self.slots.borrow_mut().extend(late);
    }

    /// The middleware around all others.
    pub(super) fn outermost(&self) -> &Arc<Registry> {
        &self.outermost
    }

    fn join(&self, registry: &Arc<Registry>) {
        let mut inner = self.inner.borrow_mut();
        let outer: Vec<_> = [&self.outermost].into_iter().chain(inner.iter()).collect();
        let overlap = registry.sessions.iter().find(|session| {
            let mut served = outer.iter().flat_map(|registry| &registry.sessions);
            served.any(|other| other.overlaps(session))
        });
        if let Some(session) = overlap
            && registry.overlap_reported.is_first()
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
        inner.push(Arc::clone(registry));
    }

    /// The codec of the outermost middleware that knows the type.
    fn codec<T: SecureSession>(&self) -> Result<Codec<T>, Missing> {
        if let Some(codec) = self.outermost.codec() {
            return Ok(codec.clone());
        }
        let inner = self.inner.borrow();
        for (index, registry) in inner.iter().enumerate() {
            if let Some(codec) = registry.codec::<T>() {
                let name = codec.cookie_name();
                let mut outer = [&self.outermost]
                    .into_iter()
                    .chain(inner.iter().take(index));
                if outer.any(|registry| registry.has_cookie(name)) {
                    return Err(Missing::NameTaken);
                }
                return Ok(codec.clone());
            }
        }
        Err(Missing::Registration)
    }
}

/// The lines of a request's `Cookie` header; HTTP/2 may split it, and mostly there is one.
struct RequestCookies {
    first: Option<HeaderValue>,
    others: Vec<HeaderValue>,
}

impl RequestCookies {
    fn of(headers: &HeaderMap) -> Arc<Self> {
        let mut lines = headers.get_all(COOKIE).cloned();
        Arc::new(Self {
            first: lines.next(),
            others: lines.collect(),
        })
    }
}

impl CookieLines for RequestCookies {
    fn line(&self, index: usize) -> Option<&[u8]> {
        let line = match index.checked_sub(1) {
            None => self.first.as_ref(),
            Some(index) => self.others.get(index),
        };
        line.map(HeaderValue::as_bytes)
    }
}
