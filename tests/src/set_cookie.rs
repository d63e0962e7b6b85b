//! A parser of `Set-Cookie` that shares nothing with the library (RFC 6265bis §5.6).

use std::collections::BTreeMap;

/// A `Set-Cookie` header, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The cookie's name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Attribute names in lower case, with their values.
    pub attributes: BTreeMap<String, String>,
    /// The header as it came.
    pub text: String,
}

impl SetCookie {
    /// Takes a header apart.
    ///
    /// # Panics
    ///
    /// When an attribute stands twice or there is no name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("name=value");
        assert!(!name.is_empty(), "{text}");
        let mut attributes = BTreeMap::new();
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let key = key.trim().to_ascii_lowercase();
            let twice = attributes.insert(key, value.trim().to_owned());
            assert!(twice.is_none(), "an attribute twice: {text}");
        }
        Self {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
            attributes,
            text: text.to_owned(),
        }
    }

    /// `Max-Age` in seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<i64> {
        self.attributes.get("max-age")?.parse().ok()
    }

    /// Whether a browser drops the cookie at once.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        self.max_age().is_some_and(|seconds| seconds <= 0)
    }

    /// The attributes but for the lifetime, as one text.
    #[must_use]
    pub fn scope(&self) -> String {
        let scope = self.attributes.iter();
        let scope = scope.filter(|(key, _)| !["max-age", "expires"].contains(&key.as_str()));
        let texts: Vec<String> = scope.map(|(key, value)| format!("{key}={value}")).collect();
        texts.join(";")
    }
}
