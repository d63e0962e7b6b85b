//! The argument type of functions that take keys.

use super::{Key, KeyRing};

/// A [`Key`] or a [`KeyRing`]; every function that takes keys accepts both.
///
/// # Examples
///
/// ```
/// use secure_session::{IntoKeyRing, Key, KeyRing};
///
/// let key = Key::generate()?;
/// let ring = KeyRing::new(key.clone()).with_decrypt_only_key(Key::generate()?)?;
/// assert_eq!(key.into_key_ring().len(), 1);
/// assert_eq!(ring.into_key_ring().len(), 2);
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key",
    label = "expected a `Key` or a `KeyRing`",
    note = "to read keys from an environment variable, write `KeyRing::from_env(\"SESSION_KEYS\")?`",
    note = "for the 32 bytes of a key, write `Key::from_bytes(bytes)?`; for its text, `Key::from_hex(text)?` or `Key::from_base64(text)?`",
    note = "a `Result` needs `?` after the call, as in `Key::generate()?`; a reference needs `.clone()`"
)]
pub trait IntoKeyRing {
    /// Converts into a ring. A single key becomes a ring of one key.
    fn into_key_ring(self) -> KeyRing;
}

impl IntoKeyRing for KeyRing {
    fn into_key_ring(self) -> KeyRing {
        self
    }
}

impl IntoKeyRing for Key {
    fn into_key_ring(self) -> KeyRing {
        KeyRing::new(self)
    }
}
