//! The cookies of a request.

use std::{fmt, iter, sync::Arc, time::Duration};

use actix_web::http::header::{COOKIE, HeaderName};

use super::ResponseSession;
use crate::{
    codec::{Codec, Contents, Opened},
    cookie::{self, RequestCookies},
    error::EncodeError,
    key::Key,
    payload::{
        Envelope, SessionId,
        json::{Carried, ReceivedMembers},
    },
    schema::{FormatKind, Native, field_set::FieldSet},
    session::{RequestFacts, ResponseEffects, SecureSession, Session, SessionCell},
};

/// Returns the header of a request whose session has this value, as a new session that nobody has
/// signed in to.
///
/// Short for [`RequestCookie::of`] and [`header`](RequestCookie::header).
///
/// # Panics
///
/// If the value cannot be stored.
#[must_use]
#[track_caller]
pub fn request_cookie<T: SecureSession>(codec: &Codec<T>, value: &T) -> (HeaderName, String) {
    RequestCookie::of(codec, value).header()
}

/// Returns the header of a request whose session has this value, as the session of a user who has
/// just signed in.
///
/// Short for [`RequestCookie::of`], [`signed_in`](RequestCookie::signed_in) and
/// [`header`](RequestCookie::header).
///
/// # Panics
///
/// If the value cannot be stored.
#[must_use]
#[track_caller]
pub fn signed_in_cookie<T: SecureSession<Format = Native>>(
    codec: &Codec<T>,
    value: &T,
) -> (HeaderName, String) {
    RequestCookie::of(codec, value).signed_in().header()
}

/// Builds the session cookie of a request: of any age, with or without a login, and even one that
/// no longer opens.
///
/// Methods can be called in any order. For a request with several sessions, use `append_header`,
/// because `insert_header` keeps only the last cookie.
///
/// # Examples
///
/// ```
/// use actix_web::test::TestRequest;
/// use secure_session::{
///     Key, ExpiryLimit, SessionOrigin, RejectReason, SecureSession, codec::Codec,
///     test_util::{RequestCookie, TestSession},
/// };
/// use std::time::Duration;
///
/// #[derive(SecureSession)]
/// struct Auth { name: String }
///
/// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
/// let ada = Auth { name: "Ada".into() };
///
/// let cookie = RequestCookie::of(&codec, &ada).signed_in().age(Duration::from_secs(3600));
/// let request = TestRequest::get().append_header(cookie.header());
///
/// let idle = RequestCookie::of(&codec, &ada).idle_for(Duration::from_secs(30 * 60));
/// let auth = TestSession::with_cookie(&idle);
/// assert_eq!(auth.session().info().reason(), Some(RejectReason::Expired(ExpiryLimit::Idle)));
///
/// let retired = RequestCookie::of(&codec, &ada).sealed_with(&Key::generate()?);
/// let auth = TestSession::with_cookie(&retired);
/// assert_eq!(auth.session().info().reason(), Some(RejectReason::UnknownKey));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "`header` returns the header for a request"]
pub struct RequestCookie<T> {
    codec: Codec<T>,
    value: T,
    envelope: Envelope,
    received: Option<ReceivedMembers>,
    age: Option<Duration>,
    idle: Option<Duration>,
    authenticated: Option<Authenticated>,
    remembered: Option<Duration>,
    key: Option<Key>,
    forged: bool,
    #[cfg(feature = "revocation")]
    revoked: bool,
}

/// When the user authenticated.
#[derive(Clone, Copy)]
enum Authenticated {
    /// When the session was created.
    AtFirst,
    Ago(Duration),
}

impl<T: SecureSession> RequestCookie<T> {
    /// Makes the cookie of a new session with this value, which nobody has signed in to.
    ///
    /// # Panics
    ///
    /// If the operating system returns no random bytes.
    #[track_caller]
    pub fn of(codec: &Codec<T>, value: &T) -> Self {
        match codec.new_session(value.__copy()) {
            Ok(opened) => Self::of_opened(codec, &opened),
            Err(err) => cannot_be_sealed(&err),
        }
    }

