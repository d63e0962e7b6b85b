//! Rules for one field: its type, and attributes that contradict each other.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{LitStr, Type};

use crate::{
    attr::{Attr, FieldAttrs},
    error::Errors,
    model::{self, DefaultValue, DraftField, Kind, Shape},
};

/// The rank of an alias is one byte.
const MOST_ALIASES: usize = 256;

pub(super) fn check(fields: &[DraftField], errors: &mut Errors) {
    for draft in fields {
        owned(draft, errors);
        one_option(draft, errors);
        skip_conflicts(&draft.attrs, errors);
        rest_conflicts(&draft.attrs, errors);
        rest_is_a_map(draft, errors);
        identity_is_an_option(draft, errors);
        identity_conflicts(&draft.attrs, errors);
        public_is_named(&draft.attrs, errors);
        copy_of_copy(draft, errors);
        literal_for_string(draft, errors);
        few_aliases(&draft.attrs, errors);
    }
    one_rest(fields, errors);
    one_identity(fields, errors);
}

fn owned(draft: &DraftField, errors: &mut Errors) {
    if let Some(reference) = model::borrowed(&draft.field.ty) {
        let message = format!(
            "field `{}` must not borrow because session data outlives the request; use an owned \
             type, such as `String` for `&str`",
            draft.name()
        );
        errors.report(reference, message);
    }
}

fn one_option(draft: &DraftField, errors: &mut Errors) {
    if let Some(inner) = model::nested_option(&draft.field.ty) {
        let inner_text = type_text(inner);
        errors.report(
            inner,
            format!(
                "`Option<{inner_text}>` is not supported because `None` and `Some(None)` are the \
                 same in JSON; write `{inner_text}`, or an enum for three states"
            ),
        );
    }
}

fn skip_conflicts(attrs: &FieldAttrs, errors: &mut Errors) {
    if attrs.skip.on().is_none() {
        return;
    }
    let storing = [
        ("rename", key_span(&attrs.rename)),
        ("alias", attrs.aliases.first().map(|alias| alias.key_span)),
        ("with", key_span(&attrs.with)),
        ("lenient", key_span(&attrs.lenient)),
        ("rest", attrs.rest.on().map(|rest| rest.key_span)),
    ];
    for (name, span) in present(storing) {
        let message =
            format!("`{name}` has no effect on a `skip` field, which is never stored; remove one");
        errors.report_at(span, message);
    }
}

fn rest_conflicts(attrs: &FieldAttrs, errors: &mut Errors) {
    if attrs.rest.on().is_none() || attrs.skip.on().is_some() {
        return;
    }
    let of_one_member = [
        ("rename", key_span(&attrs.rename)),
        ("alias", attrs.aliases.first().map(|alias| alias.key_span)),
        ("with", key_span(&attrs.with)),
        ("lenient", key_span(&attrs.lenient)),
        ("default", key_span(&attrs.default)),
        ("copy", attrs.copy.on().map(|copy| copy.key_span)),
    ];
    for (name, span) in present(of_one_member) {
        let message = format!(
            "`{name}` has no effect on the `rest` field, which holds members of any name and is \
             empty at first; remove one"
        );
        errors.report_at(span, message);
    }
}

fn rest_is_a_map(draft: &DraftField, errors: &mut Errors) {
    let ty = &draft.field.ty;
    if draft.attrs.rest.on().is_some() && !model::is_map_of_values(ty) {
        let message = format!(
            "the `rest` field holds JSON members of any name and type, which `{}` cannot; write \
             `serde_json::Map<String, serde_json::Value>`",
            type_text(ty)
        );
        errors.report(ty, message);
    }
}

/// Members that no field names are not known, so nobody can say that they are public.
fn public_is_named(attrs: &FieldAttrs, errors: &mut Errors) {
    if let Some(public) = attrs.public.on()
        && attrs.rest.on().is_some()
    {
        errors.report_at(
            public.key_span,
            "the `rest` field must not be `public`, because it holds members that no field names; \
             remove `public`, and write a field for each public member",
        );
    }
}

fn identity_is_an_option(draft: &DraftField, errors: &mut Errors) {
    let ty = &draft.field.ty;
    let is_option = matches!(draft.field.shape, Shape::Option { .. });
    if draft.attrs.identity.on().is_some() && !is_option {
        let message = format!(
            "the `identity` field must be an `Option`, which is `None` while nobody is signed in; \
             write `Option<{}>`",
            type_text(ty)
        );
        errors.report(ty, message);
    }
}

