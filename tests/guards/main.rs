//! Guards, the responses to denied requests, and the page to return to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod denied;
mod fields;
mod required;
mod responses;
mod return_to;
mod support;
