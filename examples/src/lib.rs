//! The examples stand beside this folder, one idea a file:
//!
//! - `demo/`: a small application with two sessions, in a browser.
//! - `accounts/`: "remember me", a password that is asked for again, preferences that stay.
//! - `several_sessions.rs`: two sessions side by side, one with keys and a path of its own.
//! - `key_rotation.rs`: a key is replaced, and nobody is logged out.
//! - `passphrase.rs`: the first example of @fastify/secure-session, typed.
//! - `node_migration.rs`: sessions of a Node application are taken over.
//! - `testing.rs`: a login, a page and a logout with their tests.
//! - `websocket.rs`: a session outside a request.
//!
//! `cargo run --example demo` runs one; this library is empty, as a package needs one.
