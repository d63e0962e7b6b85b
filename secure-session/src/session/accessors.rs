//! The functions that generated accessors call.

use std::{fmt, sync::Arc};

use super::SecureSession;
use super::{cell::SessionCell, versions::Current};
use crate::schema::field_set::FieldSet;

/// The session handle inside generated accessors.
///
/// `place` always returns a field of the struct: it runs under the lock and must not be user code.
/// The functions are not methods, so that user traits cannot take precedence over them and the
/// compiler does not suggest them for misspelled methods.
pub struct Handle<T>(Arc<SessionCell<T>>);

impl<T: SecureSession> Handle<T> {
    pub(crate) fn new(cell: Arc<SessionCell<T>>) -> Self {
        Self(cell)
    }

    pub(super) fn cell(&self) -> &SessionCell<T> {
        &self.0
    }

    /// Returns the current value.
    #[must_use]
    pub fn get(handle: &Self) -> &T {
        handle.0.read()
    }

    /// Returns the current value without keeping a version of it.
    #[must_use]
    pub fn current(handle: &Self) -> Current<'_, T> {
        handle.0.open().current()
    }

    /// Sets a field.
    pub fn put<F>(handle: &Self, field: usize, place: fn(&mut T) -> &mut F, mut value: F) {
        handle.0.write(FieldSet::single(field), |session| {
            std::mem::swap(place(session), &mut value);
        });
    }

    /// Sets a field to `None` and returns its previous value. After the response head has been
    /// sent, the field keeps its value, which is returned.
    pub fn take<F>(handle: &Self, field: usize, place: fn(&mut T) -> &mut Option<F>) -> Option<F> {
        let mut taken = None;
        let done = handle.0.write(FieldSet::single(field), |session| {
            std::mem::swap(place(session), &mut taken);
        });
        if !done {
            taken = place(&mut Self::current(handle).__copy()).take();
        }
        taken
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(..)")
    }
}
