//! Migrates the JSON object of an older version to the current version.
//!
//! The application's function works on `serde_json::Value`, which rounds numbers beyond 64 bits and
//! loses their spelling. Therefore every member that the function leaves unchanged, or moves or
//! copies as a whole, keeps its original text.

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde_json::{Map, Value};

use super::{
    members::{Members, NoObject},
    read::ReadError,
};
use crate::schema::SessionData;

/// One member of an object.
pub(crate) struct MemberText<'a> {
    /// `None` if the name does not fit a `String`.
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) value: &'a str,
    /// The name and the value, in their original spelling.
    whole: &'a str,
}

/// Runs the struct's `migrate` function on an object, without the member `hidden`.
///
/// Members that do not fit a `Value` are not passed to the function either, and are kept unchanged
/// unless the function inserts a member with the same name.
///
/// # Errors
///
/// - [`ReadError::Malformed`] for a text that is not a JSON object or has a duplicate member.
/// - [`ReadError::NotMigrated`] if the function returned an error or panicked.
pub(crate) fn migrated<T: SessionData>(
    json: &[u8],
    from: u32,
    hidden: Option<&str>,
) -> Result<Vec<u8>, ReadError> {
    let members = members(json).ok_or(ReadError::Malformed)?;
    let shown = |member: &MemberText<'_>| {
        let name = member
            .name
            .as_deref()
            .filter(|name| Some(*name) != hidden)?;
        Some((name.to_owned(), serde_json::from_str(member.value).ok()?))
    };
    let before: Map<String, Value> = members.iter().filter_map(shown).collect();
    let mut after = before.clone();
    // After a panic, `after` is not used.
    let done = catch_unwind(AssertUnwindSafe(|| T::__migrate(from, &mut after)));
    match done {
        Ok(Ok(())) => Ok(object(&members, &before, after, hidden)),
        Ok(Err(_)) => Err(ReadError::NotMigrated { panicked: false }),
        Err(_) => Err(ReadError::NotMigrated { panicked: true }),
    }
}

/// Returns the members of an object in order, or `None` if the text is not an object or has a
/// duplicate member.
pub(crate) fn members(json: &[u8]) -> Option<Vec<MemberText<'_>>> {
    let members = listed(str::from_utf8(json).ok()?).ok()?;
    let mut names: Vec<&str> = members.iter().filter_map(|it| it.name.as_deref()).collect();
    names.sort_unstable();
    let twice = |pair: &[&str]| matches!(pair, [one, next] if one == next);
    (!names.windows(2).any(twice)).then_some(members)
}

fn listed(text: &str) -> Result<Vec<MemberText<'_>>, NoObject> {
    let mut members = Members::of(text)?;
    let mut listed = Vec::new();
    while members.next()? {
        let start = members.position();
        let name = members.take_name()?;
        let value = members.position();
        members.skip_value()?;
        listed.push(MemberText {
            name,
            value: members.since(value),
            whole: members.since(start),
        });
    }
    Ok(listed)
}

/// Returns the text of the object `after`. Members whose value is unchanged keep their text.
fn object(
    members: &[MemberText<'_>],
    before: &Map<String, Value>,
    mut after: Map<String, Value>,
    hidden: Option<&str>,
) -> Vec<u8> {
    let mut out = vec![b'{'];
    for member in members {
        let name = member.name.as_deref().filter(|name| Some(*name) != hidden);
        let old = name.and_then(|name| before.get(name));
        let new = name.and_then(|name| Some((name, after.remove(name)?)));
        match (old, new) {
            (None, None) => push_text(&mut out, member.whole),
            (Some(old), Some((_, new))) if *old == new => push_text(&mut out, member.whole),
            (_, Some((name, new))) => push(&mut out, name, &text_of(&new, members, before)),
            (Some(_), None) => {}
        }
    }
    if let Some(hidden) = hidden {
        after.remove(hidden);
    }
    for (name, new) in after {
        push(&mut out, &name, &text_of(&new, members, before));
    }
    out.push(b'}');
    out
}

/// Returns the text of a value: the text of the received member with that value, if it is unique.
fn text_of(value: &Value, members: &[MemberText<'_>], before: &Map<String, Value>) -> String {
    let is_same = |member: &&MemberText<'_>| {
        let name = member.name.as_deref();
        name.and_then(|name| before.get(name)) == Some(value)
    };
    let mut same = members.iter().filter(is_same).map(|member| member.value);
    match same.next() {
        Some(text) if same.all(|other| other == text) => text.to_owned(),
        _ => value.to_string(),
    }
}

fn push(out: &mut Vec<u8>, name: &str, text: &str) {
    comma(out);
    #[expect(clippy::expect_used, reason = "writing to a vector cannot fail")]
    serde_json::to_writer(&mut *out, name).expect("a vector accepts every string");
    out.push(b':');
    out.extend_from_slice(text.as_bytes());
}

fn push_text(out: &mut Vec<u8>, member: &str) {
    comma(out);
    out.extend_from_slice(member.as_bytes());
}

fn comma(out: &mut Vec<u8>) {
    if out.len() > 1 {
        out.push(b',');
    }
}
