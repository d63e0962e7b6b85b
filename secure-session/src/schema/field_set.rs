//! A set of a struct's fields.

use std::{fmt, iter};

use tracing::field::{DebugValue, debug};

use super::{Field, SessionData, SessionField};

/// A set of a struct's fields: one bit for each, by position. A struct has at most 64 fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FieldSet(u64);

impl FieldSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn single(field: usize) -> Self {
        let shift = u32::try_from(field).unwrap_or(u32::MAX);
        Self(1u64.checked_shl(shift).unwrap_or_default())
    }

    /// Returns all fields of the struct.
    pub(crate) fn all<T: SessionData>() -> Self {
        Self::from_positions(0..T::SCHEMA.fields.len())
    }

    /// Returns the fields that survive `regenerate` and `sign_in`.
    pub(crate) fn kept<T: SessionData>() -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        Self::from_positions(fields.filter(|(_, f)| f.keep).map(|(index, _)| index))
    }

    /// Returns the field that identifies the signed-in user, or the empty set if there is none.
    pub(crate) fn identity<T: SessionData>() -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        Self::from_positions(fields.filter(|(_, f)| f.identity).map(|(index, _)| index))
    }

    /// Returns the fields that are never stored.
    pub(crate) fn skipped<T: SessionData>() -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        Self::from_positions(fields.filter(|(_, f)| f.skip).map(|(index, _)| index))
    }

    pub(crate) fn of<F: SessionField>(fields: &[F]) -> Self {
        Self::from_positions(fields.iter().map(|field| field.__index()))
    }

    pub(crate) fn from_positions(positions: impl IntoIterator<Item = usize>) -> Self {
        positions
            .into_iter()
            .fold(Self::EMPTY, |set, field| set.union(Self::single(field)))
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn contains(self, field: usize) -> bool {
        self.0 & Self::single(field).0 != 0
    }

    /// Returns the fields of the set that differ between two values. A field whose type has no
    /// `PartialEq` counts as different.
    pub(crate) fn differing<T: SessionData>(self, one: &T, other: &T) -> Self {
        let differ = |field: &usize| !one.__same(other, *field);
        Self::from_positions(self.positions().filter(differ))
    }

    /// Returns the positions of the fields, in the order of the struct.
    pub(crate) fn positions(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        iter::from_fn(move || {
            let field = (left != 0).then(|| left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            field
        })
    }

    /// Returns the names of the fields, for the log.
    pub(crate) fn names<T: SessionData>(self) -> DebugValue<FieldNames> {
        debug(FieldNames {
            set: self,
            fields: T::SCHEMA.fields,
        })
    }
}

/// Formats the names of fields as a list.
pub(crate) struct FieldNames {
    set: FieldSet,
    fields: &'static [Field],
}

impl fmt::Debug for FieldNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.set.positions();
        let names = fields.filter_map(|field| Some(self.fields.get(field)?.name));
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_holds_64_fields_and_ignores_a_65th() {
        let set = FieldSet::single(63).union(FieldSet::single(0));
        assert_eq!(set.positions().collect::<Vec<_>>(), [0, 63]);
        assert_eq!(FieldSet::single(64), FieldSet::EMPTY);
        assert_eq!(set.difference(FieldSet::single(0)), FieldSet::single(63));
    }
}
