#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| actix_secure_session_fuzz::run("cookie_header", input));
