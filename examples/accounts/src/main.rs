//! User accounts in a database: "remember me", re-entering the password before a sensitive change,
//! and preferences that outlive logins.
//!
//! ```text
//! SESSION_KEYS=$(openssl rand -hex 32) cargo run -p actix-secure-session-accounts
//! cargo test -p actix-secure-session-accounts    # its tests, in tests.rs
//! ```
//!
//! | Variable | |
//! |---|---|
//! | `SESSION_KEYS` | keys separated by commas, of which the first encrypts |
//! | `PORT` | on 127.0.0.1; default: 8080 |
//! | `DATABASE` | the SQLite file; default: `accounts.sqlite3` in the current folder |
//!
//! A new database has two users: `ada`, with the password `correct horse`, and `grace`, with
//! `battery staple`.
//!
//! | File | |
//! |---|---|
//! | `sessions.rs` | declares the two sessions |
//! | `signed_in.rs` | decides who may see a page: guards, and an extractor that loads the account |
//! | `routes.rs`, `pages.rs` | the handlers and their HTML |
//! | `users.rs`, `passwords.rs` | the table of users, and the hashes of their passwords |
//!
//! A real application also needs a limit on login attempts, a place to sign up, and more than one
//! connection to its database.

mod pages;
mod passwords;
mod routes;
mod sessions;
mod signed_in;
#[cfg(test)]
mod tests;
mod users;

use std::{env, error::Error};

use actix_web::{App, HttpServer, web};
use argon2::Argon2;
use rusqlite::Connection;
use secure_session::{ConfigError, KeyRing, SessionMiddleware, SessionMiddlewareBuilder};

use crate::{
    passwords::Passwords,
    sessions::{Auth, Prefs},
    users::Users,
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let keys = KeyRing::from_env("SESSION_KEYS")?;
    let sessions = register(SessionMiddleware::builder(keys))?;
    let file = env::var_os("DATABASE").unwrap_or_else(|| "accounts.sqlite3".into());
    let passwords = Passwords::new(Argon2::default())?;
    let users = web::Data::new(Users::open(Connection::open(file)?, passwords)?);
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

/// The tests call it too, with their own keys and clock.
fn register(builder: SessionMiddlewareBuilder) -> Result<SessionMiddleware, ConfigError> {
    builder
        .application("accounts")
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}
