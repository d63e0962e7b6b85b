//! Cookies of the Node package @fastify/secure-session, as its real packages behave:
//! `tests/vectors/fastify.json`, made by `tests/interop/generate.mjs`.

mod file;
mod manual;
mod migration;
mod near_limit;
mod quirks;
mod same;
mod settings;
mod suite;
mod support;
mod transitions;
mod vectors;
