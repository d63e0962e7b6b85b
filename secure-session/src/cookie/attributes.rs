//! The cookie's name and attributes.

use super::rules::{self, Prefix};
use crate::schema::SameSiteAttribute;

/// When browsers send a cookie with requests from other sites (RFC 6265bis §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SameSite {
    /// Only with requests from the site itself.
    Strict,
    /// Also when the user follows a link from another site. The default.
    #[default]
    Lax,
    /// Always; requires `Secure`.
    None,
    /// The attribute is left out, so the browser decides: most apply [`Lax`](Self::Lax), some
    /// [`None`](Self::None).
    Unspecified,
}

impl SameSite {
    /// Returns the attribute's text in a `Set-Cookie` header.
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

/// A cookie's name and attributes, without its lifetime.
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

impl CookieAttributes {
    /// Returns a sentence for each problem that makes browsers reject the cookie.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems_with_name(rules::name_problem(&self.name))
    }

    /// Returns the [`problems`](Self::problems) of a cookie that is only removed.
    pub(crate) fn problems_of_removal(&self) -> Vec<String> {
        self.problems_with_name(rules::other_name_problem(&self.name))
    }

    fn problems_with_name(&self, name_problem: Option<String>) -> Vec<String> {
        let mut problems = Vec::from_iter(name_problem);
        problems.extend(rules::path_problem(&self.path));
        problems.extend(self.domain.as_deref().and_then(rules::domain_problem));
        if let Some(prefix) = Prefix::of(&self.name) {
            let Self { path, domain, .. } = self;
            let broken = prefix.problems(self.secure, self.http_only, path, domain.as_deref());
            problems.extend(broken.into_iter().map(|(_, problem)| problem));
        }
        if !self.secure {
            let same_site_none = self.same_site == SameSite::None;
            let insecure = rules::insecure_problems(same_site_none, self.partitioned);
            problems.extend(insecure.into_iter().map(str::to_owned));
        }
        problems
    }

    /// Returns the attributes for development over plain http, where some browsers reject `Secure`
    /// cookies: without `Secure`, anything that requires it, and any prefix.
    pub(crate) fn for_plain_http(mut self) -> Self {
        self.name = rules::without_prefix(&self.name).to_owned();
        if self.same_site == SameSite::None {
            self.same_site = SameSite::Lax;
        }
        self.secure = false;
        self.partitioned = false;
        self
    }

    /// Returns the text of the attributes, which follows the value in `Set-Cookie` headers.
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
    fn each_attribute_is_written_once() {
        let default = attributes("a").tail();
        assert_eq!(default, "; Path=/; Secure; HttpOnly; SameSite=Lax");
        let cookie = CookieAttributes {
            path: "/shop".to_owned(),
            domain: Some("example.com".to_owned()),
            same_site: SameSite::None,
            partitioned: true,
            ..attributes("a")
        };
        assert_eq!(
            cookie.tail(),
            "; Path=/shop; Domain=example.com; Secure; HttpOnly; SameSite=None; Partitioned"
        );
    }

    #[test]
    fn prefixes_are_case_insensitive() {
        for name in ["__Host-a", "__HOST-a", "__host-a", "__hOsT-hTtP-a"] {
            let cookie = CookieAttributes {
                secure: false,
                ..attributes(name)
            };
            assert_eq!(cookie.problems().len(), 1, "{name}");
        }
    }

