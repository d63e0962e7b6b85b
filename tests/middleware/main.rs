//! The middleware, as a handler and a browser see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod attributes;
mod binding;
mod borrowed_extensions;
mod errors;
mod extractors;
mod laziness;
mod lifetimes;
mod nesting;
mod registration;
mod rotation;
mod verbs;
