//! Longer texts: what the reference does not tell at one place.

#[cfg(all(feature = "fastify", feature = "passphrase"))]
#[doc = include_str!("coming_from_node.md")]
pub mod coming_from_node {}
