//! Tells field types with `PartialEq` from those without, in generated code.
//!
//! Autoref specialisation: the method of [`ByPartialEq`] needs one reference less than that of
//! [`NeverEqual`], so it is found first where it exists.

/// A field in front of a comparison.
#[derive(Debug)]
pub struct Compared<'a, F>(pub &'a F);

/// Compares fields of a type with `PartialEq`.
pub trait ByPartialEq<F> {
    /// Whether the two are equal.
    fn __is_same(&self, other: &F) -> bool;
}

impl<F: PartialEq> ByPartialEq<F> for Compared<'_, F> {
    fn __is_same(&self, other: &F) -> bool {
        self.0 == other
    }
}

/// Stands in for types without `PartialEq`: nothing is known to be equal.
pub trait NeverEqual<F> {
    /// `false`.
    fn __is_same(&self, other: &F) -> bool;
}

impl<F> NeverEqual<F> for &Compared<'_, F> {
    fn __is_same(&self, _: &F) -> bool {
        false
    }
}
