//! All that the library knows of a struct that derives [`SecureSession`](crate::SecureSession).
//!
//! The derive writes a handful of small functions; everything that works with several fields at
//! once (the JSON object, versions of the value, comparison at the end of a request) is library
//! code on top of them.

pub(crate) mod bounds;
pub(crate) mod field_set;
mod format;
pub(crate) mod lossless;
mod member_writer;

use std::{fmt, hash::Hash};

use serde::de::Deserializer;

#[cfg(feature = "fastify")]
pub use self::format::Fastify;
pub use self::{
    format::{Format, FormatKind, Native},
    member_writer::{FieldWriter, WriteError},
};

/// What the library needs to know of a session struct; implemented by the derive. Write
/// `T: SecureSession` in your bounds.
///
/// The hidden items are an agreement between the derive and the library and change with every
/// version.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session",
    label = "does not derive `SessionData`",
    note = "write `#[derive(SecureSession)]` above the struct; enums, tuple structs and other types cannot be sessions"
)]
pub trait SessionData: Sized + Send + Sync + 'static {
    /// The generated enum that names the fields, such as `AuthField` for a struct `Auth`.
    type Field: SessionField;

    /// The format of the cookie: [`Native`](crate::codec::Native), unless
    /// `#[session(format = "fastify")]` says otherwise.
    type Format: Format;

    /// The value of a session that was never stored.
    #[doc(hidden)]
    fn __fresh() -> Self;

    #[doc(hidden)]
    const SCHEMA: Schema;

    /// Finds the field that a member of the JSON object belongs to.
    #[doc(hidden)]
    fn __find(name: &str) -> Option<Found>;

    /// Reads one field.
    #[doc(hidden)]
    fn __read<'de, D: Deserializer<'de>>(&mut self, field: usize, value: D)
    -> Result<(), D::Error>;

    /// Writes one field as a member of the JSON object; `None` and `skip` fields write nothing.
    #[doc(hidden)]
    fn __write(&self, field: usize, out: &mut FieldWriter<'_>) -> Result<(), WriteError>;

    /// Clones every field; the struct itself need not be `Clone`.
    #[doc(hidden)]
    #[must_use]
    fn __copy(&self) -> Self;

    /// Tells whether a field is known to be equal; never true for a type without `PartialEq`.
    /// `skip` fields are compared like the others.
    #[doc(hidden)]
    fn __same(&self, other: &Self, field: usize) -> bool;

    /// Swaps one field between two values; runs no code of the user's.
    #[doc(hidden)]
    fn __swap(&mut self, other: &mut Self, field: usize);

    /// Makes the JSON object of an older version one of the current version; only called where
    /// [`Schema::version`] is not 0.
    #[doc(hidden)]
    fn __migrate(
        _from: u32,
        _members: &mut serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), NotMigrated> {
        Ok(())
    }

    /// The `rest` field, if the struct has one.
    #[doc(hidden)]
    fn __rest(&mut self) -> Option<&mut serde_json::Map<String, serde_json::Value>> {
        None
    }
}

/// What the generated enums of field names have in common.
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

    /// The field's name in the struct, without `r#`.
    fn name(self) -> &'static str;

    /// The field's position in the struct.
    #[doc(hidden)]
    fn __index(self) -> usize;
}

/// What the attributes of a struct say, defaults filled in.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Schema {
    /// The struct's name.
    pub type_name: &'static str,
    /// At most 64, in the order of the struct.
    pub fields: &'static [Field],
    /// Further members of the JSON object that fields read (`alias`).
    pub aliases: &'static [&'static str],
    /// Members of the JSON object that are dropped on reading (`forget`).
    pub forget: &'static [&'static str],
    /// The number that is stored with the session; 0 without `version`.
    pub version: u32,
    pub policy: PolicyAttributes,
}

/// What the library needs to know of one field.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute of its own"
)]
pub struct Field {
    /// The field's name in the struct, without `r#`.
    pub name: &'static str,
    /// How its member begins in the JSON object, `"name":`; `None` if it has no member of its own.
    pub key: Option<&'static str>,
    /// Says who is signed in.
    pub identity: bool,
    /// Survives `regenerate` and `sign_in`.
    pub keep: bool,
    /// A member that does not fit becomes the default.
    pub lenient: bool,
    /// Lives for one request and is never stored.
    pub skip: bool,
}

/// The cookie and lifetime attributes of a struct, durations in seconds.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute of its own"
)]
pub struct PolicyAttributes {
    /// Given, or `__Host-` and the struct's name in snake case.
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
    /// `None` in a format that has no absolute limit.
    pub absolute: Option<u64>,
    /// `None` when not given: a tenth of the idle time.
    pub refresh: Option<RefreshAttribute>,
    pub purpose: &'static str,
}

#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum RefreshAttribute {
    /// `refresh = "5m"`, in seconds.
    After(u64),
    /// `refresh = "none"`: only writes and `touch` move the idle clock.
    Never,
}

#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub enum SameSiteAttribute {
    Strict,
    Lax,
    None,
}

/// A `migrate` function that returned an error; what it says is the application's to log.
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
