//! The signatures of @fastify/cookie: HMAC-SHA-256 (RFC 2104).

use std::io::Write as _;

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret of signatures, which is wiped when dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// The secret that the Node package derives from its key: the hexadecimal digits, as text, of
/// BLAKE2b with 32 bytes of output.
pub(crate) fn secret_of_key(key: &[u8; 32]) -> Secret {
    let hash: Zeroizing<[u8; 32]> = Zeroizing::new(Blake2b::<U32>::digest(key).into());
    // With room for all digits, so that no copy is left behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    for byte in &*hash {
        #[expect(clippy::expect_used, reason = "a vector takes every write")]
        write!(secret, "{byte:02x}").expect("a vector takes every write");
    }
    secret
}

/// Signs a value.
pub(crate) fn sign(secret: &Secret, value: &[u8]) -> [u8; 32] {
    mac(secret, value).finalize().into_bytes().into()
}

/// Returns true if the signature is that of the value; compared in constant time.
pub(crate) fn verify(secret: &Secret, value: &[u8], signature: &[u8]) -> bool {
    mac(secret, value).verify_slice(signature).is_ok()
}

fn mac(secret: &Secret, value: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "RFC 2104 §2 takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(value);
    mac
}
