//! Makes the JSON object of an older version one of the current version.
//!
//! `serde_json::Value` rounds numbers beyond 64 bits and forgets how one was spelt. So the
//! application's function works on values, and every member that it leaves as it is, moves or
//! copies whole keeps its text.

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
    /// `None` for a name that no `String` holds.
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) value: &'a str,
    /// Name and value, as they are spelt.
    whole: &'a str,
}

/// Runs the function of the struct over an object; the member `hidden` is not shown to it.
///
/// Members that no `Value` holds are not shown either, and go on as they are; one that the function
/// inserts under their name takes their place.
///
/// # Errors
///
/// [`ReadError::Malformed`] for a text that is not a JSON object or has a member twice,
/// [`ReadError::NotMigrated`] when the function returned an error or panicked.
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
    // What it leaves after a panic is not used.
    let done = catch_unwind(AssertUnwindSafe(|| T::__migrate(from, &mut after)));
    match done {
        Ok(Ok(())) => Ok(object(&members, &before, after, hidden)),
        Ok(Err(_)) => Err(ReadError::NotMigrated { panicked: false }),
        Err(_) => Err(ReadError::NotMigrated { panicked: true }),
    }
}

/// Returns the members of an object in their order; `None` for a text that is not one, or that has a
/// member twice.
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

/// The object of `after`, with the texts of `members` as far as their values are the same.
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

/// The text of a value: that of the member it came from, if there is one such text only.
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
    #[expect(clippy::expect_used, reason = "neither text nor a vector can fail")]
    serde_json::to_writer(&mut *out, name).expect("a vector takes every text");
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
