//! Makes the JSON object of an older version one of the current version.
//!
//! `serde_json::Value` rounds numbers beyond 64 bits and forgets how one was spelt. So the
//! application's function works on values, and every member that it leaves as it is, moves or
//! copies whole keeps its text.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use super::read::ReadError;
use crate::schema::SessionData;

/// Runs the function of the struct over an object; the member `hidden` is not shown to it.
///
/// # Errors
///
/// [`ReadError::Malformed`] for what is no JSON object or has a member twice,
/// [`ReadError::NotMigrated`] when the function returned an error or panicked.
pub(crate) fn migrated<T: SessionData>(
    json: &[u8],
    from: u32,
    hidden: Option<&str>,
) -> Result<Vec<u8>, ReadError> {
    let members = members(json).ok_or(ReadError::Malformed)?;
    let shown = |(name, text): &(String, &RawValue)| {
        let value = serde_json::from_str(text.get()).ok()?;
        (Some(name.as_str()) != hidden).then(|| (name.clone(), value))
    };
    let before: Map<String, Value> = members.iter().filter_map(shown).collect();
    let mut after = before.clone();
    // What it leaves after a panic is not used.
    let done = catch_unwind(AssertUnwindSafe(|| T::__migrate(from, &mut after)));
    match done {
        Ok(Ok(())) => Ok(object(&members, &before, after)),
        Ok(Err(_)) => Err(ReadError::NotMigrated { panicked: false }),
        Err(_) => Err(ReadError::NotMigrated { panicked: true }),
    }
}

/// The members of an object in their order; `None` for what is none or has one twice.
pub(crate) fn members(json: &[u8]) -> Option<Vec<(String, &RawValue)>> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let members = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok().map(|()| members)
}

/// The object of `after`, with the texts of `members` as far as their values are the same.
fn object(
    members: &[(String, &RawValue)],
    before: &Map<String, Value>,
    mut after: Map<String, Value>,
) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (name, text) in members {
        let new = after.remove(name);
        match (before.get(name), new) {
            (None, _) => push(&mut out, name, text.get()),
            (Some(old), Some(new)) if *old == new => push(&mut out, name, text.get()),
            (Some(_), Some(new)) => push(&mut out, name, &text_of(&new, members, before)),
            (Some(_), None) => {}
        }
    }
    for (name, new) in after {
        push(&mut out, &name, &text_of(&new, members, before));
    }
    out.push(b'}');
    out
}

/// The text of a value: that of the member it came from, if there is one such text only.
fn text_of(value: &Value, members: &[(String, &RawValue)], before: &Map<String, Value>) -> String {
    let mut same = members
        .iter()
        .filter(|(name, _)| before.get(name) == Some(value))
        .map(|(_, text)| text.get());
    match same.next() {
        Some(text) if same.all(|other| other == text) => text.to_owned(),
        _ => value.to_string(),
    }
}

fn push(out: &mut Vec<u8>, name: &str, text: &str) {
    if out.len() > 1 {
        out.push(b',');
    }
    #[expect(clippy::expect_used, reason = "neither text nor a vector can fail")]
    serde_json::to_writer(&mut *out, name).expect("a vector takes every text");
    out.push(b':');
    out.extend_from_slice(text.as_bytes());
}

/// Reads the members of an object in their order, each once.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some((name, text)) = map.next_entry::<String, _>()? {
            if members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a member twice"));
            }
            members.push((name, text));
        }
        Ok(members)
    }
}
