//! The JSON object of a session's fields.
//!
//! The derive gives functions for one field; [`read`] and [`write`] work through all of them. What
//! is written comes back as it was, or is refused by name; members that the struct does not know
//! are kept as text.

mod read;
mod strict;
mod write;

use serde_json::value::RawValue;

pub use self::write::{FieldWriter, WriteError};
#[cfg(feature = "fastify")]
pub(crate) use self::{read::read_timed, write::write_timed};
pub(crate) use self::{
    read::{ReadError, read},
    write::{field_size, write},
};

/// The member that holds the time of issue in the fastify format.
#[cfg(feature = "fastify")]
pub(crate) const TIME_MEMBER: &str = "__ts";

/// What a JSON object holds beside the fields: members that no field of the struct names, and in
/// the fastify format the order of all members.
///
/// It travels with the session, not with the struct: an older build in a rolling deploy must not
/// drop a newer one's data.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnknownMembers {
    members: Vec<UnknownMember>,
    /// Empty in the native format, and for a session that begins.
    #[cfg(feature = "fastify")]
    order: Vec<Place>,
}

#[derive(Debug, Clone)]
struct UnknownMember {
    name: String,
    text: Box<RawValue>,
}

/// What stands at one place of the object.
#[cfg(feature = "fastify")]
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Field(usize),
    /// A member that the `rest` field holds.
    Rest(String),
    Time,
    /// By its position among the unknown members.
    Unknown(usize),
}

impl UnknownMembers {
    pub(crate) fn none() -> &'static Self {
        static NONE: UnknownMembers = UnknownMembers {
            members: Vec::new(),
            #[cfg(feature = "fastify")]
            order: Vec::new(),
        };
        &NONE
    }

    /// The names of the members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// A member's value as it came, as JSON text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let member = self.members.iter().find(|member| member.name == name);
        member.map(|member| member.text.get())
    }

    fn contains(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}
