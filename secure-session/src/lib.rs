//! Typed, encrypted, stateless cookie sessions for Actix-web.
//!
//! Derive [`SecureSession`] for a struct, wrap the application once, and take
//! [`Session<MyData>`](Session) in handlers. There is no server-side store, and there are no string
//! keys and no casts. An application can have several independent sessions, each with its own
//! cookie, keys, lifetime and attributes.
//!
//! The package is called `actix-secure-session`, the library `secure_session`.
//! [`manual::quick_start`] builds a login in five minutes, from `cargo new` to `curl`.
//!
//! ```toml
//! [dependencies]
//! actix-secure-session = "0.1"
//! actix-web = "4"
//! serde = { version = "1", features = ["derive"] } # for the form below
//! ```
//!
//! ```no_run
//! use actix_web::{App, HttpResponse, HttpServer, Responder, get, post, web};
//! use secure_session::{KeyRing, SecureSession, Session, SessionMiddleware};
//! use serde::Deserialize;
//!
//! #[derive(SecureSession)]
//! #[session(cookie = "__Host-auth", idle = "30m", absolute = "12h")]
//! pub struct Auth {
//!     /// The signed-in user.
//!     user_id: Option<u64>,
//!     name: String,
//!     roles: Vec<String>,
//!     #[session(keep)] // survives `regenerate` and `sign_in`
//!     visits: u32,
//! }
//!
//! #[derive(SecureSession)]
//! #[session(cookie = "__Host-prefs", idle = "none", absolute = "365d", persistent)]
//! pub struct Prefs {
//!     theme: Option<String>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Login {
//!     name: String,
//! }
//!
//! #[post("/login")]
//! async fn login(auth: Session<Auth>, form: web::Form<Login>) -> impl Responder {
//!     // … check the password, then:
//!     auth.sign_in(); // new id; only `keep` fields survive from the previous session
//!     auth.set_user_id(42);
//!     auth.set_name(&form.name); // setters take &self
//!     HttpResponse::SeeOther().insert_header(("Location", "/")).finish()
//! }
//!
//! #[post("/logout")]
//! async fn logout(auth: Session<Auth>) -> impl Responder {
//!     auth.destroy();
//!     HttpResponse::SeeOther().insert_header(("Location", "/")).finish()
//! }
//!
//! #[get("/")]
//! async fn index(auth: Session<Auth>, prefs: Session<Prefs>) -> impl Responder {
//!     let theme = prefs.theme().unwrap_or("light"); // Option<&str>
//!     match auth.user_id() {
//!         Some(id) => format!("{} (#{id}), {theme}", auth.name()),
//!         None => format!("please log in, {theme}"),
//!     }
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let sessions = SessionMiddleware::builder(KeyRing::from_env("SESSION_KEYS")?)
//!         .session::<Auth>()
//!         .session::<Prefs>()
//!         .build()?;
//!     HttpServer::new(move || {
//!         App::new()
//!             .wrap(sessions.clone())
//!             .service(login)
//!             .service(logout)
//!             .service(index)
//!     })
//!     .bind(("127.0.0.1", 8080))?
//!     .run()
//!     .await?;
//!     Ok(())
//! }
//! ```
//!
//! ```text
//! SESSION_KEYS=$(openssl rand -hex 32) cargo run
//! ```
//!
//! Safari does not accept `Secure` cookies from `http://localhost`. Use
//! [`plain_http`](SessionMiddlewareBuilder::plain_http) for that, and for nothing else.
//!
//! # Main types
//!
//! - [`SecureSession`], the trait and its derive: the fields of a session and its attributes.
//! - [`Session<T>`](Session): the handle in a request, with getters, setters and lifecycle methods.
//! - [`SessionGuard`](trait@SessionGuard), the trait and its derive: a struct that a handler takes
//!   only if a session allows it. [`manual::guards`] shows the way to the login and back.
//! - [`SessionMiddleware`]: opens and stores the sessions of an application.
//! - [`Key`], [`KeyRing`]: the keys that encrypt and decrypt.
//! - [`policy`]: cookie attributes and lifetimes.
//! - [`codec`]: encryption and decryption outside a request.
//! - [`manual`]: guides in reading order: recipes, moving from actix-session and Node, cookies and
//!   browsers, keys, limits, threats.
//!
//! # Keys
//!
//! One key is enough for all sessions of an application, because each session derives its own from
//! it. Generate a key with `openssl rand -hex 32`, keep it out of version control, and configure
//! the same keys on every instance of the application. Instances share nothing else. See
//! [`KeyRing`] for how to rotate keys without logging anyone out.
//!
//! # Defaults
//!
//! - Name: `__Host-` and the struct's name in snake case.
//! - Attributes: `Secure; HttpOnly; SameSite=Lax; Path=/`. The browser deletes the cookie when it
//!   closes.
//! - Lifetime: 30 minutes idle, 12 hours absolute. Activity is recorded once a tenth of the idle
//!   time has passed.
//! - Visitors whose session stores nothing get no cookie.
//! - Requests from other origins that can change something get no session
//!   ([`CrossOrigin`](policy::CrossOrigin)).
//!
//! ```
//! use secure_session::{Key, KeyRing, SecureSession, codec, policy::Lifetime};
//! use std::time::Duration;
//!
//! #[derive(SecureSession)]
//! struct CartItems { names: Vec<String> }
//!
//! let codec = codec::Codec::<CartItems>::builder(Key::generate()?).build()?;
//! let session = codec.new_session(CartItems::defaults())?;
//! let header = codec.set_cookie(&session)?;
//! assert!(header.starts_with("__Host-cart_items="));
//! assert!(header.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"));
//! assert!(!header.contains("Max-Age") && !header.contains("Domain"));
//!
//! let (idle, absolute) = (Duration::from_secs(30 * 60), Duration::from_secs(12 * 3600));
//! assert_eq!(session.expires_at(&codec), session.created_at() + idle);
//! assert_eq!(Lifetime::default(), Lifetime::new(idle, absolute));
//!
//! assert_eq!(codec::MAX_COOKIE_BYTES, 4096);
//! assert_eq!(KeyRing::MAX_KEYS, 16);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limits
//!
//! - A copied cookie stays valid until its limits, also after a logout, unless the session is
//!   [`revocable`](manual::revocation). Its owner can replay an earlier state.
//! - `name=value` has at most [`MAX_COOKIE_BYTES`](codec::MAX_COOKIE_BYTES).
//! - If two responses change a session concurrently, the last one the browser receives wins.
//! - A GET that changes something is not protected against CSRF.
//!
//! # Logs
//!
//! Events go to `tracing` under the target `secure_session`:
//!
//! - `error`: lost writes, sessions that cannot be stored, missing registration;
//! - `warn`: problems for the developer to fix;
//! - `info`: an old key is still in use;
//! - `debug`: received cookies and why they were rejected, lifecycle methods, sent cookies and why;
//! - `trace`: responses that send no cookie.
//!
//! Each event has a stable name (`event`), and a session has the same `id_hash` in every request.
//! Events never contain cookies, keys, ids or values.
//!
//! [`manual::logs`] lists all events. [`manual::troubleshooting`] maps symptoms to the log line
//! that explains them.
//!
//! # Cargo features
//!
//! - `ring`, the only default feature: the native format's cipher from the package `ring`, which
//!   contains C and assembly and needs a C compiler to build. Without it, the cipher is pure Rust
//!   and takes several times as long. The output is the same, so each backend opens the other's
//!   cookies. [`manual::cipher_backends`] explains how to choose.
//! - `fastify`: cookies of the Node package @fastify/secure-session.
//! - `passphrase`: keys from a passphrase.
//! - `cookie-key`: a `Key` from an `actix_web::cookie::Key`.
//! - `revocation`: sessions that can be revoked before they expire ([`manual::revocation`]).
//! - `sqlite`: the list of revoked sessions in an SQLite file, for several processes of one machine;
//!   implies `revocation`, and needs a C compiler.
//! - `uuid`: fields of the type `uuid::Uuid` that group sessions to revoke.
//! - `test-util`: the test kit (`test_util`), for `[dev-dependencies]`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
// No request may cause a panic, and no number may wrap around.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

