//! Registers session types and rejects invalid combinations.

use std::{any::TypeId, fmt, panic::Location, sync::Arc};

use actix_web::{HttpRequest, HttpResponse};

use super::{
    SessionMiddleware,
    base_path::BasePath,
    cross_origin::OriginSettings,
    denied::Denied,
    registry::{DeniedResponse, Registration, Registry},
    warnings::per_worker_keys,
};
#[cfg(feature = "revocation")]
use crate::revocation::{Revocations, SessionEvent};
use crate::{
    codec::{SharedSettings, build_codec},
    error::ConfigError,
    key::KeyRing,
    log::event,
    policy::{CookieNames, Policy},
    session::SecureSession,
};

/// Builds a [`SessionMiddleware`].
///
/// # Examples
///
/// ```
/// use secure_session::{Key, SecureSession, SessionMiddleware, policy::Lifetime};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// #[derive(SecureSession)]
/// struct Prefs { theme: Option<String> }
///
/// let sessions = SessionMiddleware::builder(Key::generate()?)
///     .application("shop")
///     .session::<Auth>()
///     .session_with::<Prefs>(|policy| policy.lifetime(Lifetime::aal1()).persistent(true))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "call `build()` to get the middleware"]
pub struct SessionMiddlewareBuilder {
    settings: SharedSettings,
    sessions: Vec<Pending>,
    trusted_origins: Vec<String>,
    cross_origin_report_only: bool,
    base_path: String,
    denied: Option<DeniedResponse>,
}

/// A session type that was added to the builder.
struct Pending {
    type_id: TypeId,
    type_name: &'static str,
    names: CookieNames,
    /// Called by `build()`, because settings may change after the session type is added.
    register: Register,
}

type Register = Box<dyn FnOnce(&SharedSettings) -> Result<Registration, Vec<String>>>;

