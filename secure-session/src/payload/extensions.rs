//! Envelope extensions: entries that later versions of the library may add to a session.
//!
//! ```text
//! length   LEB128     bytes of all entries, 1 to 512
//! entries  at most 16, each of
//!   tag      LEB128   ascending, each once
//!   length   LEB128
//!   value
//! ```
//!
//! A build that does not know a tag keeps the entry if the tag is even, and rejects the session if
//! the tag is odd. Newer builds use an odd tag for entries that older builds must not ignore.

use std::fmt;

use super::{leb128, leb128::Reader};

/// The maximum length of all entries together, in bytes.
const MAX_LEN: usize = 512;

/// The maximum number of entries.
const MAX_ENTRIES: usize = 16;

/// The extensions of a session, exactly as received. This build knows none.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    /// Well-formed entries; `None` if there are none, so that most sessions need no allocation.
    entries: Option<Box<[u8]>>,
    has_odd_tag: bool,
}

impl Extensions {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_none()
    }

    /// Returns true if a build that does not know these extensions must reject the session.
    pub(crate) fn require_newer_build(&self) -> bool {
        self.has_odd_tag
    }

    /// Appends the extensions. Appends nothing if there are none.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(entries) = &self.entries {
            leb128::write(out, entries.len() as u64);
            out.extend_from_slice(entries);
        }
    }

    /// Reads the extensions, starting with their length. Returns `None` if they are malformed.
    pub(super) fn read(bytes: &mut Reader<'_>) -> Option<Self> {
        let entries = bytes.sized()?;
        if entries.is_empty() || entries.len() > MAX_LEN {
            return None;
        }
        let mut reader = Reader::new(entries);
        let mut last_tag = None;
        let mut has_odd_tag = false;
        for _ in 0..MAX_ENTRIES {
            let tag = reader.number()?;
            reader.sized()?;
            // `None` is less than every tag.
            if Some(tag) <= last_tag {
                return None;
            }
            last_tag = Some(tag);
            has_odd_tag |= tag % 2 == 1;
            if reader.remaining().is_empty() {
                return Some(Self {
                    entries: Some(entries.into()),
                    has_odd_tag,
                });
            }
        }
        None
    }
}

/// Omits the values, which may be secret.
impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_extensions_shows_no_values() {
        let extensions = Extensions::read(&mut Reader::new(b"\x08\x02\x06secret"));
        let shown = format!("{:?}", extensions.unwrap());
        assert_eq!(shown, "Extensions { .. }");
    }
}
