//! HKDF-SHA-256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;

/// Derives `N` bytes with HKDF-SHA-256, without a salt.
pub(crate) fn hkdf_sha256<const N: usize>(key: &[u8], info: &[u8]) -> [u8; N] {
    const { assert!(N <= 255 * 32, "RFC 5869 §2.3") };
    let mut derived = [0; N];
    #[expect(clippy::expect_used, reason = "the length is checked above")]
    Hkdf::<Sha256>::new(None, key)
        .expand(info, &mut derived)
        .expect("HKDF-SHA-256 derives up to 255 × 32 bytes");
    derived
}
