//! Hostile input: the targets that a fuzzer takes, run over a kept corpus and over ten seconds of
//! random input each.
//!
//! `HOSTILE_SECONDS` sets another time. `secure-session/fuzz` gives the same functions to
//! cargo-fuzz; what it finds is kept in `corpus`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod mutate;
mod targets;

// The command line, whose modules know each other from the root of their crate.
#[path = "../../secure-session/src/bin/secure-session/arguments.rs"]
mod arguments;
#[path = "../../secure-session/src/bin/secure-session/failure.rs"]
#[allow(dead_code, reason = "of the commands only `inspect` is here")]
mod failure;
#[path = "../../secure-session/src/bin/secure-session/inspect/mod.rs"]
#[allow(dead_code, reason = "what reads standard input is not called")]
mod inspect;
#[path = "../../secure-session/src/bin/secure-session/settings.rs"]
#[allow(dead_code, reason = "of the commands only `inspect` is here")]
mod settings;
#[path = "../../secure-session/src/bin/secure-session/streams.rs"]
#[allow(dead_code, reason = "what reads standard input is not called")]
mod streams;
#[path = "../../secure-session/src/bin/secure-session/time.rs"]
#[allow(dead_code, reason = "of the commands only `inspect` is here")]
mod time;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    mutate::Mutator,
    targets::{Target, forge},
};

#[test]
fn bytes_of_a_cookie_header() {
    hold(
        &targets::COOKIE_HEADER,
        include_str!("corpus/cookie_header.hex"),
    );
}

#[test]
fn bytes_inside_the_authentication_of_the_native_format() {
    hold(
        &targets::NATIVE_PLAINTEXT,
        include_str!("corpus/native_plaintext.hex"),
    );
}

#[test]
fn bytes_inside_the_authentication_of_the_fastify_format() {
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
fn what_is_given_to_inspect() {
    hold(&targets::INSPECT, include_str!("corpus/inspect.hex"));
}

/// Runs a target over its corpus, and then over what is made of it at random.
fn hold(target: &Target, corpus: &str) {
    let corpus: Vec<Vec<u8>> = corpus.lines().map(forge::unhex).collect();
    assert!(!corpus.is_empty());
    for input in &corpus {
        run(target, input);
    }
    let seconds = env::var("HOSTILE_SECONDS").map_or(10, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let mut mutator = Mutator::new(since.as_secs() ^ u64::from(since.subsec_nanos()));
    let mut runs = 0_u64;
    while Instant::now() < end {
        let input = mutator.input(&corpus, target.words);
        run(target, &input);
        runs += 1;
    }
    println!("{} inputs of the corpus, {runs} at random", corpus.len());
}

/// Runs a target over one input; a failure tells the line that keeps the input in the corpus.
fn run(target: &Target, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        eprintln!("the input, as a line of the corpus:\n{}", forge::hex(input));
        std::panic::resume_unwind(panic);
    }
}
