//! Writes the JSON object: fields in their order, then the members that no field names.

#[cfg(feature = "fastify")]
use super::MemberSlot;
#[cfg(feature = "fastify")]
use super::TIME_MEMBER;
use super::{RejectedMember, UnknownMembers};
use crate::{
    error::ValueProblem,
    schema::{FieldWriter, SessionData, WriteError},
};

/// Names that mean something to the peer or to JavaScript.
#[cfg(feature = "fastify")]
const RESERVED: [&str; 4] = [TIME_MEMBER, "__proto__", "constructor", "prototype"];

/// Appends the JSON object of a session to `out`.
///
/// # Errors
///
/// The field (by position) whose value would not come back as it is, and why.
pub(crate) fn write<T: SessionData>(
    out: &mut Vec<u8>,
    value: &T,
    unknown: &UnknownMembers,
) -> Result<(), (usize, ValueProblem)> {
    let mut writer = FieldWriter::new::<T>(out);
    writer.out.push(b'{');
    for field in 0..T::SCHEMA.fields.len() {
        writer.field_or_misfit(value, field, unknown)?;
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
pub(crate) fn write_timed<T: SessionData>(
    out: &mut Vec<u8>,
    value: &T,
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
            collector.field(value, field)?;
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
                writer.field_or_misfit(value, *field, unknown)?;
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
        writer.field_or_misfit(value, field, unknown)?;
    }
    for (name, text) in rest {
        writer.member(&name, &text);
    }
    writer.out.push(b'}');
    Ok(())
}

/// How many bytes of JSON a field takes, or the member that did not fit it; 0 if it is left out or
/// cannot be written.
pub(crate) fn field_size<T: SessionData>(
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
pub(crate) fn field_text<T: SessionData>(value: &T, field: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let written = value.__write(field, &mut FieldWriter::new::<T>(&mut out));
    written.ok().map(|()| out)
}

impl UnknownMembers {
    /// The member that stands where this field does, as the default still stands in for it.
    fn misfit_of<T: SessionData>(&self, value: &T, field: usize) -> Option<&RejectedMember> {
        let misfit = (self.extras().misfits.iter()).find(|misfit| misfit.field == field)?;
        (field_text(value, field) == misfit.default_text).then_some(misfit)
    }
}

#[cfg(feature = "fastify")]
impl<'a> FieldWriter<'a> {
    /// For the fastify format, where some names belong to the Node package; a member that it wrote
    /// is kept.
    fn timed<T: SessionData>(out: &'a mut Vec<u8>, came: &'a [MemberSlot]) -> Self {
        let kept = came.iter().filter_map(|place| match place {
            MemberSlot::Rest(name) => Some(name.as_str()),
            _ => None,
        });
        Self::new::<T>(out).reserving(&RESERVED, kept.collect())
    }
}

impl FieldWriter<'_> {
    fn field<T: SessionData>(
        &mut self,
        value: &T,
        field: usize,
    ) -> Result<(), (usize, ValueProblem)> {
        let written = value.__write(field, self);
        written.map_err(|WriteError(problem)| (field, problem))
    }

    /// The field, or the member that did not fit it: never both, for they may have one name.
    fn field_or_misfit<T: SessionData>(
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

    #[cfg(feature = "fastify")]
    fn time(&mut self, seconds: u64) {
        self.key(TIME_MEMBER);
        self.out.extend_from_slice(seconds.to_string().as_bytes());
    }
}
