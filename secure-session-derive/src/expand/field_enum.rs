//! `AuthField`: the names of the fields.

use proc_macro2::TokenStream;
use quote::quote;

use super::Names;
use crate::model::Field;

/// The enum with one variant for each field.
pub(super) fn field_enum(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        vis,
        session,
        field: name,
        core,
        attrs,
        ..
    } = names;
    let doc = format!("Names a field of [`{session}`].");
    // The size shows whether the name is this type's, see `name_checks`.
    let repr = (!fields.is_empty()).then(|| quote!(#[repr(u16)]));
    let variants = fields.iter().map(|field| {
        let variant = &field.names.variant;
        let header = format!("The field `{}`.", field.name);
        let docs = field.docs(&header);
        quote!(#docs #variant)
    });
    quote! {
        #[doc = #doc]
        #(#attrs)*
        #[derive(
            #core::clone::Clone,
            #core::marker::Copy,
            #core::fmt::Debug,
            #core::cmp::Eq,
            #core::hash::Hash,
            #core::cmp::PartialEq,
        )]
        #repr
        #vis enum #name {
            #(#variants,)*
        }
    }
}

/// `impl SessionField for AuthField`.
pub(super) fn session_field(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        field: name,
        root,
        core,
        ..
    } = names;
    let variants: Vec<_> = fields.iter().map(|field| &field.names.variant).collect();
    let texts = fields.iter().map(|field| &field.name);
    let indices = fields.iter().map(|field| field.index);
    quote! {
        #[automatically_derived]
        impl #root::SessionField for #name {
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn name(self) -> &'static #core::primitive::str {
                match self {
                    #(Self::#variants => #texts,)*
                }
            }

            fn __index(self) -> #core::primitive::usize {
                match self {
                    #(Self::#variants => #indices,)*
                }
            }
        }
    }
}
