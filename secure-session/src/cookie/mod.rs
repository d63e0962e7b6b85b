//! The cookie's name and attributes: what is allowed, and the text of `Set-Cookie`.

pub(crate) mod header;
pub(crate) mod legacy;

use std::io::Write as _;

use crate::schema::SameSiteAttribute;

/// When a cookie goes along with requests from other sites (RFC 6265bis §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SameSite {
    /// Only when the visitor comes from the site itself.
    Strict,
    /// Also when a link on another site leads here. The default.
    #[default]
    Lax,
    /// Always; needs `Secure`.
    None,
    /// The attribute is left out and the browser decides: most take [`Lax`](Self::Lax), some
    /// [`None`](Self::None).
    Unspecified,
}

impl SameSite {
    /// The attribute as it is written.
    fn attribute(self) -> &'static str {
        match self {
            Self::Strict => "; SameSite=Strict",
            Self::Lax => "; SameSite=Lax",
            Self::None => "; SameSite=None",
            Self::Unspecified => "",
        }
    }
}

impl From<SameSiteAttribute> for SameSite {
    fn from(attribute: SameSiteAttribute) -> Self {
        match attribute {
            SameSiteAttribute::Strict => Self::Strict,
            SameSiteAttribute::Lax => Self::Lax,
            SameSiteAttribute::None => Self::None,
        }
    }
}

/// Name and attributes of a cookie, without its lifetime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CookieAttributes {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) partitioned: bool,
}

/// Browsers ignore attributes with longer values (RFC 6265bis §5.6).
const MAX_ATTRIBUTE_BYTES: usize = 1024;

/// Name prefixes that browsers give a meaning (RFC 6265bis §4.1.3, and `__Http-` and
/// `__Host-Http-` of its successor). The longer one stands first.
const PREFIXES: [Prefix; 4] = [
    Prefix::new("__Host-Http-", true, true),
    Prefix::new("__Host-", true, false),
    Prefix::new("__Http-", false, true),
    Prefix::new("__Secure-", false, false),
];

struct Prefix {
    text: &'static str,
    host: bool,
    http_only: bool,
}

impl Prefix {
    const fn new(text: &'static str, host: bool, http_only: bool) -> Self {
        Self {
            text,
            host,
            http_only,
        }
    }

    /// The prefix of a name; browsers compare it without case.
    fn of(name: &str) -> Option<&'static Self> {
        PREFIXES.iter().find(|prefix| {
            name.get(..prefix.text.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.text))
        })
    }
}

impl CookieAttributes {
    /// What browsers would refuse, a sentence each.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(name_problem(&self.name));
        problems.extend(path_problem(&self.path));
        problems.extend(self.domain.as_deref().and_then(domain_problem));
        problems.extend(self.prefix_problems());
        if !self.secure {
            if self.same_site == SameSite::None {
                problems.push(
                    "`SameSite=None` needs `secure` (RFC 6265bis §5.7); set `secure` or use `Lax`"
                        .to_owned(),
                );
            }
            if self.partitioned {
                problems.push(
                    "`partitioned` needs `secure`; set `secure` or remove `partitioned`".to_owned(),
                );
            }
        }
        problems
    }

    /// The attributes for development over plain http, where some browsers keep no `Secure`
    /// cookie: no `Secure`, nothing that needs it, and no prefix.
    pub(crate) fn for_plain_http(mut self) -> Self {
        if let Some(prefix) = Prefix::of(&self.name) {
            self.name.drain(..prefix.text.len());
        }
        if self.same_site == SameSite::None {
            self.same_site = SameSite::Lax;
        }
        self.secure = false;
        self.partitioned = false;
        self
    }

    /// The attributes as they follow the value in every `Set-Cookie` of this cookie.
    pub(crate) fn tail(&self) -> String {
        let mut tail = format!("; Path={}", self.path);
        if let Some(domain) = &self.domain {
            tail.push_str("; Domain=");
            tail.push_str(domain);
        }
        if self.secure {
            tail.push_str("; Secure");
        }
        if self.http_only {
            tail.push_str("; HttpOnly");
        }
        tail.push_str(self.same_site.attribute());
        if self.partitioned {
            tail.push_str("; Partitioned");
        }
        tail
    }

    fn prefix_problems(&self) -> Vec<String> {
        let Some(prefix) = Prefix::of(&self.name) else {
            return Vec::new();
        };
        let needs = [
            (self.secure, "`secure`", "set `secure`"),
            (
                self.http_only || !prefix.http_only,
                "`http_only`",
                "set `http_only`",
            ),
            (
                self.path == "/" || !prefix.host,
                "`path = \"/\"`",
                "remove `path`",
            ),
            (
                self.domain.is_none() || !prefix.host,
                "no `domain`",
                "remove `domain`",
            ),
        ];
        needs
            .iter()
            .filter(|(holds, ..)| !holds)
            .map(|(_, need, remedy)| {
                format!(
                    "`{}` names need {need} (RFC 6265bis §4.1.3); {remedy} or give another name \
                     with `cookie`",
                    prefix.text
                )
            })
            .collect()
    }
}