impl SessionMiddlewareBuilder {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self {
            settings: SharedSettings::new(keys),
            sessions: Vec::new(),
            trusted_origins: Vec::new(),
            cross_origin_report_only: false,
            base_path: String::new(),
            denied: None,
        }
    }

    /// Sets the application's name. Default: empty.
    ///
    /// In the native format, it is bound into the encryption: another application with the same
    /// keys and cookie names cannot open the cookies.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.settings.application = name.into();
        self
    }

    /// Registers a session type with the policy that its attributes define.
    pub fn session<T: SecureSession>(self) -> Self {
        self.session_with::<T>(|policy| policy)
    }

    /// Registers a session type and overrides parts of the policy that its attributes define.
    pub fn session_with<T: SecureSession>(
        mut self,
        change: impl FnOnce(Policy<T::Format>) -> Policy<T::Format>,
    ) -> Self {
        let policy = change(Policy::of::<T>());
        self.sessions.push(Pending {
            type_id: TypeId::of::<T>(),
            type_name: T::SCHEMA.type_name,
            names: policy.names(),
            register: Box::new(|settings| {
                build_codec::<T>(settings, policy).map(Registration::new)
            }),
        });
        self
    }

    /// Trusts another origin. Behind a proxy that replaces `Host`, name the application's own
    /// origin.
    ///
    /// Requests from a trusted origin get sessions even if they can change something
    /// ([`CrossOrigin`](crate::policy::CrossOrigin)). An origin is a scheme, a host, and the port
    /// unless it is the scheme's default. Call it once for each origin; there are no wildcards.
    ///
    /// # Security
    ///
    /// Every page of the origin can act with the visitor's sessions.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{Key, SecureSession, SessionMiddleware};
    /// # #[derive(SecureSession)]
    /// # struct Auth { user_id: Option<u64> }
    /// let sessions = SessionMiddleware::builder(Key::generate()?)
    ///     .session::<Auth>()
    ///     .trusted_origin("https://app.example.com")
    ///     .trusted_origin("http://localhost:3000")
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.trusted_origins.push(origin.into());
        self
    }

    /// Lets requests from other origins have their sessions, and only logs those that would be
    /// refused (`session.cross_origin`).
    ///
    /// For the first stage in a running application: deploy with it, read the log, name the
    /// application's other origins with [`trusted_origin`](Self::trusted_origin), and remove it.
    ///
    /// # Security
    ///
    /// It turns the check off for all sessions.
    pub fn cross_origin_report_only(mut self) -> Self {
        self.cross_origin_report_only = true;
        self
    }

    /// Sets the path under which a proxy serves the application, if the proxy strips it. Default:
    /// empty.
    ///
    /// It is put in front of the `login` and `confirm` paths of [guards](trait@crate::SessionGuard)
    /// and of the page that [`ReturnTo`](crate::ReturnTo) returns to, and removed from a `next` that
    /// has it. If middlewares are nested, the outermost one's counts.
    ///
    /// # Examples
    ///
    /// The proxy forwards `/shop/account` as `/account`; the redirect is to `/shop/login`.
    ///
    /// ```
    /// # use secure_session::{Key, SecureSession, SessionMiddleware};
    /// # #[derive(SecureSession)]
    /// # struct Auth { user_id: Option<u64> }
    /// let sessions = SessionMiddleware::builder(Key::generate()?)
    ///     .session::<Auth>()
    ///     .base_path("/shop")
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// Sets the application's own responses to denied requests. Default: the
    /// [table](trait@crate::SessionGuard#responses).
    ///
    /// `respond` is called for the errors of guards and session extractors, and if a session cannot
    /// be stored. It returns `None` for the default response. It is not called for a guard or session
    /// that the handler takes as an `Option`. Headers that inner middleware added to the denied
    /// response are kept, except `Cache-Control` and those of its content. If a session cannot be
    /// stored, no headers are kept, because they are those of a success. The `Err` of an inner
    /// middleware is not replaced.
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::HttpResponse;
    /// use secure_session::{Denied, ExtractError, Key, SecureSession, SessionMiddleware};
    ///
    /// # #[derive(SecureSession)]
    /// # struct Auth { user_id: Option<u64> }
    /// let sessions = SessionMiddleware::builder(Key::generate()?)
    ///     .session::<Auth>()
    ///     .denied(|denied, _request| match denied {
    ///         Denied::Forbidden => Some(HttpResponse::Forbidden().body("not for you")),
    ///         Denied::Session(ExtractError::CrossOrigin { .. }) => {
    ///             Some(HttpResponse::Forbidden().body("please use our own pages"))
    ///         }
    ///         _ => None,
    ///     })
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn denied(
        mut self,
        respond: impl Fn(&Denied, &HttpRequest) -> Option<HttpResponse> + Send + Sync + 'static,
    ) -> Self {
        self.denied = Some(Box::new(respond));
        self
    }

    /// Sets the revocations, which [`revocable`](macro@crate::SecureSession#revocable) sessions need.
    ///
    /// Without a revocable session, it has no effect. So it can be deployed one release before the
    /// attribute.
    #[cfg(feature = "revocation")]
    pub fn revocations(mut self, revocations: &Revocations) -> Self {
        self.settings.revocations = Some(revocations.clone());
        self
    }

    /// Calls a function when a [revocable](macro@crate::SecureSession#revocable) session begins, is
    /// revoked, or is used after it was revoked: for an application's own table of devices.
    ///
    /// The function runs in the request, so it must not block: send the event into a channel. A panic
    /// in it is caught.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{Key, Revocations, SecureSession, SessionEvent, SessionMiddleware};
    /// # #[derive(SecureSession)]
    /// # #[session(revocable)]
    /// # struct Auth { #[session(identity)] user_id: Option<u64> }
    /// let (ended, devices) = std::sync::mpsc::channel();
    /// let sessions = SessionMiddleware::builder(Key::generate()?)
    ///     .revocations(&Revocations::in_memory())
    ///     .session::<Auth>()
    ///     .on_event(move |event| {
    ///         if let SessionEvent::Ended { id, .. } = event {
    ///             drop(ended.send(*id));
    ///         }
    ///     })
    ///     .build()?;
    /// # drop(devices);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "revocation")]
    pub fn on_event(mut self, handler: impl Fn(&SessionEvent<'_>) + Send + Sync + 'static) -> Self {
        self.settings.on_event = Some(Arc::new(handler));
        self
    }

    /// For development only: sends cookies without `Secure`, because some browsers reject `Secure`
    /// cookies from `http://localhost`.
    ///
    /// This drops `Secure`, `Partitioned` and the prefixes of the names, and replaces
    /// `SameSite=None` with `Lax`. Every `build()` logs a warning.
    ///
    /// # Security
    ///
    /// Anyone on the network between browser and server can read the cookies and use them to be
    /// logged in.
    pub fn plain_http(mut self) -> Self {
        self.settings.plain_http = true;
        self
    }

    /// For tests only: replaces the system clock with a clock that the test controls.
    #[cfg(feature = "test-util")]
    pub fn clock(mut self, clock: &crate::time::TestClock) -> Self {
        self.settings.clock = clock.clock();
        self
    }

    /// For tests only: accepts keys that are easy to guess, such as those of test vectors.
    ///
    /// # Security
    ///
    /// Anyone can forge sessions under such a key.
    #[cfg(feature = "test-util")]
    pub fn trivial_keys(mut self) -> Self {
        self.settings.trivial_keys = true;
        self
    }

    /// For tests only: uses the pure Rust cipher even if `ring` is compiled in, to compare the two.
    #[cfg(feature = "test-util")]
    pub fn pure_rust_cipher(mut self) -> Self {
        self.settings.backend = crate::crypto::xchacha::Backend::PureRust;
        self
    }

    /// For tests only: replaces the operating system's random generator.
    ///
    /// `source` fills the buffer, and returns false to simulate a failure.
    ///
    /// # Security
    ///
    /// Repeated or predictable bytes break the encryption.
    #[cfg(feature = "test-util")]
    pub fn random(mut self, source: impl Fn(&mut [u8]) -> bool + Send + Sync + 'static) -> Self {
        self.settings.random = crate::crypto::random::Random::Test(Arc::new(source));
        self
    }

    /// Checks the configuration, derives each session's keys and builds the middleware.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with a sentence for each problem, which names the session and the option:
    /// attributes that browsers reject, invalid lifetimes, keys that are easy to guess, a type or
    /// cookie name that is registered twice, an invalid trusted origin or base path, or no session
    /// at all.
    #[track_caller]
    pub fn build(self) -> Result<SessionMiddleware, ConfigError> {
        let site = Location::caller();
        let mut problems = self.settings.problems();
        if self.sessions.is_empty() {
            problems.push("no session is registered; add `.session::<…>()`".to_owned());
        }
        problems.extend(name_problems(&self.sessions, self.settings.plain_http));
        let mut registry = Registry::default();
        match OriginSettings::new(&self.trusted_origins, self.cross_origin_report_only) {
            Ok(origin) => registry.origin = origin,
            Err(found) => problems.extend(found),
        }
        match BasePath::new(&self.base_path) {
            Ok(path) => registry.base_path = path,
            Err(problem) => problems.push(problem),
        }
        registry.denied = self.denied;
        let mut types: Vec<TypeId> = Vec::new();
        for pending in self.sessions {
            if types.contains(&pending.type_id) {
                problems.push(format!(
                    "session type `{}` is registered twice; remove one of the calls",
                    pending.type_name
                ));
                continue;
            }
            types.push(pending.type_id);
            match (pending.register)(&self.settings) {
                Ok(registration) => registry.sessions.push(registration),
                Err(found) => problems.extend(found),
            }
        }
        #[cfg(feature = "fastify")]
        problems.extend(shared_key_problems(&registry));
        ConfigError::check(problems)?;
        if self.settings.plain_http {
            event!(
                warn,
                "session.plain_http",
                "`plain_http()` is on: cookies are sent without `Secure`, also over unencrypted \
                 connections; use it for development only"
            );
        }
        registry.report();
        per_worker_keys::note(site, &self.settings.application, &registry);
        Ok(SessionMiddleware {
            registry: Arc::new(registry),
        })
    }
}

