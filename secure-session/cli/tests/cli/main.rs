//! Runs the built command line, with every error that users can meet.

mod derive_key;
mod inspect;
mod keygen;
mod keys;
mod redact;
#[cfg(feature = "sqlite")]
mod revocations;
#[cfg(feature = "sqlite")]
mod revoke;
mod seal;
mod stores;
mod support;
mod usage;
mod vectors;
