//! Parses the `Cookie` header, and the name in `Set-Cookie`, as bytes.
//!
//! actix-web's parser percent-decodes names, so that `%5F_Host-auth` passes for `__Host-auth`, and
//! it drops all cookies of a request if one of them is not UTF-8. Here, names are compared byte for
//! byte, as RFC 6265bis §5.4 requires of browsers, and unrelated cookies have no effect.

use std::{iter, sync::Arc};

use memchr::memchr;

/// The maximum number of cookies with one name that are tried, which bounds the work for a request.
pub(crate) const MAX_CANDIDATES: usize = 4;

/// The cookies of one request, shared by its sessions. `None` if there is no header, which needs no
/// memory.
#[derive(Clone)]
pub(crate) struct RequestCookies(Option<Arc<[u8]>>);

impl RequestCookies {
    /// Copies the lines of the `Cookie` header. HTTP/2 may split the header; the lines are joined
    /// with `"; "` (RFC 9113 §8.2.3).
    pub(crate) fn of<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let Some(first) = lines.next() else {
            return Self(None);
        };
        let Some(second) = lines.next() else {
            return Self(Some(first.into()));
        };
        let mut all = first.to_vec();
        for line in iter::once(second).chain(lines) {
            all.extend_from_slice(b"; ");
            all.extend_from_slice(line);
        }
        Self(Some(all.into()))
    }

    /// Returns the values of the cookies with this name, in order.
    #[inline]
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values(self.0.as_deref().unwrap_or_default(), name.as_bytes())
    }
}

/// Returns true if this value of a `Set-Cookie` header sets the cookie with this name. Browsers
/// ignore blanks around the name (RFC 6265bis §5.6).
///
/// A cookie without a name (`=name=1`, or no `=` before the first `;`) never matches. Browsers
/// treat it as distinct from every cookie with a name, and reject it if its value begins with a
/// prefix such as `__Host-` (RFC 6265bis §5.7).
pub(crate) fn sets(line: &[u8], name: &str) -> bool {
    let pair = pairs(line).next();
    pair.is_some_and(|pair| value_of(pair, name.as_bytes()).is_some())
}

/// Returns the values of the cookies with this name in one line of the header, in order.
///
/// The line is split at every `;`, even within quotes. Blanks (SP and HTAB) around the name and the
/// value are trimmed. Nothing is decoded. The name is a token, so it contains neither blanks nor
/// `=`.
#[inline]
fn values<'a>(line: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut pairs = pairs(line);
    iter::from_fn(move || pairs.find_map(|pair| value_of(pair, name)))
}

#[inline]
fn value_of<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let after_name = trim_start(pair).strip_prefix(name)?;
    trim_start(after_name).strip_prefix(b"=").map(trim)
}

#[inline]
fn pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    iter::from_fn(move || {
        let line = rest?;
        let end = memchr(b';', line);
        rest = end.and_then(|end| line.get(end.saturating_add(1)..));
        line.get(..end.unwrap_or(line.len()))
    })
}

fn trim(bytes: &[u8]) -> &[u8] {
    let mut bytes = trim_start(bytes);
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<'a>(line: &'a str, name: &'a str) -> Vec<&'a str> {
        values(line.as_bytes(), name.as_bytes())
            .map(|value| std::str::from_utf8(value).unwrap())
            .collect()
    }

    #[test]
    fn value_is_found_among_others() {
        assert_eq!(all("a=1; b=2; c=3", "b"), ["2"]);
        assert_eq!(all("b=2", "b"), ["2"]);
        assert_eq!(all("a=1;b=2;", "b"), ["2"]);
        assert!(all("a=1", "b").is_empty());
        assert!(all("", "b").is_empty());
    }

    #[test]
    fn cookies_with_the_same_name_keep_their_order() {
        assert_eq!(all("b=1; a=x; b=2; b=", "b"), ["1", "2", ""]);
    }

    #[test]
    fn names_are_compared_byte_for_byte() {
        let line =
            "__host-id=1; __HOST-id=2; __Host-id2=3; x__Host-id=4; %5F_Host-id=5; __Host-id=6";
        assert_eq!(all(line, "__Host-id"), ["6"]);
    }

    #[test]
    fn separators_within_quotes_count() {
        assert_eq!(all(r#"a="x; b=2"; c=3"#, "b"), [r#"2""#]);
        assert_eq!(all(r#"b="2""#, "b"), [r#""2""#]);
    }

    #[test]
    fn only_blanks_around_name_and_value_are_trimmed() {
        assert_eq!(all(" \tb\t = \t2 ", "b"), ["2"]);
        assert_eq!(all("b=1 2", "b"), ["1 2"]);
        assert!(all("\u{b}b=1", "b").is_empty());
    }

    #[test]
    fn value_may_contain_equals_signs_and_pair_without_one_is_ignored() {
        assert_eq!(all("b=1=2; b; =b; b==", "b"), ["1=2", "="]);
    }

    #[test]
    fn bytes_that_are_not_utf8_in_other_cookies_have_no_effect() {
        let line = b"a=\xff\xfe; b=2; \xff=1";
        assert_eq!(values(line, b"b").collect::<Vec<_>>(), [b"2"]);
    }

    #[test]
    fn set_cookie_name_matches_with_blanks_around_it() {
        for line in [
            "auth=1; Path=/",
            "auth=",
            "auth =1",
            " auth=1",
            "\t auth \t= 1",
        ] {
            assert!(sets(line.as_bytes(), "auth"), "{line:?}");
        }
        for line in [
            "auth2=1",
            "Auth=1",
            "auth",
            "auth; x=1",
            "a=1; auth=2",
            "=auth=1",
            "auth 2=1",
            "",
        ] {
            assert!(!sets(line.as_bytes(), "auth"), "{line:?}");
        }
    }
}
