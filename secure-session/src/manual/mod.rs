//! The manual: guides, and pages for a security review.
//!
//! # First steps
//!
//! - [`quick_start`]: a working login in five minutes.
//! - [`what_the_compiler_says`]: compiler errors, and the code that works.
//! - [`coming_from_actix_session`]: the methods there and here, and how to migrate visitors.
#![cfg_attr(
    all(feature = "fastify", feature = "passphrase"),
    doc = "- [`coming_from_node`]: share sessions with @fastify/secure-session, or migrate them."
)]
//!
//! # While you write
//!
//! - [`guards`]: who may reach a handler, the way to the login and back, roles, and coming from
//!   actix-identity and axum-login.
//! - [`lifecycle`]: what each method does, and recipes: "remember me", asking for the password again,
//!   "your session has expired", messages for the next page.
//! - [`several_sessions`]: when to use two sessions, and what they share.
//! - [`schema_changes`]: changing the struct without logging anyone out.
#![cfg_attr(
    feature = "test-util",
    doc = "- [`testing`]: sessions in tests, with a clock that the test sets."
)]
//!
//! # Before you go live
//!
//! - [`cookies_and_browsers`]: attributes, `SameSite`, localhost, proxies, caches.
//! - [`requests_from_other_sites`]: what the origin check refuses (CSRF), and how to allow it.
//! - [`keys_and_rotation`]: rotating keys, a leaked key.
//! - [`revocation`]: a logout that holds, logging a user out everywhere, a list of devices.
//! - [`limits`]: what a session in a cookie cannot do.
//! - [`logs`]: every event, and what to do about it.
//! - [`troubleshooting`]: from the symptom to the cause.
//!
//! # For reviewers
//!
//! - [`threats`]: each attack, what stops it, and the test that shows it.
//! - [`defaults`]: each default, its reason, and the requirements that it meets.
//! - [`format`](mod@format): the cookie, byte by byte.
//! - [`cipher_backends`]: `ring` or pure Rust, what each brings, and how to choose.

#[doc = include_str!("cipher_backends.md")]
pub mod cipher_backends {}

#[doc = include_str!("coming_from_actix_session.md")]
pub mod coming_from_actix_session {}

#[cfg(all(feature = "fastify", feature = "passphrase"))]
#[doc = include_str!("coming_from_node.md")]
pub mod coming_from_node {}

#[doc = include_str!("cookies_and_browsers.md")]
pub mod cookies_and_browsers {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("format.md")]
pub mod format {}

#[doc = include_str!("guards.md")]
pub mod guards {}

#[doc = include_str!("keys_and_rotation.md")]
pub mod keys_and_rotation {}

#[doc = include_str!("lifecycle.md")]
pub mod lifecycle {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("requests_from_other_sites.md")]
pub mod requests_from_other_sites {}

#[cfg_attr(feature = "revocation", doc = include_str!("revocation.md"))]
#[cfg_attr(
    not(feature = "revocation"),
    doc = "How to end sessions before they expire. This page is in the documentation of a build with \
           the feature `revocation`, such as on docs.rs."
)]
pub mod revocation {}

#[doc = include_str!("schema_changes.md")]
pub mod schema_changes {}

#[doc = include_str!("several_sessions.md")]
pub mod several_sessions {}

#[cfg(feature = "test-util")]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("what_the_compiler_says.md")]
pub mod what_the_compiler_says {}
