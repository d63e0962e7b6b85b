//! The derive in user code: tokens passed through `macro_rules!`, names that a user may use,
//! attributes that a struct may have. It must compile in every edition, under every lint.

#![deny(
    warnings,
    deprecated_safe,
    future_incompatible,
    keyword_idents,
    let_underscore,
    nonstandard_style,
    refining_impl_trait,
    rust_2018_compatibility,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    unknown_or_malformed_diagnostic_attributes,
    unused,
    deprecated,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]

pub mod attributes;
#[allow(edition_2024_expr_fragment_specifier)]
pub mod fragments;
#[cfg(feature = "before_2024")]
pub mod keyword_of_2024;
pub mod names;
