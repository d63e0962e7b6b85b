//! What sessions add to the headers of a response: `Set-Cookie`, `Vary`, `Cache-Control`.

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

/// What the sessions of one request add to its response.
#[derive(Debug, Clone, Default)]
pub(super) struct SessionHeaders {
    failed: bool,
    /// Those that store before those that remove: some clients (curl before 8.0) forget a removal
    /// that another `Set-Cookie` follows.
    cookies: SmallVec<[Header; 1]>,
}

#[derive(Debug, Clone)]
struct Header {
    value: HeaderValue,
    removes: bool,
    /// The session's present cookie, which nobody else may set.
    is_present: bool,
    /// Whether it sets the cookie with `Secure`.
    secure: bool,
}

impl SessionHeaders {
    /// What the sessions that a request opened have to say, as headers.
    pub(super) fn of(closing: ResponseEffects) -> Self {
        closing.failures.iter().for_each(report);
        let mut cookies = SmallVec::new();
        for cookie in closing.cookies {
            if let Some(header) = Header::of(cookie) {
                cookies.push(header);
            }
        }
        cookies.sort_by_key(|header: &Header| header.removes);
        Self {
            failed: !closing.failures.is_empty(),
            cookies,
        }
    }

    /// A session had to be stored and cannot be.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Whether a session's cookie is set with `Secure`.
    pub(super) fn set_secure(&self) -> bool {
        self.cookies.iter().any(|header| header.secure)
    }

    /// The name of a session whose cookie is set with `Secure`.
    pub(super) fn secure_cookie(&self) -> &str {
        let found = self.cookies.iter().find(|header| header.secure);
        found.map_or("", |header| name_of(&header.value))
    }

    /// Moves everything into the headers of a response.
    pub(super) fn write(&mut self, headers: &mut HeaderMap, overridden: &WarnOnce) {
        vary_by_cookie(headers);
        if self.cookies.is_empty() {
            return;
        }
        keep_from_shared_caches(headers);
        self.remove_doubles(headers, overridden);
        for header in self.cookies.drain(..) {
            headers.append(SET_COOKIE, header.value);
        }
    }

    /// One response has one `Set-Cookie` of a name (RFC 6265bis §4.1.1), and it is the session's.
    fn remove_doubles(&self, headers: &mut HeaderMap, overridden: &WarnOnce) {
        if !headers.contains_key(SET_COOKIE) {
            return;
        }
        let ours = |value: &HeaderValue| {
            let mut present = self.cookies.iter().filter(|header| header.is_present);
            present.find(|header| cookie::sets(value.as_bytes(), name_of(&header.value)))
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
    event_or_stderr!(
        err.session(),
        "session.not_stored",
        format_args!("session not stored, the response is a 500: {err}"),
        session = err.session(),
        %err,
        size,
        limit,
        largest,
        "session not stored: the response is a 500, and the old cookie stays unless the request \
         ended its login"
    );
}

impl Header {
    /// The text has been validated piece by piece; if it is no header value all the same, nothing
    /// is lost in silence.
    fn of(cookie: SetCookieHeader) -> Option<Self> {
        let Ok(value) = HeaderValue::try_from(cookie.text) else {
            event!(
                error,
                "session.header_invalid",
                "a session's cookie is no valid header and is not sent"
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

/// The name of the cookie that one of our headers sets or removes.
fn name_of(value: &HeaderValue) -> &str {
    // `to_str` would look at every character of a long value.
    let name = value.as_bytes().split(|byte| *byte == b'=').next();
    name.and_then(|name| str::from_utf8(name).ok())
        .unwrap_or_default()
}

/// The response depends on the cookies of the request (RFC 9110 §12.5.5).
pub(super) fn vary_by_cookie(headers: &mut HeaderMap) {
    let Some((former, listed)) = replace(headers, VARY, "Cookie") else {
        return;
    };
    let mut names = listed.split(',').map(str::trim);
    if names.any(|name| name == "*" || name.eq_ignore_ascii_case("cookie")) {
        put_back(headers, &VARY, former);
        return;
    }
    if let Ok(merged) = HeaderValue::from_str(&format!("{listed}, Cookie")) {
        headers.insert(VARY, merged);
    } else {
        put_back(headers, &VARY, former);
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

/// A response with somebody's cookie must not be given to somebody else (RFC 9111 §5.2.2.7).
fn keep_from_shared_caches(headers: &mut HeaderMap) {
    let Some((former, listed)) = replace(headers, CACHE_CONTROL, "private") else {
        return;
    };
    let directives = directives(&listed);
    let is = |directive: &str, name: &str| directive.eq_ignore_ascii_case(name);
    if directives
        .iter()
        .any(|directive| is(directive, "private") || is(directive, "no-store"))
    {
        put_back(headers, &CACHE_CONTROL, former);
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
    if let Ok(merged) = HeaderValue::from_str(&kept.join(", ")) {
        headers.insert(CACHE_CONTROL, merged);
    }
}

/// Puts a value in place of a header's and gives the lines that stood there and the list that they
/// make, if they say anything: mostly there were none, and to look first would cost a search.
fn replace(
    headers: &mut HeaderMap,
    name: HeaderName,
    value: &'static str,
) -> Option<(Vec<HeaderValue>, String)> {
    let former = headers.insert(name, HeaderValue::from_static(value));
    if former.is_empty() {
        return None;
    }
    let lines: Vec<HeaderValue> = former.collect();
    let listed = joined(&lines);
    (!listed.is_empty()).then_some((lines, listed))
}

fn put_back(headers: &mut HeaderMap, name: &HeaderName, lines: Vec<HeaderValue>) {
    headers.remove(name);
    for line in lines {
        headers.append(name.clone(), line);
    }
}

/// All lines of a header as one list; what is no text is left out.
fn joined(lines: &[HeaderValue]) -> String {
    let lines = lines.iter().filter_map(|line| line.to_str().ok());
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
}
