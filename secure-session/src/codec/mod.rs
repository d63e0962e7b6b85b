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
#[cfg(feature = "fastify")]
pub(crate) mod fastify;
mod log_state;
mod native;
mod opened;
mod sealed;
#[cfg(feature = "test-util")]
mod test_sealing;

use std::{fmt, marker::PhantomData, sync::Arc};

pub use self::{builder::CodecBuilder, opened::Opened};
pub(crate) use self::{
    builder::{SharedSettings, build_codec},
    sealed::SealedValue,
};
#[cfg(feature = "fastify")]
pub use crate::schema::Fastify;
pub use crate::schema::{Format, FormatKind, Native};

#[cfg(feature = "fastify")]
use self::fastify::FastifyKeys;
#[cfg(feature = "fastify")]
pub(crate) use self::fastify::SharedKeys;
use self::{
    log_state::LogState,
    native::{LogKey, SessionKeys},
};
use crate::{
    cookie::{self, CookieValue as _, header::MAX_CANDIDATES},
    crypto::{
        random::{Random, RandomError},
        xchacha::NONCE_LEN,
    },
    error::{EncodeError, RejectReason},
    key::KeyRing,
    log::{event, event_once},
    payload::{
        Envelope, SessionId,
        json::{self, Mistake, ReadError, UnknownMembers},
    },
    policy::ResolvedPolicy,
    schema::{SessionData, layers::Layers},
    time::{Clock, LazyNow},
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

/// What all codecs of one session share, whatever its type.
struct Inner {
    policy: ResolvedPolicy,
    keys: Keys,
    clock: Clock,
    random: Random,
    log_state: LogState,
}

/// The keys of a session, in its format.
enum Keys {
    #[cfg(feature = "fastify")]
    Fastify(FastifyKeys),
    Native(NativeKeys),
}

/// The keys of a native session, and those of the former one that it takes over.
struct NativeKeys {
    keys: SessionKeys,
    log_key: LogKey,
    /// For a key that is not in the ring.
    #[cfg(feature = "test-util")]
    binding: native::Binding,
    #[cfg(feature = "fastify")]
    former: Option<FastifyKeys>,
}

impl<T: SessionData> Codec<T> {
    /// Begins a codec with these keys; the first seals.
    pub fn builder(keys: impl Into<KeyRing>) -> CodecBuilder<T> {
        CodecBuilder::new(keys.into())
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
        let sealed = self.seal_with(Layers::one(value), &envelope, UnknownMembers::NONE, &nonce);
        sealed.map(SealedValue::into_text)
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
        let text = cookie::set_cookie(&policy.cookie.name, &sealed, max_age, &policy.tail);
        Ok(cookie::text(text))
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

    /// The time by which limits are checked.
    pub(crate) fn now(&self) -> u64 {
        self.inner.clock.now()
    }

    /// The time of what is done next, if it needs one.
    pub(crate) fn moment(&self) -> LazyNow<'_> {
        LazyNow::of(&self.inner.clock)
    }

    /// The time that is written down: the peer rounds it.
    pub(crate) fn time_to_write(&self) -> u64 {
        match &self.inner.keys {
            Keys::Native(_) => self.inner.clock.now(),
            #[cfg(feature = "fastify")]
            Keys::Fastify(_) => self.inner.clock.now_rounded(),
        }
    }

    /// As [`open`](Self::open), at a given time.
    pub(crate) fn open_at(&self, text: &[u8], now: u64) -> Result<Opened<T>, RejectReason> {
        let mut session = Opened::blank();
        self.open_into(text, now, &mut session)?;
        Ok(session)
    }

    /// The whole way from the text of a cookie to a session.
    ///
    /// The session is made where it stays, as moving what was just written makes the processor
    /// wait. It is blank before; after an error it holds whatever was read by then.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[inline]
    fn open_into(
        &self,
        text: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        if self.name_value_len(text.len()) > MAX_COOKIE_BYTES {
            return Err(RejectReason::Malformed);
        }
        match &self.inner.keys {
            Keys::Native(native) => self.open_native(&native.keys, text, now, session),
            #[cfg(feature = "fastify")]
            Keys::Fastify(keys) => {
                let without_time = self.policy().fastify.without_time;
                self.open_timed(keys, text, without_time, now, session)?;
                self.check(&session.envelope, now)
            }
        }
    }

    #[inline]
    fn open_native(
        &self,
        keys: &SessionKeys,
        text: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        keys.open(text, |plaintext, key_index| {
            session.key_index = key_index;
            session.reseal = key_index != 0;
            self.read(plaintext, now, session)
        })
    }

    #[inline]
    fn read(
        &self,
        plaintext: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        let json = (session.envelope.read(plaintext)).ok_or(RejectReason::Malformed)?;
        if session.envelope.extensions.require_newer_build() {
            return Err(RejectReason::NewerBuild);
        }
        self.check(&session.envelope, now)?;
        let version = session.envelope.schema_version;
        let migrated = self.migrated(json, version, None)?;
        let json = match &migrated {
            Some(migrated) => migrated,
            None => json,
        };
        session.unknown =
            json::read(json, &mut session.value).map_err(|err| self.report(err, version))?;
        self.report_resets(&session.unknown);
        if migrated.is_some() {
            session.migrated_from = Some(version);
            session.reseal = true;
        }
        session.envelope.schema_version = version.max(T::SCHEMA.version);
        Ok(())
    }

    /// The object of a session that is older than the struct, as one of the struct's version; the
    /// member `hidden` stays as it is.
    fn migrated(
        &self,
        json: &[u8],
        from: u32,
        hidden: Option<&str>,
    ) -> Result<Option<Vec<u8>>, RejectReason> {
        let to = T::SCHEMA.version;
        if from >= to {
            return Ok(None);
        }
        let migrated = json::migrated::<T>(json, from, hidden);
        let migrated = migrated.map_err(|err| self.report(err, from))?;
        event!(
            debug,
            "session.migrated",
            session = self.cookie_name(),
            from,
            to,
            "session migrated"
        );
        Ok(Some(migrated))
    }

    fn check(&self, envelope: &Envelope, now: u64) -> Result<(), RejectReason> {
        if envelope.is_from_the_future(now) {
            return Err(RejectReason::Malformed);
        }
        let passed = self.policy().limits.passed(&envelope.times, now);
        passed.map_or(Ok(()), |limit| Err(RejectReason::Expired(limit)))
    }

    /// Opens the first of these cookies that opens into a blank session; at most
    /// [`MAX_CANDIDATES`] are tried. After an error the session is blank.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Absent`] without any. Otherwise why an authentic session does not open, if there is
    /// one ([`RejectReason::was_a_session`]); else why the first does not open.
    #[inline]
    pub(crate) fn open_first<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: &LazyNow<'_>,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        self.first_of(None, candidates, now, session, Self::open_into)?;
        self.report_old_key(session.key_index, now.seconds());
        Ok(())
    }

    /// `former` is the name of the cookies if it is not the session's.
    #[inline]
    fn first_of<'a>(
        &self,
        former: Option<&str>,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: &LazyNow<'_>,
        session: &mut Opened<T>,
        open: impl Fn(&Self, &[u8], u64, &mut Opened<T>) -> Result<(), RejectReason>,
    ) -> Result<(), RejectReason> {
        let mut verdict = RejectReason::Absent;
        for text in candidates.take(MAX_CANDIDATES) {
            let now = now.seconds();
            let name = match former {
                Some(former) => former,
                None => self.cookie_name(),
            };
            let size = || name_value_len(name, text.len());
            let Err(reason) = open(self, text, now, session) else {
                let times = &session.envelope.times;
                // A former cookie has no id; the session gets one when it is sent.
                let id = former.is_none().then_some(session.envelope.id);
                event!(
                    debug,
                    "session.opened",
                    session = self.cookie_name(),
                    former,
                    key_index = session.key_index,
                    id_hash = self.id_hash(id),
                    age = now.saturating_sub(times.created),
                    idle = now.saturating_sub(times.seen),
                    size = size(),
                    "session cookie opened"
                );
                return Ok(());
            };
            *session = Opened::blank();
            event!(
                debug,
                "session.not_opened",
                session = self.cookie_name(),
                former,
                %reason,
                size = size(),
                "session cookie not accepted"
            );
            let is_first = verdict == RejectReason::Absent;
            if is_first || reason.was_a_session() {
                verdict = reason;
            }
        }
        Err(verdict)
    }

    /// Seals a value with its envelope under the first key. The nonce must be new.
    pub(crate) fn seal_with(
        &self,
        value: Layers<'_, T>,
        envelope: &Envelope,
        unknown: &UnknownMembers,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, EncodeError> {
        self.seal_under(&self.inner.keys, value, envelope, unknown, nonce)
    }

    fn seal_under(
        &self,
        keys: &Keys,
        value: Layers<'_, T>,
        envelope: &Envelope,
        unknown: &UnknownMembers,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, EncodeError> {
        let sealed = match keys {
            Keys::Native(native) => {
                let write = |out: &mut Vec<u8>| self.plaintext(out, value, envelope, unknown);
                SealedValue::Native(native.keys.seal(nonce, write)?)
            }
            #[cfg(feature = "fastify")]
            Keys::Fastify(keys) => {
                let mut plaintext = Vec::new();
                self.plaintext(&mut plaintext, value, envelope, unknown)?;
                SealedValue::Fastify(keys.seal(nonce, plaintext))
            }
        };
        let size = self.name_value_len(sealed.text_len());
        if size > MAX_COOKIE_BYTES {
            return Err(self.too_large(value, unknown, size));
        }
        Ok(sealed)
    }

    /// The length of `name=value` if this were sealed, even beyond the limit.
    pub(crate) fn encoded_len(
        &self,
        value: Layers<'_, T>,
        envelope: &Envelope,
        unknown: &UnknownMembers,
    ) -> Result<usize, EncodeError> {
        let mut out = Vec::new();
        self.plaintext(&mut out, value, envelope, unknown)?;
        let len = match &self.inner.keys {
            Keys::Native(_) => native::sealed_len(out.len()),
            // How many characters are escaped shows only when it is sealed.
            #[cfg(feature = "fastify")]
            Keys::Fastify(keys) => keys.seal(&self.new_nonce()?, out).len(),
        };
        Ok(self.name_value_len(len))
    }

    /// The largest fields and the bytes of JSON they take; three at most.
    pub(crate) fn largest_fields(
        value: Layers<'_, T>,
        unknown: &UnknownMembers,
    ) -> Vec<(&'static str, usize)> {
        let mut sizes: Vec<(&'static str, usize)> = (T::SCHEMA.fields.iter().enumerate())
            .map(|(index, field)| {
                (
                    field.name,
                    json::field_size(value.with(index), index, unknown),
                )
            })
            .filter(|(_, size)| *size > 0)
            .collect();
        sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        sizes.truncate(3);
        sizes
    }

    pub(crate) fn new_nonce(&self) -> Result<[u8; NONCE_LEN], EncodeError> {
        self.inner.random.bytes().map_err(|err| self.no_random(err))
    }

    /// Both from one call of the generator; in the fastify format there is no id to draw.
    pub(crate) fn new_id_and_nonce(&self) -> Result<(SessionId, [u8; NONCE_LEN]), EncodeError> {
        const BOTH: usize = SessionId::LEN + NONCE_LEN;
        #[cfg(feature = "fastify")]
        if let Keys::Fastify(_) = self.inner.keys {
            return Ok((SessionId::NONE, self.new_nonce()?));
        }
        let bytes: [u8; BOTH] = self
            .inner
            .random
            .bytes()
            .map_err(|err| self.no_random(err))?;
        let mut id = [0; SessionId::LEN];
        let mut nonce = [0; NONCE_LEN];
        let (left, right) = bytes.split_at(SessionId::LEN);
        id.copy_from_slice(left);
        nonce.copy_from_slice(right);
        Ok((SessionId::from_bytes(id), nonce))
    }

    fn plaintext(
        &self,
        out: &mut Vec<u8>,
        value: Layers<'_, T>,
        envelope: &Envelope,
        unknown: &UnknownMembers,
    ) -> Result<(), EncodeError> {
        let written = match &self.inner.keys {
            Keys::Native(_) => {
                envelope.write(T::SCHEMA.version, out);
                json::write(out, value, unknown)
            }
            #[cfg(feature = "fastify")]
            Keys::Fastify(_) => json::write_timed(out, value, unknown, envelope.times.seen),
        };
        written.map_err(|(field, problem)| EncodeError::Value {
            session: self.cookie_name().to_owned(),
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            problem,
        })
    }

    fn name_value_len(&self, value: usize) -> usize {
        name_value_len(self.cookie_name(), value)
    }

    fn too_large(
        &self,
        value: Layers<'_, T>,
        unknown: &UnknownMembers,
        size: usize,
    ) -> EncodeError {
        EncodeError::TooLarge {
            session: self.cookie_name().to_owned(),
            size,
            limit: MAX_COOKIE_BYTES,
            largest: Self::largest_fields(value, unknown),
        }
    }

    fn no_random(&self, _: RandomError) -> EncodeError {
        EncodeError::Random {
            session: self.cookie_name().to_owned(),
        }
    }

    /// Tells why a session does not become one of the struct: at `warn` the first time, then at
    /// `debug`.
    fn report(&self, err: ReadError, from: u32) -> RejectReason {
        match err {
            ReadError::Malformed => RejectReason::Malformed,
            ReadError::NotMigrated { panicked } => self.report_migration(from, panicked),
            ReadError::Schema { field, mistake } => self.report_misfit(field, mistake),
        }
    }

    fn report_migration(&self, from: u32, panicked: bool) -> RejectReason {
        event_once!(
            self.inner.log_state.not_migrated,
            "session.not_migrated",
            session = self.cookie_name(),
            from,
            to = T::SCHEMA.version,
            panicked,
            "session could not be migrated and is not accepted"
        );
        RejectReason::Schema
    }

    fn report_misfit(&self, field: &'static str, mistake: Mistake) -> RejectReason {
        event_once!(
            self.inner.log_state.schema_mismatch,
            "session.schema_mismatch",
            session = self.cookie_name(),
            field,
            %mistake,
            "session does not fit the struct and is not accepted"
        );
        RejectReason::Schema
    }

    /// Names the fields that were reset.
    fn report_resets(&self, unknown: &UnknownMembers) {
        for (index, mistake) in unknown.misfits() {
            let Some(once) = self.inner.log_state.field_reset.get(index) else {
                continue;
            };
            event_once!(
                once,
                "session.field_reset",
                session = self.cookie_name(),
                field = T::SCHEMA.fields.get(index).map_or("", |field| field.name),
                %mistake,
                "session field does not fit the struct and is reset to its default"
            );
        }
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
