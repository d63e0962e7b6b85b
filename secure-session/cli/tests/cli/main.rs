//! Runs the built command line, with every error that users can meet.

mod derive_key;
mod inspect;
mod keygen;
mod keys;
mod redact;
mod seal;
mod support;
mod usage;
mod vectors;
