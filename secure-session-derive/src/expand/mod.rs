//! Stage 4: the generated code.
//!
//! For `struct Auth` that is `AuthAccessors` with the getters and setters, the enum `AuthField`,
//! `AuthPublic` if a field is public, `AuthSelector` if the struct is revocable, and impls of the
//! library's traits in a `const` block. The expansion of a small struct is in
//! `tests/auth.expanded.rs`.

mod accessors;
mod fallback;
mod field_enum;
mod impls;
mod json;
mod public_view;
mod schema;
mod selector;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, DeriveInput, Ident, Visibility, ext::IdentExt as _, spanned::Spanned as _};

use crate::{
    check::check,
    error::Errors,
    model::{ChosenFormat, CratePath, Draft, Field, Format, Input, TypeNames},
};

/// Expands the derive to the generated code, or to every mistake and stubs.
pub(crate) fn derive(item: &DeriveInput) -> TokenStream {
    let mut errors = Errors::new();
    let draft = Draft::read(item, &mut errors);
    check(&draft, &mut errors);
    match errors.finish() {
        Ok(()) => match draft.into_input() {
            Ok(input) => expand(item, &input),
            Err(mistake) => mistake.to_compile_error(),
        },
        Err(mistakes) => {
            let stubs = fallback::stubs(&draft);
            let mistakes = mistakes.to_compile_error();
            quote!(#mistakes #stubs)
        }
    }
}

fn expand(item: &DeriveInput, input: &Input) -> TokenStream {
    let names = Names::new(item, &input.types, &input.root);
    let fields: Vec<_> = input.fields.iter().collect();
    let accessors = accessors::accessors(
        &names,
        &fields,
        Some(&input.policy),
        accessors::Bodies::Real,
    );
    let field_enum = field_enum::field_enum(&names, &fields);
    let public_struct = public_view::public_struct(&names, &fields);
    let selector_enum = input
        .revocable
        .then(|| selector::selector_enum(&names, &fields));
    let selector_values = input
        .revocable
        .then(|| selector::selector_values(&names, &fields));
    let impls = impls::impls(&names, input);
    let shared_fields = impls::shared_fields(&names, input);
    let name_checks = name_checks(&names, &fields);
    let required_feature = required_feature(&names, input.policy.format);
    quote! {
        #required_feature
        #shared_fields
        #selector_values
        #accessors
        #field_enum
        #public_struct
        #selector_enum
        #impls
        #name_checks
    }
}

/// Names the attribute that renames a generated type if the module has another type of its name.
///
/// rustc reports that clash, but not what to write. The name then means the other type, which has
/// another size.
fn name_checks(names: &Names<'_>, fields: &[&Field]) -> TokenStream {
    let Names {
        session,
        accessors,
        field,
        private,
        core,
        ..
    } = names;
    let check = |name: &Ident, key: &str, suffix: &str, size: TokenStream| {
        let message = format!(
            "this module has another type `{name}`; choose a name for the generated one, such as \
             `#[session({key} = \"{}Session{suffix}\")]`",
            session.unraw()
        );
        quote_spanned! {located_at(session.span())=>
            #core::assert!(#core::mem::size_of::<#name>() == #size, #message);
        }
    };
    let handle = quote!(#core::mem::size_of::<#private::Handle<#session>>());
    let accessors = check(accessors, "accessors", "Accessors", handle);
    let field = (!fields.is_empty()).then(|| check(field, "fields", "Field", quote!(2)));
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #accessors
            #field
        };
    }
}

/// The names used throughout the expansion.
struct Names<'a> {
    vis: &'a Visibility,
    /// `Auth`
    session: &'a Ident,
    /// `AuthAccessors`
    accessors: Ident,
    /// `AuthField`
    field: Ident,
    /// `AuthPublic`
    public: Ident,
    /// `AuthSelector`
    selector: Ident,
    /// The library.
    root: &'a CratePath,
    /// The module of the library that is for generated code only.
    private: TokenStream,
    /// `core` through the library, because a user's dependency may be called `core`.
    core: TokenStream,
    /// Attributes of the struct that are copied to generated types.
    attrs: Vec<&'a Attribute>,
}

impl<'a> Names<'a> {
    fn new(item: &'a DeriveInput, types: &TypeNames, root: &'a CratePath) -> Self {
        let is_shared = |attr: &&Attribute| attr.path().is_ident("doc") && is_hidden(attr);
        Self {
            vis: &item.vis,
            session: &item.ident,
            accessors: types.accessors.clone(),
            field: types.fields.clone(),
            public: types.public.clone(),
            selector: types.selector.clone(),
            root,
            private: quote!(#root::__private),
            core: quote!(#root::__private::core),
            attrs: item.attrs.iter().filter(is_shared).collect(),
        }
    }
}

/// Whether the attribute is `#[doc(hidden)]`.
fn is_hidden(attr: &Attribute) -> bool {
    attr.parse_args::<Ident>()
        .is_ok_and(|word| word == "hidden")
}

/// Returns a span for code that is generated for a token: messages point at the token, and names
/// resolve where the derive is written.
///
/// The token may come from a `macro_rules!`. With its own span, `self` and the parameters of
/// generated methods would not resolve.
fn located_at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

/// Returns the same tokens with another span, at which a message about all of them points.
fn moved(tokens: &TokenStream, span: Span) -> TokenStream {
    let at_the_place = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(at_the_place).collect()
}

/// The type of a format.
fn format(names: &Names<'_>, chosen: ChosenFormat) -> TokenStream {
    let Names { root, private, .. } = names;
    match chosen.format {
        Format::Fastify => quote!(#private::FastifyFormat),
        Format::Native => quote!(#root::codec::Native),
    }
}

/// A macro call that is a compile error at the attribute if the library lacks the format.
fn required_feature(names: &Names<'_>, chosen: ChosenFormat) -> TokenStream {
    let private = &names.private;
    let call = match chosen.format {
        Format::Fastify => quote!(#private::require_feature_fastify!();),
        Format::Native => TokenStream::new(),
    };
    moved(&call, located_at(chosen.span))
}

/// The field's identifier with the span of its type, which a missing bound is about.
fn member_at_type(field: &Field) -> Ident {
    let mut ident = field.ident.clone();
    ident.set_span(ident.span().located_at(field.ty.span()));
    ident
}

/// Lints about a field's type. Clippy reports them at the struct, where users can allow them; in
/// generated signatures, they could not.
fn type_lints() -> TokenStream {
    quote! {
        clippy::box_collection,
        clippy::linkedlist,
        clippy::redundant_allocation,
        clippy::type_complexity,
        clippy::vec_box,
    }
}
