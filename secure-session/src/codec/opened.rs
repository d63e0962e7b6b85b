//! A session that was opened outside a request.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    time::SystemTime,
};

use super::{Codec, Contents, SealedValue};
#[cfg(feature = "fastify")]
use crate::schema::Fastify;
use crate::{
    error::EncodeError,
    payload::{
        Envelope, Extensions, SessionId,
        json::{self, Carried, ReceivedMembers},
    },
    policy::Times,
    schema::{Native, SessionData, SessionField, field_set::FieldSet},
    time::system_time,
};

/// A session with its id, its times and the members that the struct does not know.
///
/// It derefs to the value. Sealing it again keeps everything that is not the value.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, SecureSession, codec::Codec};
///
/// #[derive(SecureSession)]
/// struct Auth { name: String, visits: u32 }
///
/// let codec = Codec::<Auth>::builder(Key::generate()?).build()?;
/// let mut session = codec.new_session(Auth { name: "Ada".into(), visits: 1 })?;
/// session.visits += 1;
///
/// let opened = codec.open(session.seal(&codec)?)?;
/// assert_eq!(opened.visits, 2);
/// assert_eq!(opened.id(), session.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Opened<T> {
    pub(crate) value: T,
    pub(crate) envelope: Envelope,
    /// Its object as it was received; `None` for a session that begins.
    pub(crate) received: Option<ReceivedMembers>,
    /// The older version that it had, if it was migrated.
    pub(crate) migrated_from: Option<u32>,
    pub(crate) key_index: usize,
    /// Whether it is to be sent again at the next opportunity, for what it was opened with.
    pub(crate) reseal: bool,
}

/// What only the native format has.
impl<T: SessionData<Format = Native>> Opened<T> {
    /// The session's id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.envelope.id
    }

    /// When the session began; the absolute limit counts from here.
    #[must_use]
    pub fn created_at(&self) -> SystemTime {
        system_time(self.envelope.times.created)
    }

    /// The last activity that was noted; the idle limit counts from here.
    #[must_use]
    pub fn seen_at(&self) -> SystemTime {
        system_time(self.envelope.times.seen)
    }

    /// When the user was last authenticated, if `sign_in` or `reauthenticate` noted it.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.envelope.authenticated.map(system_time)
    }

    /// The number that the session is sealed with: the struct's `version`, or that of a newer
    /// build. 0 without one.
    #[must_use]
    pub fn schema_version(&self) -> u32 {
        self.envelope.schema_version.max(T::SCHEMA.version)
    }

    /// The older version that the cookie had, if [`migrate`](macro@crate::SecureSession#migrate)
    /// was called for it. `Some(0)` is a session that was stored without a version.
    #[must_use]
    pub fn migrated_from(&self) -> Option<u32> {
        self.migrated_from
    }
}

/// What only the fastify format has.
#[cfg(feature = "fastify")]
impl<T: SessionData<Format = Fastify>> Opened<T> {
    /// The last time that the session was written; its expiry counts from here.
    #[must_use]
    pub fn issued_at(&self) -> SystemTime {
        system_time(self.envelope.times.seen)
    }
}

impl<T: SessionData> Opened<T> {
    /// What a session is opened into: the defaults, and nothing else yet.
    #[inline]
    pub(crate) fn blank() -> Self {
        Self::new(T::__fresh(), Envelope::begin(SessionId::NONE, 0))
    }

    #[inline]
    pub(crate) fn new(value: T, envelope: Envelope) -> Self {
        Self {
            value,
            envelope,
            received: None,
            migrated_from: None,
            key_index: 0,
            reseal: false,
        }
    }

    /// When the session ends under the limits of this codec.
    #[must_use]
    pub fn expires_at(&self, codec: &Codec<T>) -> SystemTime {
        let (end, _) = codec.policy().limits.end(&self.envelope.times);
        system_time(end)
    }

    /// Which key of the ring opened it; 0 is the one that seals.
    #[must_use]
    pub fn key_index(&self) -> usize {
        self.key_index
    }

    /// The names of the members that the struct does not know; sealing writes them back.
    pub fn unknown_members(&self) -> impl Iterator<Item = &str> {
        let received = self.received.iter();
        received.flat_map(ReceivedMembers::unknown_names)
    }

    /// A member that the struct does not know, as JSON text.
    #[must_use]
    pub fn unknown_member(&self, name: &str) -> Option<&str> {
        self.received.as_ref()?.unknown_text(name)
    }

    /// The [`lenient`](macro@crate::SecureSession#lenient) fields whose members did not fit, in the
    /// order of the struct. They have their defaults; sealing writes the members back, unless the
    /// field has another value by then.
    #[must_use]
    pub fn reset_fields(&self) -> Vec<T::Field> {
        let misfits = (self.received.iter()).flat_map(ReceivedMembers::misfits);
        let misfits = FieldSet::from_positions(misfits.map(|(field, _)| field));
        let fields = T::Field::ALL.iter().copied();
        fields
            .filter(|field| misfits.contains(field.__index()))
            .collect()
    }

    /// Notes activity now: the idle limit counts from here.
    pub fn touch(&mut self, codec: &Codec<T>) {
        self.envelope.times.seen = codec.time_to_write().max(self.envelope.times.created);
    }

    /// Seals the session with its id, its times and its unknown members, under the first key.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not come back as it is.
    /// - [`EncodeError::TooLarge`] beyond [`MAX_COOKIE_BYTES`](super::MAX_COOKIE_BYTES).
    /// - [`EncodeError::Random`] when the operating system gives no random bytes.
    #[doc(alias = "encodeSecureSession")]
    pub fn seal(&self, codec: &Codec<T>) -> Result<String, EncodeError> {
        self.sealed(codec).map(SealedValue::into_text)
    }

    pub(super) fn sealed(&self, codec: &Codec<T>) -> Result<SealedValue, EncodeError> {
        let nonce = codec.new_nonce()?;
        let first = self.received.as_ref().map(json::read_again);
        codec.seal_with(self.contents(first.as_ref()), &nonce)
    }

    /// What is sealed, if `first` is the value as it was received.
    pub(crate) fn contents<'a>(&'a self, first: Option<&'a T>) -> Contents<'a, T> {
        let received = self.received.as_ref().zip(first);
        Contents {
            value: &self.value,
            envelope: &self.envelope,
            carried: received
                .map(|(received, first)| Carried::judging(received, first, &self.value)),
            is_compact: false,
        }
    }

    /// Gives the value alone; id, times and unknown members are gone.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Opened<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Opened<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> fmt::Debug for Opened<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Envelope {
    /// The envelope of a session that begins now.
    pub(crate) fn begin(id: SessionId, now: u64) -> Self {
        Self {
            id,
            times: Times {
                created: now,
                seen: now,
                own_end: None,
            },
            authenticated: None,
            schema_version: 0,
            extensions: Extensions::default(),
        }
    }
}
