//! `#[serde(…)]` has no effect on a session; each key is answered with its `#[session(…)]`
//! spelling.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Path, Token, meta::ParseNestedMeta};

use super::skip_to_comma;
use crate::error::Errors;

/// Reports every key of `#[serde(…)]`; `remedy` knows the keys of the place it stands at.
pub(crate) fn report_serde(
    attrs: &[Attribute],
    errors: &mut Errors,
    remedy: impl Fn(&str, &str) -> Option<String>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let list = attr.parse_nested_meta(|meta| {
            let written = SerdeAttr::read(&meta)?;
            let key = written.key.to_token_stream().to_string();
            let remedy = remedy(&key, &written.value)
                .unwrap_or_else(|| "it has no counterpart, remove it".to_owned());
            let message = format!(
                "`#[serde({key}{})]` has no effect on a session; {remedy}",
                written.value
            );
            errors.report(&written.key, message);
            Ok(())
        });
        if list.is_err() {
            errors.report(attr, "`#[serde]` has no effect on a session; remove it");
        }
    }
}

/// A key of serde's and its value as it is written, ` = "uid"`.
struct SerdeAttr {
    key: Path,
    value: String,
}

impl SerdeAttr {
    fn read(meta: &ParseNestedMeta<'_>) -> syn::Result<Self> {
        let before = meta.input.fork();
        skip_to_comma(meta.input)?;
        let mut value = String::new();
        if before.parse::<Token![=]>().is_ok() {
            let mut tokens = TokenStream::new();
            while !before.is_empty() && !before.peek(Token![,]) {
                tokens.extend([before.parse::<proc_macro2::TokenTree>()?]);
            }
            value = format!(" = {tokens}");
        }
        Ok(Self {
            key: meta.path.clone(),
            value,
        })
    }
}

/// The remedies for the keys that serde knows above a struct.
pub(crate) fn remedy_on_struct(key: &str, _value: &str) -> Option<String> {
    let remedy = match key {
        "crate" => "the session finds serde by itself, remove it",
        "default" => "a missing field takes its default by itself, remove it",
        "deny_unknown_fields" => {
            "members the struct does not name are kept, drop one with \
             `#[session(forget = \"old_name\")]`"
        }
        "rename_all" | "rename_all_fields" => {
            "name the fields one by one with `#[session(rename = \"userId\")]`"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}

/// The remedies for the keys that serde knows on a field.
pub(crate) fn remedy_on_field(key: &str, value: &str) -> Option<String> {
    let remedy = match (key, value) {
        ("default", "") => "a missing field takes its default by itself, remove it".to_owned(),
        ("default", path) => format!("write `#[session(default{})]`", called(path)),
        ("rename", "") => "write `#[session(rename = \"name\", alias = \"other\")]`".to_owned(),
        ("alias" | "rename" | "with", value) => format!("write `#[session({key}{value})]`"),
        ("serialize_with" | "deserialize_with", _) => {
            "write `#[session(with = \"path::to::module\")]` for a module with both functions"
                .to_owned()
        }
        ("flatten", _) => {
            "write `#[session(rest)]` on a `serde_json::Map<String, Value>` for the members no \
             field names"
                .to_owned()
        }
        ("skip" | "skip_serializing" | "skip_deserializing", _) => {
            "write `#[session(skip)]`".to_owned()
        }
        ("skip_serializing_if", _) => {
            "`None` is left out by itself and every other value is stored, remove it".to_owned()
        }
        _ => return None,
    };
    Some(remedy)
}

/// serde names a function in a string where a session takes an expression.
fn called(value: &str) -> String {
    format!("{}()", value.replace('"', ""))
}
