//! Sealing and opening outside a request: WebSockets, tests, command lines; knows nothing of
//! actix.

// No value is invented where one is missing: it could be a key, a tag, a nonce or somebody's data.
#![cfg_attr(
    not(test),
    deny(
        clippy::allow_attributes_without_reason,
        clippy::disallowed_methods,
        clippy::let_underscore_must_use,
        clippy::unused_result_ok
    )
)]

mod builder;
mod log_state;
mod open;
mod open_events;
mod opened;
mod seal;
mod sealed;
mod wire;

use std::{fmt, marker::PhantomData, sync::Arc};

#[cfg(feature = "fastify")]
pub(crate) use self::wire::SharedKeys;
pub use self::{builder::CodecBuilder, opened::Opened};
pub(crate) use self::{
    builder::{SharedSettings, build_codec},
    sealed::SealedValue,
    wire::Contents,
};
#[cfg(feature = "fastify")]
pub use crate::schema::Fastify;
pub use crate::schema::{Format, FormatKind, Native};

#[cfg(feature = "fastify")]
use self::wire::Migration;
use self::{
    log_state::LogState,
    wire::{SessionWire, WireFormat as _},
};
use crate::{
    cookie::{self, SetCookie},
    crypto::random::Random,
    error::{EncodeError, RejectReason},
    key::IntoKeyRing,
    payload::Envelope,
    policy::ResolvedPolicy,
    schema::SessionData,
    time::{Clock, Reading},
};

/// The longest `name=value` that is written or read, in bytes: browsers keep no more
/// (RFC 6265 §6.1).
pub const MAX_COOKIE_BYTES: usize = 4096;

/// From this size on a cookie is near its limit, and the log says so: 80 %.
pub(crate) const LARGE_COOKIE_BYTES: usize = MAX_COOKIE_BYTES * 4 / 5;

/// Seals values of one session type into cookies, and opens them.
///
/// It is cheap to clone. A middleware gives the one that it uses itself
/// ([`SessionMiddleware::codec`](crate::SessionMiddleware::codec)); built alone it needs the same
/// keys, application and policy to open the same cookies.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, RejectReason, SecureSession, codec::Codec};
///
/// #[derive(SecureSession)]
/// struct Auth { name: String }
///
/// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
///
/// let text = codec.seal(&Auth { name: "Ada".into() })?;
/// let opened = codec.open(&text)?;
/// assert_eq!(opened.name, "Ada");
///
/// assert_eq!(codec.open("no cookie of ours").unwrap_err(), RejectReason::Malformed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Codec<T> {
    inner: Arc<Inner>,
    session: PhantomData<fn() -> T>,
}

/// Shared by all clones of a codec.
struct Inner {
    policy: ResolvedPolicy,
    wire: SessionWire,
    #[cfg(feature = "fastify")]
    migration: Option<Migration>,
    clock: Clock,
    random: Random,
    log_state: LogState,
}

impl<T: SessionData> Codec<T> {
    /// Begins a codec with these keys; the first seals.
    pub fn builder(keys: impl IntoKeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(keys.into_key_ring())
    }

    /// Seals a value as a new session: a new id, and both clocks begin.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not come back as it is.
    /// - [`EncodeError::TooLarge`] beyond [`MAX_COOKIE_BYTES`].
    /// - [`EncodeError::Random`] when the operating system gives no random bytes.
    #[doc(alias = "encodeSecureSession")]
    pub fn seal(&self, value: &T) -> Result<String, EncodeError> {
        let (id, nonce) = self.new_id_and_nonce()?;
        let envelope = Envelope::begin(id, self.time_to_write());
        let contents = Contents {
            value,
            envelope: &envelope,
            carried: None,
            is_compact: false,
        };
        self.seal_with(contents, &nonce).map(SealedValue::into_text)
    }

    /// Makes a new session of a value, with a new id and both clocks at their beginning.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Random`] when the operating system gives no random bytes.
    #[doc(alias = "createSecureSession")]
    pub fn new_session(&self, value: T) -> Result<Opened<T>, EncodeError> {
        let (id, _) = self.new_id_and_nonce()?;
        let envelope = Envelope::begin(id, self.time_to_write());
        Ok(Opened::new(value, envelope))
    }

    /// Opens the value of a cookie, as it stands in the `Cookie` header or as a cookie parser gives
    /// it.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Malformed`], [`RejectReason::UnknownKey`], [`RejectReason::Forged`], [`RejectReason::NewerBuild`],
    /// [`RejectReason::Expired`] or [`RejectReason::Schema`]: why it does not open.
    #[doc(alias = "decodeSecureSession")]
    pub fn open(&self, text: impl AsRef<[u8]>) -> Result<Opened<T>, RejectReason> {
        self.open_at(text.as_ref(), self.now())
    }

    /// Gives the value of a `Set-Cookie` header that stores this session, with the configured
    /// attributes; a persistent one lives as long as the session.
    ///
    /// # Errors
    ///
    /// As [`Opened::seal`].
    pub fn set_cookie(&self, session: &Opened<T>) -> Result<String, EncodeError> {
        let sealed = session.sealed(self)?;
        let policy = self.policy();
        let times = &session.envelope.times;
        let max_age = (policy.persistent || times.own_end.is_some())
            .then(|| policy.limits.left(times, self.now()));
        let name = self.cookie_name();
        let mut header = SetCookie::begin(name, sealed.text_len(), max_age, &policy.tail);
        sealed.append_to(header.value());
        Ok(cookie::text(header.finish()))
    }

    /// Gives the value of a `Set-Cookie` header that removes the session's cookie.
    #[must_use]
    pub fn removal_cookie(&self) -> String {
        cookie::removal(self.cookie_name(), &self.policy().tail)
    }

    /// The cookie's name, as it is sent.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        &self.policy().cookie.name
    }

    pub(crate) fn policy(&self) -> &ResolvedPolicy {
        &self.inner.policy
    }

    /// Reads the clock.
    pub(crate) fn read_clock(&self) -> Reading {
        self.inner.clock.read()
    }

    /// Reads the clock in whole seconds.
    pub(crate) fn now(&self) -> u64 {
        self.inner.clock.now()
    }

    /// The time that is written into a session outside a request.
    pub(crate) fn time_to_write(&self) -> u64 {
        let now = self.read_clock();
        self.activity_time(now, now)
    }

    /// The time of an activity that is written into a session: of the request, or of the sealing.
    pub(crate) fn activity_time(&self, request: Reading, sealing: Reading) -> u64 {
        self.inner.wire.activity_time(request, sealing)
    }
}

/// The length of `name=value`, for a value of so many bytes.
pub(crate) fn name_value_len(name: &str, value: usize) -> usize {
    name.len().saturating_add(1).saturating_add(value)
}

impl<T> Clone for Codec<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            session: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Codec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("cookie", &self.inner.policy.cookie.name)
            .finish_non_exhaustive()
    }
}
