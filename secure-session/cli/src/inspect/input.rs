//! Finds cookies in the input: a value, a pair, or header lines.

/// The cookies to inspect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) cookies: Vec<Cookie>,
    /// The names of the other cookies in the input.
    pub(crate) others: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cookie {
    /// `None` for a bare value without `--name`.
    pub(crate) name: Option<String>,
    pub(crate) value: String,
}

impl Input {
    /// Reads the cookies with `name`, or every cookie under its own name if there is none.
    pub(crate) fn read(text: &str, name: Option<&str>) -> Self {
        let cookies = match header_lines(text) {
            lines if lines.is_empty() => bare_or_pairs(text, name),
            lines => lines.into_iter().flat_map(Line::cookies).collect(),
        };
        let is_wanted = |cookie: &Cookie| name.is_none() || cookie.name.as_deref() == name;
        let (cookies, others): (Vec<_>, Vec<_>) = cookies.into_iter().partition(is_wanted);
        Self {
            cookies,
            others: others
                .into_iter()
                .filter_map(|cookie| cookie.name)
                .collect(),
        }
    }
}

/// A header line that contains cookies, without the header's name.
enum Line<'a> {
    Cookie(&'a str),
    SetCookie(&'a str),
}

impl Line<'_> {
    fn cookies(self) -> Vec<Cookie> {
        match self {
            Self::Cookie(pairs) => pairs_of(pairs).collect(),
            // The rest are attributes.
            Self::SetCookie(line) => pairs_of(line).take(1).collect(),
        }
    }
}

/// The lines of a pasted request or response that contain cookies.
fn header_lines(text: &str) -> Vec<Line<'_>> {
    text.lines()
        .filter_map(|line| {
            // curl and browsers add a prefix.
            let line = line.trim_start_matches(['<', '>', ' ', '\t']);
            let (header, value) = line.split_once(':')?;
            if header.eq_ignore_ascii_case("cookie") {
                Some(Line::Cookie(value))
            } else if header.eq_ignore_ascii_case("set-cookie") {
                Some(Line::SetCookie(value))
            } else {
                None
            }
        })
        .collect()
}

fn bare_or_pairs(text: &str, name: Option<&str>) -> Vec<Cookie> {
    // A value that was copied from a terminal may be broken into lines.
    let line: String = text.lines().map(str::trim).collect();
    if line.is_empty() {
        return Vec::new();
    }
    let is_pair = |name| pairs_of(&line).any(|pair| pair.name.as_deref() == Some(name));
    if name.is_some_and(is_pair) || !is_bare(&line) {
        return pairs_of(&line).collect();
    }
    vec![Cookie {
        name: name.map(str::to_owned),
        value: line,
    }]
}

/// A bare value: without an equals sign, or base64 with one as padding.
fn is_bare(line: &str) -> bool {
    // Longer than the usual cookie name, and shorter than any value.
    const LONG: usize = 40;
    match line.split_once('=') {
        None => true,
        Some((front, _)) => {
            let is_base64 =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b';');
            front.len() >= LONG && front.bytes().all(is_base64)
        }
    }
}

/// Splits at each `;`, and a pair at its first `=`, as the library reads the header.
fn pairs_of(line: &str) -> impl Iterator<Item = Cookie> {
    const BLANKS: [char; 2] = [' ', '\t'];
    line.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        Some(Cookie {
            name: Some(name.trim_matches(BLANKS).to_owned()),
            value: value.trim_matches(BLANKS).to_owned(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATIVE: &str = "ARViKXlAQUJDREVGR0hJSktMTU5PUFFSU1RVVldxG49U-lKoAblyfylrbo4zu6BQdGNK";
    const DECODED: &str = "C0O5WrzU7N2d+smca8UFbwgxQP6Uj4elXIIXqgBfIq86q9At70ZZqw==;qm5amSgroe5H\
                           0FSxORO5ods7tskugxC0";

    fn all(text: &str, name: Option<&str>) -> Vec<(Option<String>, String)> {
        let cookies = Input::read(text, name).cookies.into_iter();
        cookies.map(|cookie| (cookie.name, cookie.value)).collect()
    }

    fn named(name: &str, value: &str) -> (Option<String>, String) {
        (Some(name.to_owned()), value.to_owned())
    }

    #[test]
    fn bare_value_has_the_given_name() {
        for value in [NATIVE, DECODED] {
            assert_eq!(all(&format!("{value}\n"), Some("a")), [named("a", value)]);
            assert_eq!(all(value, None), [(None, value.to_owned())]);
        }
    }

    #[test]
    fn value_broken_into_lines_is_joined() {
        let (left, right) = NATIVE.split_at(30);
        assert_eq!(
            all(&format!("{left}\n  {right}\r\n"), Some("a")),
            [named("a", NATIVE)]
        );
    }

    #[test]
    fn cookies_of_the_name_are_found_in_pairs_and_headers() {
        for text in [
            "b=2",
            "a=1; b=2; c=3",
            "Cookie: a=1;b=2",
            "cookie: a=1\r\nhost: x\r\nCOOKIE: b=2\r\n",
            "> Cookie: b=2",
            "Set-Cookie: b=2; Path=/; HttpOnly",
            "< set-cookie: a=1; Path=/\n< set-cookie: b=2; Path=/",
        ] {
            assert_eq!(all(text, Some("b")), [named("b", "2")], "{text}");
        }
        assert_eq!(all("b=1; b=2", Some("b")).len(), 2);
        assert_eq!(all("b=1; a=2", None).len(), 2);
    }

    #[test]
    fn set_cookie_attributes_are_not_cookies() {
        assert!(all("Set-Cookie: a=1; Path=/", Some("Path")).is_empty());
        assert_eq!(all("Set-Cookie: a=1; Path=/", None), [named("a", "1")]);
    }

    #[test]
    fn names_are_case_sensitive_and_other_names_are_listed() {
        let input = Input::read("Cookie: Session=1; a=2", Some("session"));
        assert!(input.cookies.is_empty());
        assert_eq!(input.others, ["Session", "a"]);
    }

    #[test]
    fn empty_input_has_no_cookies() {
        for text in ["", "\n", " \r\n "] {
            assert!(all(text, Some("a")).is_empty());
            assert!(all(text, None).is_empty());
        }
    }
}
