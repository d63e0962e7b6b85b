//! Earlier cookies of a session: never read, removed when seen.

use super::CookieAttributes;
use crate::cookie;

/// An earlier cookie, as the builder was told of it.
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

    /// What is wrong with it beside the session's present cookie, a sentence each.
    pub(crate) fn problems(&self, present: &CookieAttributes) -> Vec<String> {
        let mut problems: Vec<String> = self
            .attributes(present)
            .problems_of_removal()
            .into_iter()
            .map(|problem| format!("`remove_legacy_cookie`: {problem}"))
            .collect();
        if (&self.name, &self.path, &self.domain) == (&present.name, &present.path, &present.domain)
        {
            problems.push(format!(
                "`remove_legacy_cookie` names `{}` with the path and domain that the cookie has now; remove \
                 the call",
                self.name.escape_default()
            ));
        }
        problems
    }

    /// Works out the header that removes it.
    pub(crate) fn resolve(&self, present: &CookieAttributes) -> ResolvedFormer {
        let tail = self.attributes(present).tail();
        ResolvedFormer {
            removal: cookie::removal(&self.name, &tail),
            shares_name: self.name == present.name,
            name: self.name.clone(),
        }
    }

    /// Browsers let a cookie be removed whatever its other attributes were, so it borrows those of
    /// the present one.
    fn attributes(&self, present: &CookieAttributes) -> CookieAttributes {
        CookieAttributes {
            name: self.name.clone(),
            path: self.path.clone(),
            domain: self.domain.clone(),
            ..present.clone()
        }
    }
}

/// An earlier cookie, ready to be looked for and removed.
#[derive(Debug)]
pub(crate) struct ResolvedFormer {
    pub(crate) name: String,
    /// The value of the `Set-Cookie` header that removes it.
    pub(crate) removal: String,
    shares_name: bool,
}

impl ResolvedFormer {
    /// Whether it is there, when so many cookies of its name came in.
    ///
    /// One cookie of the present name is taken for the present one.
    pub(crate) fn is_seen(&self, cookies: usize) -> bool {
        cookies > usize::from(self.shares_name)
    }
}
