//! `AuthAccessors`: getters and setters, field by field.
//!
//! An inherent impl on `Session<Auth>` in the user's crate is not allowed (E0116), so the methods
//! hang on a type of their own, which `Session<Auth>` derefs to.
//!
//! ```text
//! impl AuthAccessors {
//!     /// Reads `visits`.
//!     pub fn visits(&self) -> u32 {
//!         self.__handle.get().visits
//!     }
//!     /// Sets `visits`.
//!     pub fn set_visits(&self, value: u32) {
//!         self.__handle.put(0usize, |__session| &mut __session.visits, value);
//!     }
//!     /// Updates `visits`: …
//!     pub fn update_visits<__R>(&self, f: impl FnOnce(&mut u32) -> __R) -> __R {
//!         let mut __value = ::secure_session::__private::copy::<u32>(&self.__handle.current().visits);
//!         let __result = f(&mut __value);
//!         self.__handle.put(0usize, |__session| &mut __session.visits, __value);
//!         __result
//!     }
//! }
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, spanned::Spanned as _};

use super::{Names, member_at_type, type_lints};
use crate::model::{Field, Kind, Shape};

/// What the methods do: their work, or nothing in code that does not compile anyway.
#[derive(Clone, Copy)]
pub(super) enum Bodies {
    Real,
    Stub,
}

/// The struct, its methods, and the impls that make it what `Session` derefs to.
pub(super) fn accessors(names: &Names<'_>, fields: &[&Field], bodies: Bodies) -> TokenStream {
    let Names {
        vis,
        session,
        accessors,
        private,
        ..
    } = names;
    let doc = format!(
        "The getters and setters of [`{session}`], which a `Session<{session}>` has as its own."
    );
    let methods = fields.iter().map(|field| methods(names, field, bodies));
    let lints = lints();
    quote! {
        #[doc = #doc]
        #vis struct #accessors {
            __handle: #private::Handle<#session>,
        }

        #lints
        impl #accessors {
            #(#methods)*
        }
    }
}

/// What users' lints find in generated methods.
///
/// It is little, as most lints stay out of the code of other crates' macros; the names of methods
/// are made to belong to it ([`AccessorNames`](crate::model::AccessorNames)).
fn lints() -> TokenStream {
    let type_lints = type_lints();
    quote! {
        #[allow(
            // The field itself may be deprecated; its accessors are then, too.
            deprecated,
            // Fields called so give what they are.
            clippy::iter_not_returning_iterator,
            clippy::len_without_is_empty,
            // A field with an underscore in front is used here.
            clippy::used_underscore_binding,
            #type_lints
        )]
    }
}

/// The methods of one field: getter and setter first, then what else its shape has.
fn methods(names: &Names<'_>, field: &Field, bodies: Bodies) -> TokenStream {
    let rendered = [Some(getter(field)), Some(setter(names, field))]
        .into_iter()
        .chain([clear(field), take(field), Some(update(names, field))])
        .flatten()
        .map(|method| method.render(field, bodies));
    quote!(#(#rendered)*)
}

/// One method; the parts that differ.
struct Method<'a> {
    name: &'a Ident,
    /// The first line of its documentation.
    header: String,
    /// Without `self`.
    signature: Signature,
    body: TokenStream,
    must_use: bool,
}

struct Signature {
    generics: TokenStream,
    parameters: TokenStream,
    output: TokenStream,
}

impl Method<'_> {
    fn render(self, field: &Field, bodies: Bodies) -> TokenStream {
        let Field { vis, docs, .. } = field;
        let Self { name, header, .. } = self;
        let Signature {
            generics,
            parameters,
            output,
        } = self.signature;
        let must_use = self.must_use.then(|| quote!(#[must_use]));
        let space = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
        let body = match bodies {
            Bodies::Real => self.body,
            Bodies::Stub => quote!(::core::unimplemented!()),
        };
        quote! {
            #[doc = #header]
            #space
            #(#docs)*
            #must_use
            #vis fn #name #generics (&self, #parameters) #output {
                #body
            }
        }
    }
}

