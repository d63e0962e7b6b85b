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
pub(crate) use self::{
    read::{ReadError, read},
    write::{field_size, write},
};

/// Members of the JSON object that no field of the struct names, in their order.
///
/// They travel with the session, not with the struct: an older build in a rolling deploy must not
/// drop a newer one's data.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnknownMembers(Vec<UnknownMember>);

#[derive(Debug, Clone)]
struct UnknownMember {
    name: String,
    text: Box<RawValue>,
}

impl UnknownMembers {
    pub(crate) fn none() -> &'static Self {
        static NONE: UnknownMembers = UnknownMembers(Vec::new());
        &NONE
    }

    /// The names of the members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|member| member.name.as_str())
    }

    fn contains(&self, name: &str) -> bool {
        self.names().any(|other| other == name)
    }
}
