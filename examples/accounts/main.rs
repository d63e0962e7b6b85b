//! Accounts: a login that can be remembered, a password that is asked for again, preferences that
//! outlive both.
//!
//! ```text
//! SESSION_KEYS=$(openssl rand -hex 32) cargo run --example accounts
//! cargo test --example accounts    # its tests, in tests.rs
//! ```
//!
//! It listens on 127.0.0.1:8080, or on another `PORT`; `ada` has the password `correct horse`.
//! `sessions.rs` declares the two sessions, `signed_in.rs` has the extractors that decide who sees a
//! page, `routes.rs` uses both.
//!
//! It leaves out what has nothing to do with sessions: a table of users with hashes of their
//! passwords, and a limit on attempts.

mod pages;
mod routes;
mod sessions;
mod signed_in;
#[cfg(test)]
mod tests;
mod users;

use std::{env, error::Error};

use actix_web::{App, HttpServer, web};
use secure_session::{ConfigError, KeyRing, SessionMiddleware, SessionMiddlewareBuilder};

use crate::{
    sessions::{Auth, Prefs},
    users::Users,
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let keys = KeyRing::from_env("SESSION_KEYS")?;
    let sessions = register(SessionMiddleware::builder(keys))?;
    let users = web::Data::new(Users::default());
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .app_data(users.clone())
            .configure(routes::configure)
    })
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    Ok(())
}

/// The tests call it, too, with keys and a clock of their own.
fn register(builder: SessionMiddlewareBuilder) -> Result<SessionMiddleware, ConfigError> {
    builder
        .application("accounts")
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}
