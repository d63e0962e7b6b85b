//! Writes `Set-Cookie` headers.

use std::io::Write as _;

/// A `Set-Cookie` header, written into a buffer that becomes the header value without a copy.
pub(crate) struct SetCookie<'a> {
    text: Vec<u8>,
    max_age: Option<u64>,
    tail: &'a str,
}

impl<'a> SetCookie<'a> {
    const MAX_AGE: &'static str = "; Max-Age=";

    /// Begins a header for a value of `value_len` bytes; `max_age` is in seconds.
    pub(crate) fn begin(name: &str, value_len: usize, max_age: Option<u64>, tail: &'a str) -> Self {
        let digits = max_age.map_or(0, |seconds| {
            let further = seconds.checked_ilog10().unwrap_or(0) as usize;
            Self::MAX_AGE
                .len()
                .saturating_add(further)
                .saturating_add(1)
        });
        let lengths = [name.len(), 1, value_len, digits, tail.len()];
        let len = lengths.into_iter().fold(0, usize::saturating_add);
        let mut text = Vec::with_capacity(len);
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        Self {
            text,
            max_age,
            tail,
        }
    }

    /// Returns the buffer to append the value to.
    pub(crate) fn value(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Appends the attributes and returns the header's value.
    pub(crate) fn finish(self) -> Vec<u8> {
        let Self {
            mut text,
            max_age,
            tail,
        } = self;
        if let Some(seconds) = max_age {
            // Writing to a vector cannot fail.
            let _ = write!(text, "{}{seconds}", Self::MAX_AGE);
        }
        text.extend_from_slice(tail.as_bytes());
        text
    }
}

/// Converts a header's value, or a part of it, into a string.
pub(crate) fn text(value: Vec<u8>) -> String {
    #[expect(
        clippy::expect_used,
        reason = "names, values and attributes are known to be ASCII"
    )]
    String::from_utf8(value).expect("a cookie is ASCII")
}

/// Returns the value of a `Set-Cookie` header that removes a cookie.
///
/// `Expires` is for browsers that don't support `Max-Age`.
pub(crate) fn removal(name: &str, tail: &str) -> String {
    const EPOCH: &str = "; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    let tail = [EPOCH, tail].concat();
    text(SetCookie::begin(name, 0, Some(0), &tail).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_has_the_value_before_max_age_and_attributes() {
        let mut header = SetCookie::begin("a", 1, Some(60), "; Path=/; Secure");
        header.value().push(b'v');
        assert_eq!(text(header.finish()), "a=v; Max-Age=60; Path=/; Secure");
    }

    #[test]
    fn removal_expires_in_the_past_and_repeats_the_attributes() {
        assert_eq!(
            removal("a", "; Path=/shop; Domain=example.com; Secure; Partitioned"),
            "a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/shop; \
             Domain=example.com; Secure; Partitioned"
        );
    }
}