/// A cookie's value that is written straight into the header.
pub(crate) trait CookieValue {
    /// How many bytes it takes.
    fn text_len(&self) -> usize;

    fn append_to(&self, text: &mut Vec<u8>);
}

impl CookieValue for str {
    fn text_len(&self) -> usize {
        self.len()
    }

    fn append_to(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.as_bytes());
    }
}

/// The value of a `Set-Cookie` header; `max_age` in seconds.
pub(crate) fn set_cookie(
    name: &str,
    value: &(impl CookieValue + ?Sized),
    max_age: Option<u64>,
    tail: &str,
) -> Vec<u8> {
    const MAX_AGE: &str = "; Max-Age=";
    // In one piece of just this size, which becomes the header without a copy.
    let digits = max_age.map_or(0, |seconds| {
        let further = seconds.checked_ilog10().unwrap_or(0) as usize;
        MAX_AGE.len().saturating_add(further).saturating_add(1)
    });
    let lengths = [name.len(), 1, value.text_len(), digits, tail.len()];
    let len = lengths.into_iter().fold(0, usize::saturating_add);
    let mut text = Vec::with_capacity(len);
    text.extend_from_slice(name.as_bytes());
    text.push(b'=');
    value.append_to(&mut text);
    if let Some(seconds) = max_age {
        // Writing to a vector cannot fail.
        let _ = write!(text, "{MAX_AGE}{seconds}");
    }
    text.extend_from_slice(tail.as_bytes());
    text
}

/// A header's value as text; all of it is ASCII.
pub(crate) fn text(value: Vec<u8>) -> String {
    String::from_utf8(value).unwrap_or_default()
}

/// The value of a `Set-Cookie` header that removes a cookie.
///
/// Browsers that know no `Max-Age` go by `Expires`.
pub(crate) fn removal(name: &str, tail: &str) -> String {
    const EPOCH: &str = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    text(set_cookie(name, "", Some(0), &[EPOCH, tail].concat()))
}

fn name_problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("the cookie name is empty; give one with `cookie`".to_owned());
    }
    if Prefix::of(name).is_some_and(|prefix| prefix.text.len() == name.len()) {
        return Some(format!(
            "cookie name `{name}` is a prefix and nothing else; put a name behind it"
        ));
    }
    let odd = name.chars().find(|c| !is_token_character(*c))?;
    Some(format!(
        "cookie name `{}` holds {}; RFC 6265 §4.1.1 allows token characters only",
        name.escape_default(),
        described(odd)
    ))
}

fn path_problem(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some(format!(
            "path `{}` does not begin with `/`, and browsers would ignore it; write \
             `path = \"/…\"`",
            path.escape_default()
        ));
    }
    if path.len() > MAX_ATTRIBUTE_BYTES {
        return Some(format!(
            "path has {} bytes, and browsers ignore what has more than {MAX_ATTRIBUTE_BYTES} \
             (RFC 6265bis §5.6); shorten it",
            path.len()
        ));
    }
    let odd = path.chars().find(|c| !is_path_character(*c))?;
    Some(format!(
        "path `{}` holds {}, which a cookie's path cannot hold (RFC 6265 §4.1.1); write it as the \
         browser sends it, percent-encoded",
        path.escape_default(),
        described(odd)
    ))
}

fn domain_problem(domain: &str) -> Option<String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let sound = domain.len() <= 253 && domain.split('.').all(label);
    (!sound).then(|| {
        format!(
            "domain `{}` is no host name; write one like `example.com`, without a dot in front, a \
             port or a scheme",
            domain.escape_default()
        )
    })
}

