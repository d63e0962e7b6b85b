//! Reads the JSON object: fields by their current or an earlier name, the rest kept.

use std::{borrow::Cow, fmt, mem};

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

#[cfg(feature = "fastify")]
use super::MemberSlot;
#[cfg(feature = "fastify")]
use super::TIME_MEMBER;
use super::{
    RejectedMember, UnknownMember, UnknownMembers,
    members::{Members, NoObject},
    write::field_text,
};
use crate::schema::{Found, SessionData, field_set::FieldSet};

/// Reads a session into the defaults, where a missing field has its own.
///
/// # Errors
///
/// [`ReadError::Malformed`] for what is no JSON object or has a member twice,
/// [`ReadError::Schema`] for a member that does not fit its field. Some of the fields may have been
/// read by then.
#[inline]
pub(crate) fn read<T: SessionData>(
    json: &[u8],
    value: &mut T,
) -> Result<UnknownMembers, ReadError> {
    read_object(json, Kind::Native, value).map(|(unknown, _)| unknown)
}

/// Reads a session of the fastify format, and gives its time if it has one.
///
/// # Errors
///
/// As [`read`]; a time that is no whole number of seconds is [`ReadError::Malformed`].
#[cfg(feature = "fastify")]
pub(crate) fn read_timed<T: SessionData>(
    json: &[u8],
    value: &mut T,
) -> Result<(UnknownMembers, Option<u64>), ReadError> {
    read_object(json, Kind::Timed, value)
}

#[inline]
fn read_object<T: SessionData>(
    json: &[u8],
    #[cfg_attr(
        not(feature = "fastify"),
        expect(unused_variables, reason = "there is one kind")
    )]
    kind: Kind,
    value: &mut T,
) -> Result<(UnknownMembers, Option<u64>), ReadError> {
    // WarnOnce for all: of a slice, each string would be checked alone.
    let json = std::str::from_utf8(json).map_err(|_| ReadError::Malformed)?;
    let mut object = Object {
        value,
        unknown: UnknownMembers::default(),
        time: None,
        #[cfg(feature = "fastify")]
        kind,
        next_expected: 0,
        current: FieldSet::EMPTY,
        earlier: Vec::new(),
    };
    let mut members = Members::of(json)?;
    while members.next()? {
        object.member(&mut members)?;
    }
    object.finish()
}

/// How the members of an object are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Native,
    /// One is the time of issue, and the order is kept.
    #[cfg(feature = "fastify")]
    Timed,
}

/// Why the JSON of a session was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// No JSON object, or a member twice.
    Malformed,
    /// An object of an older version was not made one of the current version.
    NotMigrated { panicked: bool },
    /// A member does not fit its field.
    Schema {
        field: &'static str,
        mistake: Mistake,
    },
}

impl From<NoObject> for ReadError {
    fn from(_: NoObject) -> Self {
        Self::Malformed
    }
}

impl ReadError {
    /// What went wrong with the value of a field: a mistake in its JSON is one of the whole object.
    fn for_field<T: SessionData>(field: usize, err: &serde_json::Error) -> Self {
        if !err.is_data() {
            return Self::Malformed;
        }
        Self::Schema {
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            mistake: Mistake::of(err),
        }
    }
}

/// The kind of mistake in a member; serde's own text quotes the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    DuplicateMember,
    InvalidLength,
    InvalidType,
    InvalidValue,
    MissingMember,
    Other,
    UnknownMember,
    UnknownVariant,
}

