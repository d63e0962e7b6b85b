//! A browser's cookie jar, after the text of RFC 6265bis (draft 22, §5.6–§5.8) and of the drafts for
//! `Partitioned` and the `__Http-` prefixes. It shares nothing with the library, nor with the parser
//! of the other tests.

use std::{collections::BTreeMap, time::Duration};

/// 400 days: the longest that a cookie is kept (§5.5).
const MAX_AGE_LIMIT: i64 = 400 * 86_400;

/// Where a response comes from or a request goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Url {
    pub(crate) secure: bool,
    pub(crate) host: &'static str,
    pub(crate) path: &'static str,
}

/// A cookie as it is kept.
#[expect(clippy::struct_excessive_bools, reason = "the flags of RFC 6265bis")]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) domain: String,
    pub(crate) host_only: bool,
    pub(crate) path: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<String>,
    pub(crate) partitioned: bool,
    /// Seconds from now; `None` ends with the browser.
    pub(crate) lifetime: Option<Duration>,
}

/// What identifies a cookie: name, domain, whether it is for the host only, path, and whether it is
/// partitioned.
type Identity = (String, String, bool, String, bool);

/// The cookies of one browser, all at one time.
#[derive(Debug, Default)]
pub(crate) struct Jar(BTreeMap<Identity, Cookie>);

impl Jar {
    /// Takes a `Set-Cookie` header; `false` if the browser ignores it.
    pub(crate) fn receive(&mut self, header: &str, from: Url) -> bool {
        let Some((cookie, is_over)) = Cookie::parse(header, from) else {
            return false;
        };
        let identity = cookie.identity();
        if is_over {
            self.0.remove(&identity);
        } else {
            self.0.insert(identity, cookie);
        }
        true
    }

    /// The `Cookie` header of a request, without cookies of other partitions.
    pub(crate) fn send(&self, to: Url) -> String {
        let mut cookies: Vec<&Cookie> = self.0.values().filter(|cookie| cookie.goes(to)).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        pairs.join("; ")
    }

    /// All cookies.
    pub(crate) fn cookies(&self) -> Vec<&Cookie> {
        self.0.values().collect()
    }
}

impl Cookie {
    /// §5.6 and §5.7: the cookie, and whether it is over at once; `None` if it is ignored.
    fn parse(header: &str, from: Url) -> Option<(Self, bool)> {
        if header
            .bytes()
            .any(|byte| byte.is_ascii_control() && byte != b'\t')
        {
            return None;
        }
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (trim(name), trim(value));
        if name.is_empty() || name.len() + value.len() > 4096 {
            return None;
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: from.host.to_owned(),
            host_only: true,
            path: default_path(from.path).to_owned(),
            secure: false,
            http_only: false,
            same_site: None,
            partitioned: false,
            lifetime: None,
        };
        let (mut expires, mut max_age) = (None, None);
        for attribute in attributes.split(';') {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = trim(value);
            if value.len() > 1024 {
                continue;
            }
            match trim(key).to_ascii_lowercase().as_str() {
                // The only date that the library writes is long past; any other is not for here.
                "expires" => {
                    assert_eq!(value, "Thu, 01 Jan 1970 00:00:00 GMT");
                    expires = Some(0);
                }
                "max-age" => max_age = value.parse::<i64>().ok().or(max_age),
                "domain" if !value.is_empty() => {
                    let domain = value
                        .strip_prefix('.')
                        .unwrap_or(value)
                        .to_ascii_lowercase();
                    let is_public_suffix = !domain.contains('.');
                    if is_public_suffix || !domain_matches(from.host, &domain) {
                        return None;
                    }
                    (cookie.domain, cookie.host_only) = (domain, false);
                }
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "path" => default_path(from.path).clone_into(&mut cookie.path),
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = Some(value.to_ascii_lowercase()),
                "partitioned" => cookie.partitioned = true,
                _ => {}
            }
        }
        let seconds = max_age
            .or(expires)
            .map(|seconds| seconds.min(MAX_AGE_LIMIT));
        let left = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        cookie.lifetime = left.map(Duration::from_secs);
        let is_over = seconds.is_some_and(|seconds| seconds <= 0);
        (cookie.is_kept(from)).then_some((cookie, is_over))
    }

    /// §5.7: whether the browser takes it.
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

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
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

/// The jar is a judge of other tests, so it is judged here by examples of the document.
#[test]
fn the_jar_of_the_tests_does_what_browsers_do() {
    let at = |secure, host, path| Url { secure, host, path };
    let (site, below) = (
        at(true, "example.com", "/app/x"),
        at(true, "www.example.com", "/app/x"),
    );
    let rows = [
        ("a=1", site, true),
        ("=1", site, false),
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
