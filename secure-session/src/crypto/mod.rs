//! Cryptography: the only room that names the crates it comes from, `zeroize` and `subtle` excepted.

pub(crate) mod base64url;
pub(crate) mod random;
pub(crate) mod xchacha;
