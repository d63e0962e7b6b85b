//! Writes response headers: `Set-Cookie`, `Vary`, `Cache-Control`.

use actix_web::http::header::{
    CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY,
};
use smallvec::SmallVec;
use tracing::field::debug;

use crate::{
    cookie,
    error::EncodeError,
    log::{WarnOnce, event, event_once, event_or_stderr},
    session::{ResponseEffects, SetCookieHeader},
};

/// The values that responses usually get. They are constants, because `from_static` checks every
/// character each time it runs.
const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
const PRIVATE: HeaderValue = HeaderValue::from_static("private");

/// The headers that the sessions of a request add to its response.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionHeaders {
    failed: bool,
    /// Headers that store come before headers that remove, because some clients (curl before 8.0)
    /// forget a removal that another `Set-Cookie` follows.
    cookies: SmallVec<[Header; 1]>,
}

#[derive(Debug, Clone)]
struct Header {
    value: HeaderValue,
    removes: bool,
    /// It is for the session's current cookie, which must not be set by anything else.
    is_present: bool,
    /// It sets the cookie with `Secure`.
    secure: bool,
}

impl SessionHeaders {
    /// Converts the effects of a request's sessions, and logs their failures.
    pub(super) fn of(effects: ResponseEffects) -> Self {
        effects.failures.iter().for_each(report);
        let mut cookies = SmallVec::new();
        for cookie in effects.cookies {
            if let Some(header) = Header::of(cookie) {
                cookies.push(header);
            }
        }
        cookies.sort_by_key(|header: &Header| header.removes);
        Self {
            failed: !effects.failures.is_empty(),
            cookies,
        }
    }

    /// Returns true if a session must be stored and cannot be.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Returns true if a session's cookie is set with `Secure`.
    pub(super) fn set_secure(&self) -> bool {
        self.cookies.iter().any(|header| header.secure)
    }

    /// Returns the name of a session cookie that is set with `Secure`.
    pub(super) fn secure_cookie(&self) -> &str {
        let found = self.cookies.iter().find(|header| header.secure);
        found.map_or("", |header| name_of(&header.value))
    }

    /// Moves the headers into a response.
    pub(super) fn write(&mut self, headers: &mut HeaderMap, overridden: &WarnOnce) {
        vary_by_cookie(headers);
        if self.cookies.is_empty() {
            return;
        }
        keep_from_shared_caches(headers);
        self.remove_duplicates(headers, overridden);
        for header in self.cookies.drain(..) {
            headers.append(SET_COOKIE, header.value);
        }
    }

    /// Removes other `Set-Cookie` headers with the name of a session's cookie. A response must have
    /// only one `Set-Cookie` per name (RFC 6265bis §4.1.1).
    fn remove_duplicates(&self, headers: &mut HeaderMap, overridden: &WarnOnce) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let ours = |value: &HeaderValue| {
            let mut current = self.cookies.iter().filter(|header| header.is_present);
            current.find(|header| cookie::sets(value.as_bytes(), name_of(&header.value)))
        };
        headers.retain(|header, value| {
            let duplicate = (header == SET_COOKIE).then(|| ours(value)).flatten();
            if let Some(header) = duplicate {
                event_once!(
                    overridden,
                    "session.cookie_overridden",
                    session = name_of(&header.value),
                    "the session's cookie replaces another `Set-Cookie` of the response with this \
                     name; rename one of them"
                );
            }
            duplicate.is_none()
        });
    }
}

/// Logs that a session could not be stored, every time, because it is a server error.
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
    event_or_stderr!(
        err.session(),
        "session.not_stored",
        format_args!("failed to store session, responding with 500: {err}"),
        session = err.session(),
        %err,
        size,
        limit,
        largest,
        "failed to store session: responding with 500; the previous cookie is kept unless this \
         request ended its login"
    );
}

impl Header {
    /// Converts a header. This should never fail, because all parts are validated; logs an error if
    /// it does.
    fn of(cookie: SetCookieHeader) -> Option<Self> {
        let Ok(value) = HeaderValue::try_from(cookie.text) else {
            event!(
                error,
                "session.header_invalid",
                "a session's cookie is not a valid header and was not sent; please report this bug"
            );
            return None;
        };
        Some(Self {
            value,
            removes: cookie.removes,
            is_present: cookie.is_present,
            secure: cookie.secure,
        })
    }
}

/// Returns the name of the cookie that one of our headers sets or removes.
fn name_of(value: &HeaderValue) -> &str {
    // `to_str` would check every character of a long value.
    let name = value.as_bytes().split(|byte| *byte == b'=').next();
    name.and_then(|name| str::from_utf8(name).ok())
        .unwrap_or_default()
}

/// Adds `Vary: Cookie`, because the response depends on the request's cookies (RFC 9110 §12.5.5).
pub(super) fn vary_by_cookie(headers: &mut HeaderMap) {
    let Some((previous, listed)) = replace(headers, VARY, COOKIE) else {
        return;
    };
    let mut names = listed.split(',').map(str::trim);
    if names.any(|name| name == "*" || name.eq_ignore_ascii_case("cookie")) {
        restore(headers, &VARY, previous);
        return;
    }
    if let Ok(merged) = HeaderValue::from_str(&format!("{listed}, Cookie")) {
        headers.insert(VARY, merged);
    } else {
        restore(headers, &VARY, previous);
        headers.append(VARY, COOKIE);
    }
}

/// Adds `Cache-Control: private`, because a shared cache must not send a user's cookie to others
/// (RFC 9111 §5.2.2.7).
fn keep_from_shared_caches(headers: &mut HeaderMap) {
    let Some((previous, listed)) = replace(headers, CACHE_CONTROL, PRIVATE) else {
        return;
    };
    let directives = directives(&listed);
    let is = |directive: &str, name: &str| directive.eq_ignore_ascii_case(name);
    if directives
        .iter()
        .any(|directive| is(directive, "private") || is(directive, "no-store"))
    {
        restore(headers, &CACHE_CONTROL, previous);
        return;
    }
    // `private="field"` only protects these fields, and the others allow shared caches.
    let is_kept = |directive: &&str| {
        let name = directive.split('=').next().unwrap_or_default().trim();
        !["public", "s-maxage", "private"]
            .iter()
            .any(|other| is(name, other))
    };
    let mut kept: Vec<&str> = directives.into_iter().filter(is_kept).collect();
    kept.push("private");
    if let Ok(merged) = HeaderValue::from_str(&kept.join(", ")) {
        headers.insert(CACHE_CONTROL, merged);
    }
}

/// Replaces a header's value. Returns its previous lines and their joined list, unless that is
/// empty.
///
/// Usually there are none, so replacing first saves a search.
fn replace(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: HeaderValue,
) -> Option<(Vec<HeaderValue>, String)> {
    let previous = headers.insert(name, value);
    if previous.is_empty() {
        return None;
    }
    let lines: Vec<HeaderValue> = previous.collect();
    let listed = joined(&lines);
    (!listed.is_empty()).then_some((lines, listed))
}

fn restore(headers: &mut HeaderMap, name: &HeaderName, lines: Vec<HeaderValue>) {
    headers.remove(name);
    for line in lines {
        headers.append(name.clone(), line);
    }
}

/// Joins all lines of a header into one list. Omits lines that are not visible ASCII.
fn joined(lines: &[HeaderValue]) -> String {
    let lines = lines.iter().filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(", ")
}

/// Splits a list into directives. Quoted values may contain commas.
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
    fn response_with_a_cookie_is_kept_from_shared_caches() {
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
}
