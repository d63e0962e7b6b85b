//! `AuthAccessors`: getters and setters, field by field.
//!
//! An inherent impl on `Session<Auth>` in the user's crate is not allowed (E0116), so the methods
//! hang on a type of their own, which `Session<Auth>` derefs to.
//!
//! ```text
//! impl AuthAccessors {
//!     /// Reads `visits`.
//!     pub fn visits(&self) -> u32 {
//!         ::secure_session::__private::Handle::get(&self.__handle).visits
//!     }
//!     /// Sets `visits`.
//!     pub fn set_visits(&self, __value: u32) {
//!         ::secure_session::__private::Handle::put(&self.__handle, 0usize, …, __value);
//!     }
//!     /// Updates `visits`: …
//!     pub fn update_visits(&self, __change: impl FnOnce(&mut u32)) {
//!         let mut __value = ::secure_session::__private::copy::<u32>(…);
//!         __change(&mut __value);
//!         ::secure_session::__private::Handle::put(&self.__handle, 0usize, …, __value);
//!     }
//! }
//! ```
//!
//! Parameters begin with `__`, because a user's constant or static of the same name would make a
//! pattern of them.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned as _};

use super::{Names, located_at, member_at_type, moved, type_lints};
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
        attrs,
        ..
    } = names;
    let doc = format!(
        "The getters and setters of [`{session}`]; a `Session<{session}>` has these methods."
    );
    let methods = fields.iter().map(|field| methods(names, field, bodies));
    let lints = lints();
    quote! {
        #[doc = #doc]
        #(#attrs)*
        #[allow(deprecated)]
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
    let rendered = [Some(getter(names, field)), Some(setter(names, field))]
        .into_iter()
        .chain([clear(names, field), take(names, field)])
        .chain([Some(update(names, field))])
        .flatten()
        .map(|method| method.render(names, field, bodies));
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

#[derive(Default)]
struct Signature {
    parameters: TokenStream,
    output: TokenStream,
}

impl Method<'_> {
    fn render(self, names: &Names<'_>, field: &Field, bodies: Bodies) -> TokenStream {
        let core = &names.core;
        let vis = &field.vis;
        let Self { name, header, .. } = self;
        let Signature { parameters, output } = self.signature;
        let must_use = self.must_use.then(|| quote!(#[must_use]));
        let docs = field.docs(&header);
        let body = match bodies {
            Bodies::Real => self.body,
            Bodies::Stub => quote!(#core::unimplemented!()),
        };
        quote! {
            #docs
            #must_use
            #vis fn #name(&self, #parameters) #output {
                #body
            }
        }
    }
}

fn getter<'a>(names: &Names<'_>, field: &'a Field) -> Method<'a> {
    let Names { private, core, .. } = names;
    let Field {
        ident, ty, shape, ..
    } = field;
    let value = quote!(#private::Handle::get(&self.__handle).#ident);
    let (output, body) = match shape {
        Shape::Value(kind) => match kind {
            Kind::Copy => (quote!(#ty), value),
            Kind::Other => (quote!(&#ty), quote!(&#value)),
            Kind::String => (quote!(&#core::primitive::str), quote!(&#value)),
            Kind::Vec { item } => (quote!(&[#item]), quote!(&#value)),
        },
        Shape::Option { of, kind } => {
            let (inner, convert) = match kind {
                Kind::Copy => (quote!(#of), None),
                Kind::Other => (quote!(&#of), Some(quote!(as_ref))),
                Kind::String => (quote!(&#core::primitive::str), Some(quote!(as_deref))),
                Kind::Vec { item } => (quote!(&[#item]), Some(quote!(as_deref))),
            };
            let body = match convert {
                None => value,
                Some(convert) => quote!(#core::option::Option::#convert(&#value)),
            };
            (quote!(#core::option::Option<#inner>), body)
        }
    };
    Method {
        name: &field.names.getter,
        header: match field.default_text() {
            Some(default) => format!("Returns `{}`. Default: `{default}`.", field.name),
            None => format!("Returns `{}`.", field.name),
        },
        signature: Signature {
            parameters: TokenStream::new(),
            output: quote!(-> #output),
        },
        body,
        must_use: true,
    }
}

fn setter<'a>(names: &Names<'_>, field: &'a Field) -> Method<'a> {
    let Field { ty, shape, .. } = field;
    let Names { root, core, .. } = names;
    // What the user's conversion does is done before the session is touched.
    let (parameter, value) = match shape {
        Shape::Value(Kind::Copy | Kind::Other) => (quote!(#ty), quote!(__value)),
        Shape::Value(Kind::String) => (
            quote!(impl #core::convert::Into<#ty>),
            quote!(#core::convert::Into::into(__value)),
        ),
        Shape::Value(Kind::Vec { item }) => vec_setter(names, item),
        Shape::Option { of, .. } => (
            quote!(impl #root::IntoOption<#of>),
            quote!(#root::IntoOption::into_option(__value)),
        ),
    };
    Method {
        name: &field.names.setter,
        header: format!("Sets `{}`.", field.name),
        signature: Signature {
            parameters: quote!(__value: #parameter),
            ..Signature::default()
        },
        body: put(names, field, &value),
        must_use: false,
    }
}

/// The parameter of a vector's setter, and what is set. Texts are taken in every form that a
/// `String` can be made from.
fn vec_setter(names: &Names<'_>, item: &Type) -> (TokenStream, TokenStream) {
    let core = &names.core;
    let items = quote!(#core::iter::IntoIterator::into_iter(__value));
    if matches!(Kind::of(item, false), Kind::String) {
        let texts = quote!(#core::iter::Iterator::map(#items, #core::convert::Into::into));
        return (
            quote!(impl #core::iter::IntoIterator<Item = impl #core::convert::Into<#item>>),
            quote!(#core::iter::Iterator::collect(#texts)),
        );
    }
    (
        quote!(impl #core::iter::IntoIterator<Item = #item>),
        quote!(#core::iter::Iterator::collect(#items)),
    )
}

fn clear<'a>(names: &Names<'_>, field: &'a Field) -> Option<Method<'a>> {
    let Names { private, core, .. } = names;
    let (header, empty) = match &field.shape {
        Shape::Option { .. } => (
            format!("Sets `{}` to `None`.", field.name),
            quote!(#core::option::Option::None),
        ),
        Shape::Value(_) => (
            format!("Removes all items of `{}`.", field.name),
            quote!(#private::Vec::new()),
        ),
    };
    Some(Method {
        name: field.names.clear.as_ref()?,
        header,
        signature: Signature::default(),
        body: put(names, field, &empty),
        must_use: false,
    })
}

fn take<'a>(names: &Names<'_>, field: &'a Field) -> Option<Method<'a>> {
    let Names { private, core, .. } = names;
    let Shape::Option { of, .. } = &field.shape else {
        return None;
    };
    let index = field.index;
    let place = place(field);
    Some(Method {
        name: field.names.take.as_ref()?,
        header: format!("Takes the value out of `{}`, leaving `None`.", field.name),
        signature: Signature {
            parameters: TokenStream::new(),
            output: quote!(-> #core::option::Option<#of>),
        },
        body: quote!(#private::Handle::take(&self.__handle, #index, #place)),
        must_use: false,
    })
}

fn update<'a>(names: &Names<'_>, field: &'a Field) -> Method<'a> {
    let core = &names.core;
    let ty = &field.ty;
    let copy = copy(names, field);
    let put = put(names, field, &quote!(__value));
    Method {
        name: &field.names.update,
        header: format!(
            "Updates `{}`: the closure changes a copy, which is set when it returns.",
            field.name
        ),
        signature: Signature {
            parameters: quote!(__change: impl #core::ops::FnOnce(&mut #ty)),
            ..Signature::default()
        },
        body: quote! {
            let mut __value = #copy;
            __change(&mut __value);
            #put
        },
        must_use: false,
    }
}

/// Copies the field. A missing `Clone` is the same error here as in `__copy`, token for token, and
/// so it is shown once; as a bound of a method of the library it would be shown twice.
fn copy(names: &Names<'_>, field: &Field) -> TokenStream {
    let ty = &field.ty;
    let span = located_at(ty.span());
    let private = moved(&names.private, span);
    let member = member_at_type(field);
    quote_spanned! { span =>
        #private::copy::<#ty>(&#private::Handle::current(&self.__handle).#member)
    }
}

fn put(names: &Names<'_>, field: &Field, value: &TokenStream) -> TokenStream {
    let private = &names.private;
    let index = field.index;
    let place = place(field);
    quote!(#private::Handle::put(&self.__handle, #index, #place, #value);)
}

/// Where the field is within the struct.
fn place(field: &Field) -> TokenStream {
    let ident = &field.ident;
    quote!(|__session| &mut __session.#ident)
}
