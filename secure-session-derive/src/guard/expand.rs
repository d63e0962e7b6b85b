//! The generated code of a guard.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{DeriveInput, ext::IdentExt as _, spanned::Spanned as _};

use super::attrs::{FieldSource, GuardAttrs, GuardField};
use crate::model::Duration;

pub(super) fn guard(item: &DeriveInput, attrs: &GuardAttrs, fields: &[GuardField]) -> TokenStream {
    let take = take(attrs, fields);
    let impls = impls(item, attrs, &take);
    let names = name_checks(attrs, fields);
    quote!(#names #impls)
}

/// Explains a field without a getter of its name; rustc reports only a missing method.
fn name_checks(attrs: &GuardAttrs, fields: &[GuardField]) -> TokenStream {
    let root = attrs.root();
    let core = core(attrs);
    let fields = fields
        .iter()
        .filter(|field| field.source != FieldSource::Session);
    let checks = fields.map(|field| {
        let name = field.ident.unraw().to_string();
        let session = attrs.session.iter();
        let message = format!(
            "the session has no field with the getter `{name}`; give this field the name of one of \
             the session's fields"
        );
        quote_spanned! {located_at(field.ident.span())=>
            const _: () = #core::assert!(
                #root::__private::has_getter(
                    <#(#session)* as #root::SessionData>::SCHEMA.fields,
                    #name,
                ),
                #message,
            );
        }
    });
    quote!(#(#checks)*)
}

/// Impls that make the rest of the program compile, so that rustc reports only the mistakes.
pub(super) fn stubs(item: &DeriveInput, attrs: &GuardAttrs) -> TokenStream {
    if attrs.session.is_none() || !item.generics.params.is_empty() {
        return TokenStream::new();
    }
    let core = core(attrs);
    impls(item, attrs, &quote!(#core::unreachable!()))
}

fn core(attrs: &GuardAttrs) -> TokenStream {
    let root = attrs.root();
    quote!(#root::__private::core)
}

fn impls(item: &DeriveInput, attrs: &GuardAttrs, take: &TokenStream) -> TokenStream {
    let root = attrs.root();
    let core = core(attrs);
    let private = quote!(#root::__private);
    let guard = &item.ident;
    let name = guard.unraw().to_string();
    let session = attrs.session.iter();
    let (session, again) = (session.clone(), session);
    let login = option(&core, attrs.login.value());
    let confirm = option(&core, attrs.confirm.value());
    let within = option(&core, attrs.within.value().map(Duration::seconds));
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #root::SessionGuard for #guard {
                type Session = #(#session)*;

                const __RULES: #private::GuardRules = #private::GuardRules {
                    name: #name,
                    login: #login,
                    confirm: #confirm,
                    within: #within,
                };

                fn __take(
                    __session: &#root::Session<#(#again)*>,
                ) -> #core::result::Result<Self, #private::Verdict> {
                    #take
                }
            }

            #[automatically_derived]
            impl #private::FromRequest for #guard {
                type Error = #root::Denied;
                type Future = #core::future::Ready<#core::result::Result<Self, #root::Denied>>;

                fn from_request(
                    __request: &#private::HttpRequest,
                    _: &mut #private::Payload,
                ) -> Self::Future {
                    #core::future::ready(#private::extract_guard::<Self>(__request))
                }
            }
        };
    }
}

fn option(core: &TokenStream, value: Option<impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        quote!(#core::option::Option::Some(#value))
    } else {
        quote!(#core::option::Option::None)
    }
}

fn take(attrs: &GuardAttrs, fields: &[GuardField]) -> TokenStream {
    let root = attrs.root();
    let core = core(attrs);
    let private = quote!(#root::__private);
    let options = fields
        .iter()
        .filter(|field| field.source == FieldSource::Option);
    let options = options.map(|field| {
        let (getter, value) = names(field);
        let span = located_at(field.ident.span());
        let ty = &field.ty;
        let get = quote_spanned! {span=>
            <_ as #private::GuardOption<#ty>>::__get(__session.#getter())
        };
        quote! {
            let #core::option::Option::Some(#value) = #get else {
                return #core::result::Result::Err(#private::Verdict::NotSignedIn);
            };
        }
    });
    let when = attrs.when.written().map(|when| {
        let (session, path) = (attrs.session.iter(), &when.value);
        let function = quote_spanned! {located_at(path.span())=>
            let __when: fn(&#(#session)*) -> #core::primitive::bool = #path;
        };
        quote! {
            #function
            if !__when(__session) {
                return #core::result::Result::Err(#private::Verdict::Forbidden);
            }
        }
    });
    let within = attrs.within.written().map(|within| {
        let seconds = within.value.seconds();
        let is_confirmed = quote_spanned! {located_at(within.value_span)=>
            __session.info().authenticated_within(#core::time::Duration::from_secs(#seconds))
        };
        quote! {
            if !#is_confirmed {
                return #core::result::Result::Err(#private::Verdict::Stale);
            }
        }
    });
    let values = fields.iter().map(|field| {
        let (getter, value) = names(field);
        let ident = &field.ident;
        let span = located_at(field.ident.span());
        match field.source {
            FieldSource::Option => quote_spanned!(span=> #ident: #value),
            FieldSource::Value => {
                let ty = &field.ty;
                quote_spanned! {span=>
                    #ident: <_ as #private::GuardValue<#ty>>::__into(__session.#getter())
                }
            }
            FieldSource::Session => {
                quote_spanned!(span=> #ident: #core::clone::Clone::clone(__session))
            }
        }
    });
    quote! {
        #(#options)*
        #when
        #within
        #core::result::Result::Ok(Self { #(#values),* })
    }
}

/// The session's getter, and the variable for its value.
fn names(field: &GuardField) -> (syn::Ident, syn::Ident) {
    let span = located_at(field.ident.span());
    let mut getter = field.ident.clone();
    getter.set_span(span);
    let value = format_ident!("__value_{}", field.ident.unraw(), span = span);
    (getter, value)
}

fn located_at(place: Span) -> Span {
    Span::call_site().located_at(place)
}
