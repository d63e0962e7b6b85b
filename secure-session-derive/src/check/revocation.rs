//! Rules for sessions that can be revoked.

use super::fields::{key_span, type_text};
use crate::{
    attr::{ContainerAttrs, FieldAttrs, Spanned},
    error::Errors,
    model::{Draft, DraftField, Format},
};

/// Whether the library can revoke sessions. The unit tests cover the rules without the feature.
pub(crate) const AVAILABLE: bool = cfg!(any(feature = "revocation", test));

pub(super) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    check_if(AVAILABLE, draft, errors);
}

fn check_if(available: bool, draft: &Draft<'_>, errors: &mut Errors) {
    if draft.attrs.revocable.is_unusable() {
        return;
    }
    let Some(revocable) = draft.attrs.revocable.on() else {
        only_if_revocable(draft, errors);
        return;
    };
    if !available {
        errors.report_at(
            revocable.key_span,
            "`revocable` needs the feature `revocation`; add `features = [\"revocation\"]` to the \
             dependency `actix-secure-session`",
        );
        return;
    }
    native_format(&draft.attrs, revocable, errors);
    has_identity(&draft.fields, revocable, errors);
    for field in &draft.fields {
        not_implied(&field.attrs, errors);
        group_is_a_stored_option(field, errors);
        group_is_stable(&field.attrs, errors);
        group_is_not_lenient(field, errors);
        group_begins_as_none(&field.attrs, errors);
    }
}

fn only_if_revocable(draft: &Draft<'_>, errors: &mut Errors) {
    if let Some(span) = key_span(&draft.attrs.remember) {
        errors.report_at(
            span,
            "`remember` has no effect without `revocable`; add `revocable` or remove it (the \
             longest `remember_for` of other sessions is 400 days)",
        );
    }
    if let Some(span) = key_span(&draft.attrs.selector) {
        errors.report_at(
            span,
            "`selector` has no effect without `revocable`; add `revocable` or remove it",
        );
    }
    for field in &draft.fields {
        if let Some(revoke_by) = field.attrs.revoke_by.on() {
            errors.report_at(
                revoke_by.key_span,
                "`revoke_by` has no effect without `revocable`; add `revocable` above the struct \
                 or remove it",
            );
        }
    }
}

fn native_format(attrs: &ContainerAttrs, revocable: &Spanned<bool>, errors: &mut Errors) {
    if attrs.format.value() == Some(&Format::Fastify) {
        errors.report_at(
            revocable.key_span,
            "only sessions of the native format can be revoked; remove `revocable` or \
             `format = \"fastify\"`",
        );
    }
}

fn has_identity(fields: &[DraftField], revocable: &Spanned<bool>, errors: &mut Errors) {
    let may_be_identity = |draft: &DraftField| {
        let identity = &draft.attrs.identity;
        identity.on().is_some() || identity.is_unusable()
    };
    if !fields.iter().any(may_be_identity) {
        errors.report_at(
            revocable.key_span,
            "a `revocable` session needs a field that says who is signed in; write \
             `#[session(identity)]` on an `Option` field, such as `user_id: Option<u64>`",
        );
    }
}

fn not_implied(attrs: &FieldAttrs, errors: &mut Errors) {
    if attrs.identity.on().is_some()
        && let Some(span) = key_span(&attrs.revoke_by)
    {
        errors.report_at(span, "`identity` implies `revoke_by`; remove `revoke_by`");
    }
}

/// Whether only `revoke_by` makes the field a group. The rules for `identity` are in
/// [`fields`](super::fields).
fn is_named_group(attrs: &FieldAttrs) -> bool {
    attrs.revoke_by.on().is_some() && attrs.identity.on().is_none()
}

fn group_is_a_stored_option(draft: &DraftField, errors: &mut Errors) {
    let attrs = &draft.attrs;
    if !is_named_group(attrs) {
        return;
    }
    if let Some(rest) = attrs.rest.on() {
        errors.report_at(
            rest.key_span,
            "a `revoke_by` field must not be the `rest` field; put it on a field whose value names \
             the group",
        );
        return;
    }
    if let Some(skip) = attrs.skip.on() {
        errors.report_at(
            skip.key_span,
            "a `revoke_by` field must not be a `skip` field, which is never stored; remove one",
        );
    }
    if !draft.field.shape.is_option() {
        let ty = &draft.field.ty;
        let message = format!(
            "a `revoke_by` field must be an `Option`, which is `None` if the session is in no \
             group; write `Option<{}>`",
            type_text(ty)
        );
        errors.report(ty, message);
    }
}

/// A value whose text changes is no longer found, and its sessions would stay valid.
fn group_is_stable(attrs: &FieldAttrs, errors: &mut Errors) {
    // Reported by the rules for `skip` and `rest`.
    if attrs.skip.on().is_some() || attrs.rest.on().is_some() {
        return;
    }
    if let Some(group) = described(attrs)
        && let Some(span) = key_span(&attrs.with)
    {
        let message = format!(
            "{group} must not have `with`, because revocation compares the stored text, which \
             must not change; remove `with`, or choose a type that is stored as an integer, a \
             `bool` or a string"
        );
        errors.report_at(span, message);
    }
}

/// A member that does not fit would become `None`, and the session would leave its group.
fn group_is_not_lenient(draft: &DraftField, errors: &mut Errors) {
    let attrs = &draft.attrs;
    if !is_named_group(attrs) || !draft.field.lenient {
        return;
    }
    let on_field = attrs.lenient.on().map(|lenient| lenient.key_span);
    let Some(span) = on_field.or_else(|| key_span(&attrs.revoke_by)) else {
        return;
    };
    errors.report_at(
        span,
        "a `revoke_by` field must not be `lenient`, or a session whose value does not fit would \
         leave its group and stay valid; remove `lenient`, or write `lenient = false` on the field",
    );
}

fn group_begins_as_none(attrs: &FieldAttrs, errors: &mut Errors) {
    // Reported by the rules for `rest`.
    if attrs.rest.on().is_some() {
        return;
    }
    if let Some(group) = described(attrs)
        && let Some(span) = key_span(&attrs.default)
    {
        let reason = if is_named_group(attrs) {
            "a new session is in no group"
        } else {
            "nobody is signed in to a new session"
        };
        let message = format!("{group} must not have a `default`: {reason}; remove `default`");
        errors.report_at(span, message);
    }
}

/// The field's role as the beginning of a message; `None` if it groups no sessions.
fn described(attrs: &FieldAttrs) -> Option<&'static str> {
    if attrs.identity.on().is_some() {
        Some("the `identity` field of a `revocable` session")
    } else if attrs.revoke_by.on().is_some() {
        Some("a `revoke_by` field")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn missing_feature_is_the_only_mistake() {
        let item = syn::parse2(quote! {
            #[session(revocable)]
            struct Auth { #[session(revoke_by, with = text)] tenant: String }
        });
        let item = item.expect("a struct");
        let mut errors = Errors::new();
        let draft = Draft::read(&item, &mut errors);
        check_if(false, &draft, &mut errors);
        let mistakes = errors.finish().expect_err("the feature is off");
        let messages: Vec<_> = mistakes.into_iter().map(|err| err.to_string()).collect();
        assert_eq!(
            messages,
            [
                "`revocable` needs the feature `revocation`; add `features = [\"revocation\"]` to \
                 the dependency `actix-secure-session`"
            ]
        );
    }
}
