//! Cookie attributes for one response.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use super::{CookieAttributes, ResolvedPolicy, SameSite};

/// Cookie attributes for one response, which override the configured ones.
///
/// Attributes that are not set keep their configured values. Several calls in one request add up;
/// for each attribute, the last call counts. They do not cause the cookie to be sent; they apply if
/// it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "the closure must return the options"]
pub struct CookieOptions {
    max_age: Option<Duration>,
    persistent: Option<bool>,
    path: Option<String>,
    #[expect(
        clippy::option_option,
        reason = "not set, set to none, set to a domain"
    )]
    domain: Option<Option<String>>,
    same_site: Option<SameSite>,
    secure: Option<bool>,
    http_only: Option<bool>,
    partitioned: Option<bool>,
}

impl CookieOptions {
    /// No attribute is set.
    pub(crate) const NONE: &Self = &Self {
        max_age: None,
        persistent: None,
        path: None,
        domain: None,
        same_site: None,
        secure: None,
        http_only: None,
        partitioned: None,
    };

    /// Sets the time after which the browser drops the cookie, in whole seconds (RFC 6265 §5.2.2).
    ///
    /// This does not extend the session; [`remember_for`](crate::Session::remember_for) does.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self.persistent = Some(true);
        self
    }

    /// Sets whether the cookie survives closing the browser. `false` also resets
    /// [`max_age`](Self::max_age).
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = Some(persistent);
        if !persistent {
            self.max_age = None;
        }
        self
    }

    /// Sets the cookie's path: browsers send the cookie to this path and everything below it.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets the cookie's domain: browsers send the cookie to this host and all its subdomains. With
    /// `None`, only to the host that set it.
    pub fn domain<'a>(mut self, domain: impl Into<Option<&'a str>>) -> Self {
        self.domain = Some(domain.into().map(str::to_owned));
        self
    }

    /// Sets when browsers send the cookie with requests from other sites.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Sets whether browsers send the cookie only over encrypted connections.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }

    /// Sets whether browsers hide the cookie from scripts in the page.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = Some(http_only);
        self
    }

    /// Sets whether browsers keep a separate cookie for each site that embeds the application
    /// (CHIPS).
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = Some(partitioned);
        self
    }

    /// Checks the resulting attributes with the builder's rules.
    ///
    /// `left` is the time that the session has left, in seconds.
    pub(crate) fn check(
        &self,
        policy: &ResolvedPolicy,
        left: u64,
    ) -> Result<(), CookieOptionsError> {
        let mut problems = self.merged(policy).problems();
        problems.extend(self.max_age_problem(policy.max_age_limit(left)));
        if problems.is_empty() {
            return Ok(());
        }
        Err(CookieOptionsError {
            session: policy.cookie.name.clone(),
            problems,
        })
    }

    /// Returns the attributes' text for `Set-Cookie`. Only formats it if any attribute is set.
    pub(crate) fn tail<'a>(&self, policy: &'a ResolvedPolicy) -> Cow<'a, str> {
        if self == Self::NONE {
            Cow::Borrowed(&policy.tail)
        } else {
            Cow::Owned(self.merged(policy).tail())
        }
    }

    /// Returns `Max-Age` in seconds for a session with `left` seconds left.
    pub(crate) fn max_age_of(
        &self,
        policy: &ResolvedPolicy,
        persistent: bool,
        left: u64,
    ) -> Option<u64> {
        let max_age = match self.max_age {
            Some(asked) => asked.as_secs().min(policy.max_age_limit(left)),
            None => left,
        };
        self.persistent.unwrap_or(persistent).then_some(max_age)
    }

    /// Returns true if the cookie is sent with `Secure`.
    pub(crate) fn is_secure(&self, policy: &ResolvedPolicy) -> bool {
        !policy.plain_http && self.secure.unwrap_or(policy.cookie.secure)
    }

    /// Returns true if the path or domain differs from the configured one, so that browsers keep
    /// both cookies.
    pub(crate) fn change_scope(&self, policy: &ResolvedPolicy) -> bool {
        let configured = &policy.cookie;
        let path = self
            .path
            .as_ref()
            .is_some_and(|path| *path != configured.path);
        let domain = self.domain.as_ref();
        path || domain.is_some_and(|domain| *domain != configured.domain)
    }

    fn merged(&self, policy: &ResolvedPolicy) -> CookieAttributes {
        let configured = &policy.cookie;
        let merged = CookieAttributes {
            name: configured.name.clone(),
            path: self.path.as_ref().unwrap_or(&configured.path).clone(),
            domain: self.domain.as_ref().unwrap_or(&configured.domain).clone(),
            same_site: self.same_site.unwrap_or(configured.same_site),
            secure: self.secure.unwrap_or(configured.secure),
            http_only: self.http_only.unwrap_or(configured.http_only),
            partitioned: self.partitioned.unwrap_or(configured.partitioned),
        };
        if policy.plain_http {
            merged.for_plain_http()
        } else {
            merged
        }
    }

    fn max_age_problem(&self, left: u64) -> Option<String> {
        let max_age = self.max_age?;
        if max_age.as_secs() > left {
            Some(format!(
                "`max_age` ({} s) must not be longer than the session, which has {left} s left; to \
                 extend the session, call `remember_for(…)`",
                max_age.as_secs()
            ))
        } else if max_age.is_zero() || max_age.subsec_nanos() != 0 {
            Some(format!(
                "`max_age` ({max_age:?}) must be in whole seconds and above zero; to remove the \
                 cookie, call `destroy()`"
            ))
        } else {
            None
        }
    }
}

/// The error for cookie attributes that browsers would reject or that outlive the session.
///
/// The call that returns it has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieOptionsError {
    session: String,
    problems: Vec<String>,
}

impl CookieOptionsError {
    /// Returns one sentence for each problem, at least one.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for CookieOptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, problems } = self;
        write!(
            f,
            "cookie options of session `{session}`: {}",
            problems.join("; ")
        )
    }
}

impl Error for CookieOptionsError {}