impl fmt::Debug for SessionMiddlewareBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sessions.iter().map(|session| session.type_name);
        f.debug_struct("SessionMiddlewareBuilder")
            .field("sessions", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Returns the problems of shared cookie names. Two sessions with the same name would overwrite
/// each other. A session whose legacy name is another session's current or legacy name would remove
/// or migrate that session's cookie.
fn name_problems(sessions: &[Pending], plain_http: bool) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, session) in sessions.iter().enumerate() {
        let name = session.names.sent(plain_http);
        let mut earlier = sessions.iter().take(index);
        let same = |other: &&Pending| {
            other.names.sent(plain_http) == name && other.type_id != session.type_id
        };
        if let Some(other) = earlier.find(same) {
            problems.push(format!(
                "sessions `{}` and `{}` both use the cookie name `{}`; give one of them another \
                 name with `cookie`",
                other.type_name,
                session.type_name,
                name.escape_default()
            ));
        }
        for other in sessions
            .iter()
            .filter(|other| other.type_id != session.type_id)
        {
            let other_name = other.names.sent(plain_http);
            let mut legacy = session.names.former.iter();
            if let Some(legacy) = legacy.find(|legacy| legacy.name == other_name) {
                problems.push(format!(
                    "session `{}` ({}): `{}` names `{}`, which is the current cookie of `{}`; \
                     remove the call",
                    name.escape_default(),
                    session.type_name,
                    legacy.method,
                    other_name.escape_default(),
                    other.type_name
                ));
            }
        }
        problems.extend(legacy_name_problem(session, sessions.iter().take(index)));
    }
    problems
}

/// Returns the problem of a legacy cookie that two sessions name: one would remove or migrate the
/// other's.
fn legacy_name_problem<'a>(
    session: &Pending,
    earlier: impl Iterator<Item = &'a Pending>,
) -> Option<String> {
    let mut others = earlier.filter(|other| other.type_id != session.type_id);
    others.find_map(|other| {
        let mut legacy = session.names.former.iter();
        let (ours, theirs) = legacy.find_map(|ours| {
            let mut theirs = other.names.former.iter();
            Some((ours, theirs.find(|theirs| theirs.name == ours.name)?))
        })?;
        Some(format!(
            "sessions `{}` (`{}`) and `{}` (`{}`) both name the legacy cookie `{}`; remove one of \
             the calls",
            other.type_name,
            theirs.method,
            session.type_name,
            ours.method,
            ours.name.escape_default()
        ))
    })
}

/// Returns the problems of shared keys. The fastify format does not bind a value to a name, so with
/// a shared key, the cookie of one session opens as another.
#[cfg(feature = "fastify")]
fn shared_key_problems(registry: &Registry) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, session) in registry.sessions.iter().enumerate() {
        for other in registry.sessions.iter().take(index) {
            if other.fastify_keys.overlap(&session.fastify_keys) {
                problems.push(format!(
                    "sessions `{}` ({}) and `{}` ({}) must not share a key: in the fastify format, \
                     the cookie of one would open as the other; set separate keys with `keys`, or \
                     accept it with `dangerously_share_keys()`",
                    other.cookie_name, other.type_name, session.cookie_name, session.type_name
                ));
            }
        }
    }
    problems
}
