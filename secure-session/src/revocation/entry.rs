//! Entries of a revocation store: what was revoked, in 32 bytes.
//!
//! ```text
//! version   1 byte     1
//! kind      1 byte     1 session, 2 group, 3 type, 4 fence; 5 is reserved
//! session:  id 16, until 4
//! group:    key 16, number 8, until 4       key: see `key.rs`
//! type:     key 16, number 8, until 4
//! fence:    number 8
//! zeros     up to 32 bytes
//! ```
//!
//! Numbers are big-endian. `until` is in minutes since 1970; then every session that the entry
//! revokes has expired. A number 0 means that the store has not numbered the entry yet.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{payload::SessionId, time::system_time};

const VERSION: u8 = 1;
const SESSION: u8 = 1;
const GROUP: u8 = 2;
const TYPE: u8 = 3;
const FENCE: u8 = 4;

/// The highest number, which databases can store as a signed integer.
pub(super) const MAX_NUMBER: u64 = i64::MAX as u64;

/// The beginning of 2026, in minutes: no right clock is earlier.
pub(super) const EARLIEST_MINUTES: u32 = 29_453_760;

/// No session lasts longer, so no entry counts longer: 401 days, in minutes.
pub(crate) const MAX_MINUTES: u32 = 401 * 24 * 60;

/// Where an entry has its id, key or number, and what follows an id or a key.
const CONTENT: usize = 2;
const AFTER_ID: usize = CONTENT + 16;
const AFTER_NUMBER: usize = AFTER_ID + 8;

/// The key of a group of sessions, or of all sessions of a type.
pub type GroupKey = [u8; 16];

/// A group of sessions, or all sessions of a type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) key: GroupKey,
    pub(crate) is_type: bool,
}

impl Group {
    /// Returns an entry without a number.
    pub(super) fn entry(self, until: u32) -> RevocationEntry {
        if self.is_type {
            RevocationEntry::of_type(self.key, until)
        } else {
            RevocationEntry::of_group(self.key, until)
        }
    }
}

/// An entry of a [`RevocationStore`](super::RevocationStore): 32 bytes to store as they are.
///
/// A store only has to know whether an entry needs a [number](Self::needs_number).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevocationEntry([u8; RevocationEntry::LEN]);

/// The content of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A session.
    Session {
        /// The session's id.
        id: SessionId,
        /// In minutes since 1970.
        until: u32,
    },
    /// A group, or all sessions of a type.
    Group {
        /// See `key.rs`.
        key: GroupKey,
        /// All sessions of a type.
        is_type: bool,
        /// 0 if the store has not numbered the entry yet.
        number: u64,
        /// In minutes since 1970.
        until: u32,
    },
    /// Numbers after it must be higher.
    Fence {
        /// The highest number before it.
        number: u64,
    },
}

/// Why an entry is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skipped {
    /// A newer version of this library wrote it.
    Newer,
    /// This library writes no such entry.
    Junk,
}

impl RevocationEntry {
    /// The length of an entry in bytes.
    pub const LEN: usize = 32;

