//! Whether browsers can keep the cookies that they are sent: a `Secure` one over plain http they
//! drop, and a login does nothing.

use actix_web::HttpRequest;

use crate::{
    actix::request_origin::{RequestOrigin, requested_host},
    log::{WarnOnce, event},
};

/// What a middleware has seen of how its cookies travel.
///
/// It looks once. The first response to a host other than this machine that sets a `Secure` cookie
/// settles it for good, so that no later request pays for the question and no client can fill the
/// log with it.
#[derive(Default)]
pub(crate) struct InsecureCookieMonitor {
    settled: WarnOnce,
    seen_on_loopback: WarnOnce,
}

impl InsecureCookieMonitor {
    /// Whether there is nothing to find out any more.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled.is_over()
    }

    /// Takes note of a response that sets this session's cookie with `Secure`.
    pub(crate) fn secure_cookie_is_set<'a>(
        &self,
        request: &HttpRequest,
        session: impl Fn() -> &'a str,
    ) {
        let (head, config) = (request.head(), request.app_config());
        let is_this_machine =
            |host: Option<&str>| host.or(Some(config.host())).is_some_and(is_loopback);
        // To look for forwarded hosts is too much for every request of a developer.
        if self.seen_on_loopback.is_over() && is_this_machine(requested_host(head)) {
            return;
        }
        let origin = RequestOrigin::of(head, config.secure());
        let is_http = origin.scheme.is_none_or(|scheme| scheme == "http");
        if is_this_machine(origin.forwarded_host.or(origin.host)) {
            // A check of health from the machine itself tells nothing of browsers.
            if self.seen_on_loopback.is_first() && is_http {
                event!(
                    debug,
                    "session.secure_cookie_over_http",
                    session = session(),
                    loopback = true,
                    "a `Secure` cookie is set over plain http on this machine: some browsers keep \
                     it there and some, such as Safari, do not; call `plain_http()` while developing"
                );
            }
        } else if self.settled.is_first() && is_http {
            event!(
                warn,
                "session.secure_cookie_over_http",
                session = session(),
                loopback = false,
                "a `Secure` cookie is set in answer to a request that came over plain http, and \
                 browsers drop such a cookie: serve https. If a proxy in front of this server does, \
                 nothing is lost; let it send `X-Forwarded-Proto: https`, and this line, which is \
                 said once, stays away"
            );
        }
    }
}

/// Whether the host, with or without a port, is this machine as browsers know it.
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
    fn this_machine_is_told_from_others() {
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
