//! The JSON object of a session's fields.
//!
//! The derive implements functions for one field; [`read`] and [`write`] call them for all fields.
//! A value is either read back as it was written, or rejected by name when it is written. Members
//! that were not written are sent back byte for byte: during a rolling deploy, an older build must
//! not drop the data of a newer one, and this library must not drop the data of a Node application.

mod members;
mod migrate;
mod read;
mod received;
mod write;

#[cfg(feature = "fastify")]
pub(crate) use self::read::{read_timed, time_of};
#[cfg(feature = "revocation")]
pub(crate) use self::write::is_some;
#[cfg(feature = "test-util")]
pub(crate) use self::{migrate::members, write::field_text};
pub(crate) use self::{
    migrate::migrated,
    read::{Mistake, ReadError, read, read_again},
    received::ReceivedMembers,
    write::{Carried, compact, field_size, write},
};

/// The member that holds the time of issue in the fastify format.
#[cfg(feature = "fastify")]
pub(crate) const TIME_MEMBER: &str = "__ts";
