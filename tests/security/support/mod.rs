//! What several groups need: a forge that knows the keys, a process of its own.

pub(crate) mod child;
pub(crate) mod forge;

use secure_session::SecureSession;

/// A session of the fastify format, with a field for what the tests store.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", cookie = "session", idle = "30m", secure = false)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) visits: u32,
}

/// The session that cookies of [`Shared`] hold.
pub(crate) fn shared() -> Shared {
    Shared {
        name: "Ada".to_owned(),
        visits: 5,
    }
}

/// The value in a cookie's `name=value`.
pub(crate) fn value_of(cookie: &str) -> &str {
    cookie.split_once('=').unwrap().1
}
