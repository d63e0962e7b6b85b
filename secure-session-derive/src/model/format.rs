//! The format of the cookie.

use proc_macro2::Span;
use syn::LitStr;

/// How a session is written into its cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The format of @fastify/secure-session, a Node package.
    Fastify,
    #[default]
    Native,
}

impl Format {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().as_str() {
            "fastify" => Ok(Self::Fastify),
            "native" => Ok(Self::Native),
            other => {
                let message = format!(
                    "unknown `format = \"{}\"`; expected one of `\"fastify\"`, `\"native\"`",
                    other.escape_default()
                );
                Err(syn::Error::new(text.span(), message))
            }
        }
    }
}

/// A format, and the span of the token that chose it.
#[derive(Clone, Copy)]
pub(crate) struct ChosenFormat {
    pub(crate) format: Format,
    /// The value of `format`, or the derive itself.
    pub(crate) span: Span,
}
