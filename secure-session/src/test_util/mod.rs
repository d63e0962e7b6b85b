//! For tests of applications: request cookies, assertions on responses, a clock.
//!
//! - [`TestSession`]: a session to call a handler with.
//! - [`RequestCookie`], and the short forms [`request_cookie`] and [`signed_in_cookie`]: the cookie
//!   of a request.
//! - [`ResponseSession`]: what a response does to a session, with assertions.
//! - [`TestBrowser`]: keeps cookies between requests.
//! - [`TestClock`]: a clock that the test controls.
//! - `MemoryStore`, `FaultyStore`, `store_conformance` (feature `revocation`): stores of revocations,
//!   and the test of one.
//! - [`assert_schema_stable`]: checks that sessions of earlier builds still open.
//!
//! The page [`testing`](crate::manual::testing) of the manual has examples. Failed assertions
//! panic, and so do calls that cannot be carried out.
//!
//! # Examples
//!
//! ```
//! use actix_web::{App, HttpResponse, test, web};
//! use secure_session::{
//!     Key, SecureSession, Session, SessionMiddleware,
//!     test_util::{ResponseSession, request_cookie},
//! };
//!
//! #[derive(SecureSession)]
//! struct Auth { visits: u32 }
//!
//! async fn visit(auth: Session<Auth>) -> HttpResponse {
//!     auth.update_visits(|visits| *visits += 1);
//!     HttpResponse::Ok().finish()
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! let sessions = SessionMiddleware::builder(Key::generate()?).session::<Auth>().build()?;
//! let auth = sessions.codec::<Auth>().expect("registered above");
//! let app = test::init_service(App::new().wrap(sessions).route("/", web::get().to(visit))).await;
//!
//! let request = test::TestRequest::get().append_header(request_cookie(&auth, &Auth { visits: 6 }));
//! let response = test::call_service(&app, request.to_request()).await;
//! assert_eq!(ResponseSession::of(&auth, &response).stored().visits, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod browser;
mod request_cookie;
mod response;
mod schema_file;
mod session;
mod set_cookie;
#[cfg(feature = "revocation")]
mod store;

#[cfg(feature = "revocation")]
pub use self::store::{FaultyStore, MemoryStore, StoreState, store_conformance};
pub use crate::time::TestClock;

pub use self::{
    browser::TestBrowser,
    request_cookie::{RequestCookie, request_cookie, signed_in_cookie},
    response::ResponseSession,
    schema_file::assert_schema_stable,
    session::TestSession,
};
