//! Writes the JSON object: received members and written fields in place, then new members.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use smallvec::SmallVec;

#[cfg(feature = "fastify")]
use super::TIME_MEMBER;
use super::received::{Member, MemberKind, ReceivedMembers};
use crate::{
    error::ValueProblem,
    schema::{FieldWriter, SessionData, WriteError, field_set::FieldSet},
};

/// Names with a meaning in the Node package or in JavaScript.
#[cfg(feature = "fastify")]
const RESERVED: [&str; 4] = [TIME_MEMBER, "__proto__", "constructor", "prototype"];

/// The received members of a session, and which fields were written since.
#[derive(Debug)]
pub(crate) struct Carried<'a, T> {
    pub(crate) received: &'a ReceivedMembers,
    /// The received value.
    pub(crate) first: &'a T,
    /// The fields that were written since.
    pub(crate) written: FieldSet,
}

impl<'a, T: SessionData> Carried<'a, T> {
    /// Treats every field as written, except those that were not read from a member and still have
    /// their default.
    pub(crate) fn judging(received: &'a ReceivedMembers, first: &'a T, value: &T) -> Self {
        let all = FieldSet::all::<T>();
        Self {
            received,
            first,
            written: all.difference(received.unchanged_defaults(all, first, value)),
        }
    }
}

impl<T> Clone for Carried<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Carried<'_, T> {}

/// Appends the JSON object of a session to `out`, with its time in the fastify format.
///
/// Received members keep their order; new ones follow in the struct's order. A new session has its
/// time first and then all fields.
///
/// # Errors
///
/// The position of the field whose value would not be read back unchanged, and why.
pub(crate) fn write<T: SessionData>(
    out: &mut Vec<u8>,
    value: &T,
    carried: Option<Carried<'_, T>>,
    time: Option<u64>,
) -> Result<(), (usize, ValueProblem)> {
    match carried {
        Some(carried) => write_carried(out, value, carried, time),
        None => write_new(out, value, time),
    }
}

fn write_new<T: SessionData>(
    out: &mut Vec<u8>,
    value: &T,
    time: Option<u64>,
) -> Result<(), (usize, ValueProblem)> {
    let mut writer = FieldWriter::in_format::<T>(out, time.is_some(), &[]);
    writer.out.push(b'{');
    writer.time(time);
    for field in 0..T::SCHEMA.fields.len() {
        value
            .__write(field, &mut writer)
            .map_err(|WriteError(problem)| (field, problem))?;
    }
    writer.out.push(b'}');
    Ok(())
}

fn write_carried<T: SessionData>(
    out: &mut Vec<u8>,
    value: &T,
    carried: Carried<'_, T>,
    time: Option<u64>,
) -> Result<(), (usize, ValueProblem)> {
    let received = carried.received;
    let mut writer = FieldWriter::new::<T>(out);
    let fields = Rewritten::append(&mut writer, value, carried)?;
    let mut rest = RestMembers::of(value, carried, time.is_some())?;
    let has_time = received.has_time;
    let is_as_received = fields.is_empty() && rest.is_none() && !received.has_forgotten;
    if is_as_received && !has_time && time.is_none() {
        writer.out.extend_from_slice(received.text().as_bytes());
        return Ok(());
    }
    writer.begin();
    writer.out.push(b'{');
    if !has_time {
        writer.time(time);
    }
    // Adjacent members that are not replaced are copied together, with everything between them.
    let mut run: Option<(&Member, &Member)> = None;
    for (place, member) in received.members.iter().enumerate() {
        let instead = match (member.kind, &mut rest) {
            #[cfg(feature = "fastify")]
            (MemberKind::Time, _) => Some(Instead::Time),
            (MemberKind::Rest | MemberKind::Unknown, Some(rest)) => {
                rest.instead_of(member.kind, received.name_of(place))
            }
            (kind, _) => kind
                .field()
                .and_then(|field| fields.instead_of(field, place)),
        };
        let Some(instead) = instead else {
            run = Some((run.map_or(member, |(first, _)| first), member));
            continue;
        };
        if let Some((first, last)) = run.take() {
            writer.text(received.text_from_to(first, last).as_bytes());
        }
        match instead {
            #[cfg(feature = "fastify")]
            Instead::Time => writer.time(time),
            Instead::Nothing => {}
            Instead::Field(text) => writer.text_within(text),
            Instead::Rest(name, text) => writer.member(name, text),
        }
    }
    if let Some((first, last)) = run {
        writer.text(received.text_from_to(first, last).as_bytes());
    }
    for field in fields.without_place() {
        writer.text_within(field.text.clone());
    }
    for (name, text) in rest.iter().flat_map(RestMembers::remaining) {
        writer.member(name, text);
    }
    writer.out.push(b'}');
    writer.out.drain(fields.texts);
    Ok(())
}

