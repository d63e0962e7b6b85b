//! The log event of a refused request.

use actix_web::{
    dev::RequestHead,
    http::header::{HeaderMap, ORIGIN},
};

use super::{Cause, SEC_FETCH_SITE, is_host, is_web_origin, single};
use crate::{
    actix::request_origin::RequestOrigin,
    escape::Escaped,
    log::{WarnOnce, event_once},
};

/// A flag for each cause, because every site can cause refusals at will.
#[derive(Debug, Default)]
pub(in crate::actix) struct Reports {
    another_site: WarnOnce,
    another_origin: WarnOnce,
    null_origin: WarnOnce,
    malformed: WarnOnce,
    no_headers: WarnOnce,
}

/// Returns the pattern of the matched route.
pub(in crate::actix) type Route<'a> = &'a dyn Fn() -> Option<String>;

/// A refused request.
pub(in crate::actix) struct Refusal<'a> {
    pub(in crate::actix) cause: Cause,
    /// The cookie of the session, if one was asked for.
    pub(in crate::actix) session: Option<&'a str>,
    pub(in crate::actix) head: &'a RequestHead,
    pub(in crate::actix) is_tls: bool,
    /// The request gets the session all the same.
    pub(in crate::actix) report_only: bool,
}

impl Refusal<'_> {
    /// Logs the cause and what to do.
    pub(in crate::actix) fn report(&self, reports: &Reports, route: Route<'_>) {
        match self.cause {
            Cause::AnotherSite => self.log(
                &reports.another_site,
                "another_site",
                route,
                "request from another origin: a page of another site, host or port sent it; if \
                 that page is yours, name its origin with `.trusted_origin(\"https://…\")` on the \
                 builder, and let the page send it (no `Referrer-Policy: no-referrer` or \
                 `same-origin`); if the route is for other sites, use a separate session type \
                 with `cross_origin = \"allow\"`",
            ),
            Cause::AnotherOrigin => self.log(
                &reports.another_origin,
                "another_origin",
                route,
                "`Origin` is not the origin of the request: another site sent it, or a proxy \
                 replaces `Host` or sends a wrong `X-Forwarded-Proto`, which WebSockets meet \
                 first; behind such a proxy, name the application's own origin with \
                 `.trusted_origin(\"https://…\")` on the builder, or have the proxy send \
                 `X-Forwarded-Host` and `X-Forwarded-Proto`",
            ),
            Cause::NullOrigin => self.log(
                &reports.null_origin,
                "null_origin",
                route,
                "`Origin` is `null`, so the request may be from any site; if a page of yours sent \
                 it over plain http, the page has `Referrer-Policy: no-referrer`: use \
                 `same-origin`, or serve https; if the route is for other sites, use a separate \
                 session type with `cross_origin = \"allow\"`",
            ),
            Cause::Malformed => self.log(
                &reports.malformed,
                "malformed",
                route,
                "`Sec-Fetch-Site` or `Origin` is repeated or malformed; current browsers do not \
                 send that",
            ),
            Cause::NoHeaders => self.log(
                &reports.no_headers,
                "no_headers",
                route,
                "the request has neither `Sec-Fetch-Site` nor `Origin`, and the session has \
                 `cross_origin = \"strict\"`; for clients that are not browsers, use `\"refuse\"`",
            ),
        }
    }

    fn log(&self, once: &WarnOnce, cause: &'static str, route: Route<'_>, text: &'static str) {
        let headers = self.head.headers();
        let own = RequestOrigin::of(self.head, self.is_tls);
        let host = own.forwarded_host.or(own.host);
        event_once!(
            once,
            "session.cross_origin",
            session = self.session,
            cause,
            refused = !self.report_only,
            method = %Escaped(short(self.head.method.as_str())),
            route = route(),
            sec_fetch_site = sec_fetch_site(headers),
            origin = origin(headers),
            scheme = own.scheme.filter(|scheme| is_host(scheme)),
            host = host.filter(|host| is_host(host)),
            "{text}"
        );
    }
}

/// Returns the header if it looks like one of a browser.
fn origin(headers: &HeaderMap) -> Option<&str> {
    let origin = single(headers, &ORIGIN).ok()??;
    let is_valid = origin == "null" || is_web_origin(origin.as_bytes());
    origin.to_str().ok().filter(|_| is_valid)
}

/// Returns the header if it looks like one of a browser.
fn sec_fetch_site(headers: &HeaderMap) -> Option<&str> {
    let site = single(headers, &SEC_FETCH_SITE).ok()??.to_str().ok()?;
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    (site.len() <= 20 && site.bytes().all(is_letter)).then_some(site)
}

/// Clients choose the method's text.
fn short(method: &str) -> &str {
    method.get(..20).unwrap_or(method)
}
