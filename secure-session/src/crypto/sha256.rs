//! SHA-256 (FIPS 180-4).

use sha2::Digest as _;

/// Returns the hash of the concatenated parts.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let hash = parts
        .iter()
        .fold(sha2::Sha256::new(), sha2::Sha256::chain_update);
    hash.finalize().into()
}
