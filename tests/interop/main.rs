//! The library and the real @fastify/secure-session exchange sessions. `.ci/live_exchange` runs
//! these tests, because they need Node and its packages.

mod browser;
mod bulk;
mod everything;
#[path = "../fastify/file.rs"]
#[allow(dead_code, reason = "the tests of `fastify` use the rest")]
mod file;
mod http;
mod parsers;
mod peer;
mod random;
#[path = "../fastify/same.rs"]
mod same;
mod suite;
