//! The origin check: a request from another origin gets no session.
//!
//! CSRF works because browsers add cookies to requests from other sites. So the check is where a
//! request asks for a session, and covers every route that uses one.

mod report;
mod same_origin;
mod trusted;

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        ConnectionType,
        header::{HeaderMap, HeaderName, HeaderValue, ORIGIN, UPGRADE, VARY},
    },
};

pub use self::same_origin::{SameOrigin, SameOriginBuilder};
pub(super) use self::{
    report::{Refusal, Route},
    trusted::OriginSettings,
};

use self::trusted::TrustedOrigins;
use super::request_origin::is_own_origin;
use crate::policy::CrossOrigin;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request is refused. Each cause has its own text and its own warning in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The browser says that another site, or another origin of this site, sent it.
    AnotherSite,
    /// There is only `Origin`, and it is not the request's: another site sent it, or a proxy
    /// replaced the host.
    AnotherOrigin,
    /// There is only `Origin: null`.
    NullOrigin,
    /// A header is repeated, or no browser sends its value.
    Malformed,
    /// There is neither header, and the session is strict.
    NoHeaders,
}

/// Returns true if the request can change something: by its method, or as a WebSocket handshake,
/// which is a GET. Over HTTP/2, a handshake is a CONNECT.
#[inline]
pub(super) fn can_change_something(head: &RequestHead) -> bool {
    let is_safe = head.method.is_safe() || head.method.as_str() == "QUERY";
    // The parser's flag first, because most requests are a GET without `Connection: upgrade`, and a
    // handshake needs that.
    let is_upgrade = || head.connection_type() == ConnectionType::Upgrade;
    !is_safe || (is_upgrade() && names_websocket(head.headers()))
}

/// Returns true if an `Upgrade` list names `websocket` (RFC 6455 §4.2.1, RFC 9110 §7.8).
#[cold]
fn names_websocket(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(UPGRADE).map(HeaderValue::as_bytes);
    let mut protocols = lists.flat_map(|list| list.split(|byte| *byte == b','));
    protocols.any(|protocol| {
        let name = protocol.split(|byte| *byte == b'/').next();
        name.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"websocket"))
    })
}

/// Returns an error if a request of this origin must not get a session. Call it only if the
/// request [can change something](can_change_something).
///
/// `is_tls` is actix-web's `AppConfig::secure`.
pub(super) fn judge(
    head: &RequestHead,
    is_tls: bool,
    mode: CrossOrigin,
    trusted: &TrustedOrigins,
) -> Result<(), Cause> {
    if mode == CrossOrigin::Allow {
        return Ok(());
    }
    let site = single(head.headers(), &SEC_FETCH_SITE)?;
    let origin = single(head.headers(), &ORIGIN)?;
    let is_trusted = || origin.is_some_and(|origin| trusted.contains(origin));
    match site.map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => Ok(()),
        Some(b"same-site") if mode == CrossOrigin::SameSite => Ok(()),
        Some(b"same-site" | b"cross-site") if is_trusted() => Ok(()),
        Some(b"same-site" | b"cross-site") => Err(Cause::AnotherSite),
        Some(_) => Err(Cause::Malformed),
        None => match origin.map(HeaderValue::as_bytes) {
            None if mode == CrossOrigin::Strict => Err(Cause::NoHeaders),
            None => Ok(()),
            Some(b"null") => Err(Cause::NullOrigin),
            Some(text) if is_own_origin(head, is_tls, text) || is_trusted() => Ok(()),
            Some(text) if is_web_origin(text) => Err(Cause::AnotherOrigin),
            Some(_) => Err(Cause::Malformed),
        },
    }
}

/// Returns the response to a refused request: an empty 403.
///
/// `Vary`, because the same request with other headers may succeed.
pub(super) fn refused() -> HttpResponse {
    HttpResponse::Forbidden()
        .insert_header((VARY, "Sec-Fetch-Site, Origin"))
        .finish()
}

/// Returns the only line of a header.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Cause> {
    let mut lines = headers.get_all(name);
    let first = lines.next();
    if lines.next().is_none() {
        Ok(first)
    } else {
        Err(Cause::Malformed)
    }
}

/// Returns true for a serialized origin (RFC 6454 §6.2), as browsers send it. Such text is safe to
/// print.
fn is_web_origin(text: &[u8]) -> bool {
    let parts = str::from_utf8(text)
        .ok()
        .and_then(|text| text.split_once("://"));
    // The longest host name has 253 bytes.
    text.len() <= 300
        && parts.is_some_and(|(scheme, host)| {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
            scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.bytes().all(is_letter)
                && is_host(host)
        })
}

/// Returns true for text that looks like a host with or without a port. Such text is safe to print.
fn is_host(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    !text.is_empty() && text.len() <= 260 && text.bytes().all(is_allowed)
}
