//! What a session's cookie looks like and how long it lives; knows nothing of actix.
//!
//! The attributes of the struct give the policy, the builder may override it
//! ([`Policy`]), and a handler may change attributes for one response ([`CookieOptions`]).

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
    lifetime::Lifetime,
    options::{CookieOptions, CookieOptionsError},
};
pub(crate) use self::{
    lifetime::{Limits, Times},
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

/// A session's policy, for the builder to override: cookie, lifetime and keys.
///
/// It starts with what the attributes of the struct say; each setter overrides one of them.
/// `build()` checks the result by the rules that the derive applies at compile time.
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
///             .keys(Key::generate().expect("the system gives random bytes"))
///             .domain("example.com")
///             .absolute(Duration::from_secs(30 * 86_400))
///     })
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "the closure has to return the policy"]
pub struct Policy<F: Format = Native> {
    cookie: CookieAttributes,
    persistent: bool,
    idle: Option<Duration>,
    /// `None` in a format that has no absolute limit.
    absolute: Option<Duration>,
    refresh: Refresh,
    purpose: String,
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
    /// What the attributes of the struct say, defaults filled in.
    pub(crate) fn of<T: SessionData<Format = F>>() -> Self {
        Self::from_attributes(&T::SCHEMA.policy)
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
            purpose: attributes.purpose.to_owned(),
            keys: None,
            legacy_cookies: Vec::new(),
            #[cfg(feature = "fastify")]
            fastify: FastifySettings::default(),
            format: PhantomData,
        }
    }

    /// Sets the cookie's name, at most 1024 bytes. Default: `__Host-` and the struct's name in snake
    /// case.
    ///
    /// The name is bound into the encryption: a cookie sealed under another name does not open.
    pub fn cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie.name = name.into();
        self
    }

    /// Sets the path below which browsers send the cookie. Default: `/`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.cookie.path = path.into();
        self
    }

    /// Sends the cookie to this host and all hosts below it. Default: to the host that set it, and
    /// no other.
    ///
    /// # Security
    ///
    /// Every host below the domain can read and replace the cookie.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.cookie.domain = Some(domain.into());
        self
    }

    /// Sets when the cookie goes along with requests from other sites. Default:
    /// [`SameSite::Lax`].
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.cookie.same_site = same_site;
        self
    }

    /// Sets whether the cookie travels over encrypted connections only. Default: `true`.
    ///
    /// # Security
    ///
    /// Without it anyone on the network can read the cookie and be logged in with it.
    pub fn secure(mut self, secure: bool) -> Self {
        self.cookie.secure = secure;
        self
    }

    /// Sets whether scripts in the page are kept from reading the cookie. Default: `true`.
    ///
    /// # Security
    ///
    /// Without it a script injected into the page can carry the cookie away.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.cookie.http_only = http_only;
        self
    }

    /// Sets whether the cookie is kept apart for each site that embeds the application (CHIPS).
    /// Default: `false`.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.cookie.partitioned = partitioned;
        self
    }

    /// Sets whether the cookie outlives the browser. Default: `false`.
    ///
    /// `Max-Age` is then the time that the session itself has left.
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = persistent;
        self
    }

    /// Sets how long a session lasts without activity, in whole seconds; `None` is no idle limit,
    /// which the fastify format cannot do without. Default: 30 minutes; in the fastify format 86401
    /// seconds.
    pub fn idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }

    /// Sets how old the last noted activity may get before a request that only reads sends the
    /// cookie again, in whole seconds; `None` is never. Default: a tenth of the idle limit.
    ///
    /// A session may end by this much early, never late. The question is asked when the session is
    /// opened; a refresh that falls due while the handler works is left to the next request.
    pub fn refresh(mut self, refresh: impl Into<Option<Duration>>) -> Self {
        self.refresh = refresh.into().map_or(Refresh::Never, Refresh::After);
        self
    }

    /// Gives this session keys of its own. Default: the keys of the builder.
    pub fn keys(mut self, keys: impl IntoKeyRing) -> Self {
        self.keys = Some(keys.into_key_ring());
        self
    }

    /// Names an earlier cookie of this session: it is never read, and removed when it comes with a
    /// request that opens the session.
    ///
    /// Under the name that the session has now, for a cookie that had another path or domain, the
    /// removal is sent when two cookies of that name come in.
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

/// What only the native format has.
impl Policy<Native> {
    /// Sets both limits, for example to a preset. Default: [`Lifetime::aal2`].
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.idle = lifetime.idle();
        self.absolute = Some(lifetime.absolute());
        self
    }

    /// Sets how long a session lasts at all, in whole seconds, 400 days at most. Default: 12
    /// hours.
    ///
    /// Only `sign_in` and `reauthenticate` begin it anew; for a session that lives on as long as it
    /// is used, give a long `idle` as well and accept this end.
    pub fn absolute(mut self, absolute: Duration) -> Self {
        self.absolute = Some(absolute);
        self
    }

    /// Sets a text that is bound into the encryption, beside the application and the cookie's
    /// name: what was sealed for another purpose does not open. Default: empty.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = purpose.into();
        self
    }
}