fn getter(field: &Field) -> Method<'_> {
    let Field {
        ident, ty, shape, ..
    } = field;
    let value = quote!(self.__handle.get().#ident);
    let (output, body) = match shape {
        Shape::Value(kind) => match kind {
            Kind::Copy => (quote!(#ty), value),
            Kind::Other => (quote!(&#ty), quote!(&#value)),
            Kind::String => (quote!(&::core::primitive::str), quote!(&#value)),
            Kind::Vec { item } => (quote!(&[#item]), quote!(&#value)),
        },
        Shape::Option { of, kind } => {
            let (inner, convert) = match kind {
                Kind::Copy => (quote!(#of), None),
                Kind::Other => (quote!(&#of), Some(quote!(as_ref))),
                Kind::String => (quote!(&::core::primitive::str), Some(quote!(as_deref))),
                Kind::Vec { item } => (quote!(&[#item]), Some(quote!(as_deref))),
            };
            let body = match convert {
                None => value,
                Some(convert) => quote!(::core::option::Option::#convert(&#value)),
            };
            (quote!(::core::option::Option<#inner>), body)
        }
    };
    Method {
        name: &field.names.getter,
        header: format!("Reads `{}`.", field.name),
        signature: Signature {
            generics: TokenStream::new(),
            parameters: TokenStream::new(),
            output: quote!(-> #output),
        },
        body,
        must_use: true,
    }
}

fn setter<'a>(names: &Names<'_>, field: &'a Field) -> Method<'a> {
    let Field { ty, shape, .. } = field;
    let root = names.root;
    // What the user's conversion does is done before the session is touched.
    let (parameter, value) = match shape {
        Shape::Value(Kind::Copy | Kind::Other) => (quote!(#ty), quote!(value)),
        Shape::Value(Kind::String) => (
            quote!(impl ::core::convert::Into<#ty>),
            quote!(::core::convert::Into::into(value)),
        ),
        Shape::Value(Kind::Vec { item }) => (
            quote!(impl ::core::iter::IntoIterator<Item = #item>),
            quote!(::core::iter::Iterator::collect(
                ::core::iter::IntoIterator::into_iter(value)
            )),
        ),
        Shape::Option { of, .. } => (
            quote!(impl #root::IntoOption<#of>),
            quote!(#root::IntoOption::into_option(value)),
        ),
    };
    Method {
        name: &field.names.setter,
        header: format!("Sets `{}`.", field.name),
        signature: Signature {
            generics: TokenStream::new(),
            parameters: quote!(value: #parameter),
            output: TokenStream::new(),
        },
        body: put(field, &value),
        must_use: false,
    }
}

fn clear(field: &Field) -> Option<Method<'_>> {
    let names = field.names.optional.as_ref()?;
    Some(Method {
        name: &names.clear,
        header: format!("Sets `{}` to `None`.", field.name),
        signature: Signature {
            generics: TokenStream::new(),
            parameters: TokenStream::new(),
            output: TokenStream::new(),
        },
        body: put(field, &quote!(::core::option::Option::None)),
        must_use: false,
    })
}

fn take(field: &Field) -> Option<Method<'_>> {
    let names = field.names.optional.as_ref()?;
    let Shape::Option { of, .. } = &field.shape else {
        return None;
    };
    let index = field.index;
    let place = place(field);
    Some(Method {
        name: &names.take,
        header: format!("Takes the value out of `{}`, leaving `None`.", field.name),
        signature: Signature {
            generics: TokenStream::new(),
            parameters: TokenStream::new(),
            output: quote!(-> ::core::option::Option<#of>),
        },
        body: quote!(self.__handle.take(#index, #place)),
        must_use: false,
    })
}

fn update<'a>(names: &Names<'_>, field: &'a Field) -> Method<'a> {
    let ty = &field.ty;
    let copy = copy(names, field);
    let put = put(field, &quote!(__value));
    Method {
        name: &field.names.update,
        header: format!(
            "Updates `{}`: `f` changes a copy of it, which is set when `f` returns.",
            field.name
        ),
        signature: Signature {
            generics: quote!(<__R>),
            parameters: quote!(f: impl ::core::ops::FnOnce(&mut #ty) -> __R),
            output: quote!(-> __R),
        },
        body: quote! {
            let mut __value = #copy;
            let __result = f(&mut __value);
            #put
            __result
        },
        must_use: false,
    }
}

/// Copies the field. A missing `Clone` is the same error here as in `__copy`, token for token, and
/// so it is shown once; as a bound of a method of the library it would be shown twice.
fn copy(names: &Names<'_>, field: &Field) -> TokenStream {
    let private = &names.private;
    let ty = &field.ty;
    let member = member_at_type(field);
    quote_spanned!(ty.span() => #private::copy::<#ty>(&self.__handle.current().#member))
}

fn put(field: &Field, value: &TokenStream) -> TokenStream {
    let index = field.index;
    let place = place(field);
    quote!(self.__handle.put(#index, #place, #value);)
}

/// Where the field is within the struct.
fn place(field: &Field) -> TokenStream {
    let ident = &field.ident;
    quote!(|__session| &mut __session.#ident)
}
