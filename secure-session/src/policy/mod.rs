//! Cookie attributes and lifetimes of a session.
//!
//! The struct's attributes define the policy, the builder can override it ([`Policy`]), and a
//! handler can change the cookie's attributes for one response ([`CookieOptions`]).

mod activity;
mod cross_origin;
#[cfg(feature = "fastify")]
mod fastify;
pub(crate) mod lifetime;
mod options;
mod resolve;

use std::{marker::PhantomData, time::Duration};

#[cfg(feature = "fastify")]
pub use self::fastify::FastifyMigration;
#[cfg(feature = "fastify")]
pub(crate) use self::fastify::FastifySettings;
#[cfg(feature = "fastify")]
pub use self::fastify::Signing;
#[cfg(feature = "fastify")]
pub(crate) use self::fastify::SigningSecrets;
#[cfg(feature = "fastify")]
pub(crate) use self::fastify::too_many_keys;
pub use self::{
    activity::Activity,
    cross_origin::CrossOrigin,
    lifetime::Lifetime,
    options::{CookieOptions, CookieOptionsError},
};
pub(crate) use self::{
    lifetime::{Limits, RememberLimit, Times},
    resolve::{CookieNames, ResolveContext, ResolvedPolicy},
};
pub use crate::cookie::SameSite;
pub(crate) use crate::cookie::{CookieAttributes, legacy::LegacyCookie};
#[cfg(feature = "fastify")]
pub use crate::crypto::cookie_signature::SigningAlgorithm;

use crate::{
    key::{IntoKeyRing, KeyRing},
    schema::{Format, Native, PolicyAttributes, RefreshAttribute, SessionData},
};

/// A session's cookie, lifetime and keys, as the builder can override them.
///
/// It starts with the struct's attributes; each setter overrides one of them. `build()` checks the
/// result with the same rules that the derive applies at compile time.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, SecureSession, SessionMiddleware};
/// use std::time::Duration;
///
/// #[derive(SecureSession)]
/// #[session(cookie = "prefs", idle = "none", absolute = "365d", persistent)]
/// struct Prefs { theme: Option<String> }
///
/// let sessions = SessionMiddleware::builder(Key::generate()?)
///     .session_with::<Prefs>(|policy| {
///         policy
///             .keys(Key::generate().expect("the system has random bytes"))
///             .domain("example.com")
///             .absolute(Duration::from_secs(30 * 86_400))
///     })
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "the closure must return the policy"]
pub struct Policy<F: Format = Native> {
    cookie: CookieAttributes,
    persistent: bool,
    idle: Option<Duration>,
    /// `None` in a format without an absolute limit.
    absolute: Option<Duration>,
    refresh: Refresh,
    /// The longest `remember_for` of a revocable session.
    remember: Option<Duration>,
    is_revocable: bool,
    purpose: String,
    cross_origin: CrossOrigin,
    activity: Activity,
    keys: Option<KeyRing>,
    legacy_cookies: Vec<LegacyCookie>,
    #[cfg(feature = "fastify")]
    fastify: FastifySettings,
    format: PhantomData<fn() -> F>,
}

#[derive(Debug, Clone, Copy)]
enum Refresh {
    Tenth,
    After(Duration),
    Never,
}

impl<F: Format> Policy<F> {
    /// Returns the policy of the struct's attributes, with defaults filled in.
    pub(crate) fn of<T: SessionData<Format = F>>() -> Self {
        Self {
            is_revocable: T::SCHEMA.revocable,
            ..Self::from_attributes(&T::SCHEMA.policy)
        }
    }

    fn from_attributes(attributes: &PolicyAttributes) -> Self {
        Self {
            cookie: CookieAttributes {
                name: attributes.cookie.to_owned(),
                path: attributes.path.to_owned(),
                domain: attributes.domain.map(str::to_owned),
                same_site: attributes.same_site.into(),
                secure: attributes.secure,
                http_only: attributes.http_only,
                partitioned: attributes.partitioned,
            },
            persistent: attributes.persistent,
            idle: attributes.idle.map(Duration::from_secs),
            absolute: attributes.absolute.map(Duration::from_secs),
            refresh: match attributes.refresh {
                None => Refresh::Tenth,
                Some(RefreshAttribute::After(seconds)) => {
                    Refresh::After(Duration::from_secs(seconds))
                }
                Some(RefreshAttribute::Never) => Refresh::Never,
            },
            remember: attributes.remember.map(Duration::from_secs),
            is_revocable: false,
            purpose: attributes.purpose.to_owned(),
            cross_origin: attributes.cross_origin.into(),
            activity: Activity::all(),
            keys: None,
            legacy_cookies: Vec::new(),
            #[cfg(feature = "fastify")]
            fastify: FastifySettings::default(),
            format: PhantomData,
        }
    }

