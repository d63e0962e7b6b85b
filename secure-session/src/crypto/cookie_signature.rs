//! The signatures of @fastify/cookie: HMAC (RFC 2104) with a hash of the SHA-2 family.

use std::io::Write as _;

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// The hash of a signature, as the option `algorithm` of @fastify/cookie names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// `sha256`, the default.
    #[default]
    Sha256,
    /// `sha384`.
    Sha384,
    /// `sha512`.
    Sha512,
}

/// A secret for signatures, which is zeroized when dropped.
pub(crate) type Secret = Zeroizing<Vec<u8>>;

/// Returns the secret that the Node package derives from its key: BLAKE2b with 32 bytes of output,
/// as hexadecimal text.
pub(crate) fn secret_of_key(key: &[u8; 32]) -> Secret {
    let hash: Zeroizing<[u8; 32]> = Zeroizing::new(Blake2b::<U32>::digest(key).into());
    // Has the full capacity from the start, because reallocating would leave a copy behind.
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    for byte in &*hash {
        #[expect(clippy::expect_used, reason = "writing to a vector cannot fail")]
        write!(secret, "{byte:02x}").expect("writing to a vector cannot fail");
    }
    secret
}

/// Signs a value.
pub(crate) fn sign(algorithm: SigningAlgorithm, secret: &Secret, value: &[u8]) -> Vec<u8> {
    fn sign<M: Mac + KeyInit>(secret: &Secret, value: &[u8]) -> Vec<u8> {
        mac::<M>(secret, value).finalize().into_bytes().to_vec()
    }
    match algorithm {
        SigningAlgorithm::Sha256 => sign::<Hmac<Sha256>>(secret, value),
        SigningAlgorithm::Sha384 => sign::<Hmac<Sha384>>(secret, value),
        SigningAlgorithm::Sha512 => sign::<Hmac<Sha512>>(secret, value),
    }
}

/// Returns true if this is the full, untruncated signature of the value. Compares in constant time.
pub(crate) fn verify(
    algorithm: SigningAlgorithm,
    secret: &Secret,
    value: &[u8],
    signature: &[u8],
) -> bool {
    fn verify<M: Mac + KeyInit>(secret: &Secret, value: &[u8], signature: &[u8]) -> bool {
        mac::<M>(secret, value).verify_slice(signature).is_ok()
    }
    match algorithm {
        SigningAlgorithm::Sha256 => verify::<Hmac<Sha256>>(secret, value, signature),
        SigningAlgorithm::Sha384 => verify::<Hmac<Sha384>>(secret, value, signature),
        SigningAlgorithm::Sha512 => verify::<Hmac<Sha512>>(secret, value, signature),
    }
}

fn mac<M: Mac + KeyInit>(secret: &Secret, value: &[u8]) -> M {
    #[expect(clippy::expect_used, reason = "RFC 2104 §2 allows keys of any length")]
    let mut mac = <M as KeyInit>::new_from_slice(secret).expect("HMAC accepts keys of any length");
    mac.update(value);
    mac
}
