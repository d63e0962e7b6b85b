//! The plaintext of a session: the envelope with id and times, and the JSON object of the fields.

// A missing value must never be replaced by a default: it could be a user's data.
#![cfg_attr(
    not(test),
    deny(
        clippy::allow_attributes_without_reason,
        clippy::disallowed_methods,
        clippy::let_underscore_must_use,
        clippy::unused_result_ok
    )
)]

mod envelope;
mod extensions;
pub(crate) mod json;
mod leb128;
mod session_id;

pub use self::session_id::SessionId;
pub(crate) use self::{envelope::Envelope, extensions::Extensions};
