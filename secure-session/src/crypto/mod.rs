//! Cryptography. Other rooms must not use its crates directly, except `zeroize` and `subtle`.

// A missing value must never be replaced by a default: it could be a key, a tag or a nonce.
#![cfg_attr(
    not(test),
    deny(
        clippy::allow_attributes_without_reason,
        clippy::disallowed_methods,
        clippy::let_underscore_must_use,
        clippy::unused_result_ok
    )
)]

#[cfg(feature = "passphrase")]
pub(crate) mod argon2;
pub(crate) mod base64url;
#[cfg(feature = "fastify")]
pub(crate) mod cookie_signature;
pub(crate) mod hkdf;
pub(crate) mod random;
#[cfg(feature = "fastify")]
pub(crate) mod secretbox;
pub(crate) mod sha256;
pub(crate) mod xchacha;
