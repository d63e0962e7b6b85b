//! What the type of a field must be, with diagnostics in words that fit a session.

use serde_json::{Map, Value};

use super::NotMigrated;

/// `Clone`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` is not `Clone`",
    label = "needs `Clone`: a read behind a write copies the session, so that earlier reads stay valid",
    note = "derive or implement `Clone` for `{Self}`"
)]
pub trait FieldClone: Clone {}

impl<F: Clone> FieldClone for F {}

/// `Default`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` has no default",
    label = "needs a value for sessions that were never stored",
    note = "derive `Default` for `{Self}`, or give one with `#[session(default = …)]`"
)]
pub trait FieldDefault: Default {}

impl<F: Default> FieldDefault for F {}

/// `Serialize`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be stored",
    label = "needs `serde::Serialize`",
    note = "derive `serde::Serialize` for `{Self}`, name a module with `#[session(with = …)]`, or keep the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldSerialize: serde::Serialize {}

impl<F: serde::Serialize + ?Sized> FieldSerialize for F {}

/// `DeserializeOwned`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be read back",
    label = "needs `serde::Deserialize`, owning its data",
    note = "derive `serde::Deserialize` for `{Self}`, name a module with `#[session(with = …)]`, or keep the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldDeserialize: serde::de::DeserializeOwned {}

impl<F: serde::de::DeserializeOwned> FieldDeserialize for F {}

/// `Send + Sync`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be shared between threads",
    label = "needs `Send`, `Sync` and no borrowed data: handles of a session move between threads",
    note = "use `Arc` in place of `Rc`, and atomics or `Mutex` in place of `Cell` and `RefCell`"
)]
pub trait FieldShare: Send + Sync + 'static {}

// Else the compiler names `Send` or `Sync` in its own words.
#[diagnostic::do_not_recommend]
impl<F: Send + Sync + 'static> FieldShare for F {}

/// What a `migrate` function may return.
#[diagnostic::on_unimplemented(
    message = "a migration cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "it returns nothing, or a `Result<(), E>` whose error refuses the session"
)]
pub trait MigrationResult {
    /// Whether it was done.
    ///
    /// # Errors
    ///
    /// When it was not.
    fn done(self) -> Result<(), NotMigrated>;
}

impl MigrationResult for () {
    fn done(self) -> Result<(), NotMigrated> {
        Ok(())
    }
}

impl<E> MigrationResult for Result<(), E> {
    fn done(self) -> Result<(), NotMigrated> {
        self.map_err(|_| NotMigrated)
    }
}

/// Runs the function that `migrate` names.
///
/// # Errors
///
/// When it returned one.
pub fn migrate<R: MigrationResult>(
    function: fn(from: u32, members: &mut Map<String, Value>) -> R,
    from: u32,
    members: &mut Map<String, Value>,
) -> Result<(), NotMigrated> {
    function(from, members).done()
}

/// The default of a field.
#[must_use]
pub fn default<F: FieldDefault>() -> F {
    F::default()
}

/// A copy of a field.
#[must_use]
pub fn copy<F: FieldClone>(field: &F) -> F {
    field.clone()
}

/// Reads a field.
///
/// # Errors
///
/// Those of its `Deserialize`.
pub fn read<'de, F: FieldDeserialize, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<F, D::Error> {
    serde::Deserialize::deserialize(value)
}
