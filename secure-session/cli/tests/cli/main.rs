//! The built command line, with every failure that a person will meet.

mod derive_key;
mod inspect;
mod keygen;
mod keys;
mod redact;
mod seal;
mod support;
mod usage;
mod vectors;
