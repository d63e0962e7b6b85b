//! The targets of `tests/hostile`.

#![allow(dead_code, reason = "the tests use the rest")]

#[path = "../../../tests/hostile/targets/mod.rs"]
mod targets;

/// Runs a target on one input; panics if a guarantee is violated.
pub fn run(target: &str, input: &[u8]) {
    let target = match target {
        "attributes" => &targets::ATTRIBUTES,
        "cookie_header" => &targets::COOKIE_HEADER,
        "fastify_plaintext" => &targets::FASTIFY_PLAINTEXT,
        "inspect" => &targets::INSPECT,
        "key_text" => &targets::KEY_TEXT,
        "native_plaintext" => &targets::NATIVE_PLAINTEXT,
        other => panic!("no target `{other}`"),
    };
    (target.run)(input);
}
