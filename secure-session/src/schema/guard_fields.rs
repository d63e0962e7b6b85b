//! The values that a guard takes from a session.

use super::Field;

/// What the getter of an `Option` field returns, for a guard's field of the type `F`.
#[diagnostic::on_unimplemented(
    message = "without `#[guard(value)]`, a guard's field must be an `Option` in the session, but the session's getter returns `{Self}`",
    label = "not an `Option` in the session",
    note = "to take a copy of a field that is no `Option`, write `#[guard(value)]` on the guard's field; a guard lets a request in if the `Option` of every other field is `Some`"
)]
pub trait GuardOption<F> {
    #[doc(hidden)]
    fn __get(self) -> Option<F>;
}

impl<T: GuardValue<F>, F> GuardOption<F> for Option<T> {
    fn __get(self) -> Option<F> {
        self.map(GuardValue::__into)
    }
}

/// A value of a getter that becomes the guard's field of the type `F`.
#[diagnostic::on_unimplemented(
    message = "the session's getter returns `{Self}`, but the guard's field is `{F}`",
    label = "the session has another type here",
    note = "write the type of the session's field, without `Option` and references: `String` for `&str`, `Vec<_>` for `&[_]`, `T` for `&T`"
)]
pub trait GuardValue<F> {
    #[doc(hidden)]
    fn __into(self) -> F;
}

impl<F> GuardValue<F> for F {
    fn __into(self) -> F {
        self
    }
}

impl<F: Clone> GuardValue<F> for &F {
    fn __into(self) -> F {
        self.clone()
    }
}

impl GuardValue<String> for &str {
    fn __into(self) -> String {
        self.to_owned()
    }
}

impl<F: Clone> GuardValue<Vec<F>> for &[F] {
    fn __into(self) -> Vec<F> {
        self.to_vec()
    }
}

/// Returns true if a field has a getter of this name. It runs at compile time, for an assertion of
/// generated code.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "slices have no iterators at compile time"
)]
#[must_use]
pub const fn has_getter(fields: &[Field], name: &str) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if is_same(fields[index].getter.as_bytes(), name.as_bytes()) {
            return true;
        }
        index += 1;
    }
    false
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "slices cannot be compared at compile time"
)]
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
