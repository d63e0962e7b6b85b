//! Which requests count as activity.

use actix_web::{
    dev::RequestHead,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};

use super::navigation::is_navigation;
use crate::policy::Activity;

static SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// Returns true if the browser loads a page ahead of time (`Sec-Purpose: prefetch`), which nobody
/// may ever look at.
#[inline]
pub(super) fn is_prefetch(headers: &HeaderMap) -> bool {
    // `contains_key` is the cheapest lookup, and most requests lack the header.
    headers.contains_key(&SEC_PURPOSE) && names_prefetch(headers)
}

/// The value is a list of tokens with parameters, such as `prefetch;prerender`.
#[cold]
fn names_prefetch(headers: &HeaderMap) -> bool {
    let value = headers.get(&SEC_PURPOSE).map(HeaderValue::as_bytes);
    let mut purposes = value.unwrap_or_default().split(|byte| *byte == b',');
    purposes.any(|purpose| {
        let token = purpose.split(|byte| *byte == b';').next();
        token.is_some_and(|token| token.trim_ascii() == b"prefetch")
    })
}

/// Returns true if a policy does not count the request as activity.
pub(super) fn is_excepted(activity: &Activity, head: &RequestHead) -> bool {
    let mut headers = activity.excepted_headers();
    headers.any(|name| head.headers().contains_key(name))
        || activity.excepts_path(head.uri.path())
        || (activity.is_navigations_only() && !is_navigation(head.headers()))
}