/// The replacement of a received member.
enum Instead<'a> {
    /// A complete member, by its range in the output.
    Field(Range<usize>),
    Nothing,
    /// A name and a value.
    Rest(&'a str, &'a [u8]),
    #[cfg(feature = "fastify")]
    Time,
}

impl ReceivedMembers {
    /// Returns the fields of the set that were not read from a member and have the same text in
    /// both values. Nobody has set them, even if their type has no `PartialEq`.
    pub(crate) fn unchanged_defaults<T: SessionData>(
        &self,
        fields: FieldSet,
        before: &T,
        after: &T,
    ) -> FieldSet {
        let defaults = fields.difference(self.read).positions();
        let is_alike = |field: &usize| field_text(before, *field) == field_text(after, *field);
        FieldSet::from_positions(defaults.filter(is_alike))
    }
}

/// Fields whose members are rewritten.
///
/// Their members are first written to the output before the object and later copied into it.
/// Whether a field is rejected or equals its received member must be known before the object
/// begins.
struct Rewritten {
    fields: SmallVec<[RewrittenField; 2]>,
    /// The range of all members.
    texts: Range<usize>,
}

struct RewrittenField {
    field: usize,
    /// The complete member; empty if it is left out.
    text: Range<usize>,
    /// The index of the received member that it replaces.
    place: Option<usize>,
}

impl Rewritten {
    /// Appends the members of the fields to rewrite.
    fn append<T: SessionData>(
        writer: &mut FieldWriter<'_>,
        value: &T,
        carried: Carried<'_, T>,
    ) -> Result<Self, (usize, ValueProblem)> {
        let Carried {
            received,
            first,
            written,
        } = carried;
        let mut fields = SmallVec::new();
        let texts = writer.out.len();
        for field in written.positions() {
            if rest_field::<T>() == Some(field) {
                continue;
            }
            let start = writer.out.len();
            if let Err(refused) = write_with(writer, value, field) {
                // The fastify format reads deeper values than can be written. Such a value that was
                // reset to its received state needs no rewriting.
                if received.read().contains(field) && value.__same(first, field) {
                    writer.out.truncate(start);
                    continue;
                }
                return Err(refused);
            }
            let end = writer.out.len();
            let is_as_received = received.read().contains(field)
                && write_with(writer, first, field).is_ok()
                && writer.out.get(start..end) == writer.out.get(end..);
            writer
                .out
                .truncate(if is_as_received { start } else { end });
            if !is_as_received {
                fields.push(RewrittenField {
                    field,
                    text: start..end,
                    place: received.place_of(field),
                });
            }
        }
        Ok(Self {
            fields,
            texts: texts..writer.out.len(),
        })
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns the replacement of a field's member, or `None` if the field is not rewritten.
    #[inline]
    fn instead_of(&self, field: usize, place: usize) -> Option<Instead<'_>> {
        let rewritten = self
            .fields
            .iter()
            .find(|rewritten| rewritten.field == field)?;
        Some(if rewritten.place == Some(place) {
            Instead::Field(rewritten.text.clone())
        } else {
            // An alias of the field.
            Instead::Nothing
        })
    }

    /// Returns the fields that replace no received member, in the struct's order.
    fn without_place(&self) -> impl Iterator<Item = &RewrittenField> {
        self.fields
            .iter()
            .filter(|rewritten| rewritten.place.is_none())
    }
}

/// The members of a `rest` field that was written.
struct RestMembers {
    now: Vec<(String, Vec<u8>)>,
    /// Indices in `now`, by name.
    places: HashMap<String, usize>,
    first: HashMap<String, Vec<u8>>,
    written: HashSet<usize>,
}

impl RestMembers {
    fn of<T: SessionData>(
        value: &T,
        carried: Carried<'_, T>,
        is_timed: bool,
    ) -> Result<Option<Self>, (usize, ValueProblem)> {
        let Some(field) = rest_field::<T>().filter(|field| carried.written.contains(*field)) else {
            return Ok(None);
        };
        let collect = |value: &T| {
            let mut out = Vec::new();
            let names: Vec<&str> = carried.received.rest_names().collect();
            let mut writer = FieldWriter::in_format::<T>(&mut out, is_timed, &names);
            writer.rest_aside = Some(Vec::new());
            let written = value.__write(field, &mut writer);
            written.map_err(|WriteError(problem)| (field, problem))?;
            Ok(writer.rest_aside.take().into_iter().flatten())
        };
        let now: Vec<(String, Vec<u8>)> = collect(value)?.collect();
        let places = now.iter().enumerate();
        Ok(Some(Self {
            places: places
                .map(|(place, (name, _))| (name.clone(), place))
                .collect(),
            first: collect(carried.first)?.collect(),
            written: HashSet::new(),
            now,
        }))
    }

