//! Stage 3: rules between attributes, between fields, and on the struct; one function each.
//!
//! A rule is silent if a value that it needs is invalid, which has been reported already.

mod clashes;
mod cookie;
mod fields;
mod format;
mod lifetime;
mod names;
mod revocation;
mod shape;
mod version;

pub(crate) use self::revocation::AVAILABLE as REVOCATION_AVAILABLE;
use crate::{error::Errors, model::Draft};

/// Reports every rule that the struct violates.
pub(crate) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    shape::check(draft, errors);
    cookie::check(&draft.attrs, &draft.item.ident, errors);
    format::check(draft, errors);
    lifetime::check(&draft.attrs, errors);
    fields::check(&draft.fields, errors);
    names::check(draft, errors);
    clashes::check(draft, errors);
    revocation::check(draft, errors);
    version::check(&draft.attrs, errors);
}
