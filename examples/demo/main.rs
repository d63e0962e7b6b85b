//! A small shop with two sessions: the signed-in user, and the browser's preferences.
//!
//! ```text
//! cargo run --example demo
//! ```
//!
//! | Variable | |
//! |---|---|
//! | `SESSION_KEYS` | keys separated by commas, of which the first encrypts; default: a random key that is lost when the process ends |
//! | `PORT` | default: 8080; 0 uses any free port |
//! | `REVOCATIONS` | default: `memory`, which forgets logouts when the process ends; `sqlite:PATH` keeps them in a file, also for other processes |
//! | `PLAIN_HTTP=1` | for browsers that reject `Secure` cookies from `http://localhost`, such as Safari |
//! | `RUST_LOG` | default: `info`; `debug` logs which key decrypted a cookie, or why none did |
//!
//! `sessions.rs` declares the two sessions and `routes.rs` uses them. `devices.rs` lists each user's
//! sessions, and `live.rs` is a stream that ends with its session. The rest is the usual code of a
//! web application.

mod devices;
mod forms;
mod html;
mod live;
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

use actix_web::{App, HttpServer, middleware::DefaultHeaders, web};
use secure_session::{ConfigError, Revocations, SessionMiddleware, SessionMiddlewareBuilder};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::{
    devices::Devices,
    sessions::{Auth, Prefs},
    settings::Settings,
};

#[actix_web::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("error: {}", with_causes(&*err));
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
    // Make each once; the apps of all workers share them.
    let revocations = settings.revocations.open()?;
    let devices = web::Data::new(Devices::default());
    let sessions = register(builder, &revocations, &devices)?;
    let for_handlers = web::Data::new(revocations.clone());

    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .wrap(security_headers())
            .app_data(for_handlers.clone())
            .app_data(devices.clone())
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
    revocations.flush().await?;
    Ok(())
}

/// An error and what caused it, from general to specific.
fn with_causes(err: &dyn Error) -> String {
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        text = format!("{text}: {err}");
        cause = err.source();
    }
    text
}

/// The tests register the same sessions with their own keys and clock.
fn register(
    builder: SessionMiddlewareBuilder,
    revocations: &Revocations,
    devices: &web::Data<Devices>,
) -> Result<SessionMiddleware, ConfigError> {
    let devices = devices.clone();
    builder
        .application("demo")
        .revocations(revocations)
        .on_event(move |event| devices.follow(event))
        .session::<Auth>()
        .session::<Prefs>()
        .build()
}

/// The pages load one style sheet and no scripts, and must not be framed.
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
