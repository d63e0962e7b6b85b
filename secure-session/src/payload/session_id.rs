//! The session id: 128 random bits, inside the encryption.

use std::fmt;

/// The id of a session, which is random and new after each login.
///
/// [`Display`](fmt::Display) writes 32 hexadecimal digits. The id is inside the encrypted cookie,
/// so clients cannot see their own. You can use it to tie a CSRF token or a list of sessions to a
/// session.
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

    /// A placeholder for a session without an id.
    pub(crate) const NONE: Self = Self([0; Self::LEN]);

    /// Makes an id from its bytes, for example from a table of sessions.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the id.
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
