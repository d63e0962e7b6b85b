//! Attributes of the cookie for one response.

use std::{borrow::Cow, error::Error, fmt, time::Duration};

use super::{CookieAttributes, ResolvedPolicy, SameSite};

/// Attributes of the cookie for one response, over the configured ones.
///
/// Only what is set changes, several calls in one request add up, and the last word on each
/// attribute counts. Alone they send nothing: they say how the cookie looks if it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "the closure has to return the options"]
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
    /// Nothing is set.
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

    /// Lets the browser drop the cookie after this time, in whole seconds (RFC 6265 §5.2.2).
    ///
    /// The session inside ends when it would have ended; for a longer life there is
    /// [`remember_for`](crate::Session::remember_for).
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self.persistent = Some(true);
        self
    }

    /// Sets whether the cookie outlives the browser; `false` also takes back a
    /// [`max_age`](Self::max_age).
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = Some(persistent);
        if !persistent {
            self.max_age = None;
        }
        self
    }

    /// Sets the path below which browsers send the cookie.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sends the cookie to this host and all below it; `None` to the host that set it only.
    pub fn domain<'a>(mut self, domain: impl Into<Option<&'a str>>) -> Self {
        self.domain = Some(domain.into().map(str::to_owned));
        self
    }

    /// Sets when the cookie goes along with requests from other sites.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    /// Sets whether the cookie travels over encrypted connections only.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }

    /// Sets whether scripts in the page are kept from reading the cookie.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = Some(http_only);
        self
    }

    /// Sets whether the cookie is kept apart for each embedding site.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = Some(partitioned);
        self
    }

    /// Checks the attributes that would be sent by the rules of the builder.
    ///
    /// `left` is how many seconds the session has left.
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

    /// The tail of `Set-Cookie` with these attributes; made anew only if a handler asked for any.
    pub(crate) fn tail<'a>(&self, policy: &'a ResolvedPolicy) -> Cow<'a, str> {
        if self == Self::NONE {
            Cow::Borrowed(&policy.tail)
        } else {
            Cow::Owned(self.merged(policy).tail())
        }
    }

    /// `Max-Age` for a session that has so many seconds left.
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

    /// Whether the cookie is set with `Secure`.
    pub(crate) fn is_secure(&self, policy: &ResolvedPolicy) -> bool {
        !policy.plain_http && self.secure.unwrap_or(policy.cookie.secure)
    }

    /// Whether the cookie has another path or domain than configured, so that it does not replace the
    /// configured one.
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
                "`max_age` ({} s) is beyond the end of the session, which has {left} s left; for a \
                 longer life call `remember_for(…)`",
                max_age.as_secs()
            ))
        } else if max_age.is_zero() || max_age.subsec_nanos() != 0 {
            Some(format!(
                "`max_age` ({max_age:?}) is not whole seconds above zero; to remove the cookie \
                 call `destroy()`"
            ))
        } else {
            None
        }
    }
}

/// Attributes for one response that browsers would refuse, or that outlive the session.
///
/// Nothing of the call takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieOptionsError {
    session: String,
    problems: Vec<String>,
}

impl CookieOptionsError {
    /// One sentence for each problem, never empty.
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
