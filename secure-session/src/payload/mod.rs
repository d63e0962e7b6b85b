//! What is inside the encryption: the envelope with id and times, and the JSON object of the fields.

mod envelope;
mod extensions;
pub(crate) mod json;
mod leb128;
mod session_id;

pub use self::session_id::SessionId;
pub(crate) use self::{envelope::Envelope, extensions::Extensions};
