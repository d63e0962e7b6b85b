//! Stubs for a struct with mistakes.
//!
//! Without them, every use of the session would add errors about missing traits and accessors. None
//! of this code ever runs.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    Names,
    accessors::{Bodies, accessors},
    field_enum, format, public_view, selector,
};
use crate::model::{ChosenFormat, Draft, Field};

/// Accessors for all fields whose names do not clash, and impls without content.
pub(super) fn stubs(draft: &Draft<'_>) -> TokenStream {
    if !draft.item.generics.params.is_empty() {
        // Sessions are `'static`, and a stub for every `Auth<'a>` cannot be.
        return TokenStream::new();
    }
    let root = draft.root();
    let types = draft.type_names();
    let names = Names::new(draft.item, &types, &root);
    let fields = without_clashes(draft);
    let accessors = accessors(&names, &fields, None, Bodies::Stub);
    let field_enum = field_enum::field_enum(&names, &fields);
    let public_struct = public_view::public_struct(&names, &fields);
    let revocable = draft.attrs.is_revocable();
    let selector_enum = revocable.then(|| selector::selector_enum(&names, &fields));
    let impls = impls(&names, &fields, draft.attrs.format(), revocable);
    quote! {
        #accessors
        #field_enum
        #public_struct
        #selector_enum
        #impls
    }
}

/// All fields, except those that share the name of a method or variant with an earlier one.
fn without_clashes<'a>(draft: &'a Draft<'_>) -> Vec<&'a Field> {
    let mut methods = HashSet::new();
    let mut variants = HashSet::new();
    let fields = draft.fields.iter().map(|draft| &draft.field);
    fields
        .filter(|field| {
            let own: Vec<_> = field.names.methods().map(ToString::to_string).collect();
            let free = own.iter().all(|method| !methods.contains(method))
                && variants.insert(field.names.variant.to_string());
            if free {
                methods.extend(own);
            }
            free
        })
        .collect()
}

fn impls(
    names: &Names<'_>,
    fields: &[&Field],
    format: ChosenFormat,
    revocable: bool,
) -> TokenStream {
    let session = secure_session(names, format);
    let accessors = accessors_impls(names);
    let session_field = field_enum::session_field(names, fields);
    let public = public_view::public_impls(names, fields);
    let selector = revocable.then(|| selector::selector_impls(names, fields, Bodies::Stub));
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #session
            #accessors
            #session_field
            #public
            #selector
        };
    }
}

fn secure_session(names: &Names<'_>, chosen: ChosenFormat) -> TokenStream {
    let Names {
        session,
        accessors,
        field,
        root,
        private,
        core,
        ..
    } = names;
    let format = format(names, chosen);
    let schema = schema(names);
    quote! {
        #[automatically_derived]
        impl #root::SecureSession for #session {
            type Accessors = #accessors;
        }

        #[automatically_derived]
        impl #root::SessionData for #session {
            type Field = #field;
            type Format = #format;
            #schema

            fn __fresh() -> Self {
                #core::unimplemented!()
            }
            fn __find(
                _: &#core::primitive::str,
            ) -> #core::option::Option<#private::Found> {
                #core::unimplemented!()
            }
            fn __read<'de, __D: #private::serde::Deserializer<'de>>(
                &mut self,
                _: #core::primitive::usize,
                _: __D,
            ) -> #core::result::Result<(), __D::Error> {
                #core::unimplemented!()
            }
            fn __write(
                &self,
                _: #core::primitive::usize,
                _: &mut #private::FieldWriter<'_>,
            ) -> #core::result::Result<(), #private::WriteError> {
                #core::unimplemented!()
            }
            fn __copy(&self) -> Self {
                #core::unimplemented!()
            }
            fn __same(&self, _: &Self, _: #core::primitive::usize) -> #core::primitive::bool {
                #core::unimplemented!()
            }
            fn __swap(&mut self, _: &mut Self, _: #core::primitive::usize) {}
        }
    }
}

fn schema(names: &Names<'_>) -> TokenStream {
    let Names { private, core, .. } = names;
    quote! {
        const SCHEMA: #private::Schema = #private::Schema {
            type_name: "",
            fields: &[],
            aliases: &[],
            forget: &[],
            version: 0,
            revocable: false,
            policy: #private::PolicyAttributes {
                cookie: "",
                path: "",
                domain: #core::option::Option::None,
                same_site: #private::SameSiteAttribute::Lax,
                secure: true,
                http_only: true,
                partitioned: false,
                persistent: false,
                idle: #core::option::Option::None,
                absolute: #core::option::Option::None,
                refresh: #core::option::Option::None,
                remember: #core::option::Option::None,
                purpose: "",
                cross_origin: #private::CrossOriginAttribute::Refuse,
            },
        };
    }
}

fn accessors_impls(names: &Names<'_>) -> TokenStream {
    let Names {
        session,
        accessors,
        private,
        core,
        ..
    } = names;
    quote! {
        #[automatically_derived]
        impl #private::Accessors<#session> for #accessors {
            fn __new(_: #private::Handle<#session>) -> Self {
                #core::unimplemented!()
            }
            fn __handle(&self) -> &#private::Handle<#session> {
                #core::unimplemented!()
            }
        }

        #[automatically_derived]
        impl #core::ops::Deref for #accessors {
            type Target = #session;

            fn deref(&self) -> &#session {
                #core::unimplemented!()
            }
        }

        #[automatically_derived]
        impl #core::fmt::Debug for #accessors {
            fn fmt(&self, _: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                #core::unimplemented!()
            }
        }
    }
}
