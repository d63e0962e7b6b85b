//! `AuthAccessors`: getters and setters, field by field.
//!
//! An inherent impl on `Session<Auth>` in the user's crate is not allowed (E0116), so the methods
//! are on a separate type to which `Session<Auth>` derefs.
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
//! Parameters begin with `__`, because a user's constant or static of the same name would turn them
//! into patterns.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned as _};

use super::{Names, located_at, member_at_type, moved, type_lints};
use crate::model::{Duration, Field, Kind, Policy, Shape};

/// Whether the methods are real or stubs, which are for code that does not compile anyway.
#[derive(Clone, Copy)]
pub(super) enum Bodies {
    Real,
    Stub,
}

/// The struct and its methods.
pub(super) fn accessors(
    names: &Names<'_>,
    fields: &[&Field],
    policy: Option<&Policy>,
    bodies: Bodies,
) -> TokenStream {
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
    let summary = policy.map(summary);
    let summary = summary.map(|summary| quote!(#[doc = ""] #[doc = #summary]));
    let methods = fields.iter().map(|field| methods(names, field, bodies));
    let lints = lints();
    quote! {
        #[doc = #doc]
        #summary
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

/// The cookie and the limits, for readers of the generated documentation.
fn summary(policy: &Policy) -> String {
    let limit = |limit: &Option<Duration>| {
        let written = limit.as_ref().map(|limit| format!("`{limit}`"));
        written.unwrap_or_else(|| "none".to_owned())
    };
    format!(
        "Cookie: `{}`. Idle limit: {}. Absolute limit: {}. The application can override them in \
         `session_with`.",
        policy.cookie.as_str(),
        limit(&policy.idle),
        limit(&policy.absolute),
    )
}

/// Allows the lints that fire in generated methods.
///
/// There are few, because most lints skip code from external macros, to which the names of methods
/// are made to belong ([`AccessorNames`](crate::model::AccessorNames)).
fn lints() -> TokenStream {
    let type_lints = type_lints();
    quote! {
        #[allow(
            // Accessors of a deprecated field are deprecated too.
            deprecated,
            // The accessors of fields with such names return the field.
            clippy::iter_not_returning_iterator,
            clippy::len_without_is_empty,
            // Accessors use fields whose names begin with an underscore.
            clippy::used_underscore_binding,
            #type_lints
        )]
    }
}

/// The methods of one field: getter and setter first, then those that depend on its shape.
fn methods(names: &Names<'_>, field: &Field, bodies: Bodies) -> TokenStream {
    let rendered = [Some(getter(names, field)), Some(setter(names, field))]
        .into_iter()
        .chain([clear(names, field), take(names, field)])
        .chain([Some(update(names, field))])
        .flatten()
        .map(|method| method.render(names, field, bodies));
    quote!(#(#rendered)*)
}

/// The parts in which methods differ.
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
    // A user's conversion runs before the session is accessed.
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

/// The parameter of a `Vec` setter, and the value to set. For a `Vec<String>`, items can be
/// anything that converts into a `String`.
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

/// Copies the field. A missing `Clone` is the same error here as in `__copy`, token for token, so
/// rustc shows it once. As a bound of a library method it would be shown twice.
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

/// A closure that borrows the field from the struct.
fn place(field: &Field) -> TokenStream {
    let ident = &field.ident;
    quote!(|__session| &mut __session.#ident)
}
