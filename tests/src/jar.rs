//! A browser's cookie jar and its parser of `Set-Cookie`, after RFC 6265bis (draft 22, §5.6–§5.8)
//! and the drafts for `Partitioned` and the `__Http-` prefixes. It shares no code with the library.

use std::{collections::BTreeMap, time::Duration};

use crate::app::Answer;

/// 400 days: the longest time that a cookie is kept (§5.5).
const MAX_AGE_LIMIT: i64 = 400 * 86_400;

/// The page that responses passed to [`Jar::take`] belong to.
pub const SITE: Url = Url {
    secure: true,
    host: "www.shop.example.com",
    path: "/app/page",
};

/// The origin of a response or the target of a request.
#[derive(Debug, Clone, Copy)]
pub struct Url {
    /// Whether the scheme is `https`.
    pub secure: bool,
    /// The host.
    pub host: &'static str,
    /// The path.
    pub path: &'static str,
}

/// A parsed `Set-Cookie` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The cookie's name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Attribute names in lower case, with their values.
    pub attributes: BTreeMap<String, String>,
    /// The header as received.
    pub text: String,
}

impl SetCookie {
    /// Parses a header.
    ///
    /// # Panics
    ///
    /// If an attribute occurs twice or there is no name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("name=value");
        let (name, value) = (name.trim(), value.trim());
        assert!(!name.is_empty(), "{text}");
        let mut attributes = BTreeMap::new();
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let key = key.trim().to_ascii_lowercase();
            let twice = attributes.insert(key, value.trim().to_owned());
            assert!(twice.is_none(), "an attribute twice: {text}");
        }
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes,
            text: text.to_owned(),
        }
    }

    /// `Max-Age` in seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<i64> {
        self.attributes.get("max-age")?.parse().ok()
    }

    /// Whether a browser removes the cookie at once.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        self.max_age().is_some_and(|seconds| seconds <= 0)
    }

    /// The attributes except the lifetime, as one text.
    #[must_use]
    pub fn scope(&self) -> String {
        let scope = self.attributes.iter();
        let scope = scope.filter(|(key, _)| !["max-age", "expires"].contains(&key.as_str()));
        let texts: Vec<String> = scope.map(|(key, value)| format!("{key}={value}")).collect();
        texts.join(";")
    }
}

/// A stored cookie.
#[expect(clippy::struct_excessive_bools, reason = "the flags of RFC 6265bis")]
#[derive(Debug, Clone, PartialEq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The `Domain` attribute, or the host that set it.
    pub domain: String,
    /// Whether it is sent only to the host that set it.
    pub host_only: bool,
    /// The `Path` attribute, or the folder of the page that set it.
    pub path: String,
    /// Whether it has `Secure`.
    pub secure: bool,
    /// Whether it has `HttpOnly`.
    pub http_only: bool,
    /// The `SameSite` attribute in lower case.
    pub same_site: Option<String>,
    /// Whether it has `Partitioned`.
    pub partitioned: bool,
    /// The remaining time; `None` ends with the browser.
    pub lifetime: Option<Duration>,
}

impl Cookie {
    /// Parses a header like a browser (§5.6 and §5.7); `None` if it is ignored.
    ///
    /// # Panics
    ///
    /// Like [`SetCookie::parse`], and if `Expires` is not the only date that the library writes.
    #[must_use]
    pub fn parse(header: &str, from: Url) -> Option<Self> {
        let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if header.bytes().any(is_control) {
            return None;
        }
        let SetCookie {
            name,
            value,
            mut attributes,
            ..
        } = SetCookie::parse(header);
        if name.len() + value.len() > 4096 {
            return None;
        }
        attributes.retain(|_, value| value.len() <= 1024);
        let text = |key: &str| attributes.get(key).map(String::as_str);
        let expires = text("expires").map(|date| {
            assert_eq!(date, "Thu, 01 Jan 1970 00:00:00 GMT");
            0
        });
        let max_age = text("max-age").and_then(|seconds| seconds.parse::<i64>().ok());
        let seconds = max_age.or(expires).map(|time| time.clamp(0, MAX_AGE_LIMIT));
        let path = text("path").filter(|path| path.starts_with('/'));
        let mut cookie = Self {
            name,
            value,
            domain: from.host.to_owned(),
            host_only: true,
            path: path.unwrap_or_else(|| default_path(from.path)).to_owned(),
            secure: attributes.contains_key("secure"),
            http_only: attributes.contains_key("httponly"),
            same_site: text("samesite").map(str::to_ascii_lowercase),
            partitioned: attributes.contains_key("partitioned"),
            lifetime: seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs())),
        };
        if let Some(domain) = text("domain").filter(|domain| !domain.is_empty()) {
            let domain = domain.strip_prefix('.').unwrap_or(domain);
            let domain = domain.to_ascii_lowercase();
            let is_public_suffix = !domain.contains('.');
            if is_public_suffix || !domain_matches(from.host, &domain) {
                return None;
            }
            (cookie.domain, cookie.host_only) = (domain, false);
        }
        cookie.is_kept(from).then_some(cookie)
    }

    /// Whether a browser removes it at once.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.lifetime == Some(Duration::ZERO)
    }

    /// §5.7: whether the browser accepts it.
    fn is_kept(&self, from: Url) -> bool {
        if self.secure && !from.secure {
            return false;
        }
        let needs_secure = self.partitioned || self.same_site.as_deref() == Some("none");
        if needs_secure && !self.secure {
            return false;
        }
        let name = self.name.to_ascii_lowercase();
        let begins = |prefix| name.starts_with(prefix);
        let is_host = self.secure && self.host_only && self.path == "/";
        (!begins("__secure-") || self.secure)
            && (!begins("__host-") || is_host)
            && (!begins("__http-") || (self.secure && self.http_only))
            && (!begins("__host-http-") || self.http_only)
    }

    fn identity(&self) -> Identity {
        let Self {
            name,
            domain,
            host_only,
            path,
            partitioned,
            ..
        } = self.clone();
        (name, domain, host_only, path, partitioned)
    }

    /// §5.8.3.
    fn goes(&self, to: Url) -> bool {
        let host = if self.host_only {
            to.host == self.domain
        } else {
            domain_matches(to.host, &self.domain)
        };
        host && path_matches(to.path, &self.path) && (to.secure || !self.secure)
    }
}

