//! Keys of groups: hashes that identify the sessions of a user, or of a type, in a store.
//!
//! ```text
//! key = first 16 bytes of SHA-256 of
//!       application, cookie name, purpose, stored field name, JSON text of the value,
//!       each after its length in bytes (8 bytes, big-endian)
//! ```
//!
//! For all sessions of a type, the field name and the text are empty. There is no secret in it, so
//! that entries outlive a key rotation.

use super::entry::GroupKey;
use crate::crypto::sha256::sha256;

/// The names that belong to the key of each group of a session type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeNames {
    pub(crate) application: String,
    pub(crate) cookie: String,
    pub(crate) purpose: String,
}

impl TypeNames {
    /// Returns the key of all sessions of the type.
    pub(super) fn key(&self) -> GroupKey {
        self.group_key(b"", b"")
    }

    /// Returns the key of the sessions whose field has this JSON text.
    pub(crate) fn group_key(&self, field: &[u8], text: &[u8]) -> GroupKey {
        let names = [&self.application, &self.cookie, &self.purpose].map(|name| name.as_bytes());
        let [application, cookie, purpose] = names;
        let parts = [application, cookie, purpose, field, text];
        let lengths = parts.map(|part| (part.len() as u64).to_be_bytes());
        let mut hashed = [&[][..]; 10];
        let pairs = hashed.chunks_exact_mut(2).zip(parts.iter().zip(&lengths));
        for (places, (part, length)) in pairs {
            if let [before, after] = places {
                (*before, *after) = (length, part);
            }
        }
        let hash = sha256(&hashed);
        let mut key = GroupKey::default();
        key.iter_mut()
            .zip(hash)
            .for_each(|(place, byte)| *place = byte);
        key
    }
}
