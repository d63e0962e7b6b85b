//! Keys of groups: hashes that identify the sessions of a user, or of a type, in a store.
//!
//! ```text
//! key = first 16 bytes of SHA-256 of
//!       application, cookie name, purpose, stored field name, JSON text of the value,
//!       each after its length in bytes (2 bytes, big-endian)
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
    pub(crate) fn key(&self) -> GroupKey {
        self.field(b"").key(b"", &mut Vec::new())
    }

    /// Returns the key of the sessions whose field has this JSON text.
    pub(crate) fn group_key(&self, field: &[u8], text: &[u8]) -> GroupKey {
        self.field(field).key(text, &mut Vec::new())
    }

    /// Prepares the keys of a field's groups.
    pub(super) fn field(&self, name: &[u8]) -> FieldKeys {
        let names = [&self.application, &self.cookie, &self.purpose].map(|name| name.as_bytes());
        let mut hashed = Vec::new();
        for part in names.into_iter().chain([name]) {
            hashed.extend_from_slice(&length(part));
            hashed.extend_from_slice(part);
        }
        FieldKeys(hashed)
    }
}

/// The keys of a field's groups: what is hashed before the text.
#[derive(Clone)]
pub(super) struct FieldKeys(Vec<u8>);

impl FieldKeys {
    /// Returns the key of the sessions whose field has this JSON text. Uses `hashed` as a buffer:
    /// hashing in one piece is faster.
    pub(super) fn key(&self, text: &[u8], hashed: &mut Vec<u8>) -> GroupKey {
        hashed.clear();
        hashed.extend_from_slice(&self.0);
        hashed.extend_from_slice(&length(text));
        hashed.extend_from_slice(text);
        let hash = sha256(&[hashed]);
        let (key, _) = hash.split_at(GroupKey::default().len());
        let mut first = GroupKey::default();
        first.copy_from_slice(key);
        first
    }
}

/// No name and no text in a cookie is longer than 16 bits say.
fn length(part: &[u8]) -> [u8; 2] {
    u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes()
}