/// RFC 9110 §5.6.2, which RFC 6265 §4.1.1 refers to by its predecessor.
fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// RFC 6265 §4.1.1 but for the space, which no request path holds.
fn is_path_character(character: char) -> bool {
    matches!(character, '!'..='~') && character != ';'
}

fn described(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        '!'..='~' => format!("`{character}`"),
        _ => format!("U+{:04X}", u32::from(character)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(name: &str) -> CookieAttributes {
        CookieAttributes {
            name: name.to_owned(),
            path: "/".to_owned(),
            domain: None,
            same_site: SameSite::Lax,
            secure: true,
            http_only: true,
            partitioned: false,
        }
    }

    #[test]
    fn the_default_attributes_are_written_each_once() {
        let tail = attributes("a").tail();
        assert_eq!(tail, "; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert_eq!(
            text(set_cookie("a", "v", Some(60), &tail)),
            "a=v; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn a_removal_repeats_the_attributes() {
        let cookie = CookieAttributes {
            path: "/shop".to_owned(),
            domain: Some("example.com".to_owned()),
            same_site: SameSite::None,
            partitioned: true,
            ..attributes("a")
        };
        assert_eq!(
            removal("a", &cookie.tail()),
            "a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/shop; \
             Domain=example.com; Secure; HttpOnly; SameSite=None; Partitioned"
        );
    }

    #[test]
    fn prefixes_are_compared_without_case() {
        for name in ["__Host-a", "__HOST-a", "__host-a", "__hOsT-hTtP-a"] {
            let cookie = CookieAttributes {
                secure: false,
                ..attributes(name)
            };
            assert_eq!(cookie.problems().len(), 1, "{name}");
        }
    }

    #[test]
    fn each_prefix_asks_for_what_browsers_ask() {
        let rows: [(&str, usize); 5] = [
            ("plain", 0),
            ("__Secure-a", 1),
            ("__Http-a", 2),
            ("__Host-a", 3),
            ("__Host-Http-a", 4),
        ];
        for (name, expected) in rows {
            let bare = CookieAttributes {
                secure: false,
                http_only: false,
                path: "/x".to_owned(),
                domain: Some("example.com".to_owned()),
                ..attributes(name)
            };
            assert_eq!(bare.problems().len(), expected, "{name}");
            assert!(attributes(name).problems().is_empty(), "{name}");
        }
    }

    #[test]
    fn names_paths_and_domains_cannot_carry_another_attribute() {
        for name in [
            "", "a b", "a;b", "a=b", "a\r\nb", "ä", "a\"", "a,b", "[a]", "__Host-",
        ] {
            assert_eq!(attributes(name).problems().len(), 1, "{name:?}");
        }
        for path in [
            "",
            "x",
            "/;a",
            "/\n",
            "/ä",
            "/a b",
            &format!("/{}", "x".repeat(1024)),
        ] {
            let cookie = CookieAttributes {
                path: path.to_owned(),
                ..attributes("a")
            };
            assert_eq!(cookie.problems().len(), 1, "{path:?}");
        }
        for domain in ["", ".a.b", "a..b", "a;b", "a:80", "http://a", "-a.b", "a_b"] {
            let cookie = CookieAttributes {
                domain: Some(domain.to_owned()),
                ..attributes("a")
            };
            assert_eq!(cookie.problems().len(), 1, "{domain:?}");
        }
    }

    #[test]
    fn problem_names_the_character_that_must_not_be_there() {
        for (name, described) in [("a b", "a space"), ("a;b", "`;`"), ("a\nb", "U+000A")] {
            let problem = attributes(name).problems().remove(0);
            assert!(
                problem.contains(&format!("holds {described};")),
                "{problem}"
            );
        }
    }

    #[test]
    fn path_of_1024_bytes_is_accepted() {
        let cookie = CookieAttributes {
            path: format!("/{}", "x".repeat(1023)),
            ..attributes("a")
        };
        assert!(cookie.problems().is_empty());
    }

    #[test]
    fn plain_http_drops_what_needs_a_secure_connection() {
        let cookie = CookieAttributes {
            same_site: SameSite::None,
            partitioned: true,
            ..attributes("__Host-a")
        };
        let plain = cookie.for_plain_http();
        assert_eq!(plain.name, "a");
        assert_eq!(plain.tail(), "; Path=/; HttpOnly; SameSite=Lax");
        assert!(plain.problems().is_empty());
    }
}
