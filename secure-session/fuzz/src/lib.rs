//! The targets of `tests/hostile`, and the modules of the command line that one of them takes.

#![allow(dead_code, reason = "the tests and the command line use the rest")]

#[path = "../../../tests/hostile/targets/mod.rs"]
mod targets;

#[path = "../../src/bin/secure-session/arguments.rs"]
mod arguments;
#[path = "../../src/bin/secure-session/failure.rs"]
mod failure;
#[path = "../../src/bin/secure-session/inspect/mod.rs"]
mod inspect;
#[path = "../../src/bin/secure-session/settings.rs"]
mod settings;
#[path = "../../src/bin/secure-session/streams.rs"]
mod streams;
#[path = "../../src/bin/secure-session/time.rs"]
mod time;

/// Runs a target over one input; panics where a promise is broken.
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
