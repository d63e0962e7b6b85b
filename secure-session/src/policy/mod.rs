//! What a session's cookie looks like and how long it lives; knows nothing of actix.
//!
//! The attributes of the struct give the policy, the builder may override it
//! ([`Policy`]), and a handler may change attributes for one response ([`CookieOptions`]).

pub(crate) mod cookie;
#[cfg(feature = "fastify")]
mod fastify;
mod former;
pub(crate) mod lifetime;
mod options;

use std::{marker::PhantomData, time::Duration};

#[cfg(feature = "fastify")]
pub(crate) use self::fastify::{FastifySettings, SigningSecret, too_many_keys};
#[cfg(feature = "fastify")]
pub use self::fastify::{Former, Signing};
pub(crate) use self::{
    cookie::CookieAttributes,
    former::FormerCookie,
    lifetime::{Limits, MAX_LIFETIME_SECONDS, Times},
};
pub use self::{
    cookie::SameSite,
    lifetime::Lifetime,
    options::{CookieOptions, CookieOptionsError},
};

use crate::{
    codec::{Format, FormatKind, Native},
    key::KeyRing,
    schema::{PolicyAttributes, RefreshAttribute, SecureSession},
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
    formerly: Vec<FormerCookie>,
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
    pub(crate) fn of<T: SecureSession<Format = F>>() -> Self {
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
            formerly: Vec::new(),
            #[cfg(feature = "fastify")]
            fastify: FastifySettings::default(),
            format: PhantomData,
        }
    }

    /// Sets the cookie's name. Default: `__Host-` and the struct's name in snake case.
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
    /// A session may end by this much early, never late.
    pub fn refresh(mut self, refresh: impl Into<Option<Duration>>) -> Self {
        self.refresh = refresh.into().map_or(Refresh::Never, Refresh::After);
        self
    }

    /// Gives this session keys of its own. Default: the keys of the builder.
    pub fn keys(mut self, keys: impl Into<KeyRing>) -> Self {
        self.keys = Some(keys.into());
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
    ///     .session_with::<Auth>(|policy| policy.formerly("login", "/app", None))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn formerly(
        mut self,
        name: impl Into<String>,
        path: impl Into<String>,
        domain: Option<&str>,
    ) -> Self {
        self.formerly.push(FormerCookie::new(name, path, domain));
        self
    }

    /// The names of the cookies, for comparison with those of other sessions.
    pub(crate) fn names(&self) -> Names {
        Names {
            name: self.cookie.name.clone(),
            plain: self.cookie.clone().for_plain_http().name,
            formerly: (self.formerly.iter())
                .map(|former| former.name.clone())
                .collect(),
        }
    }

    /// Checks everything and works out what stays the same for every request.
    ///
    /// # Errors
    ///
    /// A sentence for each problem, each naming the session and the option.
    pub(crate) fn resolve(
        self,
        session: &SessionContext<'_>,
    ) -> Result<(ResolvedPolicy, Option<KeyRing>), Vec<String>> {
        let mut problems = self.cookie.problems();
        problems.extend(self.lifetime_problems());
        #[cfg(feature = "fastify")]
        problems.extend(self.fastify.problems(&self.cookie));
        for former in &self.formerly {
            problems.extend(former.problems(&self.cookie));
        }
        if !problems.is_empty() {
            let (cookie, type_name) = (&self.cookie.name, session.type_name);
            let named = |problem| format!("session `{cookie}` ({type_name}): {problem}");
            return Err(problems.into_iter().map(named).collect());
        }
        let limits = self.limits();
        let cookie = if session.plain_http {
            self.cookie.for_plain_http()
        } else {
            self.cookie
        };
        #[cfg(feature = "fastify")]
        let fastify = self.fastify.resolved(&cookie);
        let resolved = ResolvedPolicy {
            format: F::KIND,
            #[cfg(feature = "fastify")]
            fastify,
            tail: cookie.tail(),
            formerly: (self.formerly.iter())
                .map(|former| former.resolve(&cookie))
                .collect(),
            cookie,
            plain_http: session.plain_http,
            persistent: self.persistent,
            limits,
            purpose: self.purpose,
        };
        Ok((resolved, self.keys))
    }

    fn limits(&self) -> Limits {
        let idle = self.idle.map(|idle| idle.as_secs());
        Limits {
            idle,
            absolute: self.absolute.map(|absolute| absolute.as_secs()),
            refresh: match self.refresh {
                Refresh::Tenth => idle.map(Limits::default_refresh),
                Refresh::After(after) => Some(after.as_secs()),
                Refresh::Never => None,
            },
        }
    }

    fn lifetime_problems(&self) -> Vec<String> {
        let (idle, absolute) = (self.idle, self.absolute);
        let mut problems = Vec::new();
        problems.extend(absolute.and_then(|absolute| duration_problem("absolute", absolute)));
        if idle.is_none() && absolute.is_none() {
            problems.push(
                "`idle` is none, and a session in this format would never end; give a time"
                    .to_owned(),
            );
        }
        if let Some(idle) = idle {
            problems.extend(duration_problem("idle", idle));
            if let Some(absolute) = absolute.filter(|absolute| idle > *absolute) {
                problems.push(format!(
                    "`idle` ({} s) is longer than `absolute` ({} s); the session would end before \
                     it is idle, so lower `idle` or raise `absolute`",
                    idle.as_secs(),
                    absolute.as_secs()
                ));
            }
        }
        if let Refresh::After(refresh) = self.refresh {
            problems.extend(duration_problem("refresh", refresh));
            match idle {
                None => problems.push(
                    "`refresh` without an idle limit has nothing to refresh; remove `refresh` or \
                     give `idle`"
                        .to_owned(),
                ),
                Some(idle) if refresh >= idle => problems.push(format!(
                    "`refresh` ({} s) is not shorter than `idle` ({} s); an active session would \
                     end, so lower `refresh`",
                    refresh.as_secs(),
                    idle.as_secs()
                )),
                Some(_) => {}
            }
        }
        problems
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

/// The names of a session's cookies.
#[derive(Debug)]
pub(crate) struct Names {
    name: String,
    plain: String,
    pub(crate) formerly: Vec<String>,
}

impl Names {
    /// The present name as it is sent.
    pub(crate) fn sent(&self, plain_http: bool) -> &str {
        if plain_http { &self.plain } else { &self.name }
    }
}

/// What [`Policy::resolve`] needs to know beside the policy itself.
pub(crate) struct SessionContext<'a> {
    pub(crate) type_name: &'a str,
    pub(crate) plain_http: bool,
}

