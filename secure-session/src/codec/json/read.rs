//! Reads the JSON object: fields by their current or an earlier name, the rest kept.

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData, mem};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Misfit, UnknownMember, UnknownMembers, write::field_text};
#[cfg(feature = "fastify")]
use super::{Place, TIME_MEMBER};
use crate::schema::{Found, SecureSession};

/// Reads a session; a missing field has its default.
///
/// # Errors
///
/// [`ReadError::Malformed`] for what is no JSON object or has a member twice,
/// [`ReadError::Schema`] for a member that does not fit its field.
#[inline]
pub(crate) fn read<T: SecureSession>(json: &[u8]) -> Result<(T, UnknownMembers), ReadError> {
    read_object(json, Members::Native).map(|(value, unknown, _)| (value, unknown))
}

/// Reads a session of the fastify format, and its time if it has one.
///
/// # Errors
///
/// As [`read`]; a time that is no whole number of seconds is [`ReadError::Malformed`].
#[cfg(feature = "fastify")]
pub(crate) fn read_timed<T: SecureSession>(
    json: &[u8],
) -> Result<(T, UnknownMembers, Option<u64>), ReadError> {
    read_object(json, Members::Timed)
}

#[inline]
fn read_object<T: SecureSession>(
    json: &[u8],
    #[cfg_attr(
        not(feature = "fastify"),
        expect(unused_variables, reason = "there is one way")
    )]
    members: Members,
) -> Result<(T, UnknownMembers, Option<u64>), ReadError> {
    let mut value = T::defaults();
    let trouble = Cell::new(None);
    // Once for all: of a slice, each string would be checked alone.
    let json = std::str::from_utf8(json).map_err(|_| ReadError::Malformed)?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let object = Object {
        value: &mut value,
        unknown: UnknownMembers::default(),
        time: None,
        #[cfg(feature = "fastify")]
        members,
        current: 0,
        earlier: Vec::new(),
        trouble: &trouble,
    };
    let read = object
        .deserialize(&mut deserializer)
        .and_then(|rest| deserializer.end().map(|()| rest));
    let (unknown, time) = read.map_err(|err| match trouble.take() {
        Some(Trouble::Field(field)) if err.is_data() => ReadError::Schema {
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            mistake: Mistake::of(&err),
        },
        _ => ReadError::Malformed,
    })?;
    Ok((value, unknown, time))
}

/// How the members of an object are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
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

/// Where reading stopped.
#[derive(Clone, Copy)]
enum Trouble {
    Field(usize),
    Refused,
}

/// The session while its members come in.
struct Object<'a, T> {
    value: &'a mut T,
    unknown: UnknownMembers,
    time: Option<u64>,
    #[cfg(feature = "fastify")]
    members: Members,
    /// A bit for each field that was read under its current name.
    current: u64,
    /// Members under earlier names wait until the end, as the current name counts.
    earlier: Vec<Earlier>,
    trouble: &'a Cell<Option<Trouble>>,
}

struct Earlier {
    name: String,
    field: usize,
    rank: u8,
    text: Box<RawValue>,
}

