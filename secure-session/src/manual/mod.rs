//! Longer texts: what the reference does not tell at one place.

#[doc = include_str!("checks.md")]
pub mod checks {}

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

#[doc = include_str!("quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("several_sessions.md")]
pub mod several_sessions {}
