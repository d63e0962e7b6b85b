//! The values that group sessions to revoke.

/// A type of the fields that group sessions: `identity` and `revoke_by` of a
/// [`revocable`](macro@crate::SecureSession#revocable) session.
///
/// Integers, `bool`, `String` and, with the feature `uuid`, `Uuid` implement it. Implement it for a
/// newtype of one of them whose JSON is that of the value inside, as serde writes a newtype.
///
/// # Security
///
/// Groups are compared by the JSON text of the value. If equal values may have different texts, such
/// as maps or floats, a revocation misses sessions.
///
/// # Examples
///
/// ```
/// use secure_session::{RevocationValue, SecureSession};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
/// struct UserId(u64);
///
/// impl RevocationValue for UserId {}
///
/// #[derive(SecureSession)]
/// #[session(revocable)]
/// struct Auth {
///     #[session(identity)]
///     user_id: Option<UserId>,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot group sessions to revoke",
    label = "not an integer, a `bool`, a `String` or a `Uuid`",
    note = "for a newtype of one of them, write `impl secure_session::RevocationValue for {Self} {{}}`; `Uuid` needs the feature `uuid`"
)]
pub trait RevocationValue: serde::Serialize {}

macro_rules! revocation_values {
    ($($value:ty),*) => {
        $(impl RevocationValue for $value {})*
    };
}

revocation_values!(
    bool, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, String
);

#[cfg(feature = "uuid")]
impl RevocationValue for uuid::Uuid {}
