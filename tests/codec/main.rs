//! The codec, without a request: frozen vectors, what is kept, what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod keys;
mod members;
mod randomness;
mod use_alone;
mod values;
mod vectors;
