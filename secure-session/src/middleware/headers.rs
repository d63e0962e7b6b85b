//! What sessions add to the headers of a response: `Set-Cookie`, `Vary`, `Cache-Control`.

use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY,
};
use tracing::field::debug;

use super::request::RequestSessions;
use crate::{
    error::EncodeError,
    events::{Once, event, event_once},
    session::SetCookie,
};

/// What the sessions of one request add to its response.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionHeaders {
    opened: bool,
    failed: bool,
    /// Those that store before those that remove: some clients (curl before 8.0) forget a removal
    /// that another `Set-Cookie` follows.
    cookies: Vec<Header>,
}

#[derive(Debug, Clone)]
struct Header {
    value: HeaderValue,
    removes: bool,
    /// The session's present cookie, which nobody else may set.
    is_present: bool,
}

impl SessionHeaders {
    /// Closes the sessions of a request.
    pub(super) fn of(sessions: &RequestSessions) -> Self {
        let mut headers = Self::default();
        sessions.close(|closing| {
            headers.opened |= closing.opened;
            if let Some(err) = closing.failure {
                headers.failed = true;
                report(&err);
            }
            headers.add(closing.cookie, true);
            headers.add(closing.removals, false);
        });
        headers.cookies.sort_by_key(|header| header.removes);
        headers
    }

    fn add(&mut self, cookies: impl IntoIterator<Item = SetCookie>, is_present: bool) {
        let headers = cookies.into_iter().filter_map(|cookie| {
            Some(Header {
                value: value(cookie.text)?,
                removes: cookie.removes,
                is_present,
            })
        });
        self.cookies.extend(headers);
    }

    /// A session had to be stored and cannot be.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// The name of a session whose cookie is set with `Secure`, if one is.
    pub(super) fn secure_cookie(&self) -> Option<&str> {
        let sets_secure = |header: &&Header| {
            // A value holds no blank, so this is the attribute.
            let mut attributes = header.value.as_bytes().split(|byte| *byte == b';');
            !header.removes && attributes.any(|attribute| attribute == b" Secure")
        };
        let found = self.cookies.iter().find(sets_secure);
        found.map(|header| name_of(&header.value))
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.opened
    }

    /// Puts everything into the headers of a response.
    pub(super) fn write(self, headers: &mut HeaderMap, overridden: &Once) {
        if self.is_empty() {
            return;
        }
        vary_by_cookie(headers);
        if self.cookies.is_empty() {
            return;
        }
        keep_from_shared_caches(headers);
        self.remove_doubles(headers, overridden);
        for header in self.cookies {
            headers.append(SET_COOKIE, header.value);
        }
    }

    /// One response has one `Set-Cookie` of a name (RFC 6265bis §4.1.1), and it is the session's.
    fn remove_doubles(&self, headers: &mut HeaderMap, overridden: &Once) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let ours = |value: &HeaderValue| {
            let mut present = self.cookies.iter().filter(|header| header.is_present);
            present.find(|header| is_cookie_of(value, name_of(&header.value)))
        };
        headers.retain(|header, value| {
            let double = (header == SET_COOKIE).then(|| ours(value)).flatten();
            if let Some(header) = double {
                event_once!(
                    overridden,
                    "session.cookie_overridden",
                    session = name_of(&header.value),
                    "the response sets a cookie of this name itself; the session's takes its place"
                );
            }
            double.is_none()
        });
    }
}

/// A session that could not be stored is the server's fault, each time.
fn report(err: &EncodeError) {
    let (size, limit, largest) = match err {
        EncodeError::TooLarge {
            size,
            limit,
            largest,
            ..
        } => (Some(size), Some(limit), Some(debug(largest))),
        _ => (None, None, None),
    };
    event!(
        error,
        "session.not_stored",
        session = err.session(),
        %err,
        size,
        limit,
        largest,
        "session not stored: the answer is a 500, the old cookie stays"
    );
}

/// The text has been validated piece by piece; if it is no header value all the same, nothing is
/// lost in silence.
fn value(text: String) -> Option<HeaderValue> {
    let value = HeaderValue::try_from(text);
    if value.is_err() {
        event!(
            error,
            "session.header_invalid",
            "a session's cookie is no valid header and is not sent"
        );
    }
    value.ok()
}

