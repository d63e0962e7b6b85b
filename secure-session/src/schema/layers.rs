//! A session's value in two layers: fields that were written over those that were not.

use crate::schema::{SessionData, field_set::FieldSet};

/// Some fields of one value over the fields of another, so that a request which writes one field
/// copies none of the others.
pub(crate) struct Layers<'a, T> {
    under: &'a T,
    over: &'a T,
    /// Those that `over` has.
    fields: FieldSet,
}

impl<'a, T> Layers<'a, T> {
    pub(crate) fn new(under: &'a T, over: &'a T, fields: FieldSet) -> Self {
        Self {
            under,
            over,
            fields,
        }
    }

    /// All fields of one value.
    pub(crate) fn one(value: &'a T) -> Self {
        Self::new(value, value, FieldSet::EMPTY)
    }

    pub(crate) fn under(self) -> &'a T {
        self.under
    }

    /// The upper layer and the fields that it has, if there is one.
    pub(crate) fn over(self) -> Option<(&'a T, FieldSet)> {
        (self.fields != FieldSet::EMPTY).then_some((self.over, self.fields))
    }

    /// A value that has this field.
    pub(crate) fn with(self, field: usize) -> &'a T {
        if self.fields.contains(field) {
            self.over
        } else {
            self.under
        }
    }

    /// Of these fields, those that differ from another value's, as far as can be told: a type
    /// without `PartialEq` counts as different.
    pub(crate) fn differing(self, other: &T, fields: FieldSet) -> FieldSet
    where
        T: SessionData,
    {
        let differ = |field: &usize| !other.__same(self.with(*field), *field);
        FieldSet::from_positions(fields.positions().filter(differ))
    }
}

impl<T> Clone for Layers<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Layers<'_, T> {}
