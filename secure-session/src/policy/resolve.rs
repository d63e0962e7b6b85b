//! From what the attributes and the builder say to what stays the same for every request.

use std::time::Duration;

#[cfg(feature = "fastify")]
use super::FastifySettings;
use super::{CookieAttributes, Limits, Policy, Refresh};
use crate::{
    cookie::{
        legacy::ResolvedFormer,
        rules::{self, TimeSpan},
    },
    key::KeyRing,
    schema::{Format, FormatKind},
};

impl<F: Format> Policy<F> {
    /// The names of the cookies, for comparison with those of other sessions.
    pub(crate) fn names(&self) -> CookieNames {
        let former = (self.legacy_cookies.iter())
            .map(|legacy| FormerName::new("remove_legacy_cookie", &legacy.name));
        #[cfg(feature = "fastify")]
        let former = former.chain(
            (self.fastify.migration.iter())
                .map(|migration| FormerName::new("migrate_from_fastify", &migration.cookie)),
        );
        CookieNames {
            name: self.cookie.name.clone(),
            plain: self.cookie.clone().for_plain_http().name,
            former: former.collect(),
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
            let (cookie, type_name) = (self.cookie.name.escape_default(), session.type_name);
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
        problems.extend(idle.and_then(|idle| duration_problem("idle", idle)));
        match (idle, absolute) {
            (None, None) => problems.push(rules::IDLE_NONE_IN_FASTIFY.to_owned()),
            (Some(idle), Some(absolute)) => {
                problems.extend(rules::idle_problem(&time_span(idle), &time_span(absolute)));
            }
            _ => {}
        }
        if let Refresh::After(refresh) = self.refresh {
            problems.extend(duration_problem("refresh", refresh));
            match (idle, absolute) {
                (Some(idle), _) => {
                    let problem = rules::refresh_problem(&time_span(refresh), &time_span(idle));
                    problems.extend(problem);
                }
                (None, Some(_)) => problems.push(rules::REFRESH_WITHOUT_IDLE.to_owned()),
                // The idle limit is what is missing.
                (None, None) => {}
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
    pub(crate) former: Vec<FormerName>,
}

/// The name of a cookie that a session removes or takes over; sent as it is, over plain http too.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormerName {
    /// The method of the policy that was given it.
    pub(crate) method: &'static str,
    pub(crate) name: String,
}

impl FormerName {
    fn new(method: &'static str, name: &str) -> Self {
        Self {
            method,
            name: name.to_owned(),
        }
    }
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
    /// The names of cookies that the session removes or takes over.
    pub(crate) fn former_names(&self) -> impl Iterator<Item = &str> {
        let legacy_cookies = (self.legacy_cookies.iter()).map(|legacy| legacy.name.as_str());
        #[cfg(feature = "fastify")]
        let migration = self.fastify.migration.as_ref();
        #[cfg(feature = "fastify")]
        let legacy_cookies = legacy_cookies.chain(migration.map(|it| it.cookie.as_str()));
        legacy_cookies
    }

    /// The most that `Max-Age` for one response may be, for a session that has so many seconds
    /// left.
    ///
    /// In the fastify format the cookie may outlive the session: the peer allows it, and its end is
    /// checked by whoever reads it.
    pub(crate) fn max_age_limit(&self, left: u64) -> u64 {
        match self.format {
            FormatKind::Native => left,
            #[cfg(feature = "fastify")]
            FormatKind::Fastify => rules::MAX_LIFETIME_SECONDS,
        }
    }
}

/// Returns what is wrong with a time as the value of an option; it must be in whole seconds.
pub(super) fn duration_problem(option: &str, duration: Duration) -> Option<String> {
    if duration.subsec_nanos() == 0 {
        time_span(duration).problem(option)
    } else {
        Some(format!(
            "`{option}` ({duration:?}) must be in whole seconds, which the cookie counts in; round \
             it"
        ))
    }
}

fn time_span(duration: Duration) -> TimeSpan {
    let seconds = duration.as_secs();
    TimeSpan {
        seconds,
        text: format!("{seconds} s"),
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
            |p| p.absolute(seconds(rules::MAX_LIFETIME_SECONDS + 1)),
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
    fn problem_of_a_lifetime_says_what_to_change() {
        let cases: [(fn(Policy) -> Policy, &str); 6] = [
            (
                |p| p.idle(seconds(0)),
                "`idle` must not be zero; use at least one second",
            ),
            (
                |p| p.absolute(seconds(rules::MAX_LIFETIME_SECONDS + 1)),
                "`absolute` (34560001 s) must not be longer than 400 days, the longest that \
                 browsers keep a cookie (RFC 6265bis §5.5); lower `absolute`",
            ),
            (
                |p| p.idle(Duration::from_millis(1500)),
                "`idle` (1.5s) must be in whole seconds, which the cookie counts in; round it",
            ),
            (
                |p| p.idle(seconds(43_201)),
                "`idle` (43201 s) must not be longer than `absolute` (43200 s); lower `idle` or \
                 raise `absolute`",
            ),
            (
                |p| p.refresh(seconds(1800)),
                "`refresh` (1800 s) must be shorter than `idle` (1800 s), or active sessions would \
                 end; lower `refresh` or raise `idle`",
            ),
            (
                |p| p.idle(None).refresh(seconds(60)),
                "`refresh` must not be set without an idle limit; remove `refresh` or set `idle`",
            ),
        ];
        for (change, expected) in cases {
            let problems = problems(change);
            assert_eq!(
                problems,
                [format!("session `__Host-auth` (Auth): {expected}")]
            );
        }
    }

    #[cfg(feature = "fastify")]
    #[test]
    fn missing_idle_limit_of_the_fastify_format_is_one_problem() {
        let context = ResolveContext {
            type_name: "Auth",
            plain_http: false,
        };
        let attributes = PolicyAttributes {
            idle: None,
            absolute: None,
            ..ATTRIBUTES
        };
        let policy = Policy::<crate::schema::Fastify>::from_attributes(&attributes);
        let problems = policy.refresh(seconds(60)).resolve(&context).err().unwrap();
        assert_eq!(
            problems,
            [
                "session `__Host-auth` (Auth): `idle` must not be none in the fastify format, \
                 where it is the only end of a session; use at most 400 days"
            ]
        );
    }

    #[test]
    fn a_name_from_outside_is_escaped() {
        for problem in problems(|policy| policy.cookie("a\u{1b}ü").secure(false)) {
            assert!(
                problem.starts_with("session `a\\u{1b}\\u{fc}` (Auth): "),
                "{problem}"
            );
            assert!(problem.bytes().all(|byte| byte != 0x1b), "{problem}");
        }
    }

    #[test]
    fn lifetimes_at_their_edges_are_accepted() {
        let cases: [fn(Policy) -> Policy; 5] = [
            |p| p.idle(seconds(43_200)),
            |p| p.absolute(seconds(rules::MAX_LIFETIME_SECONDS)),
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
