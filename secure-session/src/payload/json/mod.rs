//! The JSON object of a session's fields.
//!
//! The derive gives functions for one field; [`read`] and [`write`] work through all of them. What
//! is written comes back as it was, or is refused by name; members that the struct does not know
//! are kept as text.

mod members;
mod migrate;
mod read;
mod write;

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::schema::field_set::FieldSet;

#[cfg(feature = "fastify")]
pub(crate) use self::read::read_timed;
#[cfg(feature = "fastify")]
pub(crate) use self::write::write_timed;
pub(crate) use self::{
    migrate::migrated,
    read::{Mistake, ReadError, read},
    write::{field_size, field_text, write},
};

#[cfg(feature = "test-util")]
pub(crate) use self::migrate::members;

/// The member that holds the time of issue in the fastify format.
#[cfg(feature = "fastify")]
pub(crate) const TIME_MEMBER: &str = "__ts";

/// What a JSON object holds beside the fields: members that no field of the struct names or that
/// do not fit one, and in the fastify format the order of all members.
///
/// It travels with the session, not with the struct: an older build in a rolling deploy must not
/// drop a newer one's data.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnknownMembers(Option<Box<Extras>>);

/// Boxed, as most objects of the native format hold nothing of the kind.
#[derive(Debug, Clone, Default)]
struct Extras {
    members: Vec<UnknownMember>,
    misfits: Vec<RejectedMember>,
    /// Empty in the native format, and for a session that begins.
    #[cfg(feature = "fastify")]
    order: Vec<MemberSlot>,
}

#[derive(Debug, Clone)]
struct UnknownMember {
    name: String,
    text: Box<RawValue>,
}

/// A member that does not fit its `lenient` field; the field has its default in its place.
///
/// It is written back until the field changes, for another build may still read it.
#[derive(Debug, Clone)]
struct RejectedMember {
    field: usize,
    mistake: Mistake,
    /// As it came: the field's current name or an alias.
    name: String,
    text: Box<RawValue>,
    /// What the default in its place is written as, to tell later whether it is still there.
    default_text: Option<Vec<u8>>,
}

/// What stands at one place of the object.
#[cfg(feature = "fastify")]
#[derive(Debug, Clone, PartialEq, Eq)]
enum MemberSlot {
    Field(usize),
    /// A member that the `rest` field holds.
    Rest(String),
    Time,
    /// By its position among the unknown members.
    Unknown(usize),
}

impl Extras {
    const NOTHING: &Self = &Self {
        members: Vec::new(),
        misfits: Vec::new(),
        #[cfg(feature = "fastify")]
        order: Vec::new(),
    };
}

impl UnknownMembers {
    pub(crate) const NONE: &Self = &Self(None);

    /// The names of the members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let members = self.extras().members.iter();
        members.map(|member| member.name.as_str())
    }

    /// A member's value as it came, as JSON text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let mut members = self.extras().members.iter();
        let member = members.find(|member| member.name == name);
        member.map(|member| member.text.get())
    }

    /// The fields whose members did not fit, and why, in the order of the struct.
    pub(crate) fn misfits(&self) -> impl Iterator<Item = (usize, Mistake)> {
        let misfits = self.extras().misfits.iter();
        misfits.map(|misfit| (misfit.field, misfit.mistake))
    }

    /// What is left to write back: nothing for fields that were written, and no unknown members if
    /// they are to be forgotten.
    pub(crate) fn remaining(&self, forget: bool, written: FieldSet) -> Cow<'_, Self> {
        let Some(kept) = &self.0 else {
            return Cow::Borrowed(Self::NONE);
        };
        let (gone, left): (Vec<_>, Vec<_>) =
            (kept.misfits.iter()).partition(|misfit| written.contains(misfit.field));
        if forget && left.is_empty() {
            return Cow::Borrowed(Self::NONE);
        }
        if !forget && gone.is_empty() {
            return Cow::Borrowed(self);
        }
        let misfits = left.into_iter().cloned().collect();
        let rest = if forget {
            Extras::default()
        } else {
            Extras::clone(kept)
        };
        Cow::Owned(Self(Some(Box::new(Extras { misfits, ..rest }))))
    }

    fn extras(&self) -> &Extras {
        match &self.0 {
            Some(kept) => kept,
            None => Extras::NOTHING,
        }
    }

    fn extras_mut(&mut self) -> &mut Extras {
        self.0.get_or_insert_default()
    }

    fn contains(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}
