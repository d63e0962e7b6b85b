//! Goes through the members of a JSON object, one after the other.
//!
//! `serde_json` reads the values, and names that are not as expected. The text between them is read
//! here: most objects were written by this library, and a name at its usual place is then one
//! comparison, where a parser has to find out where it ends and what it says. It also says where each
//! member is, so that members can be written back as they came.

use std::{borrow::Cow, mem};

use serde::de::{Deserialize, Deserializer as _, IgnoredAny, Visitor};
use serde_json::{Deserializer, de::StrRead};

/// The text is not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoObject;

/// The rest of the text of an object (RFC 8259 §4).
///
/// For each member [`next`](Self::next) is called, then a name is taken, then the value.
#[derive(Clone)]
pub(super) struct Members<'a> {
    text: &'a str,
    rest: &'a str,
    is_first: bool,
}

impl<'a> Members<'a> {
    /// # Errors
    ///
    /// For a text that does not begin as an object.
    #[inline]
    pub(super) fn of(text: &'a str) -> Result<Self, NoObject> {
        Ok(Self {
            text,
            rest: after(text, '{')?,
            is_first: true,
        })
    }

    /// Returns how many bytes have been read.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// Returns the text that was read from this position on.
    #[inline]
    pub(super) fn since(&self, position: usize) -> &'a str {
        #[expect(clippy::expect_used, reason = "positions are between characters")]
        (self.text.get(position..self.position())).expect("the position is in the text")
    }

    /// Returns true if there is one more member; otherwise the text has ended.
    ///
    /// # Errors
    ///
    /// For a text that goes on in another way.
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

    /// Takes the name if it is written exactly so: `"name":`.
    #[inline]
    pub(super) fn take_key(&mut self, key: &str) -> bool {
        let rest = self.rest.strip_prefix(key);
        if let Some(rest) = rest {
            self.rest = rest;
        }
        rest.is_some()
    }

    /// Takes the name, however it is written; `None` for one that no `String` holds, such as half a
    /// surrogate pair.
    ///
    /// # Errors
    ///
    /// When there is none.
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

    /// Takes the value, as `read` reads it.
    ///
    /// # Errors
    ///
    /// Those of `read`.
    #[inline]
    pub(super) fn value<R>(
        &mut self,
        read: impl FnOnce(&mut Deserializer<StrRead<'a>>) -> serde_json::Result<R>,
    ) -> serde_json::Result<R> {
        let mut deserializer = Deserializer::from_str(self.rest);
        let value = read(&mut deserializer)?;
        let read = deserializer.into_iter::<IgnoredAny>().byte_offset();
        #[expect(
            clippy::expect_used,
            reason = "serde_json reads whole characters of its text"
        )]
        let rest = self.rest.get(read..).expect("the offset is in the text");
        self.rest = rest;
        Ok(value)
    }

    /// Takes a value of any depth, and looks at its grammar only.
    ///
    /// # Errors
    ///
    /// For a text that is not a JSON value.
    pub(super) fn skip_value(&mut self) -> Result<(), NoObject> {
        // `serde_json` skips values without recursion.
        let skipped = self.value(|text| IgnoredAny::deserialize(text));
        skipped.map(|_| ()).map_err(|_| NoObject)
    }
}

/// Returns the text after this character, if it is next.
#[inline]
fn after(text: &str, character: char) -> Result<&str, NoObject> {
    without_space(text).strip_prefix(character).ok_or(NoObject)
}

/// RFC 8259 §2: there is other white space that JSON does not know.
#[inline]
fn without_space(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b' ' | b'\t' | b'\n' | b'\r') => text.trim_start_matches([' ', '\t', '\n', '\r']),
        // Usually there is none.
        _ => text,
    }
}

/// A string, borrowed unless something in it is escaped.
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
            // Either way of taking a name says the same.
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

    /// The same by `serde_json` alone.
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

    /// Calls `check` with every text of so many of these pieces.
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
    fn every_short_text_is_an_object_here_if_serde_json_reads_it_as_one() {
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
    fn every_object_of_a_few_members_is_read_as_serde_json_reads_it() {
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
