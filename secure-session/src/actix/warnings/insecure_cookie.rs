//! Detects `Secure` cookies over plain http: browsers drop them, so that logins have no effect.

use actix_web::HttpRequest;

use crate::{
    actix::request_origin::{RequestOrigin, requested_host},
    log::{WarnOnce, event},
};

/// Checks once whether a middleware's `Secure` cookies are sent over plain http.
///
/// The first response that sets a `Secure` cookie for a host other than this machine settles the
/// question, so that later requests cost nothing and clients cannot flood the log.
#[derive(Default)]
pub(crate) struct InsecureCookieMonitor {
    settled: WarnOnce,
    seen_on_loopback: WarnOnce,
}

impl InsecureCookieMonitor {
    /// Returns true if the question is settled.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.is_over()
    }

    /// Checks a response that sets this session's cookie with `Secure`.
    pub(crate) fn secure_cookie_is_set<'a>(
        &self,
        request: &HttpRequest,
        session: impl Fn() -> &'a str,
    ) {
        let (head, config) = (request.head(), request.app_config());
        let is_this_machine =
            |host: Option<&str>| host.or(Some(config.host())).is_some_and(is_loopback);
        // Don't search for forwarded hosts in every request during development.
        if self.seen_on_loopback.is_over() && is_this_machine(requested_host(head)) {
            return;
        }
        let origin = RequestOrigin::of(head, config.secure());
        let is_http = origin.scheme.is_none_or(|scheme| scheme == "http");
        if is_this_machine(origin.forwarded_host.or(origin.host)) {
            // Local health checks say nothing about browsers.
            if self.seen_on_loopback.is_first() && is_http {
                event!(
                    debug,
                    "session.secure_cookie_over_http",
                    session = session(),
                    loopback = true,
                    "setting a `Secure` cookie over plain http on this machine: some browsers, \
                     such as Safari, drop it; call `plain_http()` during development"
                );
            }
        } else if self.settled.is_first() && is_http {
            event!(
                warn,
                "session.secure_cookie_over_http",
                session = session(),
                loopback = false,
                "setting a `Secure` cookie in response to a plain http request: browsers drop it; \
                 serve https. If a proxy in front of this server already does, nothing is lost; \
                 have it send `X-Forwarded-Proto: https` to silence this warning (logged once)"
            );
        }
    }
}

/// Returns true if browsers treat the host, with or without a port, as this machine.
fn is_loopback(host: &str) -> bool {
    const BELOW: &str = ".localhost";
    let is_named = |host: &str, name: &str| {
        let parts = host.split_at_checked(name.len());
        parts.is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.starts_with(':'))
        })
    };
    let is_below = || {
        let name = host.split_once(':').map_or(host, |(name, _)| name);
        let end = name.get(name.len().saturating_sub(BELOW.len())..);
        end.is_some_and(|end| end.eq_ignore_ascii_case(BELOW))
    };
    is_named(host, "localhost")
        || host.starts_with("127.")
        || host.starts_with("[::1]")
        || is_below()
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_hosts_are_recognized() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "a.localhost:1",
            "127.0.0.1:8080",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com:80",
            "notlocalhost",
            "192.168.0.2:8080",
            "[fe80::1]:80",
            "1.127.0.1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
