//! Iterates over the members of a JSON object.
//!
//! `serde_json` reads the values and any unexpected names. The rest of the text is parsed here,
//! because most objects were written by this library: a name at its usual position then takes one
//! comparison instead of a parse. This parser also knows the position of each member, so that
//! members can be written back byte for byte.

use std::{borrow::Cow, mem};

use serde::de::{Deserialize, Deserializer as _, IgnoredAny, Visitor};
use serde_json::{Deserializer, de::StrRead};

/// The text is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoObject;

/// The unread text of an object (RFC 8259 §4).
///
/// For each member, call [`next`](Self::next), then take the name, then take the value.
#[derive(Clone)]
pub(super) struct Members<'a> {
    text: &'a str,
    rest: &'a str,
    is_first: bool,
}

impl<'a> Members<'a> {
    /// # Errors
    ///
    /// If the text does not begin an object.
    #[inline]
    pub(super) fn of(text: &'a str) -> Result<Self, NoObject> {
        Ok(Self {
            text,
            rest: after(text, '{')?,
            is_first: true,
        })
    }

    /// Returns the number of bytes that have been read.
    #[inline]
    pub(super) fn position(&self) -> usize {
        // `rest` is the end of `text`.
        self.text.len().wrapping_sub(self.rest.len())
    }

    /// Returns the text that has been read since this position.
    #[inline]
    pub(super) fn since(&self, position: usize) -> &'a str {
        #[expect(clippy::expect_used, reason = "positions are between characters")]
        (self.text.get(position..self.position())).expect("the position is in the text")
    }

    /// Returns true if there is another member, and false at the end of the text.
    ///
    /// # Errors
    ///
    /// If neither follows.
    #[inline]
    pub(super) fn next(&mut self) -> Result<bool, NoObject> {
        let is_first = mem::replace(&mut self.is_first, false);
        self.rest = without_space(self.rest);
        if let Some(rest) = self.rest.strip_prefix('}') {
            let is_end = without_space(rest).is_empty();
            return is_end.then_some(false).ok_or(NoObject);
        }
        if !is_first {
            let rest = self.rest.strip_prefix(',').ok_or(NoObject)?;
            self.rest = without_space(rest);
        }
        Ok(true)
    }

    /// Takes the name if it is spelled exactly like `key`, which includes the colon: `"name":`.
    #[inline]
    pub(super) fn take_key(&mut self, key: &str) -> bool {
        let rest = self.rest.strip_prefix(key);
        if let Some(rest) = rest {
            self.rest = rest;
        }
        rest.is_some()
    }

    /// Takes the name in any spelling. Returns `None` if it does not fit a `String`, such as half a
    /// surrogate pair.
    ///
    /// # Errors
    ///
    /// If there is no name.
    pub(super) fn take_name(&mut self) -> Result<Option<Cow<'a, str>>, NoObject> {
        if !self.rest.starts_with('"') {
            return Err(NoObject);
        }
        let before = self.rest;
        let name = self.value(|text| text.deserialize_str(Text)).ok();
        if name.is_none() {
            self.rest = before;
            self.skip_value()?;
        }
        self.rest = without_space(after(self.rest, ':')?);
        Ok(name)
    }

    /// Takes the value with `read`.
    ///
    /// # Errors
    ///
    /// If `read` returns an error.
    #[inline]
    pub(super) fn value<R>(
        &mut self,
        read: impl FnOnce(&mut Deserializer<StrRead<'a>>) -> serde_json::Result<R>,
    ) -> serde_json::Result<R> {
        self.value_and_len(read).map(|(value, _)| value)
    }

    /// Takes the value like [`value`](Self::value). Returns the length of its text too, which
    /// includes white space before it.
    #[inline]
    pub(super) fn value_and_len<R>(
        &mut self,
        read: impl FnOnce(&mut Deserializer<StrRead<'a>>) -> serde_json::Result<R>,
    ) -> serde_json::Result<(R, usize)> {
        let mut deserializer = Deserializer::from_str(self.rest);
        let value = read(&mut deserializer)?;
        let len = deserializer.into_iter::<IgnoredAny>().byte_offset();
        #[expect(clippy::expect_used, reason = "serde_json consumes whole characters")]
        let rest = self.rest.get(len..).expect("the offset is in the text");
        self.rest = rest;
        Ok((value, len))
    }

    /// Skips a value of any depth, checking only its syntax.
    ///
    /// # Errors
    ///
    /// If the text is not a JSON value.
    pub(super) fn skip_value(&mut self) -> Result<(), NoObject> {
        // `serde_json` skips values without recursion.
        let skipped = self.value(|text| IgnoredAny::deserialize(text));
        skipped.map(|_| ()).map_err(|_| NoObject)
    }
}

/// Returns the text after this character.
///
/// # Errors
///
/// If it isn't the next character.
#[inline]
fn after(text: &str, character: char) -> Result<&str, NoObject> {
    without_space(text).strip_prefix(character).ok_or(NoObject)
}

/// Strips JSON's white space (RFC 8259 §2), which excludes other Unicode white space.
#[inline]
fn without_space(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b' ' | b'\t' | b'\n' | b'\r') => text.trim_start_matches([' ', '\t', '\n', '\r']),
        // The usual case: no white space.
        _ => text,
    }
}

