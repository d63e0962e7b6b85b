//! Writes the JSON object: fields in their order, then the members that no field names.

use std::cell::Cell;

use serde_json::{Map, Value};

#[cfg(feature = "fastify")]
use super::MemberSlot;
#[cfg(feature = "fastify")]
use super::TIME_MEMBER;
use super::{RejectedMember, UnknownMembers};
use crate::{
    __private::FieldSerialize,
    error::ValueProblem,
    schema::{SecureSession, layers::Layers, lossless},
};

/// Names that mean something to the peer or to JavaScript.
#[cfg(feature = "fastify")]
const RESERVED: [&str; 4] = [TIME_MEMBER, "__proto__", "constructor", "prototype"];

/// Appends the JSON object of a session to `out`.
///
/// # Errors
///
/// The field (by position) whose value would not come back as it is, and why.
pub(crate) fn write<T: SecureSession>(
    out: &mut Vec<u8>,
    value: Layers<'_, T>,
    unknown: &UnknownMembers,
) -> Result<(), (usize, ValueProblem)> {
    let mut writer = FieldWriter::new::<T>(out);
    writer.out.push(b'{');
    for field in 0..T::SCHEMA.fields.len() {
        writer.field_or_misfit(value.with(field), field, unknown)?;
    }
    for member in &unknown.extras().members {
        writer.member(&member.name, member.text.get().as_bytes());
    }
    writer.out.push(b'}');
    Ok(())
}

/// Appends the JSON object of a session of the fastify format, with its time.
///
/// What came stands where it stood; in a session that begins, the time stands first.
///
/// # Errors
///
/// As [`write`].
#[cfg(feature = "fastify")]
pub(crate) fn write_timed<T: SecureSession>(
    out: &mut Vec<u8>,
    value: Layers<'_, T>,
    unknown: &UnknownMembers,
    time: u64,
) -> Result<(), (usize, ValueProblem)> {
    let order = &unknown.extras().order;
    let new_fields =
        || (0..T::SCHEMA.fields.len()).filter(|f| !order.contains(&MemberSlot::Field(*f)));
    let mut rest = Vec::new();
    if order
        .iter()
        .any(|place| matches!(place, MemberSlot::Rest(_)))
    {
        let mut aside = Vec::new();
        let mut collector = FieldWriter::timed::<T>(&mut aside, order);
        collector.rest_aside = Some(Vec::new());
        for field in new_fields() {
            collector.field(value.with(field), field)?;
        }
        if let Some(aside) = collector.rest_aside {
            rest = aside;
        }
    }
    let mut writer = FieldWriter::timed::<T>(out, order);
    writer.rest_aside = (!rest.is_empty()).then(Vec::new);
    writer.out.push(b'{');
    if !order.contains(&MemberSlot::Time) {
        writer.time(time);
    }
    for place in order {
        match place {
            MemberSlot::Field(field) => {
                writer.field_or_misfit(value.with(*field), *field, unknown)?;
            }
            MemberSlot::Rest(name) => {
                if let Some(index) = rest.iter().position(|(other, _)| other == name) {
                    let (name, text) = rest.remove(index);
                    writer.member(&name, &text);
                }
            }
            MemberSlot::Time => writer.time(time),
            MemberSlot::Unknown(index) => {
                if let Some(member) = unknown.extras().members.get(*index) {
                    writer.member(&member.name, member.text.get().as_bytes());
                }
            }
        }
    }
    for field in new_fields() {
        writer.field_or_misfit(value.with(field), field, unknown)?;
    }
    for (name, text) in rest {
        writer.member(&name, &text);
    }
    writer.out.push(b'}');
    Ok(())
}

/// How many bytes of JSON a field takes, or the member that did not fit it; 0 if it is left out or
/// cannot be written.
pub(crate) fn field_size<T: SecureSession>(
    value: &T,
    field: usize,
    unknown: &UnknownMembers,
) -> usize {
    if let Some(misfit) = unknown.misfit_of(value, field) {
        const QUOTES_AND_COLON: usize = 3;
        let lengths = [misfit.name.len(), misfit.text.get().len(), QUOTES_AND_COLON];
        return lengths.into_iter().fold(0, usize::saturating_add);
    }
    field_text(value, field).map_or(0, |text| text.len())
}

/// The member of a field, empty if it is left out; `None` if it cannot be written.
pub(crate) fn field_text<T: SecureSession>(value: &T, field: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let written = value.__write(field, &mut FieldWriter::new::<T>(&mut out));
    written.ok().map(|()| out)
}

impl UnknownMembers {
    /// The member that stands where this field does, as the default still stands in for it.
    fn misfit_of<T: SecureSession>(&self, value: &T, field: usize) -> Option<&RejectedMember> {
        let misfit = (self.extras().misfits.iter()).find(|misfit| misfit.field == field)?;
        (field_text(value, field) == misfit.default_text).then_some(misfit)
    }
}

/// Writes members of the JSON object, one call each; used by the derive.
#[derive(Debug)]
pub struct FieldWriter<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
    /// Whether a name belongs to a field, an alias or `forget`.
    is_taken: fn(&str) -> bool,
    /// In the fastify format: the places of the members that came.
    #[cfg(feature = "fastify")]
    came: Option<&'a [MemberSlot]>,
    /// Where the members of a `rest` field go instead, if their places are elsewhere.
    rest_aside: Option<Vec<(String, Vec<u8>)>>,
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
            #[cfg(feature = "fastify")]
            came: None,
            rest_aside: None,
        }
    }

    /// For the fastify format, where some names belong to the peer.
    #[cfg(feature = "fastify")]
    fn timed<T: SecureSession>(out: &'a mut Vec<u8>, came: &'a [MemberSlot]) -> Self {
        Self {
            came: Some(came),
            ..Self::new::<T>(out)
        }
    }

    /// Whether a member of a `rest` field may not be written: it would come back as something else,
    /// or has a name that the application must not give (what the peer gave it may keep).
    fn is_refused(&self, name: &str) -> bool {
        #[cfg(feature = "fastify")]
        if let Some(came) = self.came
            && RESERVED.contains(&name)
        {
            let is_it =
                |place: &MemberSlot| matches!(place, MemberSlot::Rest(other) if other == name);
            return !came.iter().any(is_it);
        }
        (self.is_taken)(name)
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

    fn field<T: SecureSession>(
        &mut self,
        value: &T,
        field: usize,
    ) -> Result<(), (usize, ValueProblem)> {
        let written = value.__write(field, self);
        written.map_err(|WriteError(problem)| (field, problem))
    }

    /// The field, or the member that did not fit it: never both, for they may have one name.
    fn field_or_misfit<T: SecureSession>(
        &mut self,
        value: &T,
        field: usize,
        unknown: &UnknownMembers,
    ) -> Result<(), (usize, ValueProblem)> {
        match unknown.misfit_of(value, field) {
            Some(misfit) => {
                self.member(&misfit.name, misfit.text.get().as_bytes());
                Ok(())
            }
            None => self.field(value, field),
        }
    }

    fn member(&mut self, name: &str, text: &[u8]) {
        self.key(name);
        self.out.extend_from_slice(text);
    }

    #[cfg(feature = "fastify")]
    fn time(&mut self, seconds: u64) {
        self.key(TIME_MEMBER);
        self.out.extend_from_slice(seconds.to_string().as_bytes());
    }

    fn key(&mut self, name: &str) {
        self.comma();
        #[expect(clippy::expect_used, reason = "neither text nor a vector can fail")]
        serde_json::to_writer(&mut *self.out, name).expect("a vector takes every text");
        self.out.push(b':');
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
