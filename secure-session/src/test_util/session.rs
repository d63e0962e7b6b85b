//! A session without a request around it.

use std::{
    fmt, iter,
    sync::{Arc, OnceLock},
};

use super::{RequestCookie, ResponseSession};
use crate::{
    codec::Codec,
    cookie::RequestCookies,
    session::SecureSession,
    session::{ErasedCell, ResponseEffects, Session, SessionCell},
};

/// A session on its own, to call a handler with: a real [`Session`], without a service around it.
///
/// It is opened when it is first used and closed by [`finish`](Self::finish), by the code that does
/// so in a request.
///
/// # Examples
///
/// ```
/// use actix_web::{HttpResponse, Responder};
/// use secure_session::{Key, SecureSession, Session, codec::Codec, test_util::TestSession};
///
/// #[derive(SecureSession)]
/// struct Auth { name: String, visits: u32 }
///
/// async fn visit(auth: Session<Auth>) -> impl Responder {
///     auth.update_visits(|visits| *visits += 1);
///     HttpResponse::Ok()
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
///
/// let auth = TestSession::with(&codec, &Auth { name: "Ada".into(), visits: 6 });
/// visit(auth.session()).await;
/// assert_eq!(auth.finish().stored().visits, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct TestSession<T> {
    codec: Codec<T>,
    cookies: RequestCookies,
    /// Made when the session is first taken, as its time is read then.
    cell: OnceLock<Arc<SessionCell<T>>>,
}

impl<T: SecureSession> TestSession<T> {
    /// The session of a request without a cookie.
    #[must_use]
    pub fn new(codec: &Codec<T>) -> Self {
        Self::of(codec, b"")
    }

    /// The session of a request that brings this value, sealed now as a new session that nobody
    /// signed in to.
    ///
    /// # Panics
    ///
    /// When the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn with(codec: &Codec<T>, value: &T) -> Self {
        Self::with_cookie(&RequestCookie::of(codec, value))
    }

    /// The session of a request that brings this cookie, to the codec that the cookie is of.
    ///
    /// # Panics
    ///
    /// When the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn with_cookie(cookie: &RequestCookie<T>) -> Self {
        Self::from_cookie_header(cookie.codec(), cookie.pair())
    }

    /// The session of a request with this `Cookie` header: `name=value`, and others behind a `;`.
    #[must_use]
    pub fn from_cookie_header(codec: &Codec<T>, line: impl AsRef<[u8]>) -> Self {
        Self::of(codec, line.as_ref())
    }

    /// The session as a handler takes it; the same one each time.
    #[must_use]
    pub fn session(&self) -> Session<T> {
        Session::new(Arc::clone(self.cell()))
    }

    /// Ends the request: closes the session for all its handles, and gives what is sent.
    ///
    /// Handles that are left read as before; what they write is lost, with an error in the log.
    #[must_use = "it tells what was sent"]
    pub fn finish(self) -> ResponseSession<T> {
        let mut closing = ResponseEffects::default();
        ErasedCell::close(&**self.cell(), &mut closing);
        ResponseSession::of_closing(&self.codec, closing)
    }

    fn of(codec: &Codec<T>, line: &[u8]) -> Self {
        Self {
            codec: codec.clone(),
            cookies: RequestCookies::of(iter::once(line)),
            cell: OnceLock::new(),
        }
    }

    fn cell(&self) -> &Arc<SessionCell<T>> {
        self.cell.get_or_init(|| {
            let (codec, cookies) = (self.codec.clone(), self.cookies.clone());
            let time = codec.read_clock();
            Arc::new(SessionCell::new(codec, cookies, time, false))
        })
    }
}

impl<T> fmt::Debug for TestSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestSession").finish_non_exhaustive()
    }
}