    /// Makes the cookie of a new session that `change` modifies, for structs with private fields
    /// and for anything that needs methods of a session.
    ///
    /// `change` receives the session of a request without a cookie. If it changes nothing, the
    /// cookie contains the defaults.
    ///
    /// # Panics
    ///
    /// If the session cannot be stored, or `change` destroys it.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::{Key, codec::Codec, test_util::{RequestCookie, TestSession}};
    ///
    /// mod accounts {
    ///     #[derive(secure_session::SecureSession)]
    ///     pub struct Auth { user_id: Option<u64> } // private
    /// }
    ///
    /// let codec = Codec::<accounts::Auth>::builder(Key::generate()?).build()?;
    /// let cookie = RequestCookie::updating(&codec, |auth| {
    ///     auth.sign_in();
    ///     auth.set_user_id(7);
    /// });
    /// let request = TestSession::with_cookie(&cookie);
    /// assert_eq!(request.session().user_id(), Some(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn updating(codec: &Codec<T>, change: impl FnOnce(&Session<T>)) -> Self {
        let time = codec.read_clock();
        let no_cookies = RequestCookies::of(iter::empty());
        let request = RequestFacts::new(no_cookies, time);
        let cell = Arc::new(SessionCell::new(codec.clone(), request));
        change(&Session::new(Arc::clone(&cell)));
        let effects = ResponseEffects::of(&*cell);
        let sent = ResponseSession::of_closing(codec, effects);
        if sent.is_unchanged() {
            Self::of(codec, &T::defaults())
        } else {
            Self::of_opened(codec, &sent.stored())
        }
    }

    /// Makes the cookie of an existing session, with its id, times and login; for example of one
    /// that a response [stored](super::ResponseSession::stored).
    pub fn of_opened(codec: &Codec<T>, session: &Opened<T>) -> Self {
        Self {
            codec: codec.clone(),
            value: session.value.__copy(),
            envelope: session.envelope.clone(),
            received: session.received.clone(),
            age: None,
            idle: None,
            authenticated: None,
            remembered: None,
            key: None,
            forged: false,
            #[cfg(feature = "revocation")]
            revoked: false,
        }
    }

    /// Sets how long ago the last activity was. The idle limit counts from that time. In the
    /// fastify format, it is the time of issue.
    ///
    /// If the session would have been created later, its creation is moved to that time, too.
    pub fn idle_for(mut self, time: Duration) -> Self {
        self.idle = Some(time);
        self
    }

    /// Encrypts with this key, even if it is not in the codec's ring.
    ///
    /// With a key of the ring other than the first, the session opens and is encrypted again. With
    /// any other key, it is rejected
    /// ([`RejectReason::UnknownKey`](crate::RejectReason::UnknownKey); in the fastify format,
    /// [`RejectReason::Forged`](crate::RejectReason::Forged)).
    pub fn sealed_with(mut self, key: &Key) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Alters the encrypted value, so that it is rejected
    /// ([`RejectReason::Forged`](crate::RejectReason::Forged)).
    pub fn forged(mut self) -> Self {
        self.forged = true;
        self
    }

    /// Returns the header, for `append_header` or `insert_header` of a request.
    ///
    /// # Panics
    ///
    /// If the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn header(&self) -> (HeaderName, String) {
        (COOKIE, self.pair())
    }

    /// Returns the text `name=value` of the header.
    ///
    /// # Panics
    ///
    /// If the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn pair(&self) -> String {
        match self.seal() {
            Ok(text) => [self.codec.cookie_name(), "=", &text].concat(),
            Err(err) => cannot_be_sealed(&err),
        }
    }

    pub(super) fn codec(&self) -> &Codec<T> {
        &self.codec
    }

    /// Returns the value of a `Set-Cookie` header with the configured attributes.
    #[track_caller]
    pub(super) fn set_cookie(&self) -> String {
        let (policy, pair) = (self.codec.policy(), self.pair());
        let times = self.envelope_then().times;
        let persistent = policy.persistent || times.own_end.is_some();
        let max_age = persistent.then(|| policy.limits.left(&times, self.codec.now()));
        let (name, value) = pair.split_once('=').unwrap_or_default();
        let mut header = cookie::SetCookie::begin(name, value.len(), max_age, &policy.tail);
        header.value().extend_from_slice(value.as_bytes());
        cookie::text(header.finish())
    }

    fn seal(&self) -> Result<String, EncodeError> {
        let (codec, value) = (&self.codec, &self.value);
        let envelope = self.envelope_then();
        #[cfg(feature = "revocation")]
        if self.revoked
            && let Some(revocations) = codec.revocations()
        {
            revocations.revoke_session(envelope.id);
        }
        let contents = Contents {
            value,
            envelope: &envelope,
            carried: self.received.as_ref().map(|received| Carried {
                received,
                first: value,
                written: FieldSet::EMPTY,
            }),
            is_compact: false,
        };
        let text = match &self.key {
            Some(key) => codec.seal_with_key(key, contents)?,
            None => codec.seal_with(contents, &codec.new_nonce()?)?,
        };
        let text = text.into_text();
        if !self.forged {
            return Ok(text);
        }
        Ok(match codec.policy().format {
            FormatKind::Native => altered(&text, NATIVE_HEADER_CHARACTERS),
            #[cfg(feature = "fastify")]
            FormatKind::Fastify => altered(&text, 0),
        })
    }

    /// Returns the envelope with the requested id and times.
    fn envelope_then(&self) -> Envelope {
        let now = self.codec.time_to_write();
        let ago = |time: Duration| now.saturating_sub(time.as_secs());
        let mut envelope = self.envelope.clone();
        let times = &mut envelope.times;
        if let Some(age) = self.age {
            times.created = ago(age);
            times.seen = now;
        }
        if let Some(idle) = self.idle {
            times.seen = ago(idle);
        }
        times.created = times.created.min(times.seen);
        if let Some(Authenticated::Ago(time)) = self.authenticated {
            times.created = times.created.min(ago(time));
            envelope.authenticated = Some(ago(time));
        }
        if let Some(Authenticated::AtFirst) = self.authenticated {
            envelope.authenticated = Some(times.created);
        }
        if let Some(time) = self.remembered {
            times.own_end = Some(times.created.saturating_add(time.as_secs()));
        }
        envelope
    }
}

