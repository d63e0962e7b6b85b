//! Cookie names and attributes.

use syn::LitStr;

use super::rules;

/// A name that browsers accept: an RFC 6265 §4.1.1 token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieName(String);

impl CookieName {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        checked(text, rules::name_problem).map(Self)
    }

    /// The default name in the fastify format, the same as in @fastify/secure-session.
    pub(crate) fn default_in_fastify() -> Self {
        Self("session".to_owned())
    }

    /// The default name in the native format: `__Host-` and the struct's name in snake case.
    pub(crate) fn default_for(type_name: &str) -> Result<Self, String> {
        let name = format!("__Host-{}", snake_case(type_name));
        rules::name_problem(&name).map_or(Ok(Self(name)), Err)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The value of `Path`, which begins with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookiePath(String);

impl CookiePath {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        checked(text, rules::path_problem).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
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
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        checked(text, rules::domain_problem).map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
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
    /// Ignores case, because the header and most documentation write `Lax`.
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().to_ascii_lowercase().as_str() {
            "strict" => Ok(Self::Strict),
            "lax" => Ok(Self::Lax),
            "none" => Ok(Self::None),
            _ => {
                let message = format!(
                    "unknown `same_site = \"{}\"`; expected one of `\"strict\"`, `\"lax\"`, \
                     `\"none\"`",
                    text.value().escape_default()
                );
                Err(syn::Error::new(text.span(), message))
            }
        }
    }
}

/// Returns the value of the literal, or the problem that a rule finds in it.
fn checked(text: &LitStr, problem: fn(&str) -> Option<String>) -> syn::Result<String> {
    let value = text.value();
    match problem(&value) {
        Some(message) => Err(syn::Error::new(text.span(), message)),
        None => Ok(value),
    }
}

/// `CartItems` becomes `cart_items`, `HTTPSession` becomes `http_session`.
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