// Generated code uses `::secure_session`; this lets the library and its tests use the derive, too.
extern crate self as secure_session;

#[cfg(feature = "revocation")]
#[doc(hidden)]
pub mod __cli;
#[doc(hidden)]
pub mod __private;
mod actix;
pub mod codec;
mod cookie;
mod crypto;
mod error;
mod escape;
mod key;
mod log;
pub mod manual;
mod payload;
pub mod policy;
#[cfg(feature = "revocation")]
mod revocation;
mod schema;
mod session;
#[cfg(feature = "test-util")]
pub mod test_util;
mod time;

pub use secure_session_derive::{SecureSession, SessionGuard};

#[cfg(feature = "passphrase")]
pub use crate::key::Salt;
#[cfg(feature = "sqlite")]
pub use crate::revocation::SqliteStore;
pub use crate::{
    actix::{
        Denied, ExtractError, ExtractSession, RequireGuard, ReturnTo, SameOrigin,
        SameOriginBuilder, SessionExt, SessionGuard, SessionMiddleware, SessionMiddlewareBuilder,
    },
    error::{ConfigError, EncodeError, ExpiryLimit, RejectReason, ValueProblem},
    key::{IntoKeyRing, Key, KeyError, KeyProblem, KeyRing, KeySource},
    payload::SessionId,
    schema::{SessionData, SessionField},
    session::{
        IntoOption, PublicSession, SecureSession, Session, SessionInfo, SessionOrigin, SessionView,
    },
};
#[cfg(feature = "revocation")]
pub use crate::{
    revocation::{
        Appended, EndReason, Ended, Page, Position, RevocationCounters, RevocationEntry,
        RevocationError, RevocationState, RevocationStore, RevocationStoreError, Revocations,
        RevocationsBuilder, SessionEnded, SessionEvent, StoreFuture,
    },
    schema::RevocationValue,
    session::{RevocableSession, SessionSelector},
};
