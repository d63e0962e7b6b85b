//! Fixtures of the tests: fixed keys, a clock, a session with fields of many kinds, an application
//! whose handler runs a test's code, and the README's code.

pub mod app;
pub mod http;
pub mod jar;
pub mod logs;
pub mod meant;

use secure_session::{Key, KeyRing, SecureSession};
use serde_json::Value;

/// The README's code blocks are compiled and run unchanged.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The time at which the tests create cookies, in Unix seconds.
pub const T0: u64 = 1_800_000_000;

/// The idle limit of [`Auth`] in seconds.
pub const IDLE: u64 = 30 * 60;

/// The absolute limit of [`Auth`] in seconds.
pub const ABSOLUTE: u64 = 12 * 3600;

/// After this many seconds an active [`Auth`] is sent again.
pub const REFRESH: u64 = IDLE / 10;

/// A session with a field for each kind of accessor.
#[derive(SecureSession, Debug, Clone, PartialEq)]
pub struct Auth {
    /// An `Option` of a `Copy` type.
    pub user_id: Option<u64>,
    /// Text.
    pub name: String,
    /// A vector.
    pub roles: Vec<String>,
    /// An `Option` of text.
    pub theme: Option<String>,
    /// A `Copy` type that survives a sign-in.
    #[session(keep)]
    pub visits: u32,
    /// A type without special accessors.
    pub extra: Value,
    /// A number that can be `NaN`.
    pub ratio: f64,
    /// For this request only.
    #[session(skip)]
    pub scratch: u32,
}

/// The struct of a newer build of the application, with the same name.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "__Host-auth")]
pub struct NewerAuth {
    /// As in [`Auth`].
    pub user_id: Option<u64>,
    /// As in [`Auth`].
    pub name: String,
    /// As in [`Auth`].
    pub roles: Vec<String>,
    /// As in [`Auth`].
    pub visits: u32,
    /// A member that [`Auth`] does not know.
    pub future: Option<String>,
}

/// A second session, with another name and lifetime.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "prefs", idle = "none", absolute = "365d", persistent)]
pub struct Prefs {
    /// Text.
    pub theme: Option<String>,
    /// A list.
    pub basket: Vec<String>,
}

/// The bytes of [`key`]: the squares of 0 to 31, counted from `first`. `build()` refuses bytes that
/// count in equal steps.
#[must_use]
pub fn key_bytes(first: u8) -> [u8; Key::LEN] {
    let mut index = 0_u8;
    [(); Key::LEN].map(|()| {
        let square = index.wrapping_mul(index);
        index = index.wrapping_add(1);
        first.wrapping_add(square)
    })
}

/// A key whose bytes are known.
///
/// # Panics
///
/// Never, because 32 bytes are a key.
#[must_use]
pub fn key(first: u8) -> Key {
    Key::from_bytes(key_bytes(first)).expect("32 bytes are a key")
}

/// A ring of keys made by [`key`], of which the first encrypts.
///
/// # Panics
///
/// If there are more than 16 keys, or one twice.
#[must_use]
pub fn ring(keys: &[u8]) -> KeyRing {
    KeyRing::from_keys(keys.iter().map(|first| key(*first))).expect("different keys")
}

/// The session in the cookies of the tests.
#[must_use]
pub fn ada() -> Auth {
    Auth {
        user_id: Some(7),
        name: "Ada".to_owned(),
        roles: vec!["admin".to_owned()],
        theme: Some("dark".to_owned()),
        visits: 5,
        extra: Value::Null,
        ratio: 0.5,
        scratch: 0,
    }
}