/// Methods for the native format.
impl<T: SecureSession<Format = Native>> RequestCookie<T> {
    /// Sets how long ago the session was created. The absolute limit counts from that time. The
    /// last activity is now, unless [`idle_for`](Self::idle_for) sets another time.
    pub fn age(mut self, time: Duration) -> Self {
        self.age = Some(time);
        self
    }

    /// Revokes the session, as by a logout just before the request, so that it is rejected
    /// ([`RejectReason::Revoked`](crate::RejectReason::Revoked)).
    #[cfg(feature = "revocation")]
    pub fn revoked(mut self) -> Self
    where
        T: crate::RevocableSession,
    {
        self.revoked = true;
        self
    }

    /// Sets the session's id.
    pub fn id(mut self, id: SessionId) -> Self {
        self.envelope.id = id;
        self
    }

    /// Marks the session as authenticated when it was created, as by
    /// [`sign_in`](crate::Session::sign_in).
    pub fn signed_in(mut self) -> Self {
        self.authenticated = Some(Authenticated::AtFirst);
        self
    }

    /// Sets how long ago the user last authenticated. If the session would have been created later,
    /// its creation is moved to that time, too.
    pub fn authenticated_ago(mut self, time: Duration) -> Self {
        self.authenticated = Some(Authenticated::Ago(time));
        self
    }

    /// Sets how long the session lasts instead of both limits, counted from its creation, as by
    /// [`remember_for`](crate::Session::remember_for).
    pub fn remembered_for(mut self, time: Duration) -> Self {
        self.remembered = Some(time);
        self
    }
}

impl<T> fmt::Debug for RequestCookie<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestCookie").finish_non_exhaustive()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a value that cannot be sent fails the test")]
fn cannot_be_sealed(err: &EncodeError) -> ! {
    panic!("{err}")
}

/// Enough characters to be past the 29 bytes of the header.
const NATIVE_HEADER_CHARACTERS: usize = 40;

/// Changes one character after the first `first` ones that is not part of an escape.
fn altered(text: &str, first: usize) -> String {
    let mut escaped = 0_u8;
    let mut is_altered = false;
    let alter = |(index, character): (usize, char)| {
        if character == '%' {
            escaped = 3;
        }
        let is_plain = escaped == 0 && character.is_ascii_alphanumeric();
        escaped = escaped.saturating_sub(1);
        if is_altered || !is_plain || index < first {
            return character;
        }
        is_altered = true;
        if character == 'A' { 'B' } else { 'A' }
    };
    text.chars().enumerate().map(alter).collect()
}
