//! Keys of 32 secret bytes, and the rings of keys that sessions use.

// A missing key, salt or passphrase must never be replaced by a default.
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

/// A secret key of 32 bytes, which never appears in logs and is zeroized when dropped.
///
/// Each session derives its own key from it, so one key is enough for all sessions of an
/// application.
///
/// # Security
///
/// Anyone who knows the key can read and forge every session. Keep it out of version control.
/// Generate one per application and environment with `openssl rand -hex 32`, and pass it in an
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
// Boxed so that a growing list of keys leaves no copies of their bytes behind.
pub struct Key(Box<[u8; Key::LEN]>);

impl Key {
    /// The length of a key in bytes.
    pub const LEN: usize = 32;

    /// Generates a key with the operating system's random generator.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::NoRandomness`] if the operating system returns no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        let mut key = Self(Box::new([0; Self::LEN]));
        let filled = Random::System.fill(&mut *key.0);
        filled.map_err(|_| KeyError::new(KeyProblem::NoRandomness))?;
        Ok(key)
    }

    /// Returns a random key for demonstrations, and logs a warning.
    ///
    /// All calls in a process return the same key.
    ///
    /// # Security
    ///
    /// All sessions are lost when the process ends, and a second process cannot open the sessions
    /// of the first.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::NoRandomness`] if the operating system returns no random bytes.
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
                "using an ephemeral key: sessions are lost when this process ends; create a \
                 permanent key with `openssl rand -hex 32`"
            );
            fresh
        });
        Ok(key.clone())
    }

    /// Makes a key from its 32 bytes.
    ///
    /// Keys that are easy to guess (one byte repeated, or bytes in equal steps) are accepted here,
    /// so that tools can read old cookies. `build()` rejects them.
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Length`] if there are not exactly 32 bytes.
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
    /// [`KeyProblem::Text`] if there are not 64 characters, or one isn't a hexadecimal digit.
    pub fn from_hex(digits: &str) -> Result<Self, KeyError> {
        text::from_hex(digits).map_err(KeyError::new)
    }

    /// Reads a key of 43 base64 characters, or 44 with padding, in the standard or the URL-safe
    /// alphabet (RFC 4648 §4 and §5).
    ///
    /// # Errors
    ///
    /// [`KeyProblem::Text`] if the length or a character is wrong.
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        text::from_base64(text).map_err(KeyError::new)
    }

    /// Returns the secret bytes, for example to write the key to a file or a secret store.
    ///
    /// # Security
    ///
    /// Anyone who has them can read and forge every session. Do not print or log them, and zeroize
    /// copies.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Returns why the key is easy to guess, if each byte is the previous one plus a constant.
    /// Random keys never are; keys in examples often are.
    pub(crate) fn trivial_pattern(&self) -> Option<&'static str> {
        let pairs = self.0.iter().zip(self.0.iter().skip(1));
        let mut steps = pairs.map(|(byte, next)| next.wrapping_sub(*byte));
        let step = steps.next()?;
        if steps.any(|other| other != step) {
            return None;
        }
        Some(match step {
            0 => "repeats one byte 32 times",
            _ => "has bytes in equal steps, like keys in examples",
        })
    }

    fn checked(bytes: &[u8]) -> Result<Self, KeyProblem> {
        let bytes: &[u8; Self::LEN] = bytes
            .try_into()
            .map_err(|_| KeyProblem::Length { bytes: bytes.len() })?;
        Ok(Self::copied(bytes))
    }

    /// Copies the bytes to their place. `Box::new(*bytes)` may leave another copy on the stack.
    fn copied(bytes: &[u8; Self::LEN]) -> Self {
        let mut key = Self(Box::new([0; Self::LEN]));
        key.0.copy_from_slice(bytes);
        key
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::copied(&self.0)
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

/// Derives a key from the one that an application already has for signed or private cookies.
///
/// The 32 bytes are HKDF-SHA-256 (RFC 5869) of that key's 64 bytes, with the info
/// `actix-secure-session key from actix_web::cookie::Key`. The derived key reveals nothing about
/// the original.
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
    fn debug_of_a_key_contains_none_of_its_bytes() {
        let key = Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap();
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert_eq!(format!("{key:#?}"), "Key(..)");
    }

    #[test]
    fn keys_of_the_wrong_length_are_rejected_with_their_length() {
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
    fn key_with_bytes_in_equal_steps_is_trivial() {
        for first in [0_u8, 1, b'a', 255] {
            for step in 0..=255_u8 {
                let mut next = first;
                let mut bytes = [(); 32].map(|()| {
                    let byte = next;
                    next = next.wrapping_add(step);
                    byte
                });
                let pattern = Key::from_bytes(bytes).unwrap().trivial_pattern();
                let expected = if step == 0 { "repeats" } else { "steps" };
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
    fn ephemeral_key_is_the_same_within_a_process() {
        let one = Key::ephemeral().unwrap();
        let two = Key::ephemeral().unwrap();
        assert!(bool::from(one.ct_eq(&two)));
        assert!(!bool::from(one.ct_eq(&Key::generate().unwrap())));
    }

    #[test]
    fn key_is_zeroized_when_dropped() {
        fn is_zeroized<T: ZeroizeOnDrop>() {}
        is_zeroized::<Key>();
    }
}
