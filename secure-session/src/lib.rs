//! Typed, encrypted, stateless cookie sessions for Actix-web.
//!
//! Derive [`SecureSession`] for a struct, wrap the application once, and take
//! [`Session<MyData>`](Session) in handlers. There is no store on the server, no string key and no
//! cast; an application runs several independent sessions side by side, each with its own cookie,
//! keys, lifetime and attributes.
//!
//! The package is `actix-secure-session`, the library `secure_session`. A login in five minutes, from
//! `cargo new` to `curl`, is [`manual::quick_start`].
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
//!     auth.sign_in(); // nothing of the session before but `keep` fields, a new id
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
//! Safari keeps no `Secure` cookie from `http://localhost`:
//! [`plain_http`](SessionMiddlewareBuilder::plain_http) is for that, and for nothing else.
//!
//! # The nouns
//!
//! - [`SecureSession`], the trait and its derive: what a session holds, and its attributes.
//! - [`Session<T>`](Session): the handle of one request; getters, setters, verbs.
//! - [`SessionMiddleware`]: opens and stores the sessions of an application.
//! - [`Key`], [`KeyRing`]: what seals and opens.
//! - [`policy`]: cookie attributes and lifetimes.
//! - [`codec`]: sealing and opening outside a request.
//! - [`manual`]: longer texts, in their reading order: recipes, moving from actix-session and Node,
//!   cookies and browsers, keys, limits, threats.
//!
//! # Keys
//!
//! One key serves all sessions of an application: each session derives its own. Make one with
//! `openssl rand -hex 32`, keep it out of version control, and give every instance of the
//! application the same keys; there is nothing else to share between them. [`KeyRing`] tells how to
//! change keys without logging anyone out.
//!
//! # Defaults
//!
//! `__Host-` and the struct's name in snake case; `Secure; HttpOnly; SameSite=Lax; Path=/`; a
//! cookie that ends with the browser; 30 minutes without activity, 12 hours in all, noted anew when a
//! tenth of the idle time is gone. A visitor who stores nothing gets no cookie.
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
//! # What it does not do
//!
//! - A stateless session cannot be revoked: a copied cookie stays valid until its limits, and its
//!   owner can bring back an earlier state of it.
//! - `name=value` has at most [`MAX_COOKIE_BYTES`](codec::MAX_COOKIE_BYTES).
//! - Of two responses that write at the same time, the last one the browser sees wins.
//! - CSRF protection is the application's; `SameSite=Lax` helps.
//!
//! # Logs
//!
//! Events go to `tracing` under the target `secure_session`: at `error` lost writes, sessions that
//! cannot be stored and missing registration; at `warn` what the developer should look at; at `info`
//! that an old key is still in use; at `debug` what came in and why it was not accepted, the verbs,
//! and what went out and why; at `trace` that nothing did. Each has a name that stays (`event`), and
//! a session is the same `id_hash` from request to request. They hold neither cookies nor keys nor
//! ids nor values.
//!
//! [`manual::logs`] lists them; [`manual::troubleshooting`] goes from what one sees to the line that
//! tells why.
//!
//! # Cargo features
//!
//! - `ring`, the only default feature: the native format's cipher from the package `ring`, which is
//!   mainly settings and needs a C compiler to build. Without it the cipher is pure Rust, takes
//!   several times as long and produces the same bytes, so either backend opens the other's cookies.
//!   How to choose: [`manual::cipher_backends`].
//! - `fastify`: cookies of the Node package @fastify/secure-session.
//! - `passphrase`: keys from a passphrase.
//! - `cookie-key`: `Key` from an `actix_web::cookie::Key`.
//! - `test-util`: the test kit (`test_util`), for `[dev-dependencies]`.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
// No request may end in a panic, and no number wraps around.
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

// The derive writes `::secure_session`; so the library and its tests can use it, too.
extern crate self as secure_session;

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
mod schema;
mod session;
#[cfg(feature = "test-util")]
pub mod test_util;
mod time;

pub use secure_session_derive::SecureSession;

#[cfg(feature = "passphrase")]
pub use crate::key::Salt;
pub use crate::{
    actix::{
        ExtractError, ExtractSession, SessionExt, SessionMiddleware, SessionMiddlewareBuilder,
    },
    error::{ConfigError, EncodeError, ExpiryLimit, RejectReason, ValueProblem},
    key::{IntoKeyRing, Key, KeyError, KeyProblem, KeyRing, KeySource},
    payload::SessionId,
    schema::{SessionData, SessionField},
    session::{IntoOption, SecureSession, Session, SessionInfo, SessionOrigin},
};
