//! Longer texts: what the reference does not tell at one place.

#[doc = include_str!("checks.md")]
pub mod checks {}

#[cfg(all(feature = "fastify", feature = "passphrase"))]
#[doc = include_str!("coming_from_node.md")]
pub mod coming_from_node {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("format.md")]
pub mod format {}

#[doc = include_str!("keys_and_rotation.md")]
pub mod keys_and_rotation {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("logs.md")]
pub mod logs {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
