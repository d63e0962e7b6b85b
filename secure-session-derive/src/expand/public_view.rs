//! `AuthPublic`: the fields that pages and applications may see.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;

use super::Names;
use crate::model::{Field, Storage};

/// The struct of the public fields; nothing if there are none.
pub(super) fn public_struct(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        vis,
        session,
        public,
        core,
        attrs,
        ..
    } = names;
    let mut fields = fields.iter().filter(|field| field.public).peekable();
    if fields.peek().is_none() {
        return TokenStream::new();
    }
    let doc = format!("The public fields of [`{session}`]; see `Session::view`.");
    let fields = fields.map(|field| {
        let Field { ident, ty, vis, .. } = field;
        let docs = field.docs(&format!("The field `{}`.", field.name));
        quote!(#docs #vis #ident: #ty)
    });
    quote! {
        #[doc = #doc]
        #(#attrs)*
        #[allow(deprecated)]
        #[derive(#core::clone::Clone, #core::fmt::Debug)]
        #vis struct #public {
            #(#fields,)*
        }
    }
}

/// `impl Serialize for AuthPublic` and `impl PublicSession for Auth`.
pub(super) fn public_impls(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        session,
        public,
        root,
        private,
        core,
        ..
    } = names;
    let fields: Vec<_> = fields.iter().filter(|field| field.public).collect();
    if fields.is_empty() {
        return TokenStream::new();
    }
    let count = fields.len();
    let type_name = public.unraw().to_string();
    let members = fields.iter().map(|field| member(names, field));
    let idents = fields.iter().map(|field| &field.ident);
    quote! {
        #[automatically_derived]
        impl #private::serde::Serialize for #public {
            fn serialize<__S: #private::serde::Serializer>(
                &self,
                __serializer: __S,
            ) -> #core::result::Result<__S::Ok, __S::Error> {
                let mut __out = #private::serde::Serializer::serialize_struct(
                    __serializer,
                    #type_name,
                    #count,
                )?;
                #(#members)*
                #private::serde::ser::SerializeStruct::end(__out)
            }
        }

        #[automatically_derived]
        impl #root::PublicSession for #session {
            type Public = #public;

            fn __public(&self) -> Self::Public {
                #public {
                    #(#idents: #core::clone::Clone::clone(&self.#idents),)*
                }
            }
        }
    }
}

fn member(names: &Names<'_>, field: &Field) -> TokenStream {
    let Names { private, core, .. } = names;
    let Field {
        ident, ty, name, ..
    } = field;
    let with = match &field.storage {
        Storage::Member { with, .. } => with.as_ref(),
        Storage::Rest | Storage::Skip => None,
    };
    let Some(with) = with else {
        return quote! {
            #private::serde::ser::SerializeStruct::serialize_field(
                &mut __out,
                #name,
                &self.#ident,
            )?;
        };
    };
    quote! {
        {
            struct __With<'__a>(&'__a #ty);

            impl #private::serde::Serialize for __With<'_> {
                fn serialize<__S: #private::serde::Serializer>(
                    &self,
                    __serializer: __S,
                ) -> #core::result::Result<__S::Ok, __S::Error> {
                    #with::serialize(self.0, __serializer)
                }
            }

            #private::serde::ser::SerializeStruct::serialize_field(
                &mut __out,
                #name,
                &__With(&self.#ident),
            )?;
        }
    }
}
