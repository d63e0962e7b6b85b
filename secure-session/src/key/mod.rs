//! Keys: 32 secret bytes each, and the ring that a session seals and opens with.

// No key, salt or passphrase is invented where one is missing.
#![cfg_attr(
    not(test),
    deny(
        clippy::allow_attributes_without_reason,
        clippy::disallowed_methods,
        clippy::let_underscore_must_use,
        clippy::unused_result_ok
    )
)]

mod error;
mod into_key_ring;
#[cfg(feature = "passphrase")]
mod passphrase;
mod ring;
mod text;

use std::{fmt, sync::OnceLock};

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{crypto::random::Random, log::event};

pub(crate) use self::error::REMEDY;
#[cfg(feature = "passphrase")]
pub use self::passphrase::Salt;
pub use self::{
    error::{KeyError, KeyProblem, KeySource},
    into_key_ring::IntoKeyRing,
    ring::KeyRing,
};

/// A secret key: 32 bytes that never show in logs and are wiped from memory when dropped.
///
/// Each session derives a key of its own from it, so one key can serve all sessions of an
/// application.
///
/// # Security
///
/// Whoever knows the key can read and make every session. Keep it out of version control; make
/// one per application and environment with `openssl rand -hex 32` and hand it over in an
/// environment variable or a file that only the application can read.
///
/// # Examples
///
/// ```
/// use secure_session::Key;
///
/// let key = Key::generate()?;
/// assert_eq!(format!("{key:?}"), "Key(..)");
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Clone)]
// Boxed: a list of keys that grows leaves no copies of them behind.
pub struct Key(Box<[u8; Key::LEN]>);

impl Key {
    /// The length of a key in bytes.
    pub const LEN: usize = 32;

    /// Makes a new key from the operating system's random generator.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::NoRandomness`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let mut key = Self(Box::new([0; Self::LEN]));
        let filled = Random::System.fill(&mut *key.0);
        filled.map_err(|_| KeyError::new(KeyProblem::NoRandomness))?;
        Ok(key)
    }

    /// Gives a key for demonstrations: the same one for the life of the process, and a warning in
    /// the log.
    ///
    /// # Security
    ///
    /// Every session ends when the process does, and a second process cannot open the sessions of
    /// the first.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::NoRandomness`] when the operating system gives no random bytes.
    pub fn ephemeral() -> Result<Self, KeyError> {
        static EPHEMERAL: OnceLock<Key> = OnceLock::new();
        if let Some(key) = EPHEMERAL.get() {
            return Ok(key.clone());
        }
        let fresh = Self::generate()?;
        let key = EPHEMERAL.get_or_init(|| {
            event!(
                warn,
                "session.ephemeral_key",
                "sessions are sealed with an ephemeral key: they end with this process; \
                 make a lasting key with `openssl rand -hex 32`"
            );
            fresh
        });
        Ok(key.clone())
    }

    /// Takes the 32 bytes of a key.
    ///
    /// A key that anybody can guess (one byte repeated, or bytes that count) is accepted here, so
    /// that old cookies can be read; `build()` refuses it.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Length`] unless there are exactly 32 bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::{Key, KeyProblem};
    ///
    /// let err = Key::from_bytes(b"too short").unwrap_err();
    /// assert!(matches!(err.problem(), KeyProblem::Length { bytes: 9 }));
    /// ```
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::checked(bytes.as_ref()).map_err(KeyError::new)
    }

    /// Reads a key of 64 hexadecimal digits, in either case.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Text`] when there are not 64 characters or one is no hexadecimal digit.
    pub fn from_hex(digits: &str) -> Result<Self, KeyError> {
        text::from_hex(digits).map_err(KeyError::new)
    }

    /// Reads a key of 43 base64 characters, or 44 with padding, in the standard or the URL-safe
    /// alphabet (RFC 4648 §4 and §5).
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Text`] when the length or a character is wrong.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        text::from_base64(text).map_err(KeyError::new)
    }

    /// Returns the secret bytes, to write the key into a file or a secret store.
    ///
    /// # Security
    ///
    /// Anyone who has them can read and make every session. Do not print or log them, and wipe
    /// copies.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Why anybody can guess it, if each byte is the one before plus the same number: no random key
    /// is so, and the keys of examples are.
    pub(crate) fn trivial_pattern(&self) -> Option<&'static str> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        let mut steps = pairs.map(|(byte, next)| next.wrapping_sub(*byte));
        let step = steps.next()?;
        if steps.any(|other| other != step) {
            return None;
        }
        Some(match step {
            0 => "repeats one byte 32 times",
            _ => "has bytes that count, as keys in examples have",
        })
    }

    fn checked(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let bytes: &[u8; Self::LEN] = bytes
            .try_into()
            .map_err(|_| KeyProblem::Length { bytes: bytes.len() })?;
        Ok(Self(Box::new(*bytes)))
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

impl ConstantTimeEq for Key {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&*other.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Derives a key from the one that an application already holds for signed or private cookies.
///
/// The 32 bytes are HKDF-SHA-256 (RFC 5869) of that key's 64 bytes, with the info
/// `actix-secure-session key from actix_web::cookie::Key`; so neither key tells of the other.
#[cfg(feature = "cookie-key")]
impl From<actix_web::cookie::Key> for Key {
    fn from(key: actix_web::cookie::Key) -> Self {
        const INFO: &[u8] = b"actix-secure-session key from actix_web::cookie::Key";
        Self(Box::new(crate::crypto::hkdf::hkdf_sha256(
            key.master(),
            INFO,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_of_a_key_holds_none_of_its_bytes() {
        let key = Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap();
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert_eq!(format!("{key:#?}"), "Key(..)");
    }

    #[test]
    fn keys_of_31_and_33_bytes_are_refused_with_their_length() {
        for len in [0, 31, 33, 64] {
            let bytes: Vec<u8> = (0..len).collect();
            let err = Key::from_bytes(bytes).unwrap_err();
            assert_eq!(
                err.problem(),
                &KeyProblem::Length {
                    bytes: usize::from(len)
                }
            );
        }
    }

    #[test]
    fn key_whose_bytes_count_is_known_as_trivial() {
        for first in [0_u8, 1, b'a', 255] {
            for step in 0..=255_u8 {
                let mut next = first;
                let mut bytes = [(); 32].map(|()| {
                    let byte = next;
                    next = next.wrapping_add(step);
                    byte
                });
                let pattern = Key::from_bytes(bytes).unwrap().trivial_pattern();
                let expected = if step == 0 { "repeats" } else { "count" };
                assert!(pattern.unwrap().contains(expected), "{first}, {step}");
                for index in [0, 1, 16, 31] {
                    bytes[index] ^= 1;
                    assert_eq!(Key::from_bytes(bytes).unwrap().trivial_pattern(), None);
                    bytes[index] ^= 1;
                }
            }
        }
    }

    #[test]
    fn the_ephemeral_key_is_one_per_process() {
        let one = Key::ephemeral().unwrap();
        let two = Key::ephemeral().unwrap();
        assert!(bool::from(one.ct_eq(&two)));
        assert!(!bool::from(one.ct_eq(&Key::generate().unwrap())));
    }

    #[test]
    fn a_key_is_wiped_when_dropped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<Key>();
    }
}
