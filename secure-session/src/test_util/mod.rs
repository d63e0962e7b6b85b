//! For tests of an application: cookies to send, sessions that came back, a clock to set.
//!
//! A value with private fields is made where the struct is: by a test module below it, or by a
//! function beside it.
//!
//! # Examples
//!
//! ```
//! use actix_web::{App, HttpResponse, test, web};
//! use secure_session::{
//!     Key, SecureSession, Session, SessionMiddleware,
//!     test_util::{ResponseSession, TestClock, request_cookie},
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
//! let clock = TestClock::at(1_800_000_000);
//! let sessions = SessionMiddleware::builder(Key::generate()?)
//!     .session::<Auth>()
//!     .clock(&clock)
//!     .build()?;
//! let codec = sessions.codec::<Auth>().expect("registered above");
//! let app = test::init_service(App::new().wrap(sessions).route("/", web::get().to(visit))).await;
//!
//! let request = test::TestRequest::get().insert_header(request_cookie(&codec, &Auth { visits: 6 }));
//! let response = test::call_service(&app, request.to_request()).await;
//! assert_eq!(ResponseSession::of(&codec, &response).stored().visits, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod browser;
mod clock;
mod request_cookie;
mod response;
mod session;
mod set_cookie;

pub use self::{
    browser::TestBrowser,
    clock::TestClock,
    request_cookie::{RequestCookie, request_cookie, signed_in_cookie},
    response::ResponseSession,
    session::TestSession,
};
