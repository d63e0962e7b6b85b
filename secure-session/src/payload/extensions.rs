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
#[cfg(feature = "revocation")]
use std::iter;

use super::{leb128, leb128::Reader};

/// The tag of the proof, 8 bytes, big-endian: the highest number of revocations that had been read
/// when the user authenticated. Builds without revocation keep it.
#[cfg(feature = "revocation")]
const PROOF: u64 = 2;

/// The tag and the length of the proof.
#[cfg(feature = "revocation")]
const PROOF_HEADER: [u8; 2] = [2, 8];

/// The length of a proof with its header.
#[cfg(feature = "revocation")]
const PROOF_LEN: u8 = 10;

/// The maximum length of all entries together, in bytes.
const MAX_LEN: usize = 512;

/// The maximum number of entries.
const MAX_ENTRIES: usize = 16;

/// The extensions of a session. This build knows only the proof of revocable sessions; others are
/// kept as received.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    /// Well-formed entries; `None` if there is at most a proof, so that most sessions need no
    /// allocation.
    entries: Option<Box<[u8]>>,
    has_odd_tag: bool,
    /// 0 if there is none.
    #[cfg(feature = "revocation")]
    proof: u64,
}

impl Extensions {
    pub(super) fn is_empty(&self) -> bool {
        #[cfg(feature = "revocation")]
        if self.proof != 0 {
            return false;
        }
        self.entries.is_none()
    }

    /// Returns true if a build that does not know these extensions must reject the session.
    pub(crate) fn require_newer_build(&self) -> bool {
        self.has_odd_tag
    }

    /// Returns the proof, or 0 if there is none.
    #[cfg(feature = "revocation")]
    pub(crate) fn proof(&self) -> u64 {
        self.proof
    }

    /// Returns these extensions with another proof, which is left out if it is 0.
    #[cfg(feature = "revocation")]
    pub(crate) fn with_proof(&self, proof: u64) -> Self {
        if self.entries.is_none() {
            return Self {
                proof,
                ..Self::default()
            };
        }
        let value = proof.to_be_bytes();
        let ours = (proof != 0).then_some((PROOF, &value[..]));
        let mut entries: Vec<_> = self.entries().filter(|(tag, _)| *tag != PROOF).collect();
        entries.extend(ours);
        entries.sort_unstable_by_key(|(tag, _)| *tag);
        if entries.len() > MAX_ENTRIES {
            return self.clone();
        }
        let mut bytes = Vec::new();
        for (tag, value) in entries {
            leb128::write(&mut bytes, tag);
            leb128::write(&mut bytes, value.len() as u64);
            bytes.extend_from_slice(value);
        }
        // There is no room, and those of a newer build must be kept.
        if bytes.len() > MAX_LEN {
            return self.clone();
        }
        Self {
            entries: (!bytes.is_empty()).then(|| bytes.into()),
            has_odd_tag: self.has_odd_tag,
            proof,
        }
    }

    /// Returns the tag and the value of each entry.
    #[cfg(feature = "revocation")]
    fn entries(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let readers = self.entries.iter().map(|entries| Reader::new(entries));
        readers
            .flat_map(|mut reader| iter::from_fn(move || Some((reader.number()?, reader.sized()?))))
    }

    /// Appends the extensions. Appends nothing if there are none.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(entries) = &self.entries {
            leb128::write(out, entries.len() as u64);
            out.extend_from_slice(entries);
        } else {
            #[cfg(feature = "revocation")]
            self.write_proof(out);
        }
    }

    #[cfg(feature = "revocation")]
    fn write_proof(&self, out: &mut Vec<u8>) {
        if self.proof != 0 {
            out.push(PROOF_LEN);
            out.extend_from_slice(&PROOF_HEADER);
            out.extend_from_slice(&self.proof.to_be_bytes());
        }
    }

    /// Reads the extensions, starting with their length. Returns `None` if they are malformed.
    pub(super) fn read(bytes: &mut Reader<'_>) -> Option<Self> {
        let entries = bytes.sized()?;
        if entries.is_empty() || entries.len() > MAX_LEN {
            return None;
        }
        #[cfg(feature = "revocation")]
        if let Some(proof) = only_proof(entries) {
            return Some(Self {
                proof,
                ..Self::default()
            });
        }
        let mut reader = Reader::new(entries);
        let mut last_tag = None;
        let mut has_odd_tag = false;
        #[cfg(feature = "revocation")]
        let mut proof = 0;
        for _ in 0..MAX_ENTRIES {
            let tag = reader.number()?;
            #[cfg_attr(
                not(feature = "revocation"),
                expect(unused_variables, reason = "only the proof is read")
            )]
            let value = reader.sized()?;
            #[cfg(feature = "revocation")]
            if tag == PROOF {
                // Of another length, it proves nothing.
                proof = value.try_into().map_or(0, u64::from_be_bytes);
            }
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
                    #[cfg(feature = "revocation")]
                    proof,
                });
            }
        }
        None
    }
}

/// Returns the proof if there is no other entry.
#[cfg(feature = "revocation")]
fn only_proof(entries: &[u8]) -> Option<u64> {
    let proof = entries.strip_prefix(&PROOF_HEADER)?;
    let proof = u64::from_be_bytes(proof.try_into().ok()?);
    // It is written only if it is not 0.
    (proof != 0).then_some(proof)
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