    /// Makes an entry from its bytes, as they were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the entry.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns when the entry no longer counts, so that a store can delete it, or `None` if it has no
    /// end.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        let until = self.until()?;
        Some(system_time(u64::from(until).saturating_mul(60)))
    }

    /// Returns true if the entry no longer counts.
    pub(super) fn has_run_out(&self, now_minutes: u32) -> bool {
        self.until().is_some_and(|until| until <= now_minutes)
    }

    /// Returns the end of the entry in minutes since 1970, or `None` if it has no end.
    pub(super) fn until(&self) -> Option<u32> {
        match self.content() {
            Ok(Content::Session { until, .. } | Content::Group { until, .. }) => Some(until),
            Ok(Content::Fence { .. }) | Err(_) => None,
        }
    }

    /// Returns true if the store must give the entry a number before it stores the entry.
    #[must_use]
    pub fn needs_number(&self) -> bool {
        self.number() == Some(0)
    }

    /// Returns the entry's number, which is 0 if it [needs one](Self::needs_number), or `None` if it
    /// has none.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        match self.content() {
            Ok(Content::Group { number, .. } | Content::Fence { number }) => Some(number),
            Ok(Content::Session { .. }) | Err(_) => None,
        }
    }

    /// Returns the entry with this number, if it [needs one](Self::needs_number).
    #[must_use]
    pub fn with_number(mut self, number: u64) -> Self {
        if self.needs_number() {
            self.write(AFTER_ID, &number.to_be_bytes());
        }
        self
    }

    /// Returns the number for the next entry that needs one: higher than `highest`, the highest
    /// number in the store, and at least the milliseconds since 1970 times 2^20.
    ///
    /// So numbers go on rising if the store is emptied or replaced by another one.
    #[must_use]
    pub fn next_number(highest: u64, now: SystemTime) -> u64 {
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let millis = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        let by_clock = millis.saturating_mul(1 << 20);
        highest.saturating_add(1).max(by_clock).min(MAX_NUMBER)
    }

    pub(crate) fn of_session(id: SessionId, until: u32) -> Self {
        let mut entry = Self::of_kind(SESSION);
        entry.write(CONTENT, id.as_bytes());
        entry.write(AFTER_ID, &until.to_be_bytes());
        entry
    }

    /// Makes the entry of a group, without a number.
    pub(crate) fn of_group(key: GroupKey, until: u32) -> Self {
        Self::of_key(GROUP, key, until)
    }

    /// Makes the entry of all sessions of a type, without a number.
    pub(crate) fn of_type(key: GroupKey, until: u32) -> Self {
        Self::of_key(TYPE, key, until)
    }

    pub(crate) fn fence(number: u64) -> Self {
        let mut entry = Self::of_kind(FENCE);
        entry.write(CONTENT, &number.to_be_bytes());
        entry
    }

    /// Reads the entry.
    ///
    /// # Errors
    ///
    /// Why this build must skip it.
    pub(crate) fn content(&self) -> Result<Content, Skipped> {
        let [version, kind, rest @ ..] = &self.0;
        match *version {
            0 => return Err(Skipped::Junk),
            VERSION => {}
            _ => return Err(Skipped::Newer),
        }
        let (content, zeros) = match *kind {
            SESSION => session(rest),
            GROUP | TYPE => group(rest, *kind == TYPE),
            FENCE => fence(rest),
            _ => None,
        }
        .ok_or(Skipped::Junk)?;
        let is_zero = zeros.iter().all(|byte| *byte == 0);
        is_zero.then_some(content).ok_or(Skipped::Junk)
    }

    fn of_kind(kind: u8) -> Self {
        let mut entry = Self([0; Self::LEN]);
        entry.write(0, &[VERSION, kind]);
        entry
    }

    fn of_key(kind: u8, key: GroupKey, until: u32) -> Self {
        let mut entry = Self::of_kind(kind);
        entry.write(CONTENT, &key);
        entry.write(AFTER_NUMBER, &until.to_be_bytes());
        entry
    }

    fn write(&mut self, start: usize, bytes: &[u8]) {
        let places = self.0.iter_mut().skip(start);
        for (place, byte) in places.zip(bytes) {
            *place = *byte;
        }
    }
}

fn session(bytes: &[u8]) -> Option<(Content, &[u8])> {
    let (id, bytes) = bytes.split_first_chunk()?;
    let (until, zeros) = bytes.split_first_chunk()?;
    let content = Content::Session {
        id: SessionId::from_bytes(*id),
        until: u32::from_be_bytes(*until),
    };
    Some((content, zeros))
}

fn group(bytes: &[u8], is_type: bool) -> Option<(Content, &[u8])> {
    let (key, bytes) = bytes.split_first_chunk()?;
    let (number, bytes) = number(bytes)?;
    let (until, zeros) = bytes.split_first_chunk()?;
    let content = Content::Group {
        key: *key,
        is_type,
        number,
        until: u32::from_be_bytes(*until),
    };
    Some((content, zeros))
}

fn fence(bytes: &[u8]) -> Option<(Content, &[u8])> {
    let (number, zeros) = number(bytes)?;
    (number != 0).then_some((Content::Fence { number }, zeros))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    let number = u64::from_be_bytes(*number);
    (number <= MAX_NUMBER).then_some((number, rest))
}

/// Omits the content, which identifies a session or a user.
impl fmt::Debug for RevocationEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevocationEntry(..)")
    }
}
