//! A session in a response.

mod assertions;
mod report;

use std::{fmt, sync::OnceLock, time::Duration};

use actix_web::{
    dev::ServiceResponse,
    http::header::{HeaderMap, SET_COOKIE},
};

use super::set_cookie::SetCookie;
use crate::{
    codec::{Codec, Opened},
    cookie,
    error::{EncodeError, RejectReason},
    payload::SessionId,
    policy::ResolvedPolicy,
    schema::Native,
    session::ResponseEffects,
    session::SecureSession,
};

/// What a response does to a session: stores it, removes it or leaves it unchanged.
///
/// Assertions can be chained in any order. A failed assertion panics at the line of the test and
/// says what the response does instead.
///
/// # Security
///
/// Its `Debug` output and the texts of failed assertions contain the session's values. Use it only
/// in tests.
///
/// # Examples
///
/// ```
/// use secure_session::{
///     Key, SecureSession, codec::Codec, policy::SameSite, test_util::TestSession,
/// };
///
/// #[derive(SecureSession)]
/// struct Auth { name: String }
///
/// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
/// let auth = TestSession::new(&codec);
/// auth.session().sign_in();
/// auth.session().set_name("Ada");
///
/// let sent = auth.finish();
/// sent.assert_authenticated()
///     .assert_secure(true)
///     .assert_same_site(SameSite::Lax)
///     .assert_persistent(false);
/// assert_eq!(sent.attributes(), Some("Path=/; Secure; HttpOnly; SameSite=Lax"));
/// assert_eq!(sent.stored().name, "Ada");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The text of a failed assertion:
///
/// ```should_panic
/// # use secure_session::{Key, SecureSession, codec::Codec, test_util::TestSession};
/// # #[derive(SecureSession)]
/// # struct Auth { name: String }
/// # let codec = Codec::<Auth>::builder(Key::generate().unwrap()).build().unwrap();
/// # let auth = TestSession::new(&codec);
/// # auth.session().set_name("Ada");
/// // session `__Host-auth`: it should be removed, but the response stores {"name":"Ada"}
/// auth.finish().assert_removed();
/// ```
pub struct ResponseSession<T> {
    codec: Codec<T>,
    /// Computed on first use, because many tests only check the header.
    sent: OnceLock<Sent<T>>,
    /// When it was sent, which is the time to check limits against.
    now: u64,
    /// The header of the session's cookie.
    set_cookie: Option<String>,
    legacy_cookie_removals: Vec<String>,
    /// The names of other cookies that the response sets.
    others: Vec<String>,
}

/// What is sent for a session.
enum Sent<T> {
    /// It must be stored and cannot be.
    Failed(EncodeError),
    Nothing,
    Removal,
    Session(Box<Opened<T>>),
    /// A cookie that does not open.
    Unreadable(RejectReason),
}

impl<T: SecureSession> ResponseSession<T> {
    /// Reads the `Set-Cookie` headers of a response. Other cookies are ignored.
    #[must_use]
    pub fn of<B>(codec: &Codec<T>, response: &ServiceResponse<B>) -> Self {
        Self::of_headers(codec, response.headers())
    }

    /// Reads the `Set-Cookie` headers among the headers of a response.
    #[must_use]
    pub fn of_headers(codec: &Codec<T>, headers: &HeaderMap) -> Self {
        let lines = headers.get_all(SET_COOKIE);
        let lines = lines.filter_map(|line| line.to_str().ok().map(str::to_owned));
        Self::of_lines(codec, lines)
    }

    /// Reads the effects of a closed session cell.
    pub(super) fn of_closing(codec: &Codec<T>, effects: ResponseEffects) -> Self {
        let cookies = effects.cookies.into_iter();
        let session = Self::of_lines(codec, cookies.map(|cookie| cookie::text(cookie.text)));
        match effects.failures.into_iter().next() {
            Some(err) => Self {
                sent: OnceLock::from(Sent::Failed(err)),
                ..session
            },
            None => session,
        }
    }

    fn of_lines(codec: &Codec<T>, lines: impl Iterator<Item = String>) -> Self {
        let mut session = Self {
            codec: codec.clone(),
            sent: OnceLock::new(),
            now: codec.now(),
            set_cookie: None,
            legacy_cookie_removals: Vec::new(),
            others: Vec::new(),
        };
        for line in lines {
            session.add(line);
        }
        session
    }

    fn sent(&self) -> &Sent<T> {
        self.sent.get_or_init(|| {
            let ours = self.set_cookie().and_then(SetCookie::parse);
            ours.map_or(Sent::Nothing, |ours| Sent::of(&self.codec, &ours, self.now))
        })
    }

