//! The rules for a session's cookie and lifetime, each with its error text.
//!
//! The library checks the builder's settings, the derive checks the attributes. Both crates contain
//! an identical copy of this file, so that they share rules and texts; `.ci/run` compares the
//! copies. Therefore this file has no imports and names nothing of either crate.

/// The maximum lifetime of a session and the largest `Max-Age` that browsers accept: 400 days
/// (RFC 6265bis §5.5).
pub(crate) const MAX_LIFETIME_SECONDS: u64 = 400 * 86_400;

/// The error for `idle = "none"` in the fastify format.
pub(crate) const IDLE_NONE_IN_FASTIFY: &str = "`idle` must not be none in the fastify format, \
    where it is the only limit of a session; use at most 400 days";

/// The error for `refresh` without an idle limit.
pub(crate) const REFRESH_WITHOUT_IDLE: &str =
    "`refresh` must not be set without an idle limit; remove `refresh` or set `idle`";

/// The maximum length of a cookie's `name=value` that browsers accept (RFC 6265bis §5.6).
const MAX_PAIR_BYTES: usize = 4096;

/// The maximum length of a session cookie's name; its value needs the rest of the 4096 bytes.
const MAX_NAME_BYTES: usize = 1024;

/// Browsers ignore attributes with longer values (RFC 6265bis §5.6).
const MAX_ATTRIBUTE_BYTES: usize = 1024;

/// The longest host name (RFC 1035 §2.3.4, without the final dot).
const MAX_DOMAIN_BYTES: usize = 253;

/// The longest part between two dots (RFC 1035 §2.3.4).
const MAX_LABEL_BYTES: usize = 63;

/// The name prefixes that browsers enforce (RFC 6265bis §4.1.3, and `__Http-` and `__Host-Http-` of
/// its successor). The longest comes first, because `__Host-Http-` begins with `__Host-`.
const PREFIXES: [Prefix; 4] = [
    Prefix::new("__Host-Http-", true, true),
    Prefix::new("__Host-", true, false),
    Prefix::new("__Http-", false, true),
    Prefix::new("__Secure-", false, false),
];

/// A prefix of cookie names. Every prefix requires `secure`.
pub(crate) struct Prefix {
    text: &'static str,
    /// Also requires the path `/` and no domain.
    one_host: bool,
    /// Also requires `http_only`.
    http_only: bool,
}

/// An attribute that a prefix may constrain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    Secure,
    HttpOnly,
    Path,
    Domain,
}

impl Prefix {
    const fn new(text: &'static str, one_host: bool, http_only: bool) -> Self {
        Self {
            text,
            one_host,
            http_only,
        }
    }

    /// Returns the prefix of a name, compared without case as browsers do.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        PREFIXES.iter().find(|prefix| {
            name.get(..prefix.text.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix.text))
        })
    }

    /// Returns each attribute that violates the prefix's requirements, with its error text.
    pub(crate) fn problems(
        &self,
        secure: bool,
        http_only: bool,
        path: &str,
        domain: Option<&str>,
    ) -> Vec<(Attribute, String)> {
        let requirements = [
            (secure, Attribute::Secure),
            (http_only || !self.http_only, Attribute::HttpOnly),
            (path == "/" || !self.one_host, Attribute::Path),
            (domain.is_none() || !self.one_host, Attribute::Domain),
        ];
        requirements
            .into_iter()
            .filter(|(is_met, _)| !is_met)
            .map(|(_, attribute)| (attribute, self.problem(attribute)))
            .collect()
    }

    fn problem(&self, attribute: Attribute) -> String {
        let (requirement, remedy) = match attribute {
            Attribute::Secure => ("must be `secure`", "do not set `secure` to `false`,"),
            Attribute::HttpOnly => ("must be `http_only`", "do not set `http_only` to `false`,"),
            Attribute::Path => ("must have the path `/`", "remove `path`"),
            Attribute::Domain => ("must not set `domain`", "remove `domain`"),
        };
        format!(
            "`{}` cookies {requirement} (RFC 6265bis §4.1.3); {remedy} or choose a name without \
             the prefix",
            self.text
        )
    }
}

/// Returns the name without its prefix, if it has one.
pub(crate) fn without_prefix(name: &str) -> &str {
    Prefix::of(name)
        .and_then(|prefix| name.get(prefix.text.len()..))
        .unwrap_or(name)
}

/// Returns the problems of a cookie without `secure`: browsers reject it with these attributes.
pub(crate) fn insecure_problems(same_site_none: bool, partitioned: bool) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if same_site_none {
        problems.push(
            "`SameSite=None` cookies must be `secure` (RFC 6265bis §5.7); do not set `secure` to \
             `false`, or choose another `same_site`",
        );
    }
    if partitioned {
        problems.push(
            "`partitioned` cookies must be `secure` (CHIPS); do not set `secure` to `false`, or \
             remove `partitioned`",
        );
    }
    problems
}

/// Returns what is wrong with the name of a session's cookie.
pub(crate) fn name_problem(name: &str) -> Option<String> {
    if name.len() > MAX_NAME_BYTES {
        return Some(format!(
            "the cookie name has {} bytes and must not have more than {MAX_NAME_BYTES}: browsers \
             limit name and value together to {MAX_PAIR_BYTES} bytes (RFC 6265bis §5.6), and the \
             session's value needs the rest; shorten the name",
            name.len()
        ));
    }
    other_name_problem(name)
}

