//! The hash of ids and keys in the replica's maps.

use std::hash::{BuildHasherDefault, Hasher};

/// Uses the bytes themselves: ids are random, and keys are hashes.
#[derive(Default)]
pub(super) struct TakeBytes(u64);

/// Builds a [`TakeBytes`] for each value.
pub(super) type BuildTakeBytes = BuildHasherDefault<TakeBytes>;

impl Hasher for TakeBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_ne_bytes(*last);
        }
    }

    /// The length of the bytes, which is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
