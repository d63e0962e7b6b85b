//! User accounts: "remember me", re-entering the password before a sensitive change, and
//! preferences that outlive logins.
//!
//! ```text
//! SESSION_KEYS=$(openssl rand -hex 32) cargo run --example accounts
//! cargo test --example accounts    # its tests, in tests.rs
//! ```
//!
//! It listens on 127.0.0.1:8080, or on another `PORT`. The password of `ada` is `correct horse`.
//! `sessions.rs` declares the two sessions, `signed_in.rs` contains the extractors that decide who
//! sees a page, and `routes.rs` uses both.
//!
//! A real application also needs a table of users with hashed passwords, and a limit on login
//! attempts.

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

/// The tests call it too, with their own keys and clock.
fn register(builder: SessionMiddlewareBuilder) -> Result<SessionMiddleware, ConfigError> {
    builder
        .application("accounts")
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}
