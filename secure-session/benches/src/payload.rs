//! Sessions of four sizes, for the codec alone.

use secure_session::{SecureSession, codec::Codec};
use serde::{Deserialize, Serialize};

use crate::apps::typed::key;

/// Bytes of JSON.
pub const SIZES: [usize; 4] = [30, 120, 600, 2400];

/// A session in the native format, which serde can also write.
#[derive(SecureSession, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[session(cookie = "__Host-payload")]
pub struct Payload {
    pub id: u64,
    pub name: String,
    pub tags: Vec<String>,
}

/// The same in the format of @fastify/secure-session.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify")]
pub struct FastifyPayload {
    pub id: u64,
    pub name: String,
    pub tags: Vec<String>,
}

/// A payload whose JSON has exactly this number of bytes: tags while there is room, and a name that
/// fills the rest.
pub fn payload(size: usize) -> Payload {
    let mut payload = Payload {
        id: 7,
        name: String::new(),
        tags: Vec::new(),
    };
    let tags = size.saturating_sub(60) / 20;
    payload.tags = (0..tags)
        .map(|tag| format!("tag-number-{tag:05}"))
        .collect();
    let fill = size - json(&payload).len();
    payload.name = "Ada Lovelace ".chars().cycle().take(fill).collect();
    assert_eq!(json(&payload).len(), size);
    payload
}

pub fn fastify_payload(size: usize) -> FastifyPayload {
    let Payload { id, name, tags } = payload(size);
    FastifyPayload { id, name, tags }
}

pub fn json(payload: &Payload) -> String {
    serde_json::to_string(payload).expect("it can be written")
}

pub fn native_codec() -> Codec<Payload> {
    let built = Codec::builder(key(1)).build();
    built.expect("the session has no misuse")
}

pub fn pure_rust_codec() -> Codec<Payload> {
    let built = Codec::builder(key(1)).pure_rust_cipher().build();
    built.expect("the session has no misuse")
}

pub fn fastify_codec() -> Codec<FastifyPayload> {
    let built = Codec::builder(key(1)).build();
    built.expect("the session has no misuse")
}
