//! Revocable sessions: logouts, groups, numbers, stores that fail.

mod calls;
mod cost;
mod deploy;
mod ended;
mod guard;
mod ids;
mod interleavings;
mod kit;
mod numbers;
mod over_http;
mod responses;
#[cfg(unix)]
mod sqlite;
mod store;
mod support;
mod vectors;
mod world;
