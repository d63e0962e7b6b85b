//! The examples are next to this folder, one topic per file:
//!
//! - `demo/`: a small application with two sessions, in a browser.
//! - `accounts/`: "remember me", password confirmation, long-lived preferences, users in SQLite. A
//!   separate package: `cargo run -p actix-secure-session-accounts`.
//! - `several_sessions.rs`: two sessions side by side, one with its own keys and path.
//! - `key_rotation.rs`: replaces a key without logging anyone out.
//! - `passphrase.rs`: the first example of @fastify/secure-session, typed.
//! - `node_migration.rs`: takes over the sessions of a Node application.
//! - `testing.rs`: a login, a page and a logout, with tests.
//! - `websocket.rs`: a WebSocket that checks its origin and ends with its session.
//! - `htmx/`: pages that htmx updates; an expired session leads to the login page.
//! - `postgres_store.rs`: keeps the list of revoked sessions in PostgreSQL. It needs the feature
//!   `postgres`: `cargo run --example postgres_store --features postgres`.
//!
//! Run one with `cargo run --example demo`. This library is empty and exists because a package
//! needs a target.