/// A string, borrowed unless it contains escapes.
struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::MapAccess;
    use serde_json::value::RawValue;

    use super::*;

    type Listed = Vec<(String, Box<RawValue>)>;

    fn listed(text: &str) -> Result<Listed, NoObject> {
        let mut members = Members::of(text)?;
        let mut listed = Vec::new();
        while members.next()? {
            // Exercises both ways of taking a name.
            let name = if members.take_key("\"a\":") {
                "a".to_owned()
            } else {
                members.take_name()?.ok_or(NoObject)?.into_owned()
            };
            let value = members.value(|text| Box::<RawValue>::deserialize(text));
            listed.push((name, value.map_err(|_| NoObject)?));
        }
        Ok(listed)
    }

    /// Lists the members with `serde_json` alone.
    struct AsSerde;

    impl<'de> Visitor<'de> for AsSerde {
        type Value = Listed;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed, A::Error> {
            let mut listed = Vec::new();
            while let Some(member) = map.next_entry()? {
                listed.push(member);
            }
            Ok(listed)
        }
    }

    fn listed_by_serde(text: &str) -> Option<Listed> {
        let mut deserializer = Deserializer::from_str(text);
        let listed = deserializer.deserialize_map(AsSerde).ok()?;
        deserializer.end().ok().map(|()| listed)
    }

    fn plain(listed: Option<Listed>) -> Option<Vec<(String, String)>> {
        let plain = |(name, text): (String, Box<RawValue>)| (name, text.get().to_owned());
        listed.map(|listed| listed.into_iter().map(plain).collect())
    }

    /// Calls `check` with every text of `count` of these pieces.
    fn each_text(pieces: &[&str], count: u32, mut check: impl FnMut(&str)) {
        let mut text = String::new();
        for number in 0..pieces.len().pow(count) {
            text.clear();
            let mut rest = number;
            for _ in 0..count {
                text.push_str(pieces[rest % pieces.len()]);
                rest /= pieces.len();
            }
            check(&text);
        }
    }

    #[test]
    fn every_short_text_is_accepted_if_serde_json_accepts_it() {
        let pieces = ["{", "}", "\"a\"", "\"", ":", ",", "1", "[", "]", "\\", " "];
        let mut objects = 0;
        for count in 0..=if cfg!(miri) { 3 } else { 6 } {
            each_text(&pieces, count, |text| {
                let by_serde = plain(listed_by_serde(text));
                objects += usize::from(by_serde.is_some());
                assert_eq!(plain(listed(text).ok()), by_serde, "{text}");
            });
        }
        assert!(objects > 40 || cfg!(miri), "{objects}");
    }

    #[test]
    fn every_small_object_is_read_like_by_serde_json() {
        let pieces = [
            "\"a\":1",
            "\"a\" :1",
            "\"\\u0061\":1",
            "\"b\":\"\\n\"",
            "\"é\":{\"a\":[]}",
            ",",
            " ",
            "\n\t",
            "\r",
            "\u{a0}",
            "\u{b}",
            ":",
            "1",
            "}",
        ];
        for count in 0..=if cfg!(miri) { 2 } else { 5 } {
            each_text(&pieces, count, |inner| {
                let text = format!("{{{inner}}}");
                assert_eq!(
                    plain(listed(&text).ok()),
                    plain(listed_by_serde(&text)),
                    "{text}"
                );
            });
        }
    }
}
