//! Parses `Set-Cookie` headers like browsers (RFC 6265bis §5.6).

/// A `Set-Cookie` header.
#[derive(Debug, Clone, Copy)]
pub(super) struct SetCookie<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// The text after the value, without the first `; `.
    pub(super) attributes: &'a str,
}

impl<'a> SetCookie<'a> {
    /// Parses a header. Returns `None` if browsers would ignore it.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let (name, value) = pair.split_once('=')?;
        Some(Self {
            name: name.trim(),
            value: value.trim(),
            attributes: attributes.trim(),
        })
    }

    /// Returns the value of an attribute, which is empty for an attribute without one. The last
    /// occurrence counts.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let all = self.attributes.split(';').map(|attribute| {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            (name.trim(), value.trim())
        });
        let mut named = all.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.next_back().map(|(_, value)| value)
    }

    /// Returns `Max-Age` in seconds.
    pub(super) fn max_age(&self) -> Option<i64> {
        self.attribute("Max-Age")?.parse().ok()
    }

    /// Returns true if the header removes a session's cookie. No session has an empty value.
    pub(super) fn is_removal(&self) -> bool {
        self.value.is_empty() || self.max_age().is_some_and(|seconds| seconds <= 0)
    }
}
