//! Writes members of the JSON object; generated code calls it.

use std::{cell::Cell, ops::Range};

use serde_json::{Map, Value};

use super::{SessionData, bounds::FieldSerialize, lossless};
use crate::error::ValueProblem;

/// Writes members of the JSON object, one call each; used by the derive.
#[derive(Debug)]
pub struct FieldWriter<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    first: bool,
    /// Whether a name belongs to a field, an alias or `forget`.
    is_taken: fn(&str) -> bool,
    /// Names that the application must not write, and those of them that it may keep.
    reserved: &'static [&'static str],
    kept: Vec<&'a str>,
    /// Where the members of a `rest` field go instead, if their places are elsewhere.
    pub(crate) rest_aside: Option<Vec<(String, Vec<u8>)>>,
}

/// A value that would not come back as it is.
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

    /// Refuses these names in a `rest` field, except where they are to be kept.
    #[cfg(feature = "fastify")]
    pub(crate) fn reserving(mut self, names: &'static [&'static str], kept: Vec<&'a str>) -> Self {
        self.reserved = names;
        self.kept = kept;
        self
    }

    /// Begins an object, or a text of one member: no comma is written before the next one.
    pub(crate) fn begin(&mut self) {
        self.first = true;
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
        json(self.out, value)
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
    /// When the value would not come back as it is.
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

    /// Writes a whole member; none for an empty text.
    pub(crate) fn text(&mut self, member: &[u8]) {
        if !member.is_empty() {
            self.comma();
            self.out.extend_from_slice(member);
        }
    }

    /// Writes a whole member that is in the output already; none for an empty range.
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
        #[expect(clippy::expect_used, reason = "neither text nor a vector can fail")]
        serde_json::to_writer(&mut *self.out, name).expect("a vector takes every text");
        self.out.push(b':');
    }

    /// Whether a member of a `rest` field must not be written: it would come back as something else,
    /// or has a name that the application must not use.
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
            reason = "without our problem it is the type's error"
        )]
        WriteError(problem.get().unwrap_or(ValueProblem::Custom))
    })
}