/// A policy that was checked, with what stays the same for every request.
#[derive(Debug)]
pub(crate) struct ResolvedPolicy {
    pub(crate) format: FormatKind,
    #[cfg(feature = "fastify")]
    pub(crate) fastify: FastifySettings,
    /// As sent: over plain http without prefix and `Secure`.
    pub(crate) cookie: CookieAttributes,
    pub(crate) tail: String,
    pub(crate) plain_http: bool,
    pub(crate) persistent: bool,
    pub(crate) limits: Limits,
    pub(crate) purpose: String,
    pub(crate) formerly: Vec<former::ResolvedFormer>,
}

impl ResolvedPolicy {
    /// The most that `Max-Age` for one response may be, for a session that has so many seconds
    /// left.
    ///
    /// In the fastify format the cookie may outlive the session: the peer allows it, and its end is
    /// checked by whoever reads it.
    pub(crate) fn max_age_limit(&self, left: u64) -> u64 {
        match self.format {
            FormatKind::Native => left,
            #[cfg(feature = "fastify")]
            FormatKind::Fastify => MAX_LIFETIME_SECONDS,
        }
    }
}

/// Lifetimes are whole seconds above zero, and at most 400 days.
fn duration_problem(option: &str, duration: Duration) -> Option<String> {
    let given = duration.as_secs();
    if duration.is_zero() {
        Some(format!(
            "`{option}` is zero, and the session would be over at once; give a longer time"
        ))
    } else if duration.subsec_nanos() != 0 {
        Some(format!(
            "`{option}` ({duration:?}) is not in whole seconds, which the cookie counts in; round \
             it"
        ))
    } else if given > MAX_LIFETIME_SECONDS {
        Some(format!(
            "`{option}` ({given} s) is longer than 400 days ({MAX_LIFETIME_SECONDS} s), the \
             longest that browsers keep a cookie (RFC 6265bis §5.5)"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTRIBUTES: PolicyAttributes = PolicyAttributes {
        cookie: "__Host-auth",
        path: "/",
        domain: None,
        same_site: crate::schema::SameSiteAttribute::Lax,
        secure: true,
        http_only: true,
        partitioned: false,
        persistent: false,
        idle: Some(1800),
        absolute: Some(43_200),
        refresh: None,
        purpose: "",
    };

    fn problems(change: impl FnOnce(Policy) -> Policy) -> Vec<String> {
        let context = SessionContext {
            type_name: "Auth",
            plain_http: false,
        };
        change(Policy::<Native>::from_attributes(&ATTRIBUTES))
            .resolve(&context)
            .err()
            .unwrap_or_default()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_defaults_have_no_problem() {
        assert!(problems(|policy| policy).is_empty());
    }

    #[test]
    fn every_problem_names_the_session_and_is_told_at_once() {
        let problems = problems(|policy| policy.secure(false).domain("a.b").idle(seconds(0)));
        assert_eq!(problems.len(), 3);
        for problem in problems {
            assert!(problem.starts_with("session `__Host-auth` (Auth): "));
        }
    }

    #[test]
    fn lifetimes_that_end_at_once_or_never_are_refused() {
        let cases: [fn(Policy) -> Policy; 8] = [
            |p| p.idle(seconds(0)),
            |p| p.absolute(seconds(0)).idle(None),
            |p| p.idle(seconds(43_201)),
            |p| p.absolute(seconds(MAX_LIFETIME_SECONDS + 1)),
            |p| p.absolute(Duration::MAX),
            |p| p.idle(Duration::from_millis(1500)),
            |p| p.refresh(seconds(1800)),
            |p| p.idle(None).refresh(seconds(60)),
        ];
        for (index, change) in cases.into_iter().enumerate() {
            assert_eq!(problems(change).len(), 1, "case {index}");
        }
    }

    #[test]
    fn lifetimes_at_their_edges_are_accepted() {
        let cases: [fn(Policy) -> Policy; 5] = [
            |p| p.idle(seconds(43_200)),
            |p| p.absolute(seconds(MAX_LIFETIME_SECONDS)),
            |p| p.refresh(seconds(1799)),
            |p| p.idle(None).refresh(None),
            |p| p.lifetime(Lifetime::aal1()),
        ];
        for (index, change) in cases.into_iter().enumerate() {
            assert!(problems(change).is_empty(), "case {index}");
        }
    }

    #[test]
    fn a_former_cookie_that_is_the_present_one_is_refused() {
        assert_eq!(problems(|p| p.formerly("__Host-auth", "/", None)).len(), 1);
        assert!(problems(|p| p.formerly("auth", "/", Some("example.com"))).is_empty());
        assert_eq!(problems(|p| p.formerly("a b", "x", Some("."))).len(), 3);
    }
}
