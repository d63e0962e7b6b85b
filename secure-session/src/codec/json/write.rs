//! Writes the JSON object: fields in their order, then the members that no field names.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::{UnknownMembers, strict};
use crate::{error::ValueProblem, private::FieldSerialize, schema::SecureSession};

/// Appends the JSON object of a session to `out`.
///
/// # Errors
///
/// The field (by position) whose value would not come back as it is, and why.
pub(crate) fn write<T: SecureSession>(
    out: &mut Vec<u8>,
    value: &T,
    unknown: &UnknownMembers,
) -> Result<(), (usize, ValueProblem)> {
    let mut writer = FieldWriter::new::<T>(out);
    writer.out.push(b'{');
    for field in 0..T::SCHEMA.fields.len() {
        if let Err(WriteError(problem)) = value.__write(field, &mut writer) {
            return Err((field, problem));
        }
    }
    for member in &unknown.0 {
        writer.key(&member.name);
        writer.out.extend_from_slice(member.text.get().as_bytes());
    }
    writer.out.push(b'}');
    Ok(())
}

/// How many bytes of JSON a field takes; 0 if it is left out or cannot be written.
pub(crate) fn field_size<T: SecureSession>(value: &T, field: usize) -> usize {
    let mut out = Vec::new();
    let written = value.__write(field, &mut FieldWriter::new::<T>(&mut out));
    written.map_or(0, |()| out.len())
}

/// Writes members of the JSON object, one call each; used by the derive.
#[derive(Debug)]
pub struct FieldWriter<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
    /// Whether a name belongs to a field, an alias or `forget`.
    is_taken: fn(&str) -> bool,
}

/// A value that would not come back as it is.
#[derive(Debug, Clone, Copy)]
pub struct WriteError(ValueProblem);

impl<'a> FieldWriter<'a> {
    fn new<T: SecureSession>(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            first: true,
            is_taken: |name| T::__find(name).is_some() || T::SCHEMA.forget.contains(&name),
        }
    }

    /// Writes a member. The key is encoded already and has its colon: `"name":`.
    ///
    /// # Errors
    ///
    /// When the value would not come back as it is.
    pub fn value<V: FieldSerialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.comma();
        self.out.extend_from_slice(key.as_bytes());
        self.json(value)
    }

    /// Writes a member for `Some` and nothing for `None`.
    ///
    /// # Errors
    ///
    /// When the value would not come back as it is.
    pub fn option<V: FieldSerialize>(
        &mut self,
        key: &str,
        value: &Option<V>,
    ) -> Result<(), WriteError> {
        match value {
            None => Ok(()),
            Some(value) => self.some(key, value),
        }
    }

    /// Writes a member that is `Some`, so it must not be written as `null`.
    ///
    /// # Errors
    ///
    /// When the value would not come back as it is.
    pub fn some<V: FieldSerialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.comma();
        self.out.extend_from_slice(key.as_bytes());
        let start = self.out.len();
        self.json(value)?;
        match self.out.get(start..) {
            Some(b"null") => Err(WriteError(ValueProblem::SomeNull)),
            _ => Ok(()),
        }
    }

    /// Writes the members of a `rest` field.
    ///
    /// # Errors
    ///
    /// When the value would not come back as it is.
    pub fn rest(&mut self, members: &Map<String, Value>) -> Result<(), WriteError> {
        for (name, value) in members {
            if (self.is_taken)(name) {
                return Err(WriteError(ValueProblem::TakenName));
            }
            self.key(name);
            self.json(value)?;
        }
        Ok(())
    }

    fn key(&mut self, name: &str) {
        self.comma();
        // A string into a vector: neither can fail.
        let _ = serde_json::to_writer(&mut *self.out, name);
        self.out.push(b':');
    }

    fn comma(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }

    fn json<V: FieldSerialize + ?Sized>(&mut self, value: &V) -> Result<(), WriteError> {
        let problem = Cell::new(None);
        let mut serializer = serde_json::Serializer::new(&mut *self.out);
        strict::serialize(value, &mut serializer, &problem)
            .map_err(|_| WriteError(problem.get().unwrap_or(ValueProblem::Custom)))
    }
}
