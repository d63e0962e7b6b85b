//! A set of fields of one struct.

use std::{fmt, iter};

use tracing::field::{DebugValue, debug};

use super::{Field, SessionData, SessionField};

/// A bit for each field, by position; a struct has at most 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FieldSet(u64);

impl FieldSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn single(field: usize) -> Self {
        let shift = u32::try_from(field).unwrap_or(u32::MAX);
        Self(1u64.checked_shl(shift).unwrap_or_default())
    }

    /// Every field of the struct.
    pub(crate) fn all<T: SessionData>() -> Self {
        Self::from_positions(0..T::SCHEMA.fields.len())
    }

    /// The fields that survive `regenerate` and `sign_in`.
    pub(crate) fn kept<T: SessionData>() -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        Self::from_positions(fields.filter(|(_, f)| f.keep).map(|(index, _)| index))
    }

    /// The field that says who is signed in, if the struct has one.
    pub(crate) fn identity<T: SessionData>() -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        Self::from_positions(fields.filter(|(_, f)| f.identity).map(|(index, _)| index))
    }

    /// The fields that live for one request.
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

    /// Returns those of the fields that differ between two values, as far as can be known: a type
    /// without `PartialEq` counts as different.
    pub(crate) fn differing<T: SessionData>(self, one: &T, other: &T) -> Self {
        let differ = |field: &usize| !one.__same(other, *field);
        Self::from_positions(self.positions().filter(differ))
    }

    /// The positions, in the order of the struct.
    pub(crate) fn positions(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        iter::from_fn(move || {
            let field = (left != 0).then(|| left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            field
        })
    }

    /// The names of the fields of a struct that are in the set, for the log.
    pub(crate) fn names<T: SessionData>(self) -> DebugValue<FieldNames> {
        debug(FieldNames {
            set: self,
            fields: T::SCHEMA.fields,
        })
    }
}

/// Shows the names of fields as a list.
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
    fn the_last_of_64_fields_is_a_member_and_a_65th_is_not() {
        let set = FieldSet::single(63).union(FieldSet::single(0));
        assert_eq!(set.positions().collect::<Vec<_>>(), [0, 63]);
        assert_eq!(FieldSet::single(64), FieldSet::EMPTY);
        assert_eq!(set.difference(FieldSet::single(0)), FieldSet::single(63));
    }
}
