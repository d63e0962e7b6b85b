//! Hostile input: runs the fuzzer's targets on the stored corpus.
//!
//! `secure-session/fuzz` runs the same functions on random input. Its findings are stored in
//! `corpus`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::targets::{Target, forge};

#[test]
fn bytes_of_a_cookie_header() {
    hold(
        &targets::COOKIE_HEADER,
        include_str!("corpus/cookie_header.hex"),
    );
}

#[test]
fn authenticated_bytes_of_the_native_format() {
    hold(
        &targets::NATIVE_PLAINTEXT,
        include_str!("corpus/native_plaintext.hex"),
    );
}

#[test]
fn authenticated_bytes_of_the_fastify_format() {
    hold(
        &targets::FASTIFY_PLAINTEXT,
        include_str!("corpus/fastify_plaintext.hex"),
    );
}

#[test]
fn texts_of_keys() {
    hold(&targets::KEY_TEXT, include_str!("corpus/key_text.hex"));
}

#[test]
fn strings_of_attributes() {
    hold(&targets::ATTRIBUTES, include_str!("corpus/attributes.hex"));
}

#[test]
fn input_of_inspect() {
    hold(&targets::INSPECT, include_str!("corpus/inspect.hex"));
}

/// Runs a target on its corpus; a failure shows the line of the input.
fn hold(target: &Target, corpus: &str) {
    assert!(!corpus.is_empty());
    for line in corpus.lines() {
        let input = forge::unhex(line);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(&input))) {
            eprintln!("the line of the corpus:\n{line}");
            resume_unwind(panic);
        }
    }
}
