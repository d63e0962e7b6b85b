//! Cookies that a request brings.

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
    session::{ErasedCell, ResponseEffects, SecureSession, Session, SessionCell},
};

/// Gives the header of a request that comes with this value: a session that began now, and that
/// nobody signed in to.
///
/// The short form of [`RequestCookie::of`].
///
/// # Panics
///
/// When the value cannot be stored.
#[must_use]
#[track_caller]
pub fn request_cookie<T: SecureSession>(codec: &Codec<T>, value: &T) -> (HeaderName, String) {
    RequestCookie::of(codec, value).header()
}

/// Gives the header of a request that comes with this value, of a user who has signed in just now.
///
/// The short form of [`RequestCookie::signed_in`].
///
/// # Panics
///
/// When the value cannot be stored.
#[must_use]
#[track_caller]
pub fn signed_in_cookie<T: SecureSession<Format = Native>>(
    codec: &Codec<T>,
    value: &T,
) -> (HeaderName, String) {
    RequestCookie::of(codec, value).signed_in().header()
}

/// The cookie of a session that a request brings: of any age, with or without a login, also one
/// that does not open any more.
///
/// The steps may come in any order. A request with several sessions takes `append_header` for each,
/// as `insert_header` keeps the last one only.
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
/// let left_alone = RequestCookie::of(&codec, &ada).idle_for(Duration::from_secs(30 * 60));
/// let auth = TestSession::with_cookie(&left_alone);
/// assert_eq!(auth.session().info().reason(), Some(RejectReason::Expired(ExpiryLimit::Idle)));
///
/// let retired = RequestCookie::of(&codec, &ada).sealed_with(&Key::generate()?);
/// let auth = TestSession::with_cookie(&retired);
/// assert_eq!(auth.session().info().reason(), Some(RejectReason::UnknownKey));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "`header` gives what a request takes"]
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
}

/// When the user was authenticated.
#[derive(Clone, Copy)]
enum Authenticated {
    /// When the session began.
    AtFirst,
    Ago(Duration),
}

impl<T: SecureSession> RequestCookie<T> {
    /// The cookie of a session with this value, which began now and which nobody signed in to.
    ///
    /// # Panics
    ///
    /// When the operating system gives no random bytes.
    #[track_caller]
    pub fn of(codec: &Codec<T>, value: &T) -> Self {
        match codec.new_session(value.__copy()) {
            Ok(opened) => Self::of_opened(codec, &opened),
            Err(err) => cannot_be_sealed(&err),
        }
    }

    /// Makes the cookie of a session that begins now, as `change` leaves it: for values whose fields
    /// are private, and for what only methods of a session do.
    ///
    /// `change` is given the session of a request without a cookie. If nothing is to be stored, the
    /// cookie holds the defaults.
    ///
    /// # Panics
    ///
    /// When the session cannot be stored, or `change` destroys it.
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
        let cell = Arc::new(SessionCell::new(codec.clone(), no_cookies, time, false));
        change(&Session::new(Arc::clone(&cell)));
        let mut effects = ResponseEffects::default();
        ErasedCell::close(&*cell, &mut effects);
        let sent = ResponseSession::of_closing(codec, effects);
        if sent.is_unchanged() {
            Self::of(codec, &T::defaults())
        } else {
            Self::of_opened(codec, &sent.stored())
        }
    }

    /// The cookie of a session as it was opened, for example of that which a response
    /// [stored](super::ResponseSession::stored): with its id, its times and its login.
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
        }
    }

    /// Puts the last activity so long ago; the idle limit counts from there. In the fastify format
    /// it is the time of issue.
    ///
    /// A session that would be younger began then.
    pub fn idle_for(mut self, time: Duration) -> Self {
        self.idle = Some(time);
        self
    }

    /// Seals with this key, whether the codec knows it or not.
    ///
    /// With a key that stands behind the first in the ring, the session opens and is sealed again;
    /// with one that is not there it is of no use ([`RejectReason::UnknownKey`](crate::RejectReason::UnknownKey),
    /// in the fastify format [`RejectReason::Forged`](crate::RejectReason::Forged)).
    pub fn sealed_with(mut self, key: &Key) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Alters the sealed text, so that it does not authenticate
    /// ([`RejectReason::Forged`](crate::RejectReason::Forged)).
    pub fn forged(mut self) -> Self {
        self.forged = true;
        self
    }

    /// The header, for `append_header` or `insert_header` of a request.
    ///
    /// # Panics
    ///
    /// When the value cannot be stored.
    #[must_use]
    #[track_caller]
    pub fn header(&self) -> (HeaderName, String) {
        (COOKIE, self.pair())
    }

    /// The text `name=value`, as it stands in the header.
    ///
    /// # Panics
    ///
    /// When the value cannot be stored.
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

    /// The value of a `Set-Cookie` header with the configured attributes.
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

    /// The id and the times that the steps ask for.
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

/// What only the native format has.
impl<T: SecureSession<Format = Native>> RequestCookie<T> {
    /// Puts the beginning of the session so long ago; the absolute limit counts from there. The last
    /// activity is now, unless [`idle_for`](Self::idle_for) tells another time.
    pub fn age(mut self, time: Duration) -> Self {
        self.age = Some(time);
        self
    }

    /// Gives the session this id.
    pub fn id(mut self, id: SessionId) -> Self {
        self.envelope.id = id;
        self
    }

    /// The session began with a login, as by [`sign_in`](crate::Session::sign_in).
    pub fn signed_in(mut self) -> Self {
        self.authenticated = Some(Authenticated::AtFirst);
        self
    }

    /// Puts the last time that the user was authenticated so long ago. A session that would be
    /// younger began then.
    pub fn authenticated_ago(mut self, time: Duration) -> Self {
        self.authenticated = Some(Authenticated::Ago(time));
        self
    }

    /// The session has an end of its own, as by [`remember_for`](crate::Session::remember_for):
    /// counted from its beginning, in place of both limits.
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
#[expect(
    clippy::panic,
    reason = "a value that the test cannot send fails the test"
)]
fn cannot_be_sealed(err: &EncodeError) -> ! {
    panic!("{err}")
}

/// Enough to be behind the 29 bytes of the header.
const NATIVE_HEADER_CHARACTERS: usize = 40;

/// Changes one character behind the first ones that is no part of an escape.
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