    /// Adds a header. Of several with the same name, browsers keep the last.
    fn add(&mut self, line: String) {
        if legacy_cookie_removals(self.codec.policy()).any(|removal| *removal == line) {
            self.legacy_cookie_removals.push(line);
            return;
        }
        match SetCookie::parse(&line) {
            Some(cookie) if cookie.name == self.codec.cookie_name() => self.set_cookie = Some(line),
            Some(cookie) => self.others.push(cookie.name.to_owned()),
            None => {}
        }
    }

    /// Returns true if the session is stored: its cookie is set and opens.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.as_stored().is_some()
    }

    /// Returns true if the session's cookie is removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        matches!(self.sent(), Sent::Removal)
    }

    /// Returns true if nothing is sent for the session, so that the client keeps its cookie.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        matches!(self.sent(), Sent::Nothing)
    }

    /// Returns the stored session.
    ///
    /// # Panics
    ///
    /// If the session isn't stored. The text says what the response does instead.
    #[must_use]
    #[track_caller]
    pub fn stored(mut self) -> Opened<T> {
        self.assert_stored();
        match self.sent.take() {
            Some(Sent::Session(opened)) => *opened,
            _ => self.fail("it should be stored"),
        }
    }

    /// Returns the stored session, if it is stored.
    #[must_use]
    pub fn as_stored(&self) -> Option<&Opened<T>> {
        match self.sent() {
            Sent::Session(opened) => Some(opened),
            _ => None,
        }
    }

    /// Returns why the session could not be stored, in which case the response is a 500.
    ///
    /// Only available from a [`TestSession`](super::TestSession), because responses do not contain
    /// the reason.
    #[must_use]
    pub fn failure(&self) -> Option<&EncodeError> {
        match self.sent() {
            Sent::Failed(err) => Some(err),
            _ => None,
        }
    }

    /// Returns why the cookie that is set does not open, if it doesn't.
    #[must_use]
    pub fn reason(&self) -> Option<RejectReason> {
        match self.sent() {
            Sent::Unreadable(reason) => Some(*reason),
            _ => None,
        }
    }

    /// Returns the `Set-Cookie` header that stores or removes the session.
    #[must_use]
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie.as_deref()
    }

    /// Returns the attributes of that header, such as `Path=/; Secure; HttpOnly; SameSite=Lax`.
    #[must_use]
    pub fn attributes(&self) -> Option<&str> {
        let cookie = SetCookie::parse(self.set_cookie()?)?;
        Some(cookie.attributes)
    }

    /// Returns the value of an attribute, which is empty for an attribute without one. The name is
    /// case-insensitive.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        SetCookie::parse(self.set_cookie()?)?.attribute(name)
    }

    /// Returns the `Set-Cookie` headers that remove legacy cookies of the session
    /// ([`remove_legacy_cookie`](crate::policy::Policy::remove_legacy_cookie),
    /// `migrate_from_fastify`).
    #[must_use]
    pub fn legacy_cookie_removals(&self) -> &[String] {
        &self.legacy_cookie_removals
    }
}

/// Returns the headers that remove legacy cookies of a session.
fn legacy_cookie_removals(policy: &ResolvedPolicy) -> impl Iterator<Item = &String> {
    let removals = policy.legacy_cookies.iter().map(|legacy| &legacy.removal);
    #[cfg(feature = "fastify")]
    let removals = removals.chain(&policy.fastify.migration_removal);
    removals
}

/// Methods for the native format.
impl<T: SecureSession<Format = Native>> ResponseSession<T> {
    /// Returns true if the session is stored under another id than `before`.
    #[must_use]
    pub fn has_new_id(&self, before: SessionId) -> bool {
        self.as_stored().is_some_and(|stored| stored.id() != before)
    }

    /// Returns true if the session is stored and its user has signed in to it.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        let stored = self.as_stored();
        stored.is_some_and(|stored| stored.authenticated_at().is_some())
    }

    /// Returns how long the stored session is remembered from when it was sent, if
    /// [`remember_for`](crate::Session::remember_for) was called for it.
    #[must_use]
    pub fn remembered_for(&self) -> Option<Duration> {
        let end = self.as_stored()?.envelope.times.own_end?;
        Some(Duration::from_secs(end.saturating_sub(self.now)))
    }
}

impl<T: SecureSession> Sent<T> {
    fn of(codec: &Codec<T>, cookie: &SetCookie<'_>, now: u64) -> Self {
        if cookie.is_removal() {
            return Self::Removal;
        }
        match codec.open_at(cookie.value.as_bytes(), now) {
            Ok(opened) => Self::Session(Box::new(opened)),
            Err(reason) => Self::Unreadable(reason),
        }
    }
}

/// Shows what the response does to the session, including its values.
impl<T: SecureSession> fmt::Debug for ResponseSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.codec.cookie_name();
        write!(f, "ResponseSession(`{name}`: {})", self.report())
    }
}