impl Mistake {
    fn of(err: &serde_json::Error) -> Self {
        const KINDS: [(&str, Mistake); 7] = [
            ("duplicate field", Mistake::DuplicateMember),
            ("invalid length", Mistake::InvalidLength),
            ("invalid type", Mistake::InvalidType),
            ("invalid value", Mistake::InvalidValue),
            ("missing field", Mistake::MissingMember),
            ("unknown field", Mistake::UnknownMember),
            ("unknown variant", Mistake::UnknownVariant),
        ];
        let text = err.to_string();
        KINDS
            .iter()
            .find(|(start, _)| text.starts_with(start))
            .map_or(Self::Other, |(_, mistake)| *mistake)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DuplicateMember => "a member twice",
            Self::InvalidLength => "another number of elements",
            Self::InvalidType => "another type",
            Self::InvalidValue => "a value out of range",
            Self::MissingMember => "a member missing",
            Self::Other => "refused by its `Deserialize` implementation",
            Self::UnknownMember => "a member that is not known",
            Self::UnknownVariant => "a variant that is not known",
        })
    }
}

/// The session while its members come in.
struct Object<'a, T> {
    value: &'a mut T,
    unknown: UnknownMembers,
    time: Option<u64>,
    #[cfg(feature = "fastify")]
    kind: Kind,
    /// The first of the fields whose member is yet to come, if they come in their order.
    next_expected: usize,
    /// Fields that were read under their current name.
    current: FieldSet,
    /// Members under earlier names wait until the end, as the current name counts.
    earlier: Vec<AliasedMember>,
}

struct AliasedMember {
    name: String,
    field: usize,
    rank: u8,
    text: Box<RawValue>,
}

