//! Writes members of the JSON object.

use std::{cell::Cell, ops::Range};

use serde_json::{Map, Value};

use super::{SessionData, bounds::FieldSerialize, lossless};
use crate::error::ValueProblem;

/// Writes members of the JSON object, one per call. Generated code uses it.
#[derive(Debug)]
pub struct FieldWriter<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    first: bool,
    /// Returns true if a name belongs to a field, an alias or `forget`.
    is_taken: fn(&str) -> bool,
    /// Names that the application must not write, except those in `kept`.
    reserved: &'static [&'static str],
    kept: Vec<&'a str>,
    /// If set, collects the members of a `rest` field instead of writing them to `out`.
    pub(crate) rest_aside: Option<Vec<(String, Vec<u8>)>>,
}

/// The error for a value that would not be read back unchanged.
#[derive(Debug, Clone, Copy)]
pub struct WriteError(pub(crate) ValueProblem);

impl<'a> FieldWriter<'a> {
    pub(crate) fn new<T: SessionData>(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            first: true,
            is_taken: |name| T::__find(name).is_some() || T::SCHEMA.forget.contains(&name),
            reserved: &[],
            kept: Vec::new(),
            rest_aside: None,
        }
    }

    /// Rejects the names in `names` in a `rest` field, except those in `kept`.
    #[cfg(feature = "fastify")]
    pub(crate) fn reserving(mut self, names: &'static [&'static str], kept: Vec<&'a str>) -> Self {
        self.reserved = names;
        self.kept = kept;
        self
    }

    /// Begins an object or a single member: the next member is written without a comma before it.
    pub(crate) fn begin(&mut self) {
        self.first = true;
    }

    /// Writes a member. The key is already encoded and includes its colon: `"name":`.
    ///
    /// # Errors
    ///
    /// If the value would not be read back unchanged.
    pub fn value<V: FieldSerialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.comma();
        self.out.extend_from_slice(key.as_bytes());
        json(self.out, value)
    }

    /// Writes a member for `Some`, and nothing for `None`.
    ///
    /// # Errors
    ///
    /// If the value would not be read back unchanged.
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

    /// Writes the value of a `Some`, which must not be written as `null`.
    ///
    /// # Errors
    ///
    /// If the value would not be read back unchanged.
    pub fn some<V: FieldSerialize + ?Sized>(
        &mut self,
        key: &str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.comma();
        self.out.extend_from_slice(key.as_bytes());
        let start = self.out.len();
        json(self.out, value)?;
        match self.out.get(start..) {
            Some(b"null") => Err(WriteError(ValueProblem::SomeIsNull)),
            _ => Ok(()),
        }
    }

    /// Writes the members of a `rest` field.
    ///
    /// # Errors
    ///
    /// If the value would not be read back unchanged.
    pub fn rest(&mut self, members: &Map<String, Value>) -> Result<(), WriteError> {
        for (name, value) in members {
            if self.is_refused(name) {
                return Err(WriteError(ValueProblem::TakenName));
            }
            if let Some(aside) = &mut self.rest_aside {
                let mut text = Vec::new();
                json(&mut text, value)?;
                aside.push((name.clone(), text));
            } else {
                self.key(name);
                json(self.out, value)?;
            }
        }
        Ok(())
    }

    /// Writes a complete member. Does nothing if it is empty.
    pub(crate) fn text(&mut self, member: &[u8]) {
        if !member.is_empty() {
            self.comma();
            self.out.extend_from_slice(member);
        }
    }

    /// Writes a copy of a complete member that is already in the output. Does nothing if the range
    /// is empty.
    pub(crate) fn text_within(&mut self, member: Range<usize>) {
        if !member.is_empty() {
            self.comma();
            self.out.extend_from_within(member);
        }
    }

    pub(crate) fn member(&mut self, name: &str, text: &[u8]) {
        self.key(name);
        self.out.extend_from_slice(text);
    }

    pub(crate) fn key(&mut self, name: &str) {
        self.comma();
        #[expect(clippy::expect_used, reason = "writing to a vector cannot fail")]
        serde_json::to_writer(&mut *self.out, name).expect("a vector accepts every string");
        self.out.push(b':');
    }

    /// Returns true if a `rest` field must not write this name: it belongs to another field, an
    /// alias or `forget`, or it is reserved.
    fn is_refused(&self, name: &str) -> bool {
        if self.reserved.contains(&name) {
            return !self.kept.contains(&name);
        }
        (self.is_taken)(name)
    }

    #[inline]
    fn comma(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
    }
}

fn json<V: FieldSerialize + ?Sized>(out: &mut Vec<u8>, value: &V) -> Result<(), WriteError> {
    let problem = Cell::new(None);
    let mut serializer = serde_json::Serializer::new(out);
    lossless::serialize(value, &mut serializer, &problem).map_err(|_| {
        #[expect(
            clippy::disallowed_methods,
            reason = "if we found no problem, the type's `Serialize` returned the error"
        )]
        WriteError(problem.get().unwrap_or(ValueProblem::Custom))
    })
}
