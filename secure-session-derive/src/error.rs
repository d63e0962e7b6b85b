//! Collects every mistake of a struct, so that one compile shows them all.

use std::{fmt::Display, thread};

use proc_macro2::Span;
use quote::ToTokens;

/// The mistakes found so far.
///
/// Dropping it without `finish` would accept a wrong struct. That would be a bug here, so it
/// panics.
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    finished: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self {
            found: Vec::new(),
            finished: false,
        }
    }

    /// Reports a mistake that underlines all of `tokens`.
    pub(crate) fn report(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, escaped(&message)));
    }

    /// Reports a mistake that underlines one token.
    pub(crate) fn report_at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, escaped(&message)));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Returns every mistake in one error, in the order they were found.
    pub(crate) fn finish(mut self) -> syn::Result<()> {
        self.finished = true;
        let all = self.found.drain(..).reduce(|mut all, next| {
            all.combine(next);
            all
        });
        all.map_or(Ok(()), Err)
    }
}

/// Escapes each character that a terminal would interpret or hide; a message may quote a literal.
fn escaped(message: &impl Display) -> String {
    let escaped = |character| match character {
        '\'' | '"' | '\\' => String::from(character),
        _ => character.escape_debug().to_string(),
    };
    message.to_string().chars().map(escaped).collect()
}

impl Drop for Errors {
    fn drop(&mut self) {
        // A second panic during unwinding would abort and hide the first.
        assert!(
            self.finished || thread::panicking(),
            "mistakes were collected but not reported"
        );
    }
}
