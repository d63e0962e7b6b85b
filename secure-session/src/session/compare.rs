//! Distinguishes field types with and without `PartialEq` in generated code.
//!
//! Uses autoref specialization: the method of [`ByPartialEq`] needs one reference less than the
//! method of [`NeverEqual`], so it takes precedence where it exists.

/// A field to compare.
#[derive(Debug)]
pub struct Compared<'a, F>(pub &'a F);

/// Compares fields of a type with `PartialEq`.
pub trait ByPartialEq<F> {
    /// Returns true if the two fields are equal.
    fn __is_same(&self, other: &F) -> bool;
}

impl<F: PartialEq> ByPartialEq<F> for Compared<'_, F> {
    fn __is_same(&self, other: &F) -> bool {
        self.0 == other
    }
}

/// The fallback for types without `PartialEq`, whose values are never known to be equal.
pub trait NeverEqual<F> {
    /// Returns false.
    fn __is_same(&self, other: &F) -> bool;
}

impl<F> NeverEqual<F> for &Compared<'_, F> {
    fn __is_same(&self, _: &F) -> bool {
        false
    }
}
