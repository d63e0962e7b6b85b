//! Sessions outside a request.

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

/// A decrypted session: the value, the id, the times and the members that the struct does not know.
///
/// It dereferences to the value. Encrypting it again keeps everything except the value.
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
    /// The object as it was received; `None` for a new session.
    pub(crate) received: Option<ReceivedMembers>,
    /// The version before the migration, if the session was migrated.
    pub(crate) migrated_from: Option<u32>,
    pub(crate) key_index: usize,
    /// Whether the session must be sent again, because of the key, signature or version it had.
    pub(crate) reseal: bool,
}

/// Methods for the native format.
impl<T: SessionData<Format = Native>> Opened<T> {
    /// Returns the session's id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        self.envelope.id
    }

    /// Returns when the session was created. The absolute limit counts from this time.
    #[must_use]
    pub fn created_at(&self) -> SystemTime {
        system_time(self.envelope.times.created)
    }

    /// Returns the last recorded activity. The idle limit counts from this time.
    #[must_use]
    pub fn seen_at(&self) -> SystemTime {
        system_time(self.envelope.times.seen)
    }

    /// Returns when the user last authenticated, if `sign_in` or `reauthenticate` recorded it.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.envelope.authenticated.map(system_time)
    }

    /// Returns the version that the session is encrypted with: the struct's `version`, or the one
    /// of a newer build. 0 if there is none.
    #[must_use]
    pub fn schema_version(&self) -> u32 {
        self.envelope.schema_version.max(T::SCHEMA.version)
    }

    /// Returns the cookie's version, if [`migrate`](macro@crate::SecureSession#migrate) was called
    /// for it. `Some(0)` means that the session was stored without a version.
    #[must_use]
    pub fn migrated_from(&self) -> Option<u32> {
        self.migrated_from
    }
}

/// Methods for the fastify format.
#[cfg(feature = "fastify")]
impl<T: SessionData<Format = Fastify>> Opened<T> {
    /// Returns when the session was last written. Its expiry counts from this time.
    #[must_use]
    pub fn issued_at(&self) -> SystemTime {
        system_time(self.envelope.times.seen)
    }
}

impl<T: SessionData> Opened<T> {
    /// Makes a session with the defaults, for opening a cookie into it.
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

    /// Returns when the session expires under the limits of this codec.
    #[must_use]
    pub fn expires_at(&self, codec: &Codec<T>) -> SystemTime {
        let (end, _) = codec.policy().limits.end(&self.envelope.times);
        system_time(end)
    }

    /// Returns the position of the key that opened the session. 0 is the key that encrypts.
    #[must_use]
    pub fn key_index(&self) -> usize {
        self.key_index
    }

    /// Returns the names of the members that the struct does not know. Encrypting writes them back.
    pub fn unknown_members(&self) -> impl Iterator<Item = &str> {
        let received = self.received.iter();
        received.flat_map(ReceivedMembers::unknown_names)
    }

    /// Returns the value of a member that the struct does not know, as JSON text.
    #[must_use]
    pub fn unknown_member(&self, name: &str) -> Option<&str> {
        self.received.as_ref()?.unknown_text(name)
    }

    /// Returns the [`lenient`](macro@crate::SecureSession#lenient) fields whose members did not
    /// fit, in the order of the struct.
    ///
    /// They have their defaults. Encrypting writes the members back, unless the field has another
    /// value by then.
    #[must_use]
    pub fn reset_fields(&self) -> Vec<T::Field> {
        let misfits = (self.received.iter()).flat_map(ReceivedMembers::misfits);
        let misfits = FieldSet::from_positions(misfits.map(|(field, _)| field));
        let fields = T::Field::ALL.iter().copied();
        fields
            .filter(|field| misfits.contains(field.__index()))
            .collect()
    }

    /// Records activity now, which restarts the idle clock.
    pub fn touch(&mut self, codec: &Codec<T>) {
        self.envelope.times.seen = codec.time_to_write().max(self.envelope.times.created);
    }

    /// Encrypts the session with its id, its times and its unknown members under the first key, and
    /// returns the cookie value.
    ///
    /// # Errors
    ///
    /// - [`EncodeError::Value`] for a value that would not be read back unchanged.
    /// - [`EncodeError::TooLarge`] beyond [`MAX_COOKIE_BYTES`](super::MAX_COOKIE_BYTES).
    /// - [`EncodeError::Random`] if the operating system returns no random bytes.
    #[doc(alias = "encodeSecureSession")]
    pub fn seal(&self, codec: &Codec<T>) -> Result<String, EncodeError> {
        self.sealed(codec).map(SealedValue::into_text)
    }

    pub(super) fn sealed(&self, codec: &Codec<T>) -> Result<SealedValue, EncodeError> {
        let nonce = codec.new_nonce()?;
        let first = self.received.as_ref().map(json::read_again);
        codec.seal_with(self.contents(first.as_ref()), &nonce)
    }

    /// Returns the contents to encrypt. `first` is the value as it was received.
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

    /// Returns the value and drops the id, the times and the unknown members.
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
    /// Makes the envelope of a session that is created now.
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
