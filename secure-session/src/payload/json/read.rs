//! Reads the JSON object: the fields, by their current or an earlier name, and the position of each
//! member.

use std::fmt;

use serde::de::Deserialize as _;
use serde_json::Value;

#[cfg(feature = "fastify")]
use super::TIME_MEMBER;
use super::{
    members::{Members, NoObject},
    received::{Kind, Member, MemberKind, MemberList, ReceivedMembers},
};
use crate::schema::{Format, FormatKind, Found, SessionData, field_set::FieldSet};

/// The maximum nesting of a value that is read into a field of the native format or into a `rest`
/// field. Written values nest no deeper.
const MAX_DEPTH: usize = 64;

/// Reads a session into `value`, which holds the defaults, and its members into `received`. Missing
/// fields keep their defaults.
///
/// Both are filled in place, because they are large and moving them costs as much as reading a
/// field.
///
/// # Errors
///
/// - [`ReadError::Malformed`] for a text that is not a JSON object or has a duplicate member.
/// - [`ReadError::Schema`] for a member that does not fit its field. Some members may already have
///   been read.
#[inline]
pub(crate) fn read<T: SessionData>(
    json: Vec<u8>,
    value: &mut T,
    received: &mut Option<ReceivedMembers>,
) -> Result<(), ReadError> {
    let text = String::from_utf8(json).map_err(|_| ReadError::Malformed)?;
    read_object(text, Kind::Native, value, received)
}

/// Reads a session of the fastify format.
///
/// # Errors
///
/// As [`read`]; a time that is not a whole number of seconds is [`ReadError::Malformed`].
#[cfg(feature = "fastify")]
pub(crate) fn read_timed<T: SessionData>(
    json: Vec<u8>,
    value: &mut T,
    received: &mut Option<ReceivedMembers>,
) -> Result<(), ReadError> {
    let text = String::from_utf8(json).map_err(|_| ReadError::Malformed)?;
    read_object(text, Kind::Timed, value, received)
}

/// Returns the time of a session of the fastify format, or `None` if it has none.
///
/// Reads no fields, so that an expired session is cheap to reject.
///
/// # Errors
///
/// [`ReadError::Malformed`].
#[cfg(feature = "fastify")]
pub(crate) fn time_of(json: &[u8]) -> Result<Option<u64>, ReadError> {
    let text = str::from_utf8(json).map_err(|_| ReadError::Malformed)?;
    let mut members = Members::of(text)?;
    while members.next()? {
        if members.take_name()?.as_deref() == Some(TIME_MEMBER) {
            return time(&mut members).map(Some);
        }
        members.skip_value()?;
    }
    Ok(None)
}

/// Reads the fields of a received object again.
pub(crate) fn read_again<T: SessionData>(received: &ReceivedMembers) -> T {
    let mut value = T::__fresh();
    #[expect(
        clippy::let_underscore_must_use,
        reason = "it was read before; a field that is not read again counts as changed"
    )]
    let _ = read_object(
        received.text().to_owned(),
        received.kind,
        &mut value,
        &mut None,
    );
    value
}

#[inline]
fn read_object<T: SessionData>(
    text: String,
    kind: Kind,
    value: &mut T,
    received: &mut Option<ReceivedMembers>,
) -> Result<(), ReadError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ReadError::Malformed);
    }
    let received = received.insert(ReceivedMembers::new(text, kind));
    let mut object = Object {
        value,
        #[cfg(feature = "fastify")]
        kind,
        has_time: false,
        next_expected: 0,
        current: FieldSet::EMPTY,
        read: FieldSet::EMPTY,
        has_aliases: false,
        others: 0,
        has_forgotten: false,
    };
    let (text, mut list) = received.begin();
    let mut members = Members::of(text)?;
    while members.next()? {
        object.member(&mut members, &mut list)?;
    }
    object.finish(received)
}

/// Why the JSON of a session was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// The text is not a JSON object or has a duplicate member.
    Malformed,
    /// An object of an older version could not be migrated to the current version.
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
    fn misfit<T: SessionData>(field: usize, mistake: Mistake) -> Self {
        Self::Schema {
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            mistake,
        }
    }
}

/// The kind of mistake in a member. It replaces serde's error text, which quotes the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    DuplicateMember,
    InvalidLength,
    InvalidType,
    InvalidValue,
    MissingMember,
    Other,
    TooDeep,
    UnknownMember,
    UnknownVariant,
}

impl Mistake {
    fn of(err: &serde_json::Error) -> Self {
        const KINDS: [(&str, Mistake); 8] = [
            ("duplicate field", Mistake::DuplicateMember),
            ("invalid length", Mistake::InvalidLength),
            ("invalid type", Mistake::InvalidType),
            ("invalid value", Mistake::InvalidValue),
            ("missing field", Mistake::MissingMember),
            ("recursion limit exceeded", Mistake::TooDeep),
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
            Self::DuplicateMember => "duplicate member",
            Self::InvalidLength => "wrong number of elements",
            Self::InvalidType => "wrong type",
            Self::InvalidValue => "invalid value",
            Self::MissingMember => "missing member",
            Self::TooDeep => "nested too deeply",
            Self::Other => "rejected by its `Deserialize` implementation",
            Self::UnknownMember => "unknown member",
            Self::UnknownVariant => "unknown variant",
        })
    }
}