    /// Sets the cookie's name, at most 1024 bytes. Default: `__Host-` and the struct's name in
    /// snake case.
    ///
    /// In the native format, the name is bound into the encryption: a value encrypted under another
    /// name does not open.
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie.name = name.into();
        self
    }

    /// Sets the cookie's path: browsers send the cookie to this path and everything below it.
    /// Default: `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.cookie.path = path.into();
        self
    }

    /// Sets the cookie's domain: browsers send the cookie to this host and all its subdomains.
    /// Default: only to the host that set it.
    ///
    /// # Security
    ///
    /// Every subdomain can read and replace the cookie.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// Sets when browsers send the cookie with requests from other sites. Default:
    /// [`SameSite::Lax`].
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = same_site;
        self
    }

    /// Sets whether browsers send the cookie only over encrypted connections. Default: `true`.
    ///
    /// # Security
    ///
    /// Without it, anyone on the network can read the cookie and use it to be logged in.
    pub fn secure(mut self, secure: bool) -> Self {
        self.cookie.secure = secure;
        self
    }

    /// Sets whether browsers hide the cookie from scripts in the page. Default: `true`.
    ///
    /// # Security
    ///
    /// Without it, a script injected into the page can steal the cookie.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.cookie.http_only = http_only;
        self
    }

    /// Sets whether browsers keep a separate cookie for each site that embeds the application
    /// (CHIPS). Default: `false`.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.cookie.partitioned = partitioned;
        self
    }

    /// Sets whether the cookie survives closing the browser. Default: `false`.
    ///
    /// If it does, `Max-Age` is the time that the session has left.
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = persistent;
        self
    }

    /// Sets how long a session lasts without activity, in whole seconds. Default: 30 minutes; in
    /// the fastify format, 86401 seconds.
    ///
    /// `None` sets no idle limit; `build()` rejects that in the fastify format.
    pub fn idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// Sets how old the last recorded activity must be before a request that only reads sends the
    /// cookie again, in whole seconds. `None` means never. Default: a tenth of the idle limit.
    ///
    /// An active session may expire up to this much early, but never late. The age is checked when
    /// the session is opened; a refresh that becomes due while the handler runs is left to the next
    /// request.
    pub fn refresh(mut self, refresh: impl Into<Option<Duration>>) -> Self {
        self.refresh = refresh.into().map_or(Refresh::Never, Refresh::After);
        self
    }

    /// Sets which requests count as activity. Default: [`Activity::all`].
    pub fn activity(mut self, activity: Activity) -> Self {
        self.activity = activity;
        self
    }

    /// Sets which requests from other origins get the session. Default: [`CrossOrigin::Refuse`].
    pub fn cross_origin(mut self, cross_origin: CrossOrigin) -> Self {
        self.cross_origin = cross_origin;
        self
    }

    /// Sets separate keys for this session. Default: the keys of the builder.
    pub fn keys(mut self, keys: impl IntoKeyRing) -> Self {
        self.keys = Some(keys.into_key_ring());
        self
    }

    /// Names a legacy cookie of this session, which is removed and never read.
    ///
    /// The removal is sent if a request that opens the session contains the legacy cookie. If the
    /// legacy cookie has the session's current name, but another path or domain, the removal is
    /// sent if the request contains two cookies with that name.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{Key, SecureSession, SessionMiddleware};
    /// # #[derive(SecureSession)]
    /// # struct Auth { name: String }
    /// let sessions = SessionMiddleware::builder(Key::generate()?)
    ///     .session_with::<Auth>(|policy| policy.remove_legacy_cookie("login", "/app", None))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_legacy_cookie(
        mut self,
        name: impl Into<String>,
        path: impl Into<String>,
        domain: Option<&str>,
    ) -> Self {
        self.legacy_cookies
            .push(LegacyCookie::new(name, path, domain));
        self
    }
}

/// Options of the native format.
impl Policy<Native> {
    /// Sets both limits, for example to a preset. Default: [`Lifetime::aal2`].
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.idle = lifetime.idle();
        self.absolute = Some(lifetime.absolute());
        self
    }

    /// Sets the absolute limit of a session, in whole seconds, at most 400 days. Default: 12 hours.
    ///
    /// Only `sign_in` and `reauthenticate` restart it. For a session that lasts as long as it is
    /// used, set a long `idle` limit as well; the session still expires at this limit.
    pub fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = Some(absolute);
        self
    }

    /// Sets the longest time that [`remember_for`](crate::Session::remember_for) accepts, in whole
    /// seconds. Only for revocable sessions. Default: none; then both limits apply to remembered
    /// sessions, too.
    ///
    /// Revocations are kept at least as long.
    #[cfg(feature = "revocation")]
    pub fn remember(mut self, longest: Duration) -> Self {
        self.remember = Some(longest);
        self
    }

    /// Sets a text that is bound into the encryption, in addition to the application and the
    /// cookie's name. Default: empty.
    ///
    /// A value encrypted for another purpose does not open.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }
}
