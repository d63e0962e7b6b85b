//! A session without a request.

use std::{
    fmt, iter,
    sync::{Arc, OnceLock},
};

use super::{RequestCookie, ResponseSession};
use crate::{
    actix::{Denied, SessionGuard, decide_guard},
    codec::Codec,
    cookie::RequestCookies,
    session::SecureSession,
    session::{RequestFacts, ResponseEffects, Session, SessionCell},
};

/// Makes real [`Session`] handles without a request, to call handlers with.
///
/// The session is opened on first use and closed by [`finish`](Self::finish), by the same code as
/// in a request.
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
    /// Created when the session is first used, because the time is read then.
    cell: OnceLock<Arc<SessionCell<T>>>,
}

impl<T: SecureSession> TestSession<T> {
    /// Makes the session of a request without a cookie.
    #[must_use]
    pub fn new(codec: &Codec<T>) -> Self {
        Self::of(codec, b"")
    }

    /// Makes the session of a request whose cookie has this value, as a new session that nobody has
    /// signed in to.
    ///
    /// # Panics
    ///
    /// If the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn with(codec: &Codec<T>, value: &T) -> Self {
        Self::with_cookie(&RequestCookie::of(codec, value))
    }

    /// Makes the session of a request with this cookie, opened with the cookie's codec.
    ///
    /// # Panics
    ///
    /// If the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn with_cookie(cookie: &RequestCookie<T>) -> Self {
        Self::from_cookie_header(cookie.codec(), cookie.pair())
    }

    /// Makes the session of a request with this `Cookie` header: `name=value` pairs, separated by
    /// `;`.
    #[must_use]
    pub fn from_cookie_header(codec: &Codec<T>, line: impl AsRef<[u8]>) -> Self {
        Self::of(codec, line.as_ref())
    }

    /// Returns a handle for a handler. All handles are for the same session.
    #[must_use]
    pub fn session(&self) -> Session<T> {
        Session::new(Arc::clone(self.cell()))
    }

    /// Returns a guard for the session, or why the guard denies it.
    ///
    /// # Errors
    ///
    /// [`Denied`], as in a request.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::{
    ///     Key, SecureSession, SessionGuard, codec::Codec,
    ///     test_util::{RequestCookie, TestSession},
    /// };
    /// use std::time::Duration;
    ///
    /// #[derive(SecureSession)]
    /// struct Auth { user_id: Option<u64> }
    ///
    /// #[derive(SessionGuard)]
    /// #[guard(Auth, within = "5m")]
    /// struct Confirmed { user_id: u64 }
    ///
    /// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
    /// TestSession::new(&codec).assert_not_signed_in::<Confirmed>();
    ///
    /// let cookie = RequestCookie::of(&codec, &Auth { user_id: Some(7) }).signed_in();
    /// let request = TestSession::with_cookie(&cookie);
    /// assert_eq!(request.assert_let_in::<Confirmed>().user_id, 7);
    ///
    /// let cookie = cookie.age(Duration::from_secs(301));
    /// TestSession::with_cookie(&cookie).assert_stale::<Confirmed>();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn guard<G: SessionGuard<Session = T>>(&self) -> Result<G, Denied> {
        decide_guard(&self.session())
    }

    /// Asserts that the guard lets the request in, and returns the guard.
    ///
    /// # Panics
    ///
    /// If the guard denies it.
    #[track_caller]
    #[expect(clippy::panic, reason = "it is an assertion")]
    pub fn assert_let_in<G: SessionGuard<Session = T>>(&self) -> G {
        match self.guard::<G>() {
            Ok(guard) => guard,
            Err(denied) => panic!("`{}` should let it in, but: {denied}", G::__RULES.name),
        }
    }

    /// Asserts that the guard denies the request because nobody is signed in.
    ///
    /// # Panics
    ///
    /// If the guard decides otherwise.
    #[track_caller]
    pub fn assert_not_signed_in<G: SessionGuard<Session = T>>(&self) -> &Self {
        let is_expected = |denied: &Denied| matches!(denied, Denied::NotSignedIn { .. });
        self.assert_denied::<G>("nobody is signed in", is_expected)
    }

    /// Asserts that the guard denies the request because the login was not confirmed recently.
    ///
    /// # Panics
    ///
    /// If the guard decides otherwise.
    #[track_caller]
    pub fn assert_stale<G: SessionGuard<Session = T>>(&self) -> &Self {
        let is_expected = |denied: &Denied| matches!(denied, Denied::Stale { .. });
        self.assert_denied::<G>("it must be confirmed", is_expected)
    }

    /// Asserts that the guard denies the request because its `when` returned false.
    ///
    /// # Panics
    ///
    /// If the guard decides otherwise.
    #[track_caller]
    pub fn assert_forbidden<G: SessionGuard<Session = T>>(&self) -> &Self {
        self.assert_denied::<G>("it is forbidden", |denied| *denied == Denied::Forbidden)
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "it is an assertion")]
    fn assert_denied<G: SessionGuard<Session = T>>(
        &self,
        expected: &str,
        is_expected: impl FnOnce(&Denied) -> bool,
    ) -> &Self {
        let name = G::__RULES.name;
        match self.guard::<G>() {
            Ok(_) => panic!("`{name}` should deny it because {expected}, but it lets it in"),
            Err(denied) if !is_expected(&denied) => {
                panic!("`{name}` should deny it because {expected}, but: {denied}")
            }
            Err(_) => self,
        }
    }

    /// Ends the request: closes the session for all its handles, and returns what is sent.
    ///
    /// Remaining handles can still read. Their writes have no effect and log an error.
    #[must_use = "it returns what is sent"]
    pub fn finish(self) -> ResponseSession<T> {
        let effects = ResponseEffects::of(&**self.cell());
        ResponseSession::of_closing(&self.codec, effects)
    }

    /// Does the first part of [`finish`](Self::finish): closes the session and encrypts what will be
    /// sent. The returned function does the rest.
    #[cfg(feature = "revocation")]
    #[doc(hidden)]
    pub fn __close(self) -> impl FnOnce() -> ResponseSession<T> {
        let mut effects = ResponseEffects::default();
        crate::session::ErasedCell::close(&**self.cell(), &mut effects);
        move || {
            effects.look_again();
            ResponseSession::of_closing(&self.codec, effects)
        }
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
            Arc::new(SessionCell::new(codec, RequestFacts::new(cookies, time)))
        })
    }
}

impl<T> fmt::Debug for TestSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestSession").finish_non_exhaustive()
    }
}