/// The name of the cookie that one of our headers sets or removes.
fn name_of(value: &HeaderValue) -> &str {
    let text = value.to_str().unwrap_or_default();
    text.split_once('=').map_or("", |(name, _)| name)
}

fn is_cookie_of(value: &HeaderValue, name: &str) -> bool {
    let rest = value.as_bytes().strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.starts_with(b"="))
}

/// The response depends on the cookies of the request (RFC 9110 §12.5.5).
fn vary_by_cookie(headers: &mut HeaderMap) {
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static("Cookie"));
        return;
    }
    let listed = joined(headers, &VARY);
    let names = || listed.split(',').map(str::trim);
    if names().any(|name| name == "*" || name.eq_ignore_ascii_case("cookie")) {
        return;
    }
    let merged = if listed.is_empty() {
        Ok(HeaderValue::from_static("Cookie"))
    } else {
        HeaderValue::from_str(&format!("{listed}, Cookie"))
    };
    match merged {
        Ok(merged) => drop(headers.insert(VARY, merged)),
        Err(_) => headers.append(VARY, HeaderValue::from_static("Cookie")),
    }
}

/// A response with somebody's cookie must not be given to somebody else (RFC 9111 §5.2.2.7).
fn keep_from_shared_caches(headers: &mut HeaderMap) {
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private"));
        return;
    }
    let listed = joined(headers, &CACHE_CONTROL);
    let directives = directives(&listed);
    let is = |directive: &str, name: &str| directive.eq_ignore_ascii_case(name);
    if directives
        .iter()
        .any(|directive| is(directive, "private") || is(directive, "no-store"))
    {
        return;
    }
    // `private="field"` protects these fields only, and what invites shared caches goes.
    let stays = |directive: &&str| {
        let name = directive.split('=').next().unwrap_or_default().trim();
        !["public", "s-maxage", "private"]
            .iter()
            .any(|other| is(name, other))
    };
    let mut kept: Vec<&str> = directives.into_iter().filter(stays).collect();
    kept.push("private");
    let merged = HeaderValue::from_str(&kept.join(", "));
    headers.insert(
        CACHE_CONTROL,
        merged.unwrap_or_else(|_| HeaderValue::from_static("private")),
    );
}

/// All lines of a header as one list; what is no text is left out.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(", ")
}

/// The directives of a list; a quoted value may hold commas.
fn directives(list: &str) -> Vec<&str> {
    let mut quoted = false;
    list.split(|character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .map(str::trim)
    .filter(|directive| !directive.is_empty())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(header: HeaderName, lines: &[&str], change: impl Fn(&mut HeaderMap)) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header.clone(), HeaderValue::from_str(line).unwrap());
        }
        change(&mut headers);
        headers
            .get_all(header)
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn vary_is_merged_and_not_repeated() {
        let rows: [(&[&str], &str); 6] = [
            (&[], "Cookie"),
            (&["Accept"], "Accept, Cookie"),
            (&["Accept", "Origin"], "Accept, Origin, Cookie"),
            (&["cookie"], "cookie"),
            (&["Accept, COOKIE"], "Accept, COOKIE"),
            (&["*"], "*"),
        ];
        for (lines, expected) in rows {
            assert_eq!(after(VARY, lines, vary_by_cookie), [expected]);
        }
    }

    #[test]
    fn a_response_with_a_cookie_is_kept_from_shared_caches() {
        let rows: [(&[&str], &str); 9] = [
            (&[], "private"),
            (&["no-store"], "no-store"),
            (&["Private, max-age=60"], "Private, max-age=60"),
            (&["public"], "private"),
            (&["public, max-age=60"], "max-age=60, private"),
            (&["PUBLIC", "S-MaxAge=9"], "private"),
            (&["max-age=60"], "max-age=60, private"),
            (&["private=\"a, no-store\""], "private"),
            (
                &["no-cache=\"a, private\""],
                "no-cache=\"a, private\", private",
            ),
        ];
        for (lines, expected) in rows {
            assert_eq!(
                after(CACHE_CONTROL, lines, keep_from_shared_caches),
                [expected]
            );
        }
    }

    #[test]
    fn cookies_of_a_name_are_told_from_those_that_begin_like_it() {
        let is = |text: &str| is_cookie_of(&HeaderValue::from_str(text).unwrap(), "auth");
        assert!(is("auth=1; Path=/"));
        assert!(!is("auth2=1"));
        assert!(!is("Auth=1"));
        assert!(!is("auth"));
    }
}
