//! Stage 2: what the attributes mean.
//!
//! Reading a [`Draft`] reports every mistake within a single attribute or field. Once the rules
//! between attributes have passed too, it becomes an [`Input`], which is valid, so the expansion
//! cannot fail.

mod cookie;
mod cross_origin;
mod docs;
mod duration;
mod field;
mod format;
mod names;
mod policy;
pub(crate) mod rules;
mod shape;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path, ext::IdentExt as _};

pub(crate) use self::{
    cookie::{CookieName, CookiePath, Domain, SameSite},
    cross_origin::CrossOrigin,
    duration::Duration,
    field::{DefaultValue, Field, JsonName, Storage, string_literal},
    format::{ChosenFormat, Format},
    names::{AccessorNames, TypeNames},
    policy::{Policy, Refresh},
    shape::{Kind, Shape, borrowed, is_map_of_values, nested_option},
};
use crate::{
    attr::{self, ContainerAttrs, FieldAttrs},
    error::Errors,
};

/// A struct whose attributes and fields have passed every rule.
pub(crate) struct Input {
    pub(crate) types: TypeNames,
    pub(crate) root: CratePath,
    pub(crate) policy: Policy,
    pub(crate) forget: Vec<String>,
    pub(crate) migration: Option<Migration>,
    /// Its sessions can be revoked.
    pub(crate) revocable: bool,
    pub(crate) fields: Vec<Field>,
}

/// How sessions of older versions are converted.
pub(crate) struct Migration {
    /// The current version, at least 1.
    pub(crate) version: u32,
    pub(crate) function: Path,
}

/// A struct as written.
pub(crate) struct Draft<'a> {
    pub(crate) item: &'a DeriveInput,
    pub(crate) attrs: ContainerAttrs,
    pub(crate) fields: Vec<DraftField>,
}

/// A field, and its attributes for the rules between them.
pub(crate) struct DraftField {
    pub(crate) field: Field,
    pub(crate) attrs: FieldAttrs,
}

impl<'a> Draft<'a> {
    pub(crate) fn read(item: &'a DeriveInput, errors: &mut Errors) -> Self {
        attr::report_serde(&item.attrs, errors, attr::remedy_on_struct);
        let attrs = ContainerAttrs::read(&item.attrs, errors);
        let fields = named_fields(item)
            .enumerate()
            .map(|(index, (ident, field))| {
                DraftField::read(item, &attrs, index, ident, field, errors)
            })
            .collect();
        Self {
            item,
            attrs,
            fields,
        }
    }

    /// The name of the struct without `r#`.
    pub(crate) fn name(&self) -> String {
        self.item.ident.unraw().to_string()
    }

    /// Returns the input. Cannot fail after a check without mistakes.
    pub(crate) fn into_input(self) -> syn::Result<Input> {
        let policy = Policy::resolve(&self.attrs, &self.item.ident)?;
        Ok(Input {
            types: self.type_names(),
            root: self.root(),
            policy,
            forget: self.attrs.forget.iter().map(LitStr::value).collect(),
            migration: self.migration(),
            revocable: self.attrs.is_revocable(),
            fields: self.fields.into_iter().map(|draft| draft.field).collect(),
        })
    }

    /// Both attributes are set or neither: a check has rejected one without the other.
    fn migration(&self) -> Option<Migration> {
        Some(Migration {
            version: *self.attrs.version.value()?,
            function: self.attrs.migrate.value()?.clone(),
        })
    }

    /// The names of the generated types.
    pub(crate) fn type_names(&self) -> TypeNames {
        TypeNames {
            accessors: TypeNames::or_default(self.attrs.accessors.value(), self, "Accessors"),
            fields: TypeNames::or_default(self.attrs.fields.value(), self, "Field"),
            public: TypeNames::or_default(self.attrs.public.value(), self, "Public"),
            selector: TypeNames::or_default(self.attrs.selector.value(), self, "Selector"),
        }
    }

    /// The path of the library.
    pub(crate) fn root(&self) -> CratePath {
        self.attrs.root.value().cloned().unwrap_or_default()
    }
}

impl DraftField {
    fn read(
        item: &DeriveInput,
        of_struct: &ContainerAttrs,
        index: usize,
        ident: &Ident,
        field: &syn::Field,
        errors: &mut Errors,
    ) -> Self {
        attr::report_serde(&field.attrs, errors, attr::remedy_on_field);
        if let Some((_, value)) = &field.default {
            let message = format!(
                "a default value in the struct has no effect on a session; write \
                 `#[session(default = {})]`",
                value.to_token_stream()
            );
            errors.report(value, message);
        }
        let attrs = FieldAttrs::read(&field.attrs, errors);
        // Two programs share a fastify session, and what one of them cannot read must not be lost.
        let is_fastify = of_struct.format().format == Format::Fastify;
        let lenient_struct = of_struct.lenient.on().is_some() || is_fastify;
        let revocable_struct = of_struct.is_revocable();
        Self {
            field: Field::new(
                item,
                index,
                ident,
                field,
                &attrs,
                lenient_struct,
                revocable_struct,
            ),
            attrs,
        }
    }

    /// The name of the field without `r#`.
    pub(crate) fn name(&self) -> &str {
        &self.field.name
    }

    /// The span of the token that names the accessors.
    pub(crate) fn accessor_span(&self) -> Span {
        let written = self.attrs.accessor.written();
        written.map_or_else(|| self.field.ident.span(), |written| written.value_span)
    }
}

/// The path of the library in the user's crate.
#[derive(Clone)]
pub(crate) struct CratePath(TokenStream);

impl Default for CratePath {
    fn default() -> Self {
        Self(quote!(::secure_session))
    }
}

impl From<Path> for CratePath {
    fn from(path: Path) -> Self {
        Self(path.into_token_stream())
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The named fields of a struct; none for anything else, which a check rejects.
fn named_fields(item: &DeriveInput) -> impl Iterator<Item = (&Ident, &syn::Field)> {
    let named = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => Some(&named.named),
            Fields::Unnamed(_) | Fields::Unit => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    named
        .into_iter()
        .flatten()
        .filter_map(|field| field.ident.as_ref().map(|ident| (ident, field)))
}