    /// Returns the replacement of a received member, or `None` if it is sent back unchanged: its
    /// value is the same, or it does not fit a `Value` and none was inserted under its name.
    fn instead_of(&mut self, kind: MemberKind, name: Option<&str>) -> Option<Instead<'_>> {
        let now = name.and_then(|name| {
            let place = *self.places.get(name)?;
            self.now.get(place).map(|(name, text)| (place, name, text))
        });
        match now {
            Some((place, name, text)) => {
                self.written.insert(place);
                (self.first.get(name) != Some(text)).then_some(Instead::Rest(name, text))
            }
            None if kind == MemberKind::Unknown => None,
            // The member was removed from the map.
            None => Some(Instead::Nothing),
        }
    }

    /// Returns the members that replace no received member.
    fn remaining(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let now = self.now.iter().enumerate();
        now.filter(|(place, _)| !self.written.contains(place))
            .map(|(_, (name, text))| (name.as_str(), text.as_slice()))
    }
}

/// Returns the length of a field's JSON in bytes, or 0 if it is left out or cannot be written.
pub(crate) fn field_size<T: SessionData>(
    value: &T,
    field: usize,
    carried: Option<Carried<'_, T>>,
) -> usize {
    match carried {
        Some(carried) if !carried.written.contains(field) => {
            let is_rest = rest_field::<T>() == Some(field);
            carried.received.size_of(field, is_rest)
        }
        _ => field_text(value, field).map_or(0, |text| text.len()),
    }
}

/// Returns true if an `Option` field is `Some`, or cannot be written.
#[cfg(feature = "revocation")]
pub(crate) fn is_some<T: SessionData>(value: &T, field: usize) -> bool {
    field_text(value, field).is_none_or(|text| !text.is_empty())
}

/// Returns the member of a field (empty if it is left out), or `None` if it cannot be written.
pub(crate) fn field_text<T: SessionData>(value: &T, field: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write_member(value, field, &mut out).ok().map(|()| out)
}

/// Appends the member of a field.
fn write_member<T: SessionData>(
    value: &T,
    field: usize,
    out: &mut Vec<u8>,
) -> Result<(), (usize, ValueProblem)> {
    write_with(&mut FieldWriter::new::<T>(out), value, field)
}

/// Appends the member of a field, without a comma before it.
fn write_with<T: SessionData>(
    writer: &mut FieldWriter<'_>,
    value: &T,
    field: usize,
) -> Result<(), (usize, ValueProblem)> {
    writer.begin();
    let written = value.__write(field, writer);
    written.map_err(|WriteError(problem)| (field, problem))
}

/// Returns the position of the `rest` field, if there is one.
fn rest_field<T: SessionData>() -> Option<usize> {
    let mut fields = T::SCHEMA.fields.iter();
    fields.position(|field| field.key.is_none() && !field.skip)
}

/// Removes white space outside strings, from `start` on.
pub(crate) fn compact(json: &mut Vec<u8>, start: usize) {
    let (mut position, mut in_string, mut is_escaped) = (0_usize, false, false);
    json.retain(|byte| {
        let is_before = position < start;
        position = position.saturating_add(1);
        if is_before {
            return true;
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b' ' | b'\t' | b'\n' | b'\r' => return in_string,
            _ => {}
        }
        true
    });
}

impl<'a> FieldWriter<'a> {
    /// Makes a writer that rejects reserved names in the fastify format, except those in `kept`,
    /// which the Node package wrote.
    fn in_format<T: SessionData>(
        out: &'a mut Vec<u8>,
        #[cfg_attr(
            not(feature = "fastify"),
            expect(unused_variables, reason = "there is one format")
        )]
        is_timed: bool,
        #[cfg_attr(
            not(feature = "fastify"),
            expect(unused_variables, reason = "no name is reserved")
        )]
        kept: &[&'a str],
    ) -> Self {
        let writer = Self::new::<T>(out);
        #[cfg(feature = "fastify")]
        if is_timed {
            return writer.reserving(&RESERVED, kept.to_vec());
        }
        writer
    }
}

impl FieldWriter<'_> {
    #[cfg_attr(
        not(feature = "fastify"),
        expect(unused_variables, clippy::unused_self, reason = "there is no time")
    )]
    fn time(&mut self, seconds: Option<u64>) {
        #[cfg(feature = "fastify")]
        if let Some(seconds) = seconds {
            self.key(TIME_MEMBER);
            self.out.extend_from_slice(seconds.to_string().as_bytes());
        }
    }
}
