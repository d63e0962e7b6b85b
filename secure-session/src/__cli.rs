//! Items for the command line, which reads and writes the entries of a revocation store. Not part of
//! the public API; may change with every version.

use std::time::Duration;

pub use crate::revocation::{Content, GroupKey, Skipped};
use crate::{
    codec::Opened,
    payload::SessionId,
    revocation::{MAX_MINUTES, RevocationEntry, TypeNames},
    schema::{Native, SessionData},
};

/// No entry counts longer: 401 days.
pub const LONGEST: Duration = Duration::from_secs(MAX_MINUTES as u64 * 60);

/// The names in the keys of a session type and its groups.
#[derive(Debug, Clone)]
pub struct SessionType(TypeNames);

impl SessionType {
    #[must_use]
    pub fn new(application: &str, cookie: &str, purpose: &str) -> Self {
        Self(TypeNames {
            application: application.to_owned(),
            cookie: cookie.to_owned(),
            purpose: purpose.to_owned(),
        })
    }

    /// Returns the key of all sessions of the type.
    #[must_use]
    pub fn key(&self) -> GroupKey {
        self.0.key()
    }

    /// Returns the key of the sessions whose stored field has this JSON text.
    #[must_use]
    pub fn group_key(&self, field: &str, text: &str) -> GroupKey {
        self.0.group_key(field.as_bytes(), text.as_bytes())
    }
}

/// Makes the entry of a session. `until` is in minutes since 1970.
#[must_use]
pub fn session_entry(id: SessionId, until: u32) -> RevocationEntry {
    RevocationEntry::of_session(id, until)
}

/// Makes the entry of a group, which the store numbers.
#[must_use]
pub fn group_entry(key: GroupKey, until: u32) -> RevocationEntry {
    RevocationEntry::of_group(key, until)
}

/// Makes the entry of all sessions of a type, which the store numbers.
#[must_use]
pub fn type_entry(key: GroupKey, until: u32) -> RevocationEntry {
    RevocationEntry::of_type(key, until)
}

/// Reads an entry of a store.
///
/// # Errors
///
/// Why a process skips it.
pub fn content(entry: &RevocationEntry) -> Result<Content, Skipped> {
    match entry.content() {
        // A store must not have an entry without a number.
        Ok(Content::Group { number: 0, .. }) => Err(Skipped::Junk),
        content => content,
    }
}

/// Returns the highest number of revocations that was known when the user authenticated, or 0.
#[must_use]
pub fn proof<T: SessionData<Format = Native>>(session: &Opened<T>) -> u64 {
    session.envelope.extensions.proof()
}
