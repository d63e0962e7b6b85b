//! Properties that hold for all inputs: values, bytes, and sequences of requests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod model;
mod round_trip;
mod sequences;
mod servers;
