//! Unit tests: messages, names, durations, shapes, and the expansion of a small struct.
//!
//! The workspace's `tests/ui` shows how messages look in a terminal, one for each kind of place,
//! and that rustc adds no errors. The texts of the other messages are checked here.

#![allow(
    clippy::needless_pass_by_value,
    reason = "the results of `quote!` are used once"
)]

mod cookies;
mod expansion;
mod formats;
mod lifetimes;
mod mistakes;
mod names;
mod revocation;
mod shapes;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{
    check::check,
    error::Errors,
    model::{Draft, Input},
};

/// Every message about a struct, in the order of the compiler's output.
fn mistakes(item: TokenStream) -> Vec<String> {
    match model(item) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(|err| err.to_string()).collect(),
    }
}

/// The only message about a struct.
fn mistake(item: TokenStream) -> String {
    let mut all = mistakes(item);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Each struct has this mistake and no other.
fn assert_mistakes<const N: usize>(cases: [(TokenStream, &str); N]) {
    for (item, message) in cases {
        assert_eq!(mistake(item.clone()), message, "{item}");
    }
}

/// The model of a struct without mistakes.
fn sound(item: TokenStream) -> Input {
    model(item).unwrap_or_else(|mistakes| panic!("{}", mistakes.to_compile_error()))
}

fn model(item: TokenStream) -> syn::Result<Input> {
    let item: DeriveInput = syn::parse2(item)?;
    let mut errors = Errors::new();
    let draft = Draft::read(&item, &mut errors);
    check(&draft, &mut errors);
    errors.finish()?;
    draft.into_input()
}
