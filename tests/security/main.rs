//! The security checks: one module per group, with the number of the check in each test's
//! documentation.
//!
//! `tests/CHECKS.md` lists them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allocations;
mod cookies_in;
mod cookies_out;
mod documents;
mod extensions;
mod isolation;
mod keys;
mod lifetimes;
mod logout;
mod origin;
mod passphrase;
mod payload;
mod primitives;
mod printing;
mod randomness;
mod received;
mod resources;
mod responses;
mod secrets;
mod support;
mod tampering;
mod writers;
