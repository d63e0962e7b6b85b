//! User accounts in a database: "remember me", re-entering the password before a sensitive change,
//! a list of devices, a new password that logs out the others, administrators who block users, and
//! preferences that outlive logins.
//!
//! ```text
//! SESSION_KEYS=$(openssl rand -hex 32) cargo run -p actix-secure-session-accounts
//! cargo test -p actix-secure-session-accounts    # its tests, in tests/
//! ```
//!
//! | Variable | |
//! |---|---|
//! | `SESSION_KEYS` | keys separated by commas, of which the first encrypts |
//! | `PORT` | on 127.0.0.1; default: 8080 |
//! | `DATABASE` | the SQLite file; default: `accounts.sqlite3` in the current folder |
//!
//! A new database has two users: `ada`, the administrator, with the password `correct horse`, and
//! `grace`, with `battery staple`.
//!
//! | File | |
//! |---|---|
//! | `sessions.rs` | declares the two sessions |
//! | `signed_in.rs` | decides who may see a page: guards, and an extractor that loads the account |
//! | `administrator.rs` | the same for the pages of administrators |
//! | `routes.rs`, `routes/`, `pages.rs` | the handlers and their HTML |
//! | `users.rs`, `passwords.rs` | the table of users, and the hashes of their passwords |
//! | `devices.rs` | the table of devices, which follows what happens to sessions |
//! | `database.rs`, `error.rs` | the tables, and why a request failed |
//!
//! Revocations are in memory, for one process. When it stops, it forgets them, and revoked sessions
//! that have not expired are valid again. A store keeps them: see `Revocations::sqlite`.
//!
//! A real application also needs a limit on login attempts, a place to sign up, and more than one
//! connection to its database.

mod administrator;
mod database;
mod devices;
mod error;
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
use secure_session::{
    ConfigError, KeyRing, Revocations, SessionMiddleware, SessionMiddlewareBuilder,
};

use crate::{
    database::Database,
    devices::Devices,
    passwords::Passwords,
    sessions::{Auth, Prefs},
    users::Users,
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let keys = KeyRing::from_env("SESSION_KEYS")?;
    let file = env::var_os("DATABASE").unwrap_or_else(|| "accounts.sqlite3".into());
    let database = Database::open(Connection::open(file)?)?;
    let passwords = Passwords::new(Argon2::default())?;
    let users = web::Data::new(Users::open(database.clone(), passwords)?);
    let devices = web::Data::new(Devices::open(database)?);
    let revocations = web::Data::new(Revocations::in_memory());
    let builder = SessionMiddleware::builder(keys);
    let sessions = register(builder, &revocations, &devices)?;
    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let handle = devices.clone();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .app_data(users.clone())
            .app_data(devices.clone())
            .app_data(revocations.clone())
            .configure(routes::configure)
    })
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    handle.flush().await?;
    Ok(())
}

/// The tests call it too, with their own keys and clock.
fn register(
    builder: SessionMiddlewareBuilder,
    revocations: &Revocations,
    devices: &Devices,
) -> Result<SessionMiddleware, ConfigError> {
    let devices = devices.clone();
    builder
        .application("accounts")
        .revocations(revocations)
        .on_event(move |event| devices.follow(event))
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}