/// Returns what is wrong with the name of a cookie that is only removed and so needs no room for a
/// session.
pub(crate) fn other_name_problem(name: &str) -> Option<String> {
    if name.len() >= MAX_PAIR_BYTES {
        return Some(format!(
            "the cookie name has {} bytes, and browsers limit `name=value` to {MAX_PAIR_BYTES} \
             bytes (RFC 6265bis §5.6); no browser has such a cookie, so remove the call",
            name.len()
        ));
    }
    if name.is_empty() {
        return Some("the cookie name must not be empty; choose one, such as `auth`".to_owned());
    }
    if let Some(odd) = name.chars().find(|c| !is_token_character(*c)) {
        return Some(format!(
            "cookie name `{}` must not contain {} (RFC 6265 §4.1.1); use only letters, digits and \
             ``!#$%&'*+-.^_`|~``",
            name.escape_default(),
            described(odd)
        ));
    }
    without_prefix(name).is_empty().then(|| {
        format!("cookie name `{name}` must not be a prefix alone; add a name, such as `{name}auth`")
    })
}

/// Returns what is wrong with the value of `Path`.
pub(crate) fn path_problem(path: &str) -> Option<String> {
    if path.len() > MAX_ATTRIBUTE_BYTES {
        return Some(format!(
            "the path has {} bytes and must not have more than {MAX_ATTRIBUTE_BYTES}, or browsers \
             ignore it (RFC 6265bis §5.6); shorten it",
            path.len()
        ));
    }
    if let Some(odd) = path.chars().find(|c| !is_path_character(*c)) {
        return Some(format!(
            "path `{}` must not contain {} (RFC 6265 §4.1.1); percent-encode it, as browsers do",
            path.escape_default(),
            described(odd)
        ));
    }
    (!path.starts_with('/')).then(|| {
        let path = path.escape_default();
        format!(
            "path `{path}` must begin with `/`, or browsers ignore it (RFC 6265 §5.2.4); write \
             `/{path}`"
        )
    })
}

/// Returns what is wrong with the value of `Domain`.
pub(crate) fn domain_problem(domain: &str) -> Option<String> {
    if domain.is_empty() {
        return Some(
            "the domain must not be empty; remove `domain` to use this host only".to_owned(),
        );
    }
    if is_host_name(domain) {
        return None;
    }
    let escaped = domain.escape_default();
    if let Some(host) = domain.strip_prefix('.').filter(|host| is_host_name(host)) {
        return Some(format!(
            "domain `{escaped}` must not begin with a dot, which browsers ignore (RFC 6265 \
             §5.2.3); write `{host}`, which includes the hosts below it"
        ));
    }
    let odd = domain.chars().find(|c| !is_host_character(*c));
    Some(match odd {
        None => format!(
            "domain `{escaped}` must be a host name (RFC 1035 §2.3.1); write one, such as \
             `example.com`"
        ),
        Some(odd) if odd.is_ascii() => format!(
            "domain `{escaped}` must not contain {}; write the host name alone, such as \
             `example.com`",
            described(odd)
        ),
        Some(odd) => format!(
            "domain `{escaped}` must not contain {}; write it in its ASCII form, which begins \
             with `xn--`",
            described(odd)
        ),
    })
}

/// A configured time, and its text for messages.
pub(crate) struct TimeSpan {
    pub(crate) seconds: u64,
    pub(crate) text: String,
}

impl TimeSpan {
    /// Returns what is wrong with the time as the value of an option.
    pub(crate) fn problem(&self, option: &str) -> Option<String> {
        if self.seconds == 0 {
            return Some(format!(
                "`{option}` must not be zero; use at least one second"
            ));
        }
        (self.seconds > MAX_LIFETIME_SECONDS).then(|| {
            format!(
                "`{option}` ({}) must not be longer than 400 days, the longest that browsers keep \
                 a cookie (RFC 6265bis §5.5); lower `{option}`",
                self.text
            )
        })
    }
}

/// Returns what is wrong with an idle limit beyond the absolute limit, which could never apply.
pub(crate) fn idle_problem(idle: &TimeSpan, absolute: &TimeSpan) -> Option<String> {
    (idle.seconds > absolute.seconds).then(|| {
        format!(
            "`idle` ({}) must not be longer than `absolute` ({}); lower `idle` or raise `absolute`",
            idle.text, absolute.text
        )
    })
}

/// Returns what is wrong with a refresh that would only happen after the session has expired.
pub(crate) fn refresh_problem(refresh: &TimeSpan, idle: &TimeSpan) -> Option<String> {
    (refresh.seconds >= idle.seconds).then(|| {
        format!(
            "`refresh` ({}) must be shorter than `idle` ({}), or active sessions would expire; \
             lower `refresh` or raise `idle`",
            refresh.text, idle.text
        )
    })
}

/// Returns true for characters of a token (RFC 9110 §5.6.2; RFC 6265 §4.1.1 cites its predecessor).
pub(crate) fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// Returns true for characters of RFC 6265 §4.1.1 except the space, which no request path contains.
fn is_path_character(character: char) -> bool {
    matches!(character, '!'..='~') && character != ';'
}

fn is_host_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '.'
}

fn is_host_name(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= MAX_DOMAIN_BYTES
        && domain.chars().all(is_host_character)
        && domain.split('.').all(is_label)
}

/// Returns the text for a character in messages.
fn described(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        '!'..='~' => format!("`{character}`"),
        _ => format!("U+{:04X}", u32::from(character)),
    }
}
