//! The bounds on field types, with diagnostics written for sessions.

use serde_json::{Map, Value};

use super::NotMigrated;

/// `Clone` for field types, with a diagnostic for sessions.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` is not `Clone`",
    label = "needs `Clone`: a read after a write copies the session, so that earlier reads stay valid",
    note = "derive or implement `Clone` for `{Self}`"
)]
pub trait FieldClone: Clone {}

impl<F: Clone> FieldClone for F {}

/// `Default` for field types, with a diagnostic for sessions.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` has no default",
    label = "needs a value for sessions that were never stored",
    note = "derive `Default` for `{Self}`, or write `#[session(default = …)]` on the field"
)]
pub trait FieldDefault: Default {}

impl<F: Default> FieldDefault for F {}

/// `Serialize` for field types, with a diagnostic for sessions.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be stored",
    label = "needs `serde::Serialize`",
    note = "derive `serde::Serialize` for `{Self}`, name a module with `#[session(with = …)]`, or leave the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldSerialize: serde::Serialize {}

impl<F: serde::Serialize + ?Sized> FieldSerialize for F {}

/// `DeserializeOwned` for field types, with a diagnostic for sessions.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be read back",
    label = "needs `serde::Deserialize` without borrowed data",
    note = "derive `serde::Deserialize` for `{Self}`, name a module with `#[session(with = …)]`, or leave the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldDeserialize: serde::de::DeserializeOwned {}

impl<F: serde::de::DeserializeOwned> FieldDeserialize for F {}

/// `Send + Sync + 'static` for field types, with a diagnostic for sessions.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be shared between threads",
    label = "needs `Send`, `Sync` and no borrowed data: session handles move between threads",
    note = "use `Arc` instead of `Rc`, and atomics or `Mutex` instead of `Cell` and `RefCell`"
)]
pub trait FieldShare: Send + Sync + 'static {}

// Otherwise the compiler reports a missing `Send` or `Sync` with its own message.
#[diagnostic::do_not_recommend]
impl<F: Send + Sync + 'static> FieldShare for F {}

/// The types a `migrate` function may return.
#[diagnostic::on_unimplemented(
    message = "a migration cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "return nothing, or a `Result<(), E>` whose error rejects the session"
)]
pub trait MigrationResult {
    /// Converts the result of a `migrate` function.
    ///
    /// # Errors
    ///
    /// If the function returned an error.
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

/// Runs the function that the attribute `migrate` names.
///
/// # Errors
///
/// If the function returned an error.
pub fn migrate<R: MigrationResult>(
    function: fn(from: u32, members: &mut Map<String, Value>) -> R,
    from: u32,
    members: &mut Map<String, Value>,
) -> Result<(), NotMigrated> {
    function(from, members).done()
}

/// Returns the default of a field.
#[must_use]
pub fn default<F: FieldDefault>() -> F {
    F::default()
}

/// Copies a field.
#[must_use]
pub fn copy<F: FieldClone>(field: &F) -> F {
    field.clone()
}

/// Reads a field.
///
/// # Errors
///
/// If the field's `Deserialize` implementation returns an error.
pub fn read<'de, F: FieldDeserialize, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<F, D::Error> {
    serde::Deserialize::deserialize(value)
}
