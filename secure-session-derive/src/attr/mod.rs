//! Stage 1: parses `#[session(…)]` key by key, each with its span.
//!
//! Mistakes within a single key are reported here. The attributes are parsed by hand: there are
//! some thirty keys, each error must point at the token to edit, and a mistake in one key must not
//! hide those in the next.

mod container;
mod field;
mod serde;
mod suggest;
mod value;

use proc_macro2::{Span, TokenTree};
use syn::{
    Attribute, Meta, Path, Token, ext::IdentExt as _, meta::ParseNestedMeta, parse::ParseStream,
};

use self::suggest::suggestion;
pub(crate) use self::{
    container::ContainerAttrs,
    field::FieldAttrs,
    serde::{remedy_on_field, remedy_on_struct, report_serde},
    value::Value,
};
use crate::error::Errors;

/// The name of the attribute.
const SESSION: &str = "session";

/// A key of the attribute, with an example for messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

/// The state of a key that may be set once.
#[derive(Default)]
pub(crate) enum Attr<T> {
    #[default]
    Absent,
    /// Set, but invalid. The mistake has been reported; rules that need the value are silent.
    Invalid,
    Set(Spanned<T>),
}

/// A value with its spans.
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    /// The key, underlined when the attribute should be removed.
    pub(crate) key_span: Span,
    /// The value, underlined when it should change; for a bare flag, the key.
    pub(crate) value_span: Span,
}

impl<T> Attr<T> {
    /// Reads the value of a key that may be set once.
    pub(crate) fn read<'a>(
        &mut self,
        value: &Value<'a>,
        parse: impl FnOnce(&Value<'a>) -> syn::Result<T>,
    ) -> syn::Result<()> {
        if !matches!(self, Self::Absent) {
            let name = value.key.name;
            let message = format!("duplicate `{name}`, which is already set; remove one of them");
            return Err(syn::Error::new(value.key_span, message));
        }
        *self = Self::Invalid;
        let value_span = value.span();
        *self = Self::Set(Spanned {
            value: parse(value)?,
            key_span: value.key_span,
            value_span,
        });
        Ok(())
    }

    /// The value with its spans, if it is valid.
    pub(crate) fn written(&self) -> Option<&Spanned<T>> {
        match self {
            Self::Set(written) => Some(written),
            Self::Absent | Self::Invalid => None,
        }
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.written().map(|written| &written.value)
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    pub(crate) fn is_unusable(&self) -> bool {
        matches!(self, Self::Invalid)
    }
}

impl Attr<bool> {
    /// The flag if it is on, that is, neither absent nor `= false`.
    pub(crate) fn on(&self) -> Option<&Spanned<bool>> {
        self.written().filter(|written| written.value)
    }
}

/// Calls `read` for each key of every `#[session(…)]`; a mistake skips only its own key.
fn each_key(
    attrs: &[Attribute],
    errors: &mut Errors,
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(SESSION)) {
        if !matches!(attr.meta, Meta::List(_)) {
            errors.report(
                &attr.meta,
                "`#[session]` needs a list in parentheses; write `#[session(key = \"value\")]`",
            );
            continue;
        }
        let list = attr.parse_nested_meta(|meta| {
            if let Err(error) = read(&meta).and_then(|()| at_end_of_value(meta.input)) {
                errors.push(error);
                skip_to_comma(meta.input)?;
            }
            Ok(())
        });
        if let Err(error) = list {
            errors.push(error);
        }
    }
}

/// Finds the key that `path` names in `keys`; `elsewhere` holds the keys of the other place.
fn find(
    keys: &'static [Key],
    elsewhere: &'static [Key],
    path: &Path,
    place: Place,
) -> syn::Result<&'static Key> {
    let name = path.get_ident().map(|ident| ident.unraw().to_string());
    let named = |key: &&Key| name.as_deref() == Some(key.name);
    if let Some(key) = keys.iter().find(named) {
        return Ok(key);
    }
    let message = match elsewhere.iter().find(named) {
        Some(key) => place.wrong(key),
        None => unknown(keys, path),
    };
    Err(syn::Error::new_spanned(path, message))
}

/// Where an attribute is written.
#[derive(Clone, Copy)]
enum Place {
    Struct,
    Field,
}

impl Place {
    fn wrong(self, key: &Key) -> String {
        let name = key.name;
        match self {
            Self::Struct => format!("`{name}` is an attribute of fields; move it to a field"),
            Self::Field => {
                format!("`{name}` is an attribute of the struct; move it above the struct")
            }
        }
    }
}

/// Finds the key that `path` names in `keys`.
pub(crate) fn find_in(keys: &'static [Key], path: &Path) -> syn::Result<&'static Key> {
    let name = path.get_ident().map(|ident| ident.unraw().to_string());
    let mut named = keys.iter().filter(|key| name.as_deref() == Some(key.name));
    let found = named.next();
    found.ok_or_else(|| syn::Error::new_spanned(path, unknown(keys, path)))
}

fn unknown(keys: &[Key], path: &Path) -> String {
    let written = quote::quote!(#path).to_string().replace(' ', "");
    let mut names: Vec<_> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    names.sort_unstable();
    let accepted = names.join(", ");
    match suggestion(&written, keys) {
        Some(suggestion) => {
            format!("unknown attribute `{written}`; {suggestion} (accepted: {accepted})")
        }
        None => format!("unknown attribute `{written}`; expected one of {accepted}"),
    }
}

pub(crate) fn at_end_of_value(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,`; separate attributes with commas"))
}

pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