impl<T: SecureSession> Object<'_, T> {
    /// Takes a member; `text` is its name, unless that is the current one of a field.
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        name: Name,
        text: &mut Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        #[cfg(feature = "fastify")]
        if self.members == Members::Timed {
            if matches!(name, Name::Other) && text == TIME_MEMBER {
                return self.time(map);
            }
            self.note_place(name, text);
        }
        match name {
            Name::Field(field) => {
                let field = usize::from(field);
                if !self.is_first(field) {
                    return Err(self.duplicate());
                }
                self.trouble.set(Some(Trouble::Field(field)));
                map.next_value_seed(FieldSeed {
                    value: self.value,
                    field,
                })?;
                self.trouble.set(None);
            }
            Name::Lenient(field) => {
                if !self.is_first(field.into()) {
                    return Err(self.duplicate());
                }
                self.lenient(field.into(), text, map.next_value()?);
            }
            Name::Alias { field, rank } => {
                let field = field.into();
                let same = |other: &Earlier| (other.field, other.rank) == (field, rank);
                if self.earlier.iter().any(same) {
                    return Err(self.duplicate());
                }
                self.earlier.push(Earlier {
                    name: mem::take(text).into_owned(),
                    field,
                    rank,
                    text: map.next_value()?,
                });
            }
            Name::Other if T::SCHEMA.forget.contains(&&**text) => {
                map.next_value::<IgnoredAny>()?;
            }
            Name::Other => self.other(mem::take(text).into_owned(), map)?,
        }
        Ok(())
    }

    /// Notes that a field came under its current name; false if it has already.
    fn is_first(&mut self, field: usize) -> bool {
        let bit = 1u64.checked_shl(u32::try_from(field).unwrap_or(u32::MAX));
        let with = self.current | bit.unwrap_or_default();
        mem::replace(&mut self.current, with) != with
    }

    fn other<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
        let duplicate = match self.value.__rest() {
            Some(rest) => rest.contains_key(&name),
            None => self.unknown.contains(&name),
        };
        if duplicate {
            return Err(self.duplicate());
        }
        match self.value.__rest() {
            Some(rest) => {
                rest.insert(name, map.next_value()?);
            }
            None => self.unknown.kept_mut().members.push(UnknownMember {
                name,
                text: map.next_value()?,
            }),
        }
        Ok(())
    }

    /// Reads what came under earlier names only, the first listed alias before the others.
    fn finish<E: de::Error>(&mut self) -> Result<(), E> {
        self.earlier.sort_by_key(|earlier| earlier.rank);
        for earlier in mem::take(&mut self.earlier) {
            let Earlier {
                name, field, text, ..
            } = earlier;
            if self.is_first(field) {
                if is_lenient::<T>(field) {
                    self.lenient(field, &name, &text);
                    continue;
                }
                self.trouble.set(Some(Trouble::Field(field)));
                self.value
                    .__read(field, &mut serde_json::Deserializer::from_str(text.get()))
                    .map_err(E::custom)?;
                self.trouble.set(None);
            }
        }
        Ok(())
    }

    /// Reads a field, or leaves it at its default and keeps the member.
    fn lenient(&mut self, field: usize, name: &str, text: &RawValue) {
        let mut deserializer = serde_json::Deserializer::from_str(text.get());
        if let Err(err) = self.value.__read(field, &mut deserializer) {
            self.unknown.kept_mut().misfits.push(Misfit {
                field,
                mistake: Mistake::of(&err),
                name: name.to_owned(),
                text: text.to_owned(),
                stand_in: field_text(self.value, field),
            });
        }
    }

    /// Whole seconds, however the number is spelt.
    #[cfg(feature = "fastify")]
    fn time<'de, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        if self.time.is_some() {
            return Err(self.duplicate());
        }
        self.trouble.set(Some(Trouble::Refused));
        let seconds: f64 = map.next_value()?;
        // Beyond 2^53 seconds there is no time to tell.
        let is_whole = seconds.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&seconds);
        if !is_whole {
            return Err(de::Error::custom("no whole seconds"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number between 0 and 2^53"
        )]
        let seconds = seconds as u64;
        self.time = Some(seconds);
        self.unknown.kept_mut().order.push(Place::Time);
        self.trouble.set(None);
        Ok(())
    }

    #[cfg(feature = "fastify")]
    fn note_place(&mut self, name: Name, text: &str) {
        let place = match name {
            Name::Field(field) | Name::Lenient(field) | Name::Alias { field, .. } => {
                Place::Field(field.into())
            }
            Name::Other if T::SCHEMA.forget.contains(&text) => return,
            Name::Other if self.value.__rest().is_some() => Place::Rest(text.to_owned()),
            Name::Other => Place::Unknown(self.unknown.kept().members.len()),
        };
        // A field may come under its name and an alias.
        let order = &mut self.unknown.kept_mut().order;
        if !order.contains(&place) {
            order.push(place);
        }
    }

    fn duplicate<E: de::Error>(&self) -> E {
        self.trouble.set(Some(Trouble::Refused));
        E::custom("a member twice")
    }
}

impl<'de, T: SecureSession> DeserializeSeed<'de> for Object<'_, T> {
    type Value = (UnknownMembers, Option<u64>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: SecureSession> Visitor<'de> for Object<'_, T> {
    type Value = (UnknownMembers, Option<u64>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut text = Cow::Borrowed("");
        while let Some(name) = map.next_key_seed(NameSeed::<T> {
            text: &mut text,
            session: PhantomData,
        })? {
            self.member(name, &mut text, &mut map)?;
        }
        self.finish()?;
        if let Some(kept) = &mut self.unknown.0 {
            kept.misfits.sort_by_key(|misfit| misfit.field);
        }
        Ok((self.unknown, self.time))
    }
}

fn is_lenient<T: SecureSession>(field: usize) -> bool {
    T::SCHEMA
        .fields
        .get(field)
        .is_some_and(|field| field.lenient)
}

/// What a member's name stands for; small, as it is handed on for each member.
///
/// Fields are told by position; a struct has at most 64.
#[derive(Clone, Copy)]
enum Name {
    Field(u8),
    Lenient(u8),
    Alias { field: u8, rank: u8 },
    Other,
}

impl Name {
    fn of<T: SecureSession>(name: &str) -> Self {
        let position = |field| u8::try_from(field).unwrap_or(u8::MAX);
        match T::__find(name) {
            Some(Found::Current(field)) if is_lenient::<T>(field) => Self::Lenient(position(field)),
            Some(Found::Current(field)) => Self::Field(position(field)),
            Some(Found::Alias { field, rank }) => Self::Alias {
                field: position(field),
                rank,
            },
            None => Self::Other,
        }
    }
}

/// Looks a name up, and keeps its text if the name alone does not say everything.
struct NameSeed<'a, 'de, T> {
    text: &'a mut Cow<'de, str>,
    session: PhantomData<T>,
}

impl<'de, T: SecureSession> DeserializeSeed<'de> for NameSeed<'_, 'de, T> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, T: SecureSession> Visitor<'de> for NameSeed<'_, 'de, T> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        let found = Name::of::<T>(name);
        if !matches!(found, Name::Field(_)) {
            *self.text = Cow::Borrowed(name);
        }
        Ok(found)
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let found = Name::of::<T>(name);
        if !matches!(found, Name::Field(_)) {
            *self.text = Cow::Owned(name.to_owned());
        }
        Ok(found)
    }
}

struct FieldSeed<'a, T> {
    value: &'a mut T,
    field: usize,
}

impl<'de, T: SecureSession> DeserializeSeed<'de> for FieldSeed<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.value.__read(self.field, deserializer)
    }
}
