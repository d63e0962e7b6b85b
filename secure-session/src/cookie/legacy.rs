//! Legacy cookies of a session: removed when they are received, and never read.

use super::CookieAttributes;
use crate::cookie;

/// A legacy cookie, as configured.
#[derive(Debug, Clone)]
pub(crate) struct LegacyCookie {
    pub(crate) name: String,
    path: String,
    domain: Option<String>,
}

impl LegacyCookie {
    pub(crate) fn new(
        name: impl Into<String>,
        path: impl Into<String>,
        domain: Option<&str>,
    ) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
            domain: domain.map(str::to_owned),
        }
    }

    /// Returns a sentence for each problem, given the session's current cookie.
    pub(crate) fn problems(&self, current: &CookieAttributes) -> Vec<String> {
        let mut problems: Vec<String> = self
            .attributes(current)
            .problems_of_removal()
            .into_iter()
            .map(|problem| format!("`remove_legacy_cookie`: {problem}"))
            .collect();
        if (&self.name, &self.path, &self.domain) == (&current.name, &current.path, &current.domain)
        {
            problems.push(format!(
                "`remove_legacy_cookie` names `{}` with the current cookie's path and domain; remove \
                 the call",
                self.name.escape_default()
            ));
        }
        problems
    }

    /// Builds the header that removes the cookie.
    pub(crate) fn resolve(&self, current: &CookieAttributes) -> ResolvedFormer {
        let tail = self.attributes(current).tail();
        ResolvedFormer {
            removal: cookie::removal(&self.name, &tail),
            shares_name: self.name == current.name,
            name: self.name.clone(),
        }
    }

    /// Takes the other attributes from the current cookie, because browsers ignore them when a
    /// cookie is removed.
    fn attributes(&self, current: &CookieAttributes) -> CookieAttributes {
        CookieAttributes {
            name: self.name.clone(),
            path: self.path.clone(),
            domain: self.domain.clone(),
            ..current.clone()
        }
    }
}

/// A legacy cookie with the header that removes it.
#[derive(Debug)]
pub(crate) struct ResolvedFormer {
    pub(crate) name: String,
    /// The value of the `Set-Cookie` header that removes it.
    pub(crate) removal: String,
    shares_name: bool,
}

impl ResolvedFormer {
    /// Returns true if the legacy cookie was received, given the number of received cookies with
    /// its name.
    ///
    /// If it has the current cookie's name, the first such cookie counts as the current one.
    pub(crate) fn is_seen(&self, cookies: usize) -> bool {
        cookies > usize::from(self.shares_name)
    }
}
