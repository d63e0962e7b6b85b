//! Support for several groups: a forge that knows the keys, and separate processes.

pub(crate) mod child;
pub(crate) mod forge;

use secure_session::SecureSession;

/// A session of the fastify format, with a field for each value that the tests store.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", cookie = "session", idle = "30m", secure = false)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) visits: u32,
}

/// The session in cookies of [`Shared`].
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
