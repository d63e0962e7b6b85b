//! Cookie names and attributes.

use syn::LitStr;

/// A name that browsers take: an RFC 6265 §4.1.1 token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieName(String);

impl CookieName {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        Self::new(text.value()).map_err(|message| syn::Error::new(text.span(), message))
    }

    /// The name in the fastify format unless given, which is that of @fastify/secure-session.
    pub(crate) fn default_in_fastify() -> Self {
        Self("session".to_owned())
    }

    /// The name in the native format unless given: `__Host-` and the struct's in snake case.
    pub(crate) fn default_for(type_name: &str) -> Result<Self, String> {
        Self::new(format!("__Host-{}", snake_case(type_name)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a browser demands of the name, by its prefix.
    pub(crate) fn prefix(&self) -> Option<Prefix> {
        Prefix::ALL.into_iter().find(|prefix| {
            let start = self.0.as_bytes().get(..prefix.text.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.text.as_bytes()))
        })
    }

    fn new(name: String) -> Result<Self, String> {
        let wrong = name
            .chars()
            .find(|character| !is_token_character(*character));
        match wrong {
            Some(character) => Err(format!(
                "cookie name `{}` holds {}; RFC 6265 §4.1.1 allows token characters only: \
                 letters, digits and ``!#$%&'*+-.^_`|~``",
                name.escape_debug(),
                described(character)
            )),
            None if name.is_empty() => {
                Err("the cookie name is empty; write a name, such as `cookie = \"auth\"`".into())
            }
            None => Self(name).beyond_its_prefix(),
        }
    }

    fn beyond_its_prefix(self) -> Result<Self, String> {
        match self.prefix() {
            Some(prefix) if prefix.text.len() == self.0.len() => Err(format!(
                "cookie name `{name}` is a prefix and nothing else; put a name behind it, such as \
                 `cookie = \"{name}auth\"`",
                name = self.0
            )),
            _ => Ok(self),
        }
    }
}

/// A cookie-name prefix and what it stands for (RFC 6265bis §4.1.3).
#[derive(Clone, Copy)]
pub(crate) struct Prefix {
    pub(crate) text: &'static str,
    /// Also `path = "/"` and no `domain`.
    pub(crate) one_host: bool,
    /// Also `http_only`.
    pub(crate) http_only: bool,
}

impl Prefix {
    // The longest first: `__Host-Http-` begins with `__Host-`.
    const ALL: [Self; 4] = [
        Self::new("__Host-Http-", true, true),
        Self::new("__Host-", true, false),
        Self::new("__Http-", false, true),
        Self::new("__Secure-", false, false),
    ];

    /// What a name with this prefix needs, for messages.
    pub(crate) fn needs(self) -> &'static str {
        match (self.one_host, self.http_only) {
            (true, true) => "`secure`, `http_only`, `path = \"/\"` and no `domain`",
            (true, false) => "`secure`, `path = \"/\"` and no `domain`",
            (false, true) => "`secure` and `http_only`",
            (false, false) => "`secure`",
        }
    }

    const fn new(text: &'static str, one_host: bool, http_only: bool) -> Self {
        Self {
            text,
            one_host,
            http_only,
        }
    }
}

/// The value of `Path`, which begins with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookiePath(String);

impl CookiePath {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        let path = text.value();
        let refused = |message: String| Err(syn::Error::new(text.span(), message));
        let wrong = path
            .chars()
            .find(|&character| !is_path_character(character));
        if let Some(character) = wrong {
            return refused(format!(
                "path `{}` holds {}, which a cookie cannot carry (RFC 6265 §4.1.1); \
                 percent-encode it as in the address",
                path.escape_debug(),
                described(character)
            ));
        }
        if !path.starts_with('/') {
            return refused(format!(
                "path `{path}` does not begin with `/`, and a browser would use another one in \
                 its place; write `path = \"/{path}\"`"
            ));
        }
        if path.len() > LONGEST_ATTRIBUTE {
            return refused(too_long("path", path.len()));
        }
        Ok(Self(path))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0 == "/"
    }
}

impl Default for CookiePath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

/// The value of `Domain`: a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Domain(String);

impl Domain {
    /// The longest host name (RFC 1035 §2.3.4, without the final dot).
    const LONGEST: usize = 253;
    /// The longest part between two dots (RFC 1035 §2.3.4).
    const LONGEST_LABEL: usize = 63;

    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        let domain = text.value();
        match Self::mistake(&domain) {
            Some(message) => Err(syn::Error::new(text.span(), message)),
            None => Ok(Self(domain)),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn mistake(domain: &str) -> Option<String> {
        if domain.is_empty() {
            return Some("the domain is empty; remove `domain` for this host only".to_owned());
        }
        if let Some(host) = domain.strip_prefix('.') {
            return Some(format!(
                "domain `{}` begins with a dot, which browsers ignore (RFC 6265 §5.2.3); \
                 subdomains are included anyway, write `domain = \"{}\"`",
                domain.escape_debug(),
                host.escape_debug()
            ));
        }
        let wrong = domain
            .chars()
            .find(|character| !character.is_ascii_alphanumeric() && !"-.".contains(*character));
        if let Some(character) = wrong {
            let remedy = if character.is_ascii() {
                "write the host name alone, such as `example.com`"
            } else {
                "write it in its ASCII form, which begins with `xn--`"
            };
            return Some(format!(
                "domain `{}` holds {}; {remedy}",
                domain.escape_debug(),
                described(character)
            ));
        }
        let is_label = |label: &str| {
            (1..=Self::LONGEST_LABEL).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.len() > Self::LONGEST || !domain.split('.').all(is_label) {
            return Some(format!(
                "domain `{domain}` is not a host name (RFC 1035 §2.3.1); write one, such as \
                 `example.com`"
            ));
        }
        None
    }
}

/// The value of `SameSite`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    Strict,
    Lax,
    None,
}

impl SameSite {
    /// Reads the value in any mix of case, for it is `Lax` in the header and in most manuals.
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().to_ascii_lowercase().as_str() {
            "strict" => Ok(Self::Strict),
            "lax" => Ok(Self::Lax),
            "none" => Ok(Self::None),
            _ => {
                let message = format!(
                    "unknown `same_site = \"{}\"`; expected one of `\"strict\"`, `\"lax\"`, \
                     `\"none\"`",
                    text.value().escape_debug()
                );
                Err(syn::Error::new(text.span(), message))
            }
        }
    }
}

/// Browsers ignore an attribute beyond this length (RFC 6265bis §5.6).
const LONGEST_ATTRIBUTE: usize = 1024;

fn too_long(what: &str, length: usize) -> String {
    format!(
        "the {what} has {length} bytes, and browsers ignore more than {LONGEST_ATTRIBUTE} \
         (RFC 6265bis §5.6); shorten it"
    )
}

/// A `token` character: RFC 6265 §4.1.1 takes them from RFC 2616 §2.2.
fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// A character of `path-value` (RFC 6265 §4.1.1), without the space, which no address holds.
fn is_path_character(character: char) -> bool {
    character.is_ascii_graphic() && character != ';'
}

fn described(character: char) -> String {
    match character {
        ' ' => "a space".to_owned(),
        _ if character.is_control() => "a control character".to_owned(),
        _ => format!("`{character}`"),
    }
}

/// `CartItems` is `cart_items`, and `HTTPSession` is `http_session`.
fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| characters.get(index));
        let after = characters.get(index + 1);
        let begins_word = character.is_uppercase()
            && before.is_some_and(|before| {
                let ends_acronym =
                    before.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
                before.is_lowercase() || before.is_numeric() || ends_acronym
            });
        if begins_word {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}
