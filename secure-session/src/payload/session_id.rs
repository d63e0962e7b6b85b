//! The id of a session: 128 random bits inside the encryption.

use std::fmt;

/// The id of a session: random, and new after each login.
///
/// [`Display`](fmt::Display) gives 32 hexadecimal digits. It stands inside the encrypted cookie, so
/// a client does not learn its own; a list of sessions or a CSRF token can be tied to it.
///
/// # Examples
///
/// ```
/// use secure_session::SessionId;
///
/// let id = SessionId::from_bytes([0xab; 16]);
/// assert_eq!(id.to_string(), "abababababababababababababababab");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; SessionId::LEN]);

impl SessionId {
    /// The length of an id in bytes.
    pub const LEN: usize = 16;

    /// Stands where a session has no id (yet).
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    /// Takes the bytes of an id, for example from a table of sessions.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes of the id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}
