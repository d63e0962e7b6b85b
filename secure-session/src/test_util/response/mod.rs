//! What a response does to a session.

mod report;

use std::fmt;

use actix_web::{
    dev::ServiceResponse,
    http::header::{HeaderMap, SET_COOKIE},
};

use super::set_cookie::SetCookie;
use crate::{
    codec::{Codec, Opened},
    error::{EncodeError, Reason},
    policy::ResolvedPolicy,
    schema::SecureSession,
    session::Closing,
};

/// What a response does to a session: it stores it, removes it, or leaves it unchanged.
///
/// # Security
///
/// Its `Debug`, and the texts of its assertions, show the values of the session; it is for tests
/// alone.
pub struct ResponseSession<T> {
    codec: Codec<T>,
    sent: Sent<T>,
    /// The header of the session's cookie.
    set_cookie: Option<String>,
    former_removals: Vec<String>,
    /// The names of other cookies that the response sets.
    others: Vec<String>,
}

/// What is sent for a session.
enum Sent<T> {
    /// It had to be stored and cannot be.
    Failed(EncodeError),
    Nothing,
    Removal,
    Session(Opened<T>),
    /// Something that does not open.
    Unreadable(Reason),
}

impl<T: SecureSession> ResponseSession<T> {
    /// Reads the `Set-Cookie` headers of a response; cookies of others do not matter.
    #[must_use]
    pub fn of<B>(codec: &Codec<T>, response: &ServiceResponse<B>) -> Self {
        Self::of_headers(codec, response.headers())
    }

    /// Reads the `Set-Cookie` headers among those of a response.
    #[must_use]
    pub fn of_headers(codec: &Codec<T>, headers: &HeaderMap) -> Self {
        let lines = headers.get_all(SET_COOKIE);
        let lines = lines.filter_map(|line| line.to_str().ok().map(str::to_owned));
        Self::of_lines(codec, lines)
    }

    /// What a slot has to say when the response goes out.
    pub(super) fn of_closing(codec: &Codec<T>, closing: Closing) -> Self {
        let cookies = closing.cookie.into_iter().chain(closing.removals);
        let session = Self::of_lines(codec, cookies.map(|cookie| cookie.text));
        match closing.failure {
            Some(err) => Self {
                sent: Sent::Failed(err),
                ..session
            },
            None => session,
        }
    }

    fn of_lines(codec: &Codec<T>, lines: impl Iterator<Item = String>) -> Self {
        let mut session = Self {
            codec: codec.clone(),
            sent: Sent::Nothing,
            set_cookie: None,
            former_removals: Vec::new(),
            others: Vec::new(),
        };
        for line in lines {
            session.add(line);
        }
        if let Some(ours) = session.set_cookie.as_deref().and_then(SetCookie::parse) {
            session.sent = Sent::of(codec, &ours);
        }
        session
    }

    /// The last header of a name is the one that browsers keep.
    fn add(&mut self, line: String) {
        if former_removals(self.codec.policy()).any(|removal| *removal == line) {
            self.former_removals.push(line);
            return;
        }
        match SetCookie::parse(&line) {
            Some(cookie) if cookie.name == self.codec.cookie_name() => self.set_cookie = Some(line),
            Some(cookie) => self.others.push(cookie.name.to_owned()),
            None => {}
        }
    }

    /// Whether the session is stored: its cookie is set, and opens.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.as_stored().is_some()
    }

    /// Whether the session's cookie is removed.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        matches!(self.sent, Sent::Removal)
    }

    /// Whether nothing is sent for the session, so that the client keeps what it has.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        matches!(self.sent, Sent::Nothing)
    }

    /// Gives the session that is stored.
    ///
    /// # Panics
    ///
    /// Unless one is; the text says what the response does instead.
    #[must_use]
    #[track_caller]
    pub fn stored(self) -> Opened<T> {
        match self.sent {
            Sent::Session(opened) => opened,
            _ => self.fail("it should be stored"),
        }
    }

    /// The session that is stored, if one is.
    #[must_use]
    pub fn as_stored(&self) -> Option<&Opened<T>> {
        match &self.sent {
            Sent::Session(opened) => Some(opened),
            _ => None,
        }
    }

    /// Why the session could not be stored, which makes a 500 of the response.
    ///
    /// Known of a [`TestSession`](super::TestSession) only: a client learns nothing of it.
    #[must_use]
    pub fn failure(&self) -> Option<&EncodeError> {
        match &self.sent {
            Sent::Failed(err) => Some(err),
            _ => None,
        }
    }

    /// Why the cookie that is set does not open, if it does not.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.sent {
            Sent::Unreadable(reason) => Some(reason),
            _ => None,
        }
    }

    /// The `Set-Cookie` header that stores or removes the session, as it is sent.
    #[must_use]
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie.as_deref()
    }

    /// The `Set-Cookie` headers that remove earlier cookies of the session
    /// ([`formerly`](crate::policy::Policy::formerly), `also_reads_fastify`), as they are sent.
    #[must_use]
    pub fn former_removals(&self) -> &[String] {
        &self.former_removals
    }
}

/// The headers that remove earlier cookies of a session.
fn former_removals(policy: &ResolvedPolicy) -> impl Iterator<Item = &String> {
    let removals = policy.formerly.iter().map(|former| &former.removal);
    #[cfg(feature = "fastify")]
    let removals = removals.chain(&policy.fastify.former_removal);
    removals
}

impl<T: SecureSession> Sent<T> {
    fn of(codec: &Codec<T>, cookie: &SetCookie<'_>) -> Self {
        if cookie.is_removal() {
            return Self::Removal;
        }
        match codec.open(cookie.value) {
            Ok(opened) => Self::Session(opened),
            Err(reason) => Self::Unreadable(reason),
        }
    }
}

/// What [`set_cookie`](ResponseSession::set_cookie) does, with the values of the session.
impl<T: SecureSession> fmt::Debug for ResponseSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseSession({})", self.report())
    }
}
