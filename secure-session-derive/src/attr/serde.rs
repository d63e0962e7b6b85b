//! Reports `#[serde(…)]`, which has no effect on a session, with the `#[session(…)]` to write
//! instead.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Path, Token, meta::ParseNestedMeta};

use super::skip_to_comma;
use crate::error::Errors;

/// Reports every key of `#[serde(…)]`; `remedy` returns what to write instead of a key.
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
                .unwrap_or_else(|| "remove it, as there is no counterpart".to_owned());
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

/// A serde key and its value as written, ` = "uid"`.
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

/// What to write instead of serde's keys on a struct.
pub(crate) fn remedy_on_struct(key: &str, _value: &str) -> Option<String> {
    let remedy = match key {
        "crate" => "remove it, as the session finds serde without it",
        "default" => "remove it, as a missing field takes its default anyway",
        "deny_unknown_fields" => {
            "remove it, as unknown members are kept; drop one with \
             `#[session(forget = \"old_name\")]`"
        }
        "rename_all" | "rename_all_fields" => {
            "rename each field with `#[session(rename = \"userId\")]`"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}

/// What to write instead of serde's keys on a field.
pub(crate) fn remedy_on_field(key: &str, value: &str) -> Option<String> {
    let remedy = match (key, value) {
        ("default", "") => "remove it, as a missing field takes its default anyway".to_owned(),
        ("default", path) => format!("write `#[session(default{})]`", called(path)),
        ("rename", "") => "write `#[session(rename = \"name\", alias = \"other\")]`".to_owned(),
        ("alias" | "rename" | "with", value) => format!("write `#[session({key}{value})]`"),
        ("serialize_with" | "deserialize_with", _) => {
            "write `#[session(with = \"path::to::module\")]`, with both functions in the module"
                .to_owned()
        }
        ("flatten", _) => {
            "write `#[session(rest)]` on a `serde_json::Map<String, Value>`, which holds the \
             members that no field names"
                .to_owned()
        }
        ("skip" | "skip_serializing" | "skip_deserializing", _) => {
            "write `#[session(skip)]`".to_owned()
        }
        ("skip_serializing_if", _) => {
            "remove it, as `None` is omitted and every other value is stored".to_owned()
        }
        _ => return None,
    };
    Some(remedy)
}

/// serde takes a function's name in a string, a session takes an expression.
fn called(value: &str) -> String {
    format!("{}()", value.replace('"', ""))
}
