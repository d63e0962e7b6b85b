//! The JSON object of a session's fields.
//!
//! The derive implements functions for one field; [`read`] and [`write`] work through all of them. A
//! value that is written is read back as it was, or is refused by name. Members that nobody wrote go
//! back as they came, byte for byte: an older build in a rolling deploy must not drop the data of a
//! newer one, nor this library that of a Node application.

mod members;
mod migrate;
mod read;
mod received;
mod write;

#[cfg(feature = "fastify")]
pub(crate) use self::read::{read_timed, time_of};
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
