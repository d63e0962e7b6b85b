//! What the library knows about a struct that derives [`SecureSession`](crate::SecureSession).
//!
//! The derive generates a few small functions. Everything that handles several fields at once (the
//! JSON object, versions of the value, the comparison at the end of a request) is library code on
//! top of them.

pub(crate) mod bounds;
pub(crate) mod field_set;
mod format;
pub(crate) mod guard_fields;
pub(crate) mod lossless;
mod member_writer;
#[cfg(feature = "revocation")]
mod revocation_value;

use std::{fmt, hash::Hash};

use serde::de::Deserializer;

#[cfg(feature = "fastify")]
pub use self::format::Fastify;
#[cfg(feature = "revocation")]
pub use self::revocation_value::RevocationValue;
pub use self::{
    format::{Format, FormatKind, Native},
    member_writer::{FieldWriter, WriteError},
};

/// The generated description of a session struct. Write `T: SecureSession` in your bounds instead.
///
/// The hidden items are a contract between the derive and the library and may change with every
/// version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session",
    label = "does not derive `SecureSession`",
    note = "write `#[derive(SecureSession)]` on a struct with named fields; enums, tuple structs and other types cannot be sessions"
)]
pub trait SessionData: Sized + Send + Sync + 'static {
    /// The generated enum that names the fields, such as `AuthField` for a struct `Auth`.
    type Field: SessionField;

    /// The format of the cookie: [`Native`](crate::codec::Native), unless
    /// `#[session(format = "fastify")]` says otherwise.
    type Format: Format;

    /// Returns the value of a session that was never stored.
    #[doc(hidden)]
    fn __fresh() -> Self;

    #[doc(hidden)]
    const SCHEMA: Schema;

    /// Returns the field that a member of the JSON object belongs to.
    #[doc(hidden)]
    fn __find(name: &str) -> Option<Found>;

    /// Reads one field.
    #[doc(hidden)]
    fn __read<'de, D: Deserializer<'de>>(&mut self, field: usize, value: D)
    -> Result<(), D::Error>;

    /// Writes one field as a member of the JSON object. `None` and `skip` fields write nothing.
    #[doc(hidden)]
    fn __write(&self, field: usize, out: &mut FieldWriter<'_>) -> Result<(), WriteError>;

    /// Clones all fields; the struct itself need not be `Clone`.
    #[doc(hidden)]
    #[must_use]
    fn __copy(&self) -> Self;

    /// Returns true if a field is known to be equal, which is never so for a type without
    /// `PartialEq`. `skip` fields are compared like the others.
    #[doc(hidden)]
    fn __same(&self, other: &Self, field: usize) -> bool;

    /// Swaps one field between two values. Runs no user code.
    #[doc(hidden)]
    fn __swap(&mut self, other: &mut Self, field: usize);

    /// Converts the JSON object of an older version to the current version. Only called if
    /// [`Schema::version`] is not 0.
    #[doc(hidden)]
    fn __migrate(
        _from: u32,
        _members: &mut serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), NotMigrated> {
        Ok(())
    }

    /// Returns the `rest` field, if the struct has one.
    #[doc(hidden)]
    fn __rest(&mut self) -> Option<&mut serde_json::Map<String, serde_json::Value>> {
        None
    }
}

/// A generated enum that names the fields of a session, such as `AuthField` for a struct `Auth`.
///
/// # Examples
///
/// ```
/// use secure_session::{SecureSession, SessionField};
///
/// #[derive(SecureSession)]
/// struct Auth {
///     user_id: Option<u64>,
///     name: String,
/// }
///
/// assert_eq!(AuthField::ALL, [AuthField::UserId, AuthField::Name]);
/// assert_eq!(AuthField::UserId.name(), "user_id");
/// ```
pub trait SessionField: Copy + Eq + Hash + fmt::Debug + Send + Sync + 'static {
    /// Every field, in the order of the struct.
    const ALL: &'static [Self];

    /// Returns the field's name in the struct, without `r#`.
    fn name(self) -> &'static str;

    /// Returns the field's position in the struct.
    #[doc(hidden)]
    fn __index(self) -> usize;
}

/// A struct's name, fields and attributes, with defaults filled in.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Schema {
    /// The struct's name.
    pub type_name: &'static str,
    /// At most 64, in the order of the struct.
    pub fields: &'static [Field],
    /// Additional members of the JSON object that fields read (`alias`).
    pub aliases: &'static [&'static str],
    /// Members of the JSON object that are dropped on reading (`forget`).
    pub forget: &'static [&'static str],
    /// The version that is stored with the session; 0 without `version`.
    pub version: u32,
    /// Sessions can be revoked before they expire.
    pub revocable: bool,
    pub policy: PolicyAttributes,
}

/// A field's name and attributes.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate attribute"
)]
pub struct Field {
    /// The field's name in the struct, without `r#`.
    pub name: &'static str,
    /// The name of its getter, without `r#`.
    pub getter: &'static str,
    /// The start of its member in the JSON object, `"name":`; `None` if it has no member.
    pub key: Option<&'static str>,
    /// Identifies the signed-in user.
    pub identity: bool,
    /// Survives `regenerate` and `sign_in`.
    pub keep: bool,
    /// Takes its default if its member does not fit.
    pub lenient: bool,
    /// Groups sessions to revoke.
    pub revoke_by: bool,
    /// Exists for one request and is never stored.
    pub skip: bool,
}

/// The cookie and lifetime attributes of a struct, durations in seconds.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate attribute"
)]
pub struct PolicyAttributes {
    /// Default: `__Host-` and the struct's name in snake case.
    pub cookie: &'static str,
    pub path: &'static str,
    pub domain: Option<&'static str>,
    pub same_site: SameSiteAttribute,
    pub secure: bool,
    pub http_only: bool,
    pub partitioned: bool,
    pub persistent: bool,
    /// `None` for `idle = "none"`.
    pub idle: Option<u64>,
    /// `None` in a format without an absolute limit.
    pub absolute: Option<u64>,
    /// `None` for the default: a tenth of the idle time.
    pub refresh: Option<RefreshAttribute>,
    /// The longest `remember_for` of a revocable session.
    pub remember: Option<u64>,
    pub purpose: &'static str,
    pub cross_origin: CrossOriginAttribute,
}

#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum CrossOriginAttribute {
    Allow,
    Refuse,
    SameSite,
    Strict,
}

#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum RefreshAttribute {
    /// `refresh = "5m"`, in seconds.
    After(u64),
    /// `refresh = "none"`: only writes and `touch` restart the idle clock.
    Never,
}

#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum SameSiteAttribute {
    Strict,
    Lax,
    None,
}

/// The `migrate` function returned an error. Its content is dropped: logging it is up to the
/// application.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct NotMigrated;

/// The field that a member of the JSON object belongs to.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum Found {
    /// The member has the field's current name.
    Current(usize),
    /// The member has an earlier name; of several aliases the first listed has rank 0.
    Alias { field: usize, rank: u8 },
}
