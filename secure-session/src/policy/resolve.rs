//! Resolves the settings of attributes and builder into a checked policy for all requests.

use std::time::Duration;

#[cfg(feature = "fastify")]
use super::FastifySettings;
use super::{Activity, CookieAttributes, CrossOrigin, Limits, Policy, Refresh, RememberLimit};
use crate::{
    cookie::{
        legacy::ResolvedFormer,
        rules::{self, TimeSpan},
    },
    key::KeyRing,
    schema::{Format, FormatKind},
};

impl<F: Format> Policy<F> {
    /// Returns the names of the session's cookies, to compare them with other sessions' cookies.
    pub(crate) fn names(&self) -> CookieNames {
        let legacy = (self.legacy_cookies.iter())
            .map(|legacy| LegacyName::new("remove_legacy_cookie", &legacy.name));
        #[cfg(feature = "fastify")]
        let legacy = legacy.chain(
            (self.fastify.migration.iter())
                .map(|migration| LegacyName::new("migrate_from_fastify", &migration.cookie)),
        );
        CookieNames {
            name: self.cookie.name.clone(),
            plain: self.cookie.clone().for_plain_http().name,
            former: legacy.collect(),
        }
    }

    /// Checks the policy and computes everything that is the same for all requests.
    ///
    /// # Errors
    ///
    /// A sentence for each problem; each names the session and the option.
    pub(crate) fn resolve(
        self,
        session: &ResolveContext<'_>,
    ) -> Result<(ResolvedPolicy, Option<KeyRing>), Vec<String>> {
        let mut problems = self.cookie.problems();
        problems.extend(self.lifetime_problems());
        problems.extend(self.activity.problems());
        #[cfg(feature = "fastify")]
        problems.extend(self.fastify.problems(&self.cookie));
        for legacy in &self.legacy_cookies {
            problems.extend(legacy.problems(&self.cookie));
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
                .map(|legacy| legacy.resolve(&cookie))
                .collect(),
            cookie,
            plain_http: session.plain_http,
            persistent: self.persistent,
            limits,
            purpose: self.purpose,
            cross_origin: self.cross_origin,
            activity: (!self.activity.is_all()).then_some(self.activity),
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
            remember: match self.remember {
                _ if !self.is_revocable => RememberLimit::None,
                Some(longest) => RememberLimit::AtMost(longest.as_secs()),
                None => RememberLimit::WithinLimits,
            },
        }
    }

    fn lifetime_problems(&self) -> Vec<String> {
        let (idle, absolute) = (self.idle, self.absolute);
        let mut problems = Vec::new();
        if let Some(longest) = self.remember {
            problems.extend(duration_problem("remember", longest));
            if !self.is_revocable {
                problems.push(
                    "`remember` has no effect on a session that is not `revocable`; remove it, or \
                     add `#[session(revocable)]`"
                        .to_owned(),
                );
            }
        }
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
                // The missing idle limit is already reported.
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
    pub(crate) former: Vec<LegacyName>,
}

/// The name of a cookie that a session removes or migrates. It is the same over plain http.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LegacyName {
    /// The policy method that set the name.
    pub(crate) method: &'static str,
    pub(crate) name: String,
}

impl LegacyName {
    fn new(method: &'static str, name: &str) -> Self {
        Self {
            method,
            name: name.to_owned(),
        }
    }
}

impl CookieNames {
    /// Returns the current name as it is sent.
    pub(crate) fn sent(&self, plain_http: bool) -> &str {
        if plain_http { &self.plain } else { &self.name }
    }
}

/// The input of [`Policy::resolve`] besides the policy.
pub(crate) struct ResolveContext<'a> {
    pub(crate) type_name: &'a str,
    pub(crate) plain_http: bool,
}

/// A checked policy, with everything that is the same for all requests.
#[derive(Debug)]
pub(crate) struct ResolvedPolicy {
    pub(crate) format: FormatKind,
    #[cfg(feature = "fastify")]
    pub(crate) fastify: FastifySettings,
    /// The attributes as they are sent: over plain http, without prefix and `Secure`.
    pub(crate) cookie: CookieAttributes,
    pub(crate) tail: String,
    pub(crate) plain_http: bool,
    pub(crate) persistent: bool,
    pub(crate) limits: Limits,
    pub(crate) purpose: String,
    pub(crate) cross_origin: CrossOrigin,
    /// `None` if every request counts.
    pub(crate) activity: Option<Activity>,
    pub(crate) legacy_cookies: Vec<ResolvedFormer>,
}

impl ResolvedPolicy {
    /// Returns the names of the cookies that the session removes or migrates.
    pub(crate) fn former_names(&self) -> impl Iterator<Item = &str> {
        let legacy_cookies = (self.legacy_cookies.iter()).map(|legacy| legacy.name.as_str());
        #[cfg(feature = "fastify")]
        let migration = self.fastify.migration.as_ref();
        #[cfg(feature = "fastify")]
        let legacy_cookies = legacy_cookies.chain(migration.map(|it| it.cookie.as_str()));
        legacy_cookies
    }

    /// Returns the maximum of `Max-Age` for one response, for a session with `left` seconds left.
    ///
    /// In the fastify format, the cookie may outlive the session: the Node package allows it, and
    /// every reader checks the expiry.
    pub(crate) fn max_age_limit(&self, left: u64) -> u64 {
        match self.format {
            FormatKind::Native => left,
            #[cfg(feature = "fastify")]
            FormatKind::Fastify => rules::MAX_LIFETIME_SECONDS,
        }
    }
}

/// Returns what is wrong with a time as the value of an option. It must be in whole seconds.
pub(super) fn duration_problem(option: &str, duration: Duration) -> Option<String> {
    if duration.subsec_nanos() == 0 {
        time_span(duration).problem(option)
    } else {
        Some(format!(
            "`{option}` ({duration:?}) must be in whole seconds, the unit of times in the cookie; \
             round it"
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
        remember: None,
        purpose: "",
        cross_origin: crate::schema::CrossOriginAttribute::Refuse,
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
    fn defaults_are_accepted() {
        assert!(problems(|policy| policy).is_empty());
    }

    #[test]
    fn all_problems_are_reported_at_once_with_the_session() {
        let problems = problems(|policy| policy.secure(false).domain("a.b").idle(seconds(0)));
        assert_eq!(problems.len(), 3);
        for problem in problems {
            assert!(problem.starts_with("session `__Host-auth` (Auth): "));
        }
    }

    #[test]
    fn lifetimes_that_end_at_once_or_never_are_rejected() {
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
                "`idle` (1.5s) must be in whole seconds, the unit of times in the cookie; round it",
            ),
            (
                |p| p.idle(seconds(43_201)),
                "`idle` (43201 s) must not be longer than `absolute` (43200 s); lower `idle` or \
                 raise `absolute`",
            ),
            (
                |p| p.refresh(seconds(1800)),
                "`refresh` (1800 s) must be shorter than `idle` (1800 s), or active sessions would \
                 expire; lower `refresh` or raise `idle`",
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
                 where it is the only limit of a session; use at most 400 days"
            ]
        );
    }

    #[test]
    fn name_is_escaped_in_problems() {
        for problem in problems(|policy| policy.cookie("a\u{1b}ü").secure(false)) {
            assert!(
                problem.starts_with("session `a\\u{1b}\\u{fc}` (Auth): "),
                "{problem}"
            );
            assert!(problem.bytes().all(|byte| byte != 0x1b), "{problem}");
        }
    }

    #[test]
    fn lifetimes_at_their_limits_are_accepted() {
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
    fn legacy_cookie_that_equals_the_current_one_is_rejected() {
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