/// A session while its members are being read.
struct Object<'a, T> {
    value: &'a mut T,
    #[cfg(feature = "fastify")]
    kind: Kind,
    has_time: bool,
    /// The first field whose member is still expected, assuming the struct's order.
    next_expected: usize,
    /// Fields that have a member, under their current name or a chosen alias.
    current: FieldSet,
    /// Fields that were read from a member.
    read: FieldSet,
    has_aliases: bool,
    /// The number of members that belong to no field.
    others: usize,
    has_forgotten: bool,
}

impl<T: SessionData> Object<'_, T> {
    /// Reads a member and adds it to the list, unless `forget` names it.
    #[inline]
    fn member(
        &mut self,
        members: &mut Members<'_>,
        list: &mut MemberList<'_>,
    ) -> Result<(), ReadError> {
        let start = members.position();
        let Some(field) = self.expected_field(members) else {
            return self.unexpected_member(start, members, list);
        };
        let value = members.position();
        let kind = self.field(field, members)?;
        list.push(Member::new(start, value, members.position(), kind, true));
        Ok(())
    }

    fn unexpected_member(
        &mut self,
        start: usize,
        members: &mut Members<'_>,
        list: &mut MemberList<'_>,
    ) -> Result<(), ReadError> {
        let name = members.take_name()?;
        let value = members.position();
        let found = name.as_deref().and_then(T::__find);
        let kind = match found {
            Some(Found::Current(field)) => self.field(field, members)?,
            Some(Found::Alias { field, rank }) => {
                self.has_aliases = true;
                members.skip_value()?;
                MemberKind::Alias {
                    field: position(field),
                    rank,
                }
            }
            None => match name.as_deref() {
                #[cfg(feature = "fastify")]
                Some(TIME_MEMBER) if self.kind == Kind::Timed => self.time(members)?,
                Some(name) if T::SCHEMA.forget.contains(&name) => {
                    self.has_forgotten = true;
                    return members.skip_value().map_err(ReadError::from);
                }
                name => self.other(name, members)?,
            },
        };
        let is_current = matches!(found, Some(Found::Current(_)));
        let member = Member::new(start, value, members.position(), kind, is_current);
        match kind.field() {
            Some(_) => list.push(member),
            None => list.push_other(member, name),
        }
        Ok(())
    }

    /// Takes the name of a field if it has the position and spelling in which this library writes
    /// it.
    #[inline]
    fn expected_field(&mut self, members: &mut Members<'_>) -> Option<usize> {
        let first = self.next_expected;
        let ahead = T::SCHEMA.fields.get(first..)?.iter();
        for (index, field) in (first..).zip(ahead) {
            if field.key.is_some_and(|key| members.take_key(key)) {
                self.next_expected = index.saturating_add(1);
                return Some(index);
            }
        }
        None
    }

    #[inline]
    fn field(&mut self, field: usize, members: &mut Members<'_>) -> Result<MemberKind, ReadError> {
        let with = self.current.union(FieldSet::single(field));
        if with == self.current {
            return Err(ReadError::Malformed);
        }
        self.current = with;
        let before = members.clone();
        match self.read_value(field, members) {
            Ok(()) => Ok(MemberKind::Field(position(field))),
            Err(mistake) => {
                let start = before.position();
                *members = before;
                // Invalid syntax makes the whole object malformed.
                members.skip_value()?;
                Self::misfit(field, members.since(start), mistake)
            }
        }
    }

    /// Reads a value into a field, which keeps its default if the value does not fit.
    #[inline]
    fn read_value(&mut self, field: usize, members: &mut Members<'_>) -> Result<(), Mistake> {
        let start = members.position();
        let read = members.value_and_len(|text| self.value.__read(field, text));
        let ((), len) = read.map_err(|err| Mistake::of(&err))?;
        if len > 2 * MAX_DEPTH && is_too_deep::<T>(members.since(start)) {
            T::__fresh().__swap(self.value, field);
            return Err(Mistake::TooDeep);
        }
        self.read = self.read.union(FieldSet::single(field));
        Ok(())
    }

    #[cold]
    fn misfit(field: usize, text: &str, mistake: Mistake) -> Result<MemberKind, ReadError> {
        if text.trim_start() == "null" {
            return Ok(MemberKind::Null(position(field)));
        }
        let is_lenient = (T::SCHEMA.fields.get(field)).is_some_and(|field| field.lenient);
        if is_lenient {
            return Ok(MemberKind::Misfit {
                field: position(field),
                mistake,
            });
        }
        Err(ReadError::misfit::<T>(field, mistake))
    }

    /// Reads a member that belongs to no field.
    fn other(
        &mut self,
        name: Option<&str>,
        members: &mut Members<'_>,
    ) -> Result<MemberKind, ReadError> {
        self.others = self.others.saturating_add(1);
        let (Some(name), Some(rest)) = (name, self.value.__rest()) else {
            members.skip_value()?;
            return Ok(MemberKind::Unknown);
        };
        let before = members.clone();
        let start = members.position();
        match members.value(|text| Value::deserialize(text)) {
            // The map must only hold values that can be written again, in either format.
            Ok(value) if depth(members.since(start)) <= MAX_DEPTH => {
                rest.insert(name.to_owned(), value);
                Ok(MemberKind::Rest)
            }
            _ => {
                *members = before;
                members.skip_value()?;
                Ok(MemberKind::Unknown)
            }
        }
    }

    #[cfg(feature = "fastify")]
    fn time(&mut self, members: &mut Members<'_>) -> Result<MemberKind, ReadError> {
        if self.has_time {
            return Err(ReadError::Malformed);
        }
        time(members)?;
        self.has_time = true;
        Ok(MemberKind::Time)
    }

    /// Reads the fields that only have an earlier name, and rejects duplicate members.
    #[inline]
    fn finish(mut self, received: &mut ReceivedMembers) -> Result<(), ReadError> {
        if self.has_aliases {
            self.aliases(received)?;
        }
        if self.others > 1 {
            let mut names: Vec<&str> = received.names.iter().map(|(_, name)| &**name).collect();
            names.sort_unstable();
            if names
                .windows(2)
                .any(|pair| matches!(pair, [one, next] if one == next))
            {
                return Err(ReadError::Malformed);
            }
        }
        received.read = self.read;
        received.has_time = self.has_time;
        received.defaulted = self.current.difference(self.read);
        received.has_forgotten = self.has_forgotten;
        Ok(())
    }

    /// Reads aliases. The current name takes precedence, then the first listed alias.
    fn aliases(&mut self, received: &mut ReceivedMembers) -> Result<(), ReadError> {
        let mut aliases: Vec<(usize, u8, usize)> = (received.members.iter().enumerate())
            .filter_map(|(place, member)| match member.kind {
                MemberKind::Alias { field, rank } => Some((field.into(), rank, place)),
                _ => None,
            })
            .collect();
        aliases.sort_unstable();
        let twice = |pair: &[(usize, u8, usize)]| matches!(pair, [(field, rank, _), (next, next_rank, _)] if (field, rank) == (next, next_rank));
        if aliases.windows(2).any(twice) {
            return Err(ReadError::Malformed);
        }
        for (field, _, place) in aliases {
            let with = self.current.union(FieldSet::single(field));
            if with == self.current {
                continue;
            }
            self.current = with;
            let Some(member) = received.members.get(place) else {
                continue;
            };
            let text = received.value_of(member);
            let read = self
                .value
                .__read(field, &mut serde_json::Deserializer::from_str(text));
            let kind = match read {
                Ok(()) if is_too_deep::<T>(text) => {
                    T::__fresh().__swap(self.value, field);
                    Self::misfit(field, text, Mistake::TooDeep)?
                }
                Ok(()) => {
                    self.read = self.read.union(FieldSet::single(field));
                    continue;
                }
                Err(err) => Self::misfit(field, text, Mistake::of(&err))?,
            };
            if let Some(member) = received.members.get_mut(place) {
                member.kind = kind;
            }
        }
        Ok(())
    }
}

