//! `AuthSelector`: which sessions to revoke, by the value of a field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Type, spanned::Spanned as _};

use super::{Names, accessors::Bodies, json::json_key, located_at, moved, type_lints};
use crate::{
    check::REVOCATION_AVAILABLE,
    model::{Field, Shape, Storage},
};

/// The enum with one variant for each field that groups sessions.
pub(super) fn selector_enum(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        vis,
        session,
        selector,
        core,
        attrs,
        ..
    } = names;
    let doc = format!("Selects sessions of [`{session}`] to revoke.");
    let variants = groups(fields).map(|(field, value)| {
        let variant = &field.names.variant;
        let header = format!("Sessions whose field `{}` has this value.", field.name);
        let docs = field.docs(&header);
        quote!(#docs #variant(#value))
    });
    quote! {
        #[doc = #doc]
        #(#attrs)*
        // A field's type may be deprecated, or less visible than the struct.
        #[allow(deprecated, private_interfaces)]
        #[derive(#core::clone::Clone)]
        #vis enum #selector {
            #(#variants,)*
        }
    }
}

/// Requires every value in the enum to be a `RevocationValue`, with errors at its type.
pub(super) fn selector_values(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let private = &names.private;
    let type_lints = type_lints();
    let values = groups(fields)
        .map(|(_, value)| quote_spanned!(located_at(value.span()) => __Group<#value>));
    quote! {
        #[allow(deprecated)]
        const _: () = {
            struct __Group<__F: #private::RevocationValue>(__F);

            #[allow(#type_lints)]
            struct __Groups(#(#values),*);
        };
    }
}

/// `impl SessionSelector for AuthSelector` and `impl RevocableSession for Auth`.
pub(super) fn selector_impls(names: &Names<'_>, fields: &[&Field], bodies: Bodies) -> TokenStream {
    let debug = debug(names, fields, bodies);
    // Stubs may be for a library without the traits.
    let traits = REVOCATION_AVAILABLE.then(|| traits(names, fields, bodies));
    quote! {
        #debug
        #traits
    }
}

/// Shows the variant without its value: session data must not end up in logs.
fn debug(names: &Names<'_>, fields: &[&Field], bodies: Bodies) -> TokenStream {
    let Names { selector, core, .. } = names;
    let arms = groups(fields).map(|(field, _)| {
        let variant = &field.names.variant;
        let text = format!("{variant}(..)");
        quote!(Self::#variant(_) => #text,)
    });
    let body = match bodies {
        Bodies::Real => quote! {
            #core::fmt::Formatter::write_str(__f, match self { #(#arms)* })
        },
        Bodies::Stub => quote!(#core::unimplemented!()),
    };
    quote! {
        #[automatically_derived]
        impl #core::fmt::Debug for #selector {
            fn fmt(&self, __f: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                #body
            }
        }
    }
}

fn traits(names: &Names<'_>, fields: &[&Field], bodies: Bodies) -> TokenStream {
    let Names {
        session,
        selector,
        root,
        private,
        core,
        ..
    } = names;
    let (field, write) = match bodies {
        Bodies::Real => (field_of(fields), write(names, fields)),
        Bodies::Stub => {
            let stub = quote!(#core::unimplemented!());
            (stub.clone(), stub)
        }
    };
    quote! {
        #[automatically_derived]
        impl #root::SessionSelector for #selector {
            type Session = #session;

            fn __field(&self) -> #core::primitive::usize {
                #field
            }

            fn __write(
                &self,
                __out: &mut #private::FieldWriter<'_>,
            ) -> #core::result::Result<(), #private::WriteError> {
                #write
            }
        }

        #[automatically_derived]
        impl #root::RevocableSession for #session {
            type Selector = #selector;
        }
    }
}

/// The position of the variant's field in the struct.
fn field_of(fields: &[&Field]) -> TokenStream {
    let arms = groups(fields).map(|(field, _)| {
        let variant = &field.names.variant;
        let index = field.index;
        quote!(Self::#variant(_) => #index,)
    });
    quote!(match self { #(#arms)* })
}

/// Writes the value as a session with this value does.
fn write(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let arms = groups(fields).filter_map(|(field, value)| {
        let Storage::Member { name, .. } = &field.storage else {
            return None;
        };
        let variant = &field.names.variant;
        let key = json_key(&name.text);
        let span = located_at(value.span());
        let private = moved(&names.private, span);
        Some(quote_spanned! { span =>
            Self::#variant(__value) => #private::FieldWriter::some(__out, #key, __value),
        })
    });
    quote!(match self { #(#arms)* })
}

/// The fields that group sessions, each with the type inside its `Option`. Without an `Option`,
/// which is a mistake, a stub has the type that will be inside.
fn groups<'a>(fields: &[&'a Field]) -> impl Iterator<Item = (&'a Field, &'a Type)> {
    fields
        .iter()
        .copied()
        .filter(|field| field.revoke_by)
        .map(|field| match &field.shape {
            Shape::Option { of, .. } => (field, &**of),
            Shape::Value(_) => (field, &field.ty),
        })
}
