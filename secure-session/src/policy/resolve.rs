//! From what the attributes and the builder say to what stays the same for every request.

use std::time::Duration;

#[cfg(feature = "fastify")]
use super::FastifySettings;
use super::{CookieAttributes, Limits, MAX_LIFETIME_SECONDS, Policy, Refresh};
use crate::{
    cookie::legacy::ResolvedFormer,
    key::KeyRing,
    schema::{Format, FormatKind},
};

impl<F: Format> Policy<F> {
    /// The names of the cookies, for comparison with those of other sessions.
    pub(crate) fn names(&self) -> CookieNames {
        CookieNames {
            name: self.cookie.name.clone(),
            plain: self.cookie.clone().for_plain_http().name,
            legacy_cookies: (self.legacy_cookies.iter())
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
        session: &ResolveContext<'_>,
    ) -> Result<(ResolvedPolicy, Option<KeyRing>), Vec<String>> {
        let mut problems = self.cookie.problems();
        problems.extend(self.lifetime_problems());
        #[cfg(feature = "fastify")]
        problems.extend(self.fastify.problems(&self.cookie));
        for former in &self.legacy_cookies {
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
            legacy_cookies: (self.legacy_cookies.iter())
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

/// The names of a session's cookies.
#[derive(Debug)]
pub(crate) struct CookieNames {
    name: String,
    plain: String,
    pub(crate) legacy_cookies: Vec<String>,
}

impl CookieNames {
    /// The present name as it is sent.
    pub(crate) fn sent(&self, plain_http: bool) -> &str {
        if plain_http { &self.plain } else { &self.name }
    }
}

/// What [`Policy::resolve`] needs to know beside the policy itself.
pub(crate) struct ResolveContext<'a> {
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
    pub(crate) legacy_cookies: Vec<ResolvedFormer>,
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
    use crate::{
        policy::Lifetime,
        schema::{Native, PolicyAttributes},
    };

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
        let context = ResolveContext {
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
        assert_eq!(
            problems(|p| p.remove_legacy_cookie("__Host-auth", "/", None)).len(),
            1
        );
        assert!(problems(|p| p.remove_legacy_cookie("auth", "/", Some("example.com"))).is_empty());
        assert_eq!(
            problems(|p| p.remove_legacy_cookie("a b", "x", Some("."))).len(),
            3
        );
    }
}
