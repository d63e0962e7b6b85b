//! Opens the samples of earlier shapes and reports what would be lost.

use serde_json::{Map, Value};

use super::{
    recorded::Recorded,
    shape::{Shape, parsed},
};
use crate::{
    escape::Escaped,
    payload::{
        json,
        json::{Mistake, ReadError, ReceivedMembers},
    },
    schema::Found,
    session::SecureSession,
};

/// Returns the struct's problems with recorded sessions, each once.
pub(super) fn problems<T: SecureSession>(recorded: &Recorded, current: &Shape) -> Vec<String> {
    let mut problems: Vec<String> = Vec::new();
    for (number, shape) in (1..).zip(&recorded.shapes) {
        let trial = Trial::<T> {
            number,
            shape,
            current,
            session: std::marker::PhantomData,
        };
        for sample in &shape.samples {
            for problem in trial.of(sample) {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    problems
}

/// A recorded shape, to be opened with the current struct.
struct Trial<'a, T> {
    number: usize,
    shape: &'a Shape,
    current: &'a Shape,
    session: std::marker::PhantomData<fn() -> T>,
}

impl<T: SecureSession> Trial<'_, T> {
    fn of(&self, sample: &str) -> Vec<String> {
        let before = object(sample.as_bytes());
        let is_older = self.shape.version < T::SCHEMA.version;
        let migrated = is_older.then(|| {
            let version = self.shape.version;
            json::migrated::<T>(sample.as_bytes(), version, None)
        });
        let after = match migrated {
            Some(Err(err)) => return vec![self.refused(&before, err)],
            Some(Ok(migrated)) => migrated,
            None => sample.as_bytes().to_vec(),
        };
        // If the function converts something, its result is assumed to be intended.
        let is_converted = object(&after) != before;
        let mut value = T::defaults();
        let mut received = None;
        if let Err(err) = json::read(after.clone(), &mut value, &mut received) {
            return vec![self.refused(&object(&after), err)];
        }
        let mut written = Vec::new();
        // Every field is written from its type, as by a setter. Values that were read can be
        // written.
        let _ = json::write(&mut written, &value, None, None);
        let written = object(&written);
        let misfits = received.iter().flat_map(ReceivedMembers::misfits);
        let reset: Vec<usize> = misfits.map(|(field, _)| field).collect();
        let fields = self.shape.fields.iter();
        let stored = fields.filter_map(|name| before.get(name).map(|value| (name, value)));
        stored
            .filter_map(|(name, old)| match T::__find(name) {
                Some(Found::Current(field) | Found::Alias { field, .. }) => {
                    if is_converted || reset.contains(&field) {
                        return None;
                    }
                    self.kept_in_part(field, name, old, &written)
                }
                None if is_converted || T::SCHEMA.forget.contains(&name.as_str()) => None,
                None => Some(self.unread(name, old)),
            })
            .collect()
    }

    fn unread(&self, name: &str, old: &Value) -> String {
        let before = self.shape.outline();
        let forms = before.get(name);
        // A field that this shape lacks, with values of the same form.
        let now = self.current.outline();
        let mut fields = self.current.fields.iter();
        let successor =
            fields.find(|field| !before.contains_key(*field) && now.get(*field) == forms);
        let successor = successor.and_then(|stored| field_of::<T>(stored));
        let (subject, place) = match successor {
            Some(field) => (format!("`{field}`"), format!("`{field}`")),
            None => ("another field".to_owned(), "that field".to_owned()),
        };
        let session = T::SCHEMA.type_name;
        format!(
            "shape {}: no field reads `{}` ({})\n    if {subject} replaces it: \
             `#[session(alias = {:?})]` on {place}\n    if it was removed: \
             `#[session(forget = {:?})]` on `{session}`\n    if its value moves elsewhere: {}",
            self.number,
            Escaped(name),
            kind_of(old),
            name,
            name,
            migration::<T>(),
        )
    }

    /// Reports a value that is not written back completely.
    fn kept_in_part(
        &self,
        field: usize,
        name: &str,
        old: &Value,
        written: &Map<String, Value>,
    ) -> Option<String> {
        let mut members = written.iter();
        let new = members.find(
            |(name, _)| matches!(T::__find(name), Some(Found::Current(index)) if index == field),
        );
        let lost = match new {
            None if old.is_null() => return None,
            None => name.to_owned(),
            Some((_, new)) => lost_member(name, old, new)?,
        };
        Some(format!(
            "shape {}: `{}` is read but not written back, so its value would be lost\n    to keep \
             it: add it to the type of field `{}`\n    to convert or drop it: {}",
            self.number,
            Escaped(lost),
            field_name::<T>(field),
            migration::<T>(),
        ))
    }

    fn refused(&self, members: &Map<String, Value>, err: ReadError) -> String {
        let number = self.number;
        let version = self.shape.version;
        match err {
            ReadError::Malformed => {
                format!("shape {number}: a sample is not a JSON object or has a duplicate member")
            }
            ReadError::NotMigrated { panicked } => format!(
                "shape {number}: `migrate` {} a session of version {version}",
                if panicked { "panics for" } else { "rejects" }
            ),
            ReadError::Schema { field, mistake } => self.misfit(members, field, mistake),
        }
    }

    fn misfit(&self, members: &Map<String, Value>, field: &str, mistake: Mistake) -> String {
        let mut stored = members.iter();
        let stored = stored.find(|(name, _)| match T::__find(name) {
            Some(Found::Current(index) | Found::Alias { field: index, .. }) => {
                field_name::<T>(index) == field
            }
            None => false,
        });
        let (name, kind) = stored.map_or((field, "a value"), |(name, value)| {
            (name.as_str(), kind_of(value))
        });
        format!(
            "shape {}: `{}` is {kind} and does not fit field `{field}`: {mistake}\n    to \
             convert it: {}\n    to read both forms: `#[session(with = …)]` on `{field}`\n    to \
             use the default instead: `#[session(lenient)]` on `{field}`",
            self.number,
            Escaped(name),
            migration::<T>(),
        )
    }
}

/// Returns what to write for a conversion.
fn migration<T: SecureSession>() -> String {
    let next = T::SCHEMA.version.saturating_add(1);
    let session = T::SCHEMA.type_name;
    if T::SCHEMA.version == 0 {
        format!("`#[session(version = {next}, migrate = …)]` on `{session}`")
    } else {
        format!("`version = {next}` on `{session}`, and a step in its `migrate`")
    }
}

/// Returns the path of the first lost member of an object, at any depth.
fn lost_member(path: &str, old: &Value, new: &Value) -> Option<String> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => old.iter().find_map(|(name, old)| {
            let path = format!("{path}.{name}");
            match new.get(name) {
                None if old.is_null() => None,
                None => Some(path),
                Some(new) => lost_member(&path, old, new),
            }
        }),
        (Value::Array(old), Value::Array(new)) if new.len() < old.len() => {
            Some(format!("{path}[]"))
        }
        (Value::Array(old), Value::Array(new)) => {
            (old.iter().zip(new)).find_map(|(old, new)| lost_member(&format!("{path}[]"), old, new))
        }
        _ => None,
    }
}

fn object(json: &[u8]) -> Map<String, Value> {
    let members = json::members(json).unwrap_or_default().into_iter();
    let named = members.filter_map(|member| Some((member.name?.into_owned(), member.value)));
    named.map(|(name, text)| (name, parsed(text))).collect()
}

/// Returns the struct's name of the field that is stored under this name.
fn field_of<T: SecureSession>(stored: &str) -> Option<&'static str> {
    match T::__find(stored)? {
        Found::Current(field) | Found::Alias { field, .. } => Some(field_name::<T>(field)),
    }
}

fn field_name<T: SecureSession>(field: usize) -> &'static str {
    T::SCHEMA.fields.get(field).map_or("", |field| field.name)
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
