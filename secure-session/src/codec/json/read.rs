//! Reads the JSON object: fields by their current or an earlier name, the rest kept.

use std::{cell::Cell, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{UnknownMember, UnknownMembers};
use crate::schema::{Found, SecureSession};

/// Reads a session; a missing field has its default.
///
/// # Errors
///
/// [`ReadError::Malformed`] for what is no JSON object or has a member twice,
/// [`ReadError::Schema`] for a member that does not fit its field.
pub(crate) fn read<T: SecureSession>(json: &[u8]) -> Result<(T, UnknownMembers), ReadError> {
    let trouble = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let object = Object {
        value: T::defaults(),
        unknown: UnknownMembers::default(),
        current: 0,
        earlier: Vec::new(),
        trouble: &trouble,
    };
    let read = object
        .deserialize(&mut deserializer)
        .and_then(|session| deserializer.end().map(|()| session));
    read.map_err(|err| match trouble.take() {
        Some(Trouble::Field(field)) if err.is_data() => ReadError::Schema {
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            mistake: Mistake::of(&err),
        },
        _ => ReadError::Malformed,
    })
}

/// Why the JSON of a session was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    /// No JSON object, or a member twice.
    Malformed,
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
    Duplicate,
    Field(usize),
}

/// The session while its members come in.
struct Object<'a, T> {
    value: T,
    unknown: UnknownMembers,
    /// A bit for each field that was read under its current name.
    current: u64,
    /// Members under earlier names wait until the end, as the current name counts.
    earlier: Vec<Earlier>,
    trouble: &'a Cell<Option<Trouble>>,
}

struct Earlier {
    field: usize,
    rank: u8,
    text: Box<RawValue>,
}

impl<T: SecureSession> Object<'_, T> {
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        name: Name<'_>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            Name::Field(Found::Current(field)) => {
                let bit = 1u64.checked_shl(u32::try_from(field).unwrap_or(u32::MAX));
                let bit = bit.unwrap_or_default();
                if self.current & bit != 0 {
                    return Err(self.duplicate());
                }
                self.current |= bit;
                self.trouble.set(Some(Trouble::Field(field)));
                map.next_value_seed(FieldSeed {
                    value: &mut self.value,
                    field,
                })?;
                self.trouble.set(None);
            }
            Name::Field(Found::Alias { field, rank }) => {
                let same = |other: &Earlier| (other.field, other.rank) == (field, rank);
                if self.earlier.iter().any(same) {
                    return Err(self.duplicate());
                }
                let text = map.next_value()?;
                self.earlier.push(Earlier { field, rank, text });
            }
            Name::Other(name) if T::SCHEMA.forget.contains(&name.as_ref()) => {
                map.next_value::<IgnoredAny>()?;
            }
            Name::Other(name) => self.other(name.into_owned(), map)?,
        }
        Ok(())
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
            None => self.unknown.0.push(UnknownMember {
                name,
                text: map.next_value()?,
            }),
        }
        Ok(())
    }

    /// Reads what came under earlier names only, the first listed alias before the others.
    fn finish<E: de::Error>(&mut self) -> Result<(), E> {
        self.earlier.sort_by_key(|earlier| earlier.rank);
        for Earlier { field, text, .. } in std::mem::take(&mut self.earlier) {
            let bit = 1u64.checked_shl(u32::try_from(field).unwrap_or(u32::MAX));
            let bit = bit.unwrap_or_default();
            if self.current & bit == 0 {
                self.current |= bit;
                self.trouble.set(Some(Trouble::Field(field)));
                self.value
                    .__read(field, &mut serde_json::Deserializer::from_str(text.get()))
                    .map_err(E::custom)?;
                self.trouble.set(None);
            }
        }
        Ok(())
    }

    fn duplicate<E: de::Error>(&self) -> E {
        self.trouble.set(Some(Trouble::Duplicate));
        E::custom("a member twice")
    }
}

impl<'de, T: SecureSession> DeserializeSeed<'de> for Object<'_, T> {
    type Value = (T, UnknownMembers);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: SecureSession> Visitor<'de> for Object<'_, T> {
    type Value = (T, UnknownMembers);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a session")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(name) = map.next_key_seed(NameSeed(T::__find))? {
            self.member(name, &mut map)?;
        }
        self.finish()?;
        Ok((self.value, self.unknown))
    }
}

/// A member's name, looked up before it is copied.
enum Name<'de> {
    Field(Found),
    Other(std::borrow::Cow<'de, str>),
}

struct NameSeed(fn(&str) -> Option<Found>);

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok((self.0)(name).map_or_else(|| Name::Other(name.into()), Name::Field))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok((self.0)(name).map_or_else(|| Name::Other(name.to_owned().into()), Name::Field))
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
