//! Accessor names that are hidden or reserved.

use syn::ext::IdentExt as _;

use crate::{
    error::Errors,
    model::{Draft, DraftField},
};

/// Methods of `Session`, which hide accessors of the same name.
const SESSION: [&str; 15] = [
    "cookie_options",
    "destroy",
    "ended",
    "info",
    "reauthenticate",
    "regenerate",
    "regenerate_keeping",
    "remember_for",
    "replace",
    "sign_in",
    "snapshot",
    "touch",
    "update",
    "view",
    "without_activity",
];

/// Methods of traits that every type implements. They are found on `Session` before its accessors.
const EVERY_TYPE: [&str; 12] = [
    "borrow",
    "borrow_mut",
    "clone",
    "clone_from",
    "clone_into",
    "deref",
    "deref_mut",
    "fmt",
    "into",
    "to_owned",
    "try_into",
    "type_id",
];

/// Reserved for future methods of `Session`.
const LATER: [&str; 6] = [
    "check",
    "csrf",
    "flash",
    "issue_bearer",
    "revoke",
    "verify_csrf",
];

pub(super) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    let named = |draft: &&DraftField| !draft.attrs.accessor.is_unusable();
    for field in draft.fields.iter().filter(named) {
        not_reserved(field, errors);
        not_double_underscore(field, errors);
    }
}

fn not_reserved(draft: &DraftField, errors: &mut Errors) {
    for method in draft.field.names.methods() {
        let name = method.unraw().to_string();
        let problem = if SESSION.contains(&name.as_str()) {
            format!("is hidden by `Session::{name}`")
        } else if EVERY_TYPE.contains(&name.as_str()) {
            format!("is hidden by the method `{name}` of a standard trait")
        } else if LATER.contains(&name.as_str()) {
            "has a name that is reserved for a future method of `Session`".to_owned()
        } else {
            continue;
        };
        let message = format!(
            "the accessor `{name}` of field `{}` {problem}; choose another name with \
             `#[session(accessor = \"{}\")]`",
            draft.name(),
            example(draft)
        );
        errors.report_at(draft.accessor_span(), message);
    }
}

/// Names in generated code begin with `__`.
fn not_double_underscore(draft: &DraftField, errors: &mut Errors) {
    let getter = draft.field.names.getter.unraw().to_string();
    if getter.starts_with("__") {
        let message = format!(
            "accessor names must not begin with `__`, which is reserved for generated code; choose \
             another name with `#[session(accessor = \"{}\")]`",
            example(draft)
        );
        errors.report_at(draft.accessor_span(), message);
    }
}

/// A name that is not reserved.
fn example(draft: &DraftField) -> String {
    let stem = draft.name().trim_matches('_');
    format!("{stem}_value").trim_start_matches('_').to_owned()
}
