//! The impls of the library's traits, in one block, so that helpers do not clash with user names.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{LitStr, spanned::Spanned as _};

use super::{
    Names, accessors::Bodies, field_enum, format, json, located_at, member_at_type, moved,
    public_view, schema, selector, type_lints,
};
use crate::model::{DefaultValue, Field, Input, Storage};

/// Requires every field to be `Send` and `Sync`, with errors at its type.
///
/// The impls require this too, with longer errors at the struct. A type that precedes them is
/// checked first.
pub(super) fn shared_fields(names: &Names<'_>, input: &Input) -> TokenStream {
    let private = &names.private;
    let type_lints = type_lints();
    let shared = input.fields.iter().map(|field| {
        let ty = &field.ty;
        quote_spanned!(located_at(ty.span()) => __Shared<#ty>)
    });
    quote! {
        // The struct, a field or a field's type may be deprecated.
        #[allow(deprecated)]
        const _: () = {
            struct __Shared<__F: #private::FieldShare>(__F);

            #[allow(#type_lints)]
            struct __Fields(#(#shared),*);
        };
    }
}

pub(super) fn impls(names: &Names<'_>, input: &Input) -> TokenStream {
    let session = secure_session(names, input);
    let accessors = accessors_impls(names);
    let fields: Vec<_> = input.fields.iter().collect();
    let session_field = field_enum::session_field(names, &fields);
    let public = public_view::public_impls(names, &fields);
    let selector = input
        .revocable
        .then(|| selector::selector_impls(names, &fields, Bodies::Real));
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

fn secure_session(names: &Names<'_>, input: &Input) -> TokenStream {
    let Names {
        session,
        accessors,
        field,
        root,
        ..
    } = names;
    let format = format(names, input.policy.format);
    let schema = schema::schema(names, input);
    let defaults = defaults(names, &input.fields);
    let json = json::functions(names, &input.fields);
    let copy = copy(names, &input.fields);
    let same = same(names, &input.fields);
    let swap = swap(names, &input.fields);
    let rest = rest(names, &input.fields);
    let migrate = migrate(names, input);
    quote! {
        #[automatically_derived]
        impl #root::SessionData for #session {
            type Field = #field;
            type Format = #format;
            #schema
            #defaults
            #json
            #copy
            #same
            #swap
            #rest
            #migrate
        }

        #[automatically_derived]
        impl #root::SecureSession for #session {
            type Accessors = #accessors;
        }
    }
}

fn defaults(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let private = &names.private;
    let values = fields.iter().map(|field| {
        let Field { ident, ty, .. } = field;
        let value = match &field.default {
            DefaultValue::Expr(expr) => quote!(#expr),
            DefaultValue::Literal(literal) => from_literal(names, field, literal),
            DefaultValue::Type => quote!(#private::default::<#ty>()),
        };
        quote!(#ident: #value)
    });
    quote! {
        fn __fresh() -> Self {
            Self { #(#values),* }
        }
    }
}

/// A `String`, or an `Option` of one, from a literal.
fn from_literal(names: &Names<'_>, field: &Field, literal: &LitStr) -> TokenStream {
    let Names { private, core, .. } = names;
    let string =
        quote!(<#private::String as #core::convert::From<&#core::primitive::str>>::from(#literal));
    if field.shape.is_option() {
        quote!(#core::option::Option::Some(#string))
    } else {
        string
    }
}

fn copy(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let values = fields.iter().map(|field| {
        let Field { ident, ty, .. } = field;
        let value = member_at_type(field);
        let span = located_at(ty.span());
        let private = moved(&names.private, span);
        quote_spanned!(span => #ident: #private::copy::<#ty>(&self.#value))
    });
    quote! {
        fn __copy(&self) -> Self {
            Self { #(#values),* }
        }
    }
}

fn same(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let Names { private, core, .. } = names;
    let arms = fields.iter().map(|field| {
        let Field { index, ident, .. } = field;
        quote!(#index => (&#private::Compared(&self.#ident)).__is_same(&__other.#ident),)
    });
    quote! {
        fn __same(&self, __other: &Self, __field: #core::primitive::usize) -> #core::primitive::bool {
            // Which trait provides `__is_same` depends on whether the type is `PartialEq`.
            use #private::{ByPartialEq as _, NeverEqual as _};
            match __field {
                #(#arms)*
                _ => false,
            }
        }
    }
}

fn swap(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let core = &names.core;
    let arms = fields.iter().map(|field| {
        let Field { index, ident, .. } = field;
        quote!(#index => #core::mem::swap(&mut self.#ident, &mut __other.#ident),)
    });
    quote! {
        fn __swap(&mut self, __other: &mut Self, __field: #core::primitive::usize) {
            match __field {
                #(#arms)*
                _ => {}
            }
        }
    }
}

fn rest(names: &Names<'_>, fields: &[Field]) -> Option<TokenStream> {
    let Names { private, core, .. } = names;
    let field = fields
        .iter()
        .find(|field| matches!(field.storage, Storage::Rest))?;
    let value = member_at_type(field);
    Some(quote_spanned! { located_at(field.ty.span()) =>
        fn __rest(
            &mut self,
        ) -> #core::option::Option<&mut #private::Map<#private::String, #private::Value>> {
            #core::option::Option::Some(&mut self.#value)
        }
    })
}

/// A function with another signature is an error at its path.
fn migrate(names: &Names<'_>, input: &Input) -> Option<TokenStream> {
    let Names { private, core, .. } = names;
    let function = &input.migration.as_ref()?.function;
    let span = located_at(function.span());
    let migrate = moved(&quote!(#private::migrate), span);
    let call = quote_spanned! { span =>
        #migrate(#function, __from, __members)
    };
    Some(quote! {
        fn __migrate(
            __from: #core::primitive::u32,
            __members: &mut #private::Map<#private::String, #private::Value>,
        ) -> #core::result::Result<(), #private::NotMigrated> {
            #call
        }
    })
}

/// Makes `AuthAccessors` the type to which `Session<Auth>` derefs.
fn accessors_impls(names: &Names<'_>) -> TokenStream {
    let Names {
        session,
        accessors,
        private,
        core,
        ..
    } = names;
    let name = accessors.to_string();
    quote! {
        #[automatically_derived]
        impl #private::Accessors<#session> for #accessors {
            fn __new(__handle: #private::Handle<#session>) -> Self {
                Self { __handle }
            }

            fn __handle(&self) -> &#private::Handle<#session> {
                &self.__handle
            }
        }

        #[automatically_derived]
        impl #core::ops::Deref for #accessors {
            type Target = #session;

            fn deref(&self) -> &#session {
                #private::Handle::get(&self.__handle)
            }
        }

        // No content: session data must not end up in logs.
        #[automatically_derived]
        impl #core::fmt::Debug for #accessors {
            fn fmt(&self, __f: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                #core::fmt::DebugStruct::finish_non_exhaustive(
                    &mut #core::fmt::Formatter::debug_struct(__f, #name),
                )
            }
        }
    }
}