fn identity_conflicts(attrs: &FieldAttrs, errors: &mut Errors) {
    if attrs.identity.on().is_none() {
        return;
    }
    let reasons = [
        (
            attrs.skip.on(),
            "the `identity` field must not be a `skip` field, which is never stored; remove one",
        ),
        (
            attrs.rest.on(),
            "the `identity` field must not be the `rest` field; put it on the field that says who \
             is signed in",
        ),
        (
            attrs.keep.on(),
            "the `identity` field must not be a `keep` field, or `sign_in` would not end the \
             previous user's login; remove `keep`",
        ),
    ];
    for (other, message) in reasons {
        if let Some(other) = other {
            errors.report_at(other.key_span, message);
        }
    }
}

fn copy_of_copy(draft: &DraftField, errors: &mut Errors) {
    let Some(copy) = draft.attrs.copy.on() else {
        return;
    };
    let (what, getter) = match (&draft.field.shape, draft.field.shape.kind()) {
        (Shape::Value(_), Kind::String) => ("a `String`", "&str"),
        (Shape::Value(_), Kind::Vec { .. }) => ("a `Vec`", "a slice"),
        (Shape::Option { .. }, Kind::String) => ("a `String`", "Option<&str>"),
        (Shape::Option { .. }, Kind::Vec { .. }) => ("a `Vec`", "an `Option` of a slice"),
        (_, Kind::Copy | Kind::Other) => return,
    };
    let returned = if getter.starts_with('a') {
        getter.to_owned()
    } else {
        format!("`{getter}`")
    };
    let message = format!("{what} is not `Copy`; remove `copy`, the getter returns {returned}");
    errors.report_at(copy.key_span, message);
}

/// serde takes a function's name in a string. Here, rustc would report that as a type mismatch.
fn literal_for_string(draft: &DraftField, errors: &mut Errors) {
    let DefaultValue::Expr(expr) = &draft.field.default else {
        return;
    };
    let Some(literal) = model::string_literal(expr) else {
        return;
    };
    let ty = type_text(&draft.field.ty);
    let message = format!(
        "`default` takes an expression, and a string is not a `{ty}`; write the value, or call a \
         function, such as `default = {}`",
        call(literal)
    );
    errors.report(literal, message);
}

fn few_aliases(attrs: &FieldAttrs, errors: &mut Errors) {
    if let Some(first_beyond) = attrs.aliases.get(MOST_ALIASES) {
        let message =
            format!("a field must not have more than {MOST_ALIASES} aliases; remove some");
        errors.report_at(first_beyond.key_span, message);
    }
}

fn one_rest(fields: &[DraftField], errors: &mut Errors) {
    let mut rest = fields
        .iter()
        .filter_map(|draft| draft.attrs.rest.on().map(|rest| (draft, rest)));
    let Some((first, _)) = rest.next() else {
        return;
    };
    for (_, second) in rest {
        let message = format!(
            "a session must not have a second `rest` field; `{}` already holds the members that no \
             field names, so remove one",
            first.name()
        );
        errors.report_at(second.key_span, message);
    }
}

fn one_identity(fields: &[DraftField], errors: &mut Errors) {
    let mut identities = fields
        .iter()
        .filter_map(|draft| draft.attrs.identity.on().map(|identity| (draft, identity)));
    let Some((first, _)) = identities.next() else {
        return;
    };
    for (_, second) in identities {
        let message = format!(
            "a session must not have a second `identity` field; `{}` already says who is signed \
             in, so remove one",
            first.name()
        );
        errors.report_at(second.key_span, message);
    }
}

pub(super) fn key_span<T>(given: &Attr<T>) -> Option<Span> {
    given.written().map(|written| written.key_span)
}

fn present<const N: usize>(
    keys: [(&'static str, Option<Span>); N],
) -> impl Iterator<Item = (&'static str, Span)> {
    keys.into_iter()
        .filter_map(|(name, span)| span.map(|span| (name, span)))
}

/// The call of the function that a string names.
fn call(literal: &LitStr) -> String {
    match literal.parse::<syn::Path>() {
        Ok(path) => format!("{}()", compact(&path.to_token_stream().to_string())),
        Err(_) => "make()".to_owned(),
    }
}

/// A type with the usual spacing.
pub(super) fn type_text(ty: &Type) -> String {
    compact(&ty.to_token_stream().to_string())
}

/// Removes the spaces that are printed between tokens.
fn compact(tokens: &str) -> String {
    tokens
        .replace(" :: ", "::")
        .replace(":: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
        .replace("& ", "&")
}
