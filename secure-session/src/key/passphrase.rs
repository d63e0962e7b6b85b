//! Keys from a passphrase, derived as by libsodium and therefore by @fastify/secure-session.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Key, KeyError, KeyProblem};
use crate::crypto::argon2::{Argon2Error, argon2id};

impl Key {
    /// The minimum length of a passphrase in bytes.
    pub const MIN_PASSPHRASE_LEN: usize = 32;

    /// Derives a key from a passphrase of at least 32 bytes, with argon2id as in libsodium's
    /// `crypto_pwhash` at `MODERATE`.
    ///
    /// This takes about a second and 256 MiB of memory. Call it when the program starts, never in a
    /// request. In an async runtime, run it on a thread that may block:
    ///
    /// ```no_run
    /// use actix_web::web;
    /// use secure_session::{Key, KeyRing, Salt};
    ///
    /// # async fn start() -> Result<(), Box<dyn std::error::Error>> {
    /// let passphrase = std::env::var("SESSION_PASSPHRASE")?;
    /// let salt = Salt::from_base64(&std::env::var("SESSION_SALT")?)?;
    /// let key = web::block(move || Key::from_passphrase(passphrase, &salt)).await??;
    /// let keys = KeyRing::new(key);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Security
    ///
    /// A passphrase can be brute-forced offline from a single cookie, at this cost per guess. A
    /// random key cannot; prefer one unless you need a passphrase.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Passphrase`] for fewer than 32 bytes, or more than argon2's limit (2^32−1).
    /// - [`KeyProblem::NoMemory`] if 256 MiB cannot be allocated. The parameters are never
    ///   weakened.
    pub fn from_passphrase(passphrase: impl AsRef<[u8]>, salt: &Salt) -> Result<Self, KeyError> {
        derive(passphrase.as_ref(), salt).map_err(KeyError::new)
    }
}

fn derive(passphrase: &[u8], salt: &Salt) -> Result<Key, KeyProblem> {
    let bytes = passphrase.len();
    if bytes < Key::MIN_PASSPHRASE_LEN {
        return Err(KeyProblem::Passphrase { bytes });
    }
    let mut key = Key(Box::new([0; Key::LEN]));
    argon2id(passphrase, &salt.0, &mut key.0).map_err(|err| match err {
        Argon2Error::NoMemory => KeyProblem::NoMemory,
        Argon2Error::PassphraseTooLong => KeyProblem::Passphrase { bytes },
    })?;
    Ok(key)
}

/// The salt of a passphrase, 16 bytes.
///
/// It is not secret. The same key needs the same passphrase and the same salt.
///
/// # Examples
///
/// ```
/// use secure_session::Salt;
///
/// let salt = Salt::from_base64("AAECAwQFBgcICQoLDA0ODw==")?;
/// assert_eq!(salt, Salt::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]));
/// assert!(Salt::from_text("fifteen letters").is_err());
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; Salt::LEN]);

impl Salt {
    /// The length of a salt in bytes.
    pub const LEN: usize = 16;

    /// Makes a salt from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Reads a salt of 16 characters as @fastify/secure-session does: each character is one byte,
    /// the low eight bits of its UTF-16 code (`é` is the byte e9).
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Salt`] if there are not exactly 16 characters.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .map(|unit| unit.to_le_bytes()[0])
            .collect();
        Self::from_vec(bytes)
    }

    /// Reads a salt of 24 base64 characters.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::SaltText`] for text that is not base64 with padding (RFC 4648 §4).
    /// - [`KeyProblem::Salt`] if it does not have 16 bytes.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let bytes = STANDARD.decode(text).map_err(|_| {
            let characters = text.chars().count();
            KeyError::new(KeyProblem::SaltText { characters })
        })?;
        Self::from_vec(bytes)
    }

    /// Returns the salt that @fastify/secure-session uses when none is configured.
    ///
    /// # Security
    ///
    /// This salt is public, so guesses for one application work for every application that uses it.
    /// Use it only to read the sessions of such an application.
    #[must_use]
    pub const fn fastify_default() -> Self {
        Self([
            0x9a, 0xaf, 0x61, 0x0f, 0x10, 0x55, 0x0d, 0xbb, 0x29, 0x0d, 0x1e, 0xa7, 0x2d, 0xf1,
            0x53, 0xd6,
        ])
    }

    fn from_vec(bytes: Vec<u8>) -> Result<Self, KeyError> {
        let len = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| KeyError::new(KeyProblem::Salt { bytes: len }))
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "averylogphrasebiggerthanthirtytwochars";

    fn hex(key: &Key) -> String {
        let digits = key.expose_secret().iter().map(|byte| format!("{byte:02x}"));
        digits.collect::<Vec<_>>().concat()
    }

    #[test]
    fn libsodium_derives_the_same_keys() {
        let rows = [
            (
                Salt::from_text("mq9hDxBVDbspDR6n").unwrap(),
                "fa4edddde76d7a8f4a7d89b3a93effcc51d9e7bf176b6441c5d82a3b86c2f82b",
            ),
            (
                Salt::fastify_default(),
                "b26d7bb1252a79d7f24e1af3ba192dda3fb33e965905edcff87493ace649b67e",
            ),
        ];
        for (salt, expected) in rows {
            assert_eq!(
                hex(&Key::from_passphrase(PASSPHRASE, &salt).unwrap()),
                expected
            );
        }
    }

    #[test]
    fn default_salt_equals_the_one_of_the_node_package() {
        let text = Salt::from_base64("mq9hDxBVDbspDR6nLfFT1g==").unwrap();
        assert_eq!(Salt::fastify_default(), text);
    }

    #[test]
    fn passphrases_and_salts_of_the_wrong_length_are_rejected() {
        let salt = Salt::fastify_default();
        let err = Key::from_passphrase("a".repeat(31), &salt).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Passphrase { bytes: 31 });
        assert!(!format!("{err:?}").contains("aaa"));
        for characters in [0, 15, 17] {
            let err = Salt::from_text(&"s".repeat(characters)).unwrap_err();
            assert_eq!(err.problem(), &KeyProblem::Salt { bytes: characters });
        }
        let err = Salt::from_base64("AAAA").unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Salt { bytes: 3 });
        for text in ["mq9hDxBVDbspDR6nLfFT1g", "mq9hDxBVDbspDR6nLfF*1g==", "é"] {
            let characters = text.chars().count();
            let err = Salt::from_base64(text).unwrap_err();
            assert_eq!(err.problem(), &KeyProblem::SaltText { characters });
        }
    }
}