impl Member {
    #[inline]
    fn new(start: usize, value: usize, end: usize, kind: MemberKind, is_current: bool) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "checked by `read_object`")]
        let short = |position: usize| position as u32;
        Self {
            start: short(start),
            value: short(value),
            end: short(end),
            kind,
            is_current,
        }
    }
}

/// Converts a field's position to a byte; a struct has at most 64 fields.
fn position(field: usize) -> u8 {
    #[expect(clippy::cast_possible_truncation, reason = "at most 63")]
    let position = field as u8;
    position
}

/// Reads whole seconds, in any spelling of the number.
#[cfg(feature = "fastify")]
fn time(members: &mut Members<'_>) -> Result<u64, ReadError> {
    let seconds = members.value(|text| f64::deserialize(text));
    let seconds = seconds.map_err(|_| ReadError::Malformed)?;
    // Doubles beyond 2^53 are not exact.
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
    Ok(seconds)
}

/// Returns true if a value nests deeper than the native format allows to write.
#[inline]
fn is_too_deep<T: SessionData>(text: &str) -> bool {
    let may_be = text.len() > 2 * MAX_DEPTH && text.trim_start().starts_with(['[', '{']);
    may_be && T::Format::KIND == FormatKind::Native && depth(text) > MAX_DEPTH
}

/// Returns the nesting depth of a JSON value.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
