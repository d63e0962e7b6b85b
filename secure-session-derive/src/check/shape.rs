//! Rules for the struct itself.

use syn::{Data, Fields, GenericParam, Meta, Token, punctuated::Punctuated, spanned::Spanned as _};

use crate::{error::Errors, model::Draft};

/// The changes of a request are recorded with one bit per field.
const MOST_FIELDS: usize = 64;

pub(super) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    named_fields(draft, errors);
    no_generics(draft, errors);
    not_packed(draft, errors);
    at_most_64_fields(draft, errors);
}

fn named_fields(draft: &Draft<'_>, errors: &mut Errors) {
    let name = &draft.item.ident;
    let (span, remedy) = match &draft.item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => return,
            Fields::Unnamed(fields) => (
                fields.span(),
                format!("name the fields, as in `struct {name} {{ user_id: u64 }}`"),
            ),
            Fields::Unit => (
                name.span(),
                format!("write `struct {name} {{}}` for a struct without fields"),
            ),
        },
        Data::Enum(data) => (
            data.enum_token.span,
            "put the enum into a field of a struct".to_owned(),
        ),
        Data::Union(data) => (data.union_token.span, "write a struct".to_owned()),
    };
    let message = format!(
        "`SecureSession` needs a struct with named fields, which name the accessors; {remedy}"
    );
    errors.report_at(span, message);
}

fn no_generics(draft: &Draft<'_>, errors: &mut Errors) {
    for param in &draft.item.generics.params {
        let message = match param {
            GenericParam::Lifetime(param) => format!(
                "lifetime `{}` is not supported because session data outlives the request; use \
                 owned types, such as `String` for `&str`",
                param.lifetime
            ),
            GenericParam::Type(param) => format!(
                "type parameter `{}` is not supported because a session is one type with one \
                 cookie; write a concrete type instead",
                param.ident
            ),
            GenericParam::Const(param) => format!(
                "const parameter `{}` is not supported because a session is one type with one \
                 cookie; write a concrete value instead",
                param.ident
            ),
        };
        errors.report(param, message);
    }
}

fn not_packed(draft: &Draft<'_>, errors: &mut Errors) {
    for attr in draft
        .item
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        let words = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        let packed = words
            .into_iter()
            .flatten()
            .find(|word| word.path().is_ident("packed"));
        if let Some(packed) = packed {
            errors.report(
                packed,
                "`repr(packed)` is not supported because getters return references to fields; \
                 remove it",
            );
        }
    }
}

fn at_most_64_fields(draft: &Draft<'_>, errors: &mut Errors) {
    if let Some(first_beyond) = draft.fields.get(MOST_FIELDS) {
        let message = format!(
            "a session must not have more than {MOST_FIELDS} fields, and this one has {}; group \
             some of them in a nested struct",
            draft.fields.len()
        );
        errors.report(&first_beyond.field.ident, message);
    }
}