    #[test]
    fn each_prefix_requires_what_browsers_require() {
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
    fn names_paths_and_domains_cannot_inject_attributes() {
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

    fn problem(cookie: &CookieAttributes) -> String {
        let mut problems = cookie.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }

    #[test]
    fn problem_of_a_name_says_what_to_write() {
        for (name, expected) in [
            (
                "",
                "the cookie name must not be empty; choose one, such as `auth`",
            ),
            (
                "a b",
                "cookie name `a b` must not contain a space (RFC 6265 §4.1.1); use only letters, \
                 digits and ``!#$%&'*+-.^_`|~``",
            ),
            (
                "__host-Http-",
                "cookie name `__host-Http-` must not be a prefix alone; add a name, such as \
                 `__host-Http-auth`",
            ),
        ] {
            assert_eq!(problem(&attributes(name)), expected);
        }
        for (name, shown) in [
            ("a;b", "`a;b` must not contain `;` "),
            ("a\nb", "`a\\nb` must not contain U+000A "),
            ("ä", "`\\u{e4}` must not contain U+00E4 "),
        ] {
            let problem = problem(&attributes(name));
            assert!(problem.contains(shown), "{problem}");
        }
        assert!(attributes("!#$%&'*+-.^_`|~9z").problems().is_empty());
    }

    #[test]
    fn name_beyond_1024_bytes_is_rejected_unless_only_removed() {
        let long = attributes(&"a".repeat(1025));
        assert_eq!(
            problem(&long),
            "the cookie name has 1025 bytes and must not have more than 1024: browsers limit name \
             and value together to 4096 bytes (RFC 6265bis §5.6), and the session's value needs \
             the rest; shorten the name"
        );
        assert!(long.problems_of_removal().is_empty());
        assert!(attributes(&"a".repeat(1024)).problems().is_empty());
        assert!(
            attributes(&"a".repeat(4095))
                .problems_of_removal()
                .is_empty()
        );
        let problems = attributes(&"a".repeat(4096)).problems_of_removal();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert!(problems[0].contains("4096 bytes"), "{problems:#?}");
    }

    #[test]
    fn problem_of_a_path_says_what_to_write() {
        let long = format!("/{}", "x".repeat(1024));
        for (path, expected) in [
            (
                "shop",
                "path `shop` must begin with `/`, or browsers ignore it (RFC 6265 §5.2.4); write \
                 `/shop`",
            ),
            (
                "/ü;",
                "path `/\\u{fc};` must not contain U+00FC (RFC 6265 §4.1.1); percent-encode it, as \
                 browsers do",
            ),
            (
                long.as_str(),
                "the path has 1025 bytes and must not have more than 1024, or browsers ignore it \
                 (RFC 6265bis §5.6); shorten it",
            ),
        ] {
            let cookie = CookieAttributes {
                path: path.to_owned(),
                ..attributes("a")
            };
            assert_eq!(problem(&cookie), expected);
        }
    }

    #[test]
    fn problem_of_a_domain_says_what_to_write() {
        let with_domain = |domain: &str| CookieAttributes {
            domain: Some(domain.to_owned()),
            ..attributes("a")
        };
        let no_host_name =
            "must be a host name (RFC 1035 §2.3.1); write one, such as `example.com`";
        let long_label = format!("{}.com", "a".repeat(64));
        let long = "a.".repeat(126) + "aa";
        let rows = [
            (
                "",
                "the domain must not be empty; remove `domain` to use this host only".to_owned(),
            ),
            (
                ".example.com",
                "domain `.example.com` must not begin with a dot, which browsers ignore (RFC 6265 \
                 §5.2.3); write `example.com`, which includes the hosts below it"
                    .to_owned(),
            ),
            (
                "https://example.com",
                "domain `https://example.com` must not contain `:`; write the host name alone, \
                 such as `example.com`"
                    .to_owned(),
            ),
            (
                "exämple.com",
                "domain `ex\\u{e4}mple.com` must not contain U+00E4; write it in its ASCII form, \
                 which begins with `xn--`"
                    .to_owned(),
            ),
            (".", format!("domain `.` {no_host_name}")),
            ("a..b", format!("domain `a..b` {no_host_name}")),
            (
                "example.com.",
                format!("domain `example.com.` {no_host_name}"),
            ),
            ("-a.b", format!("domain `-a.b` {no_host_name}")),
            ("a-.b", format!("domain `a-.b` {no_host_name}")),
            (&long_label, format!("domain `{long_label}` {no_host_name}")),
            (&long, format!("domain `{long}` {no_host_name}")),
        ];
        for (domain, expected) in rows {
            assert_eq!(problem(&with_domain(domain)), expected);
        }
        let longest_label = format!("{}.com", "a".repeat(63));
        let longest = "a.".repeat(126) + "a";
        for domain in [
            "example.com",
            "localhost",
            "a-b.example.com",
            "192.0.2.1",
            &longest_label,
            &longest,
        ] {
            assert!(with_domain(domain).problems().is_empty(), "{domain}");
        }
    }

    #[test]
    fn problem_of_a_prefix_names_the_attribute_to_change() {
        let bare = CookieAttributes {
            secure: false,
            http_only: false,
            path: "/x".to_owned(),
            domain: Some("example.com".to_owned()),
            ..attributes("__host-http-a")
        };
        let expected = [
            "must be `secure` (RFC 6265bis §4.1.3); do not set `secure` to `false`, or",
            "must be `http_only` (RFC 6265bis §4.1.3); do not set `http_only` to `false`, or",
            "must have the path `/` (RFC 6265bis §4.1.3); remove `path` or",
            "must not set `domain` (RFC 6265bis §4.1.3); remove `domain` or",
        ]
        .map(|part| format!("`__Host-Http-` cookies {part} choose a name without the prefix"));
        assert_eq!(bare.problems(), expected);
    }

    #[test]
    fn attributes_that_need_secure_are_rejected_without_it() {
        let cookie = CookieAttributes {
            same_site: SameSite::None,
            partitioned: true,
            ..attributes("a")
        };
        assert!(cookie.problems().is_empty());
        let insecure = CookieAttributes {
            secure: false,
            ..cookie
        };
        assert_eq!(
            insecure.problems(),
            [
                "`SameSite=None` cookies must be `secure` (RFC 6265bis §5.7); do not set `secure` \
                 to `false`, or choose another `same_site`",
                "`partitioned` cookies must be `secure` (CHIPS); do not set `secure` to `false`, \
                 or remove `partitioned`",
            ]
        );
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
    fn plain_http_drops_everything_that_needs_https() {
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
