//! The length of cookies: the value as in the header, without the name.

use actix_session::{Session, SessionInsertError};
use actix_web::{App, HttpResponse, cookie::Key, test::init_service, web};
use serde::Serialize;

use crate::{
    apps::{Contender, actix_session::sessions},
    payload::{SIZES, fastify_codec, fastify_payload, native_codec, payload},
    target::Target,
};

/// The number of escaped characters varies with the random bytes, so the length is taken from many
/// cookies.
const COOKIES: usize = 201;

/// The number of characters, over many cookies of one payload.
#[derive(Debug, Serialize)]
pub struct Length {
    pub minimum: usize,
    pub median: usize,
    pub maximum: usize,
}

impl Length {
    fn of(mut lengths: Vec<usize>) -> Self {
        lengths.sort_unstable();
        Self {
            minimum: lengths[0],
            median: lengths[lengths.len() / 2],
            maximum: lengths[lengths.len() - 1],
        }
    }
}

/// The lengths for one payload.
#[derive(Debug, Serialize)]
pub struct Lengths {
    /// Bytes of JSON.
    pub size: usize,
    pub native: Length,
    pub actix_session: Length,
    /// Same bytes as @fastify/secure-session; `tests/interop` compares them.
    pub fastify: Length,
}

pub async fn lengths() -> Result<Vec<Lengths>, String> {
    let mut all = Vec::new();
    for size in SIZES {
        let [mut native, mut fastify, mut actix_session] = [const { Vec::new() }; 3];
        let app = actix_app(size).await;
        for _ in 0..COOKIES {
            let text = native_codec().seal(&payload(size));
            native.push(text.map_err(|err| err.to_string())?.len());
            let text = fastify_codec().seal(&fastify_payload(size));
            fastify.push(text.map_err(|err| err.to_string())?.len());
            let pair = app.begin().await?;
            let (_, value) = pair.split_once('=').unwrap_or_default();
            actix_session.push(value.len());
        }
        all.push(Lengths {
            size,
            native: Length::of(native),
            actix_session: Length::of(actix_session),
            fastify: Length::of(fastify),
        });
    }
    Ok(all)
}

/// An application that stores a payload of this size with actix-session.
async fn actix_app(size: usize) -> Target {
    let begin = move |session: Session| async move {
        let payload = payload(size);
        session.insert("id", payload.id)?;
        session.insert("name", payload.name)?;
        session.insert("tags", payload.tags)?;
        Ok::<_, SessionInsertError>(HttpResponse::Ok().finish())
    };
    let app = App::new()
        .wrap(sessions(Key::generate()))
        .route("/begin", web::get().to(begin));
    Target::of(Contender::ActixSession, init_service(app).await)
}
