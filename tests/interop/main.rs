//! The library and the real @fastify/secure-session, exchanging sessions. `.ci/live_exchange` runs
//! these tests, as they need Node and its packages.

mod browser;
mod bulk;
mod everything;
mod http;
mod parsers;
mod peer;
mod random;
mod suite;
