//! A small shop with two sessions: who is signed in, and what the browser prefers.
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! | Variable | |
//! |---|---|
//! | `SESSION_KEYS` | keys separated by commas, the first seals; without it a key that ends with the process |
//! | `PORT` | default: 8080; 0 takes any free one |
//! | `PLAIN_HTTP=1` | for browsers that keep no `Secure` cookie from `http://localhost`, such as Safari |
//! | `RUST_LOG` | default: `info`; `debug` tells which key opened a cookie, or why none did |
//!
//! `sessions.rs` declares the two sessions, `routes.rs` uses them; the rest is what every web
//! application has.

mod forms;
mod html;
mod pages;
mod routes;
mod sessions;
mod settings;
mod state;

use std::{
    error::Error,
    io::{self, IsTerminal},
    net::Ipv4Addr,
    process::ExitCode,
};

use actix_web::{App, HttpServer, middleware::DefaultHeaders};
use secure_session::{ConfigError, SessionMiddleware, SessionMiddlewareBuilder};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::{
    sessions::{Auth, Prefs},
    settings::Settings,
};

#[actix_web::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {err}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let mut builder = SessionMiddleware::builder(settings.keys);
    if settings.plain_http {
        builder = builder.plain_http();
    }
    // One for all workers: each wraps its app in a clone.
    let sessions = register(builder)?;

    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .wrap(security_headers())
            .configure(routes::configure)
    })
    .bind((Ipv4Addr::LOCALHOST, settings.port))
    .map_err(|err| {
        let port = settings.port;
        format!("cannot listen on 127.0.0.1:{port}: {err}; choose another port with `PORT`")
    })?;
    for address in server.addrs() {
        println!("The demo is at http://{address}");
    }
    server.run().await?;
    Ok(())
}

/// The tests register the same sessions with keys and a clock of their own.
fn register(builder: SessionMiddlewareBuilder) -> Result<SessionMiddleware, ConfigError> {
    builder
        .application("demo")
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}

/// The pages load one style sheet and no script, and stand in no frame.
fn security_headers() -> DefaultHeaders {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    DefaultHeaders::new()
        .add(("Content-Security-Policy", POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("Referrer-Policy", "same-origin"))
}

fn log_to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
