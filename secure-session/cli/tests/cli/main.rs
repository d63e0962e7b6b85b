//! Runs the built command line, with every error that users can meet.

mod derive_key;
mod inspect;
mod keygen;
mod keys;
mod redact;
#[cfg(feature = "sqlite")]
mod revocations;
mod seal;
mod stores;
mod support;
mod usage;
mod vectors;
