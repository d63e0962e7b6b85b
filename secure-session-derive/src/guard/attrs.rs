//! Parses `#[guard(…)]`.

use proc_macro2::Span;
use syn::{
    Attribute, DeriveInput, Ident, LitStr, Meta, Path, Token, Type, ext::IdentExt as _,
    meta::ParseNestedMeta,
};

use crate::{
    attr::{Attr, Key, Value, at_end_of_value, find_in, skip_to_comma},
    error::Errors,
    model::{CratePath, Duration},
};

const CONFIRM: Key = key("confirm", "confirm = \"/confirm\"");
const CRATE: Key = key("crate", "crate = ::secure_session");
const LOGIN: Key = key("login", "login = \"/login\"");
const WHEN: Key = key("when", "when = Auth::is_admin");
const WITHIN: Key = key("within", "within = \"5m\"");

const KEYS: &[Key] = &[CONFIRM, CRATE, LOGIN, WHEN, WITHIN];

const SESSION: Key = key("session", "session");
const VALUE: Key = key("value", "value");

const FIELD_KEYS: &[Key] = &[SESSION, VALUE];

/// The values of `#[guard(…)]` on the struct.
#[derive(Default)]
pub(super) struct GuardAttrs {
    /// The session type.
    pub(super) session: Option<Path>,
    pub(super) confirm: Attr<LitStr>,
    pub(super) login: Attr<LitStr>,
    pub(super) root: Attr<CratePath>,
    pub(super) when: Attr<Path>,
    pub(super) within: Attr<Duration>,
}

impl GuardAttrs {
    pub(super) fn read(item: &DeriveInput, errors: &mut Errors) -> Self {
        let mut given = Self::default();
        each_item(&item.attrs, "#[guard(Auth)]", errors, |meta| {
            given.read_item(meta)
        });
        if given.session.is_none() {
            errors.report(
                &item.ident,
                "a guard needs the session that it reads; write your session type first, as in \
                 `#[guard(Auth)]` or `#[guard(Auth, login = \"/login\")]`",
            );
        }
        given
    }

    /// The path of the library.
    pub(super) fn root(&self) -> CratePath {
        self.root.value().cloned().unwrap_or_default()
    }

    fn read_item(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let name = meta.path.get_ident().map(|ident| ident.unraw().to_string());
        let is_key = KEYS.iter().any(|key| Some(key.name) == name.as_deref());
        if !is_key && !meta.input.peek(Token![=]) {
            if self.session.is_some() {
                let message = "the guard has a session type already; remove one of them";
                return Err(syn::Error::new_spanned(&meta.path, message));
            }
            self.session = Some(meta.path.clone());
            return Ok(());
        }
        let key = find_in(KEYS, &meta.path)?;
        let value = &Value::of(key, meta);
        match *key {
            CONFIRM => self.confirm.read(value, |value| page(value)),
            LOGIN => self.login.read(value, |value| page(value)),
            CRATE => self
                .root
                .read(value, |value| value.path().map(CratePath::from)),
            WHEN => self.when.read(value, Value::path),
            _ => self.within.read(value, |value| {
                Duration::parse_finite(
                    "within",
                    &value.string()?,
                    "`within` must not be `\"none\"`; remove it, or write `within = \"5m\"`",
                )
            }),
        }
    }
}

/// Parses the path of a page of this site.
fn page(value: &Value<'_>) -> syn::Result<LitStr> {
    let text = value.string()?;
    let path = text.value();
    let name = value.key.name;
    let example = value.key.example;
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#');
    let message = if path.contains("://") || path.starts_with("//") {
        format!("`{name}` must be a path without scheme and host; write it like `{example}`")
    } else if !path.starts_with('/') {
        format!(
            "`{name}` must be a path that begins with `/`, without a host; write it like `{example}`"
        )
    } else if !path.bytes().all(is_allowed) || path.len() > 1024 {
        format!(
            "`{name}` must be at most 1024 printable ASCII characters without `\\` and `#`; encode \
             other characters as in `%C3%BC`"
        )
    } else if has_next(&path) {
        format!("`{name}` must not have `next` in its query; the guard adds it, so remove it")
    } else {
        return Ok(text);
    };
    Err(syn::Error::new(text.span(), message))
}

fn has_next(path: &str) -> bool {
    let query = path.split_once('?').map(|(_, query)| query);
    let mut names = query.into_iter().flat_map(|query| query.split('&'));
    names.any(|pair| pair.split('=').next() == Some("next"))
}

/// A field of a guard.
pub(super) struct GuardField {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) source: FieldSource,
}

/// What a field of a guard contains.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldSource {
    /// The value of an `Option` of the session; the guard lets nobody in without it.
    Option,
    /// `#[guard(value)]`: a copy of a field that is no `Option`.
    Value,
    /// `#[guard(session)]`: the handle.
    Session,
}

impl GuardField {
    pub(super) fn read(field: &syn::Field, errors: &mut Errors) -> Self {
        let mut source = FieldSource::Option;
        each_item(&field.attrs, "#[guard(session)]", errors, |meta| {
            let key = find_in(FIELD_KEYS, &meta.path)?;
            if !Value::of(key, meta).flag()? {
                return Ok(());
            }
            if source != FieldSource::Option {
                let message = "a field must not have both `session` and `value`, or one of them \
                               twice; remove one";
                return Err(syn::Error::new_spanned(&meta.path, message));
            }
            source = if *key == SESSION {
                FieldSource::Session
            } else {
                FieldSource::Value
            };
            Ok(())
        });
        let ident = field.ident.clone();
        Self {
            ident: ident.unwrap_or_else(|| Ident::new("_unnamed", Span::call_site())),
            ty: field.ty.clone(),
            source,
        }
    }
}

/// Calls `read` for each item of every `#[guard(…)]`; a mistake skips only its own item.
fn each_item(
    attrs: &[Attribute],
    example: &str,
    errors: &mut Errors,
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("guard")) {
        if !matches!(attr.meta, Meta::List(_)) {
            errors.report(
                &attr.meta,
                format!("`#[guard]` needs a list in parentheses; write `{example}`"),
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

const fn key(name: &'static str, example: &'static str) -> Key {
    Key { name, example }
}
