//! Encrypts and decrypts sessions outside a request: in WebSockets, tests and command-line tools.

// A missing value must never be replaced by a default: it could be a key, a tag, a nonce or a
// user's data.
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
#[cfg(feature = "revocation")]
mod revoked;
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

#[cfg(feature = "revocation")]
pub(crate) use self::revoked::{EventHandler, retry_after};
#[cfg(feature = "fastify")]
use self::wire::Migration;
use self::{
    log_state::LogState,
    wire::{SessionWire, WireFormat as _},
};
#[cfg(feature = "revocation")]
use crate::revocation::TypeRevocations;
use crate::{
    cookie::{self, SetCookie},
    crypto::random::Random,
    error::{EncodeError, RejectReason},
    key::IntoKeyRing,
    payload::{Envelope, SessionId},
    policy::ResolvedPolicy,
    schema::SessionData,
    time::{Clock, Reading},
};

/// The maximum length of `name=value` that is written or read, in bytes. Browsers accept no more
/// (RFC 6265bis §5.6).
pub const MAX_COOKIE_BYTES: usize = 4096;

/// The length at which the log reports that a cookie is close to the limit: 80 %.
pub(crate) const LARGE_COOKIE_BYTES: usize = MAX_COOKIE_BYTES * 4 / 5;

/// Encrypts values of one session type into cookie values, and decrypts them.
///
/// A codec is cheap to clone. [`SessionMiddleware::codec`](crate::SessionMiddleware::codec) returns
/// the one that the middleware uses. A codec that is built separately needs the same keys,
/// application and policy to open the same cookies.
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

/// The state that all clones of a codec share.
struct Inner {
    policy: ResolvedPolicy,
    wire: SessionWire,
    #[cfg(feature = "fastify")]
    migration: Option<Migration>,
    clock: Clock,
    random: Random,
    log_state: LogState,
    /// `None` if the type is not revocable.
    #[cfg(feature = "revocation")]
    revocations: Option<TypeRevocations>,
    #[cfg(feature = "revocation")]
    on_event: Option<EventHandler>,
}

impl<T: SessionData> Codec<T> {
    /// Makes a builder for a codec with these keys; the first encrypts.
    pub fn builder(keys: impl IntoKeyRing) -> CodecBuilder<T> {
        CodecBuilder::new(keys.into_key_ring())
    }

    /// Encrypts a value as a new session, with a new id and both clocks starting now, and returns
    /// the cookie value.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not be read back unchanged.
    /// - [`EncodeError::TooLarge`] beyond [`MAX_COOKIE_BYTES`].
    /// - [`EncodeError::Random`] if the operating system returns no random bytes.
    #[doc(alias = "encodeSecureSession")]
    pub fn seal(&self, value: &T) -> Result<String, EncodeError> {
        let (id, nonce) = self.new_id_and_nonce()?;
        let envelope = self.begin(id);
        let contents = Contents {
            value,
            envelope: &envelope,
            carried: None,
            is_compact: false,
        };
        self.seal_with(contents, &nonce).map(SealedValue::into_text)
    }

    /// Makes a new session from a value, with a new id and both clocks starting now.
    ///
    /// # Errors
    ///
    /// [`EncodeError::Random`] if the operating system returns no random bytes.
    #[doc(alias = "createSecureSession")]
    pub fn new_session(&self, value: T) -> Result<Opened<T>, EncodeError> {
        let (id, _) = self.new_id_and_nonce()?;
        let envelope = self.begin(id);
        Ok(Opened::new(value, envelope))
    }

    /// Decrypts a cookie value, as in the `Cookie` header or as returned by a cookie parser.
    ///
    /// # Errors
    ///
    /// The reason why it does not open: [`RejectReason::Malformed`], [`RejectReason::UnknownKey`],
    /// [`RejectReason::Forged`], [`RejectReason::NewerBuild`], [`RejectReason::Expired`],
    /// [`RejectReason::Schema`]; for revocable sessions also [`RejectReason::Revoked`] and
    /// [`RejectReason::Unchecked`].
    #[doc(alias = "decodeSecureSession")]
    pub fn open(&self, text: impl AsRef<[u8]>) -> Result<Opened<T>, RejectReason> {
        let opened = self.open_at(text.as_ref(), self.now())?;
        #[cfg(feature = "revocation")]
        if self.is_stale() {
            return Err(RejectReason::Unchecked);
        }
        Ok(opened)
    }

    /// Encrypts a session and returns the value of the `Set-Cookie` header that stores it.
    ///
    /// The cookie has the configured attributes. If it is persistent, `Max-Age` is the time that
    /// the session has left.
    ///
    /// # Errors
    ///
    /// The same as [`Opened::seal`].
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

    /// Returns the value of the `Set-Cookie` header that removes the session's cookie.
    #[must_use]
    pub fn removal_cookie(&self) -> String {
        cookie::removal(self.cookie_name(), &self.policy().tail)
    }

    /// Returns the cookie's name as it is sent.
    #[must_use]
    pub fn cookie_name(&self) -> &str {
        &self.policy().cookie.name
    }

    pub(crate) fn policy(&self) -> &ResolvedPolicy {
        &self.inner.policy
    }

    /// Makes the envelope of a session that is created now.
    fn begin(&self, id: SessionId) -> Envelope {
        let envelope = Envelope::begin(id, self.time_to_write());
        #[cfg(feature = "revocation")]
        let envelope = self.proven_now(envelope);
        envelope
    }

    /// Reads the clock.
    pub(crate) fn read_clock(&self) -> Reading {
        self.inner.clock.read()
    }

    /// Reads the clock in whole seconds.
    pub(crate) fn now(&self) -> u64 {
        self.inner.clock.now()
    }

    /// Returns the time to write into a session outside a request.
    pub(crate) fn time_to_write(&self) -> u64 {
        let now = self.read_clock();
        self.activity_time(now, now)
    }

    /// Returns the time of activity to write into a session: that of the request or of encryption,
    /// depending on the format.
    pub(crate) fn activity_time(&self, request: Reading, sealing: Reading) -> u64 {
        self.inner.wire.activity_time(request, sealing)
    }
}

/// Returns the length of `name=value` for a value of `value` bytes.
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
