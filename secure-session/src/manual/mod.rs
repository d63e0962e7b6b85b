//! Longer texts: what the reference does not tell at one place.
//!
//! # Where to begin
//!
//! - [`quick_start`]: a working login in five minutes.
//! - [`coming_from_actix_session`]: the names there and here, and how visitors move over.
#![cfg_attr(
    all(feature = "fastify", feature = "passphrase"),
    doc = "- [`coming_from_node`]: sessions of @fastify/secure-session, shared, moved over and left behind."
)]
//!
//! # While you write
//!
//! - [`lifecycle`]: what each call does, and recipes: "remember me", the password again before what
//!   matters, "your session has expired", messages for the next page.
//! - [`several_sessions`]: when there should be two, and what stays apart.
//! - [`schema_changes`]: changing the struct without logging anyone out.
#![cfg_attr(
    feature = "test-util",
    doc = "- [`testing`]: sessions in tests, with a clock to set."
)]
//!
//! # Before you go live
//!
//! - [`cookies_and_browsers`]: attributes, other sites, localhost, proxies, caches.
//! - [`keys_and_rotation`]: changing keys, a leaked key, logging a user out everywhere.
//! - [`cipher_backends`]: settings or Rust alone, what each brings, and how to choose.
//! - [`limits`]: what a session in a cookie cannot do.
//! - [`defaults`]: what the defaults are, why, and which requirements they meet.
//! - [`logs`]: the events, and what to do about each.
//! - [`troubleshooting`]: from the symptom to the cause.
//!
//! # For a review
//!
//! - [`threats`]: who is stopped by what, and which test shows it.
//! - [`format`](mod@format): the cookie, byte by byte.

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
