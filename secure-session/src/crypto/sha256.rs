//! SHA-256 (FIPS 180-4).

use sha2::Digest as _;

/// Returns the hash of the concatenated parts.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let hash = parts
        .iter()
        .fold(sha2::Sha256::new(), sha2::Sha256::chain_update);
    hash.finalize().into()
}

/// A hash that goes on from a common beginning.
#[cfg(feature = "revocation")]
#[derive(Clone)]
pub(crate) struct Sha256(sha2::Sha256);

#[cfg(feature = "revocation")]
impl Sha256 {
    pub(crate) fn of(beginning: &[u8]) -> Self {
        Self(sha2::Sha256::new_with_prefix(beginning))
    }

    pub(crate) fn with(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