/// The identity of a cookie: name, domain, whether it is host-only, path, and whether it is
/// partitioned.
type Identity = (String, String, bool, String, bool);

/// The cookies of one browser at one point in time.
#[derive(Debug, Clone, Default)]
pub struct Jar(BTreeMap<Identity, Cookie>);

impl Jar {
    /// Stores a `Set-Cookie` header; `false` if the browser ignores it.
    pub fn receive(&mut self, header: &str, from: Url) -> bool {
        let Some(cookie) = Cookie::parse(header, from) else {
            return false;
        };
        let identity = cookie.identity();
        if cookie.is_over() {
            self.0.remove(&identity);
        } else {
            self.0.insert(identity, cookie);
        }
        true
    }

    /// Applies the cookies that a response from [`SITE`] sets and removes.
    ///
    /// # Panics
    ///
    /// If the browser ignores a header.
    pub fn take(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            assert!(self.receive(&cookie.text, SITE), "{}", cookie.text);
        }
    }

    /// The `Cookie` header of a request, without cookies of other partitions.
    #[must_use]
    pub fn send(&self, to: Url) -> String {
        let mut cookies: Vec<&Cookie> = self.0.values().filter(|cookie| cookie.goes(to)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        pairs(cookies)
    }

    /// The `Cookie` header with every cookie, regardless of its path.
    #[must_use]
    pub fn header(&self) -> String {
        pairs(self.0.values())
    }

    /// All cookies.
    #[must_use]
    pub fn cookies(&self) -> Vec<&Cookie> {
        self.0.values().collect()
    }
}

fn pairs<'a>(cookies: impl IntoIterator<Item = &'a Cookie>) -> String {
    let cookies = cookies.into_iter();
    let pairs: Vec<String> = cookies
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    pairs.join("; ")
}

/// §5.1.3.
fn domain_matches(host: &str, domain: &str) -> bool {
    let is_below = |rest: &str| rest.ends_with('.');
    host == domain || host.strip_suffix(domain).is_some_and(is_below)
}

/// §5.1.4.
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(end) if end > 0 => &path[..end],
        _ => "/",
    }
}

fn path_matches(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other tests use the jar to judge the library, so examples from the RFC test the jar.
    #[test]
    fn jar_of_the_tests_behaves_like_a_browser() {
        let at = |secure, host, path| Url { secure, host, path };
        let (site, below) = (
            at(true, "example.com", "/app/x"),
            at(true, "www.example.com", "/app/x"),
        );
        let rows = [
            ("a=1", site, true),
            ("a=1; Secure", at(false, "example.com", "/"), false),
            ("a=1; Domain=example.com", below, true),
            ("a=1; Domain=other.com", below, false),
            ("a=1; Domain=com", below, false),
            ("a=1; SameSite=None", site, false),
            ("a=1; Partitioned", site, false),
            ("__Host-a=1; Secure; Path=/", site, true),
            ("__HOST-a=1; Secure", site, false),
            (
                "__Host-a=1; Secure; Path=/; Domain=example.com",
                site,
                false,
            ),
            ("__Secure-a=1", site, false),
            ("__Http-a=1; Secure", site, false),
        ];
        for (header, from, taken) in rows {
            assert_eq!(Jar::default().receive(header, from), taken, "{header}");
        }
        let mut jar = Jar::default();
        jar.receive("a=1; Path=/app", site);
        jar.receive("a=2; Path=/", site);
        jar.receive("b=3; Domain=example.com; Path=/", site);
        assert_eq!(jar.send(site), "a=1; a=2; b=3");
        assert_eq!(jar.send(below), "b=3");
        assert_eq!(jar.send(at(true, "example.com", "/apple")), "a=2; b=3");
        jar.receive("a=; Max-Age=0; Path=/app", site);
        assert_eq!(jar.send(site), "a=2; b=3");
        jar.receive("b=; Max-Age=0; Path=/", site);
        assert_eq!(
            jar.send(site),
            "a=2; b=3",
            "another domain is another cookie"
        );
    }
}
