//! `#[derive(SessionGuard)]`: the same stages as for a session, for a struct with a few attributes.

mod attrs;
mod expand;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use self::attrs::{FieldSource, GuardAttrs, GuardField};
use crate::error::Errors;

/// Expands the derive to the generated code, or to every mistake.
pub(crate) fn derive(item: &DeriveInput) -> TokenStream {
    let mut errors = Errors::new();
    let attrs = GuardAttrs::read(item, &mut errors);
    let fields = read_fields(item, &mut errors);
    check(item, &attrs, &fields, &mut errors);
    match errors.finish() {
        Ok(()) => expand::guard(item, &attrs, &fields),
        Err(mistakes) => {
            let mistakes = mistakes.to_compile_error();
            let stubs = expand::stubs(item, &attrs);
            quote!(#mistakes #stubs)
        }
    }
}

fn read_fields(item: &DeriveInput, errors: &mut Errors) -> Vec<GuardField> {
    let message =
        "a guard is a struct with named fields, such as `struct SignedIn { user_id: u64 }`";
    match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                let fields = fields.named.iter();
                return fields
                    .map(|field| GuardField::read(field, errors))
                    .collect();
            }
            Fields::Unnamed(_) | Fields::Unit => errors.report(&item.ident, message),
        },
        Data::Enum(data) => errors.report_at(data.enum_token.span, message),
        Data::Union(data) => errors.report_at(data.union_token.span, message),
    }
    Vec::new()
}

fn check(item: &DeriveInput, attrs: &GuardAttrs, fields: &[GuardField], errors: &mut Errors) {
    if !item.generics.params.is_empty() {
        errors.report(
            &item.generics.params,
            "a guard must not have type, const or lifetime parameters; remove them",
        );
    }
    let mut whole = fields
        .iter()
        .filter(|field| field.source == FieldSource::Session);
    if whole.next().is_some() {
        for second in whole {
            errors.report(
                &second.ident,
                "a guard has at most one `#[guard(session)]` field; remove this one and its \
                 attribute",
            );
        }
    }
    let is_struct =
        matches!(&item.data, Data::Struct(data) if matches!(data.fields, Fields::Named(_)));
    let has_option = fields
        .iter()
        .any(|field| field.source != FieldSource::Session && field.source != FieldSource::Value);
    if is_struct && !has_option {
        errors.report(
            &item.ident,
            "a guard needs a field that is an `Option` in the session, such as `user_id: u64` for \
             the session's `user_id: Option<u64>`; otherwise it lets everyone in",
        );
    }
    if let Some(confirm) = attrs.confirm.written()
        && attrs.within.is_absent()
    {
        errors.report_at(
            confirm.key_span,
            "`confirm` needs `within`, how long a confirmation stays valid; add `within = \"5m\"`",
        );
    }
}