impl<T: SessionData> Object<'_, T> {
    #[inline]
    fn member(&mut self, members: &mut Members<'_>) -> Result<(), ReadError> {
        if let Some(field) = self.expected_field(members) {
            #[cfg(feature = "fastify")]
            self.note_place(Some(Found::Current(field)), "");
            return self.field(field, members);
        }
        let name = members.take_name()?;
        let found = T::__find(&name);
        #[cfg(feature = "fastify")]
        self.note_place(found, &name);
        match found {
            Some(Found::Current(field)) if is_lenient::<T>(field) => {
                self.lenient_field(field, &name, members)
            }
            Some(Found::Current(field)) => self.field(field, members),
            Some(Found::Alias { field, rank }) => self.alias(field, rank, name, members),
            #[cfg(feature = "fastify")]
            None if self.kind == Kind::Timed && name == TIME_MEMBER => self.time(members),
            None if T::SCHEMA.forget.contains(&&*name) => {
                members.typed_value::<IgnoredAny>()?;
                Ok(())
            }
            None => self.other(name, members),
        }
    }

    /// Takes the name of a field if it stands where and as this library writes it.
    #[inline]
    fn expected_field(&mut self, members: &mut Members<'_>) -> Option<usize> {
        let ahead = T::SCHEMA.fields.iter().enumerate().skip(self.next_expected);
        for (index, field) in ahead {
            let key = field.key.filter(|_| !field.lenient);
            if key.is_some_and(|key| members.take_key(key)) {
                self.next_expected = index.saturating_add(1);
                return Some(index);
            }
        }
        None
    }

    #[inline]
    fn field(&mut self, field: usize, members: &mut Members<'_>) -> Result<(), ReadError> {
        if !self.mark_seen(field) {
            return Err(ReadError::Malformed);
        }
        members
            .value(|text| self.value.__read(field, text))
            .map_err(|err| ReadError::for_field::<T>(field, &err))
    }

    fn lenient_field(
        &mut self,
        field: usize,
        name: &str,
        members: &mut Members<'_>,
    ) -> Result<(), ReadError> {
        if !self.mark_seen(field) {
            return Err(ReadError::Malformed);
        }
        self.lenient(field, name, members.typed_value()?);
        Ok(())
    }

    fn alias(
        &mut self,
        field: usize,
        rank: u8,
        name: Cow<'_, str>,
        members: &mut Members<'_>,
    ) -> Result<(), ReadError> {
        let same = |other: &AliasedMember| (other.field, other.rank) == (field, rank);
        if self.earlier.iter().any(same) {
            return Err(ReadError::Malformed);
        }
        self.earlier.push(AliasedMember {
            name: name.into_owned(),
            field,
            rank,
            text: members.typed_value()?,
        });
        Ok(())
    }

    fn other(&mut self, name: Cow<'_, str>, members: &mut Members<'_>) -> Result<(), ReadError> {
        let name = name.into_owned();
        if let Some(rest) = self.value.__rest() {
            if rest.contains_key(&name) {
                return Err(ReadError::Malformed);
            }
            rest.insert(name, members.typed_value()?);
            return Ok(());
        }
        if self.unknown.contains(&name) {
            return Err(ReadError::Malformed);
        }
        let text = members.typed_value()?;
        let kept = self.unknown.extras_mut();
        kept.members.push(UnknownMember { name, text });
        Ok(())
    }

    /// Whole seconds, however the number is spelt.
    #[cfg(feature = "fastify")]
    fn time(&mut self, members: &mut Members<'_>) -> Result<(), ReadError> {
        if self.time.is_some() {
            return Err(ReadError::Malformed);
        }
        let seconds: f64 = members.typed_value()?;
        // Beyond 2^53 seconds there is no time to tell.
        let is_whole = seconds.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&seconds);
        if !is_whole {
            return Err(ReadError::Malformed);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number between 0 and 2^53"
        )]
        let seconds = seconds as u64;
        self.time = Some(seconds);
        Ok(())
    }

    /// Reads what came under earlier names only, the first listed alias before the others.
    #[inline]
    fn finish(mut self) -> Result<(UnknownMembers, Option<u64>), ReadError> {
        self.earlier.sort_by_key(|earlier| earlier.rank);
        for earlier in mem::take(&mut self.earlier) {
            let AliasedMember {
                name, field, text, ..
            } = earlier;
            if !self.mark_seen(field) {
                continue;
            }
            if is_lenient::<T>(field) {
                self.lenient(field, &name, &text);
                continue;
            }
            (self.value)
                .__read(field, &mut serde_json::Deserializer::from_str(text.get()))
                .map_err(|err| ReadError::for_field::<T>(field, &err))?;
        }
        if let Some(kept) = &mut self.unknown.0 {
            kept.misfits.sort_by_key(|misfit| misfit.field);
        }
        Ok((self.unknown, self.time))
    }

    /// Reads a field, or leaves it at its default and keeps the member.
    fn lenient(&mut self, field: usize, name: &str, text: &RawValue) {
        let mut deserializer = serde_json::Deserializer::from_str(text.get());
        if let Err(err) = self.value.__read(field, &mut deserializer) {
            self.unknown.extras_mut().misfits.push(RejectedMember {
                field,
                mistake: Mistake::of(&err),
                name: name.to_owned(),
                text: text.to_owned(),
                default_text: field_text(self.value, field),
            });
        }
    }

    /// Notes that a field came under its current name; false if it has already.
    #[inline]
    fn mark_seen(&mut self, field: usize) -> bool {
        let with = self.current.with(FieldSet::one(field));
        mem::replace(&mut self.current, with) != with
    }

    /// What is written back stands where it stood.
    #[cfg(feature = "fastify")]
    #[inline]
    fn note_place(&mut self, found: Option<Found>, name: &str) {
        if self.kind != Kind::Timed {
            return;
        }
        let place = match found {
            Some(Found::Current(field) | Found::Alias { field, .. }) => MemberSlot::Field(field),
            None if name == TIME_MEMBER => MemberSlot::Time,
            None if T::SCHEMA.forget.contains(&name) => return,
            None if self.value.__rest().is_some() => MemberSlot::Rest(name.to_owned()),
            None => MemberSlot::Unknown(self.unknown.extras().members.len()),
        };
        // A field may come under its name and an alias.
        let order = &mut self.unknown.extras_mut().order;
        if !order.contains(&place) {
            order.push(place);
        }
    }
}

fn is_lenient<T: SessionData>(field: usize) -> bool {
    T::SCHEMA
        .fields
        .get(field)
        .is_some_and(|field| field.lenient)
}
