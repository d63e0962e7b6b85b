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
//!     test_util::{ResponseSession, TestClock, request_cookie, response_session},
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
//! let request = test::TestRequest::get().insert_header(request_cookie(&codec, &Auth { visits: 6 })?);
//! let response = test::call_service(&app, request.to_request()).await;
//! match response_session(&codec, &response) {
//!     ResponseSession::Stored(auth) => assert_eq!(auth.visits, 7),
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod schema_file;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{
    dev::ServiceResponse,
    http::header::{COOKIE, HeaderName, SET_COOKIE},
};

use crate::{
    clock::Clock,
    codec::{Codec, Opened},
    error::EncodeError,
    schema::SecureSession,
};

pub use self::schema_file::assert_schema_stable;

/// A clock that stands still until the test moves it.
///
/// Give it to a builder; clones show the same time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Makes a clock that shows this time, in whole seconds since 1970.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        Self::at_millis(unix_seconds.saturating_mul(1000))
    }

    /// Makes a clock that shows this time, in milliseconds since 1970.
    #[must_use]
    pub fn at_millis(unix_millis: u64) -> Self {
        Self(Arc::new(AtomicU64::new(unix_millis)))
    }

    /// The time it shows, in whole seconds since 1970.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst) / 1000
    }

    /// Sets the time, forwards or backwards, in whole seconds since 1970.
    pub fn set(&self, unix_seconds: u64) {
        self.set_millis(unix_seconds.saturating_mul(1000));
    }

    /// Sets the time, forwards or backwards, in milliseconds since 1970.
    pub fn set_millis(&self, unix_millis: u64) {
        self.0.store(unix_millis, Ordering::SeqCst);
    }

    /// Moves the time forwards.
    pub fn advance(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let moved = self.0.load(Ordering::SeqCst).saturating_add(millis);
        self.set_millis(moved);
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::Test(Arc::clone(&self.0))
    }
}

/// Gives the header of a request that comes with this value, sealed now as a new session that
/// nobody signed in to.
///
/// For the session of an earlier response there is [`next_request_cookie`]. A request with several
/// sessions takes `append_header` for each, as `insert_header` keeps the last one only.
///
/// # Errors
///
/// As [`Codec::seal`].
pub fn request_cookie<T: SecureSession>(
    codec: &Codec<T>,
    value: &T,
) -> Result<(HeaderName, String), EncodeError> {
    let text = codec.seal(value)?;
    Ok((COOKIE, format!("{}={text}", codec.cookie_name())))
}

/// Gives the header of a request that comes with a session as it was opened: its id, its clocks,
/// and whether it was signed in to.
///
/// # Errors
///
/// As [`Opened::seal`].
pub fn next_request_cookie<T: SecureSession>(
    codec: &Codec<T>,
    session: &Opened<T>,
) -> Result<(HeaderName, String), EncodeError> {
    let text = session.seal(codec)?;
    Ok((COOKIE, format!("{}={text}", codec.cookie_name())))
}

/// What a response does to a session.
pub enum ResponseSession<T> {
    /// The cookie is removed.
    Removed,
    /// The cookie is set, and holds this.
    Stored(Opened<T>),
    /// There is no `Set-Cookie` of its name.
    Unchanged,
    /// The cookie is set to something that does not open.
    Unreadable(crate::Reason),
}

impl<T> ResponseSession<T> {
    /// The session, if the cookie is set and opens.
    #[must_use]
    pub fn stored(self) -> Option<Opened<T>> {
        match self {
            Self::Stored(opened) => Some(opened),
            _ => None,
        }
    }
}

impl<T> fmt::Debug for ResponseSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed => f.write_str("Removed"),
            Self::Stored(_) => f.write_str("Stored(..)"),
            Self::Unchanged => f.write_str("Unchanged"),
            Self::Unreadable(reason) => f.debug_tuple("Unreadable").field(reason).finish(),
        }
    }
}

/// Reads what a response does to a session.
#[must_use]
pub fn response_session<T: SecureSession, B>(
    codec: &Codec<T>,
    response: &ServiceResponse<B>,
) -> ResponseSession<T> {
    let mut cookies = response.headers().get_all(SET_COOKIE);
    let ours = cookies.find_map(|header| {
        let text = header.to_str().ok()?;
        text.strip_prefix(codec.cookie_name())?.strip_prefix('=')
    });
    let Some(ours) = ours else {
        return ResponseSession::Unchanged;
    };
    match ours.split(';').next().unwrap_or_default() {
        "" => ResponseSession::Removed,
        text => match codec.open(text) {
            Ok(opened) => ResponseSession::Stored(opened),
            Err(reason) => ResponseSession::Unreadable(reason),
        },
    }
}
