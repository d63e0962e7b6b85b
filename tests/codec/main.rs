//! The codec without a request: frozen vectors, stored values, rejected values.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod keys;
mod members;
mod randomness;
mod use_alone;
mod values;
mod vectors;
