//! The interface of a wire format, which converts between cookie values and sessions.
//!
//! `native_v1/` and `fastify/` each implement [`WireFormat`] completely.

use crate::codec::{opened::Opened, sealed::SealedValue};
#[cfg(feature = "test-util")]
use crate::key::Key;
use crate::{
    crypto::xchacha::NONCE_LEN,
    error::{RejectReason, ValueProblem},
    payload::{
        Envelope, SessionId,
        json::{self, Carried, ReadError},
    },
    policy::Limits,
    schema::SessionData,
    time::Reading,
};

/// A format of cookie values, with the keys of one session.
pub(in crate::codec) trait WireFormat {
    /// Opens a cookie value into a blank session.
    ///
    /// The caller must have checked the length. After an error, the session holds whatever was read
    /// until then, so that it can be logged.
    fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError>;

    /// Encrypts a session with the first key. The nonce must be new.
    ///
    /// # Errors
    ///
    /// The position of the field whose value would not be read back unchanged, and why.
    fn seal<T: SessionData>(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, (usize, ValueProblem)>;

    /// Returns true if the length of an encrypted value depends on the nonce.
    fn length_varies(&self) -> bool;

    /// Returns true if sessions have an id.
    fn has_id(&self) -> bool;

    /// Returns the time of activity to write into a session: that of the request or of encryption.
    fn activity_time(&self, request: Reading, sealing: Reading) -> u64;

    /// Returns the hash of an id for the log, or `None` in a format without ids.
    fn id_hash(&self, id: SessionId) -> Option<[u8; 8]>;

    /// Returns the number of keys that decrypt.
    fn key_count(&self) -> usize;

    /// Returns a fingerprint of the key that encrypts. It is not secret.
    fn sealing_key_fingerprint(&self) -> [u8; 4];

    /// Returns the same format with a single key, which need not be in the ring.
    #[cfg(feature = "test-util")]
    fn with_key(&self, key: &Key) -> Self;
}

/// The contents to encrypt.
pub(crate) struct Contents<'a, T> {
    pub(crate) value: &'a T,
    pub(crate) envelope: &'a Envelope,
    /// The received members; `None` for a new session.
    pub(crate) carried: Option<Carried<'a, T>>,
    /// Whether to leave out the white space of received members.
    pub(crate) is_compact: bool,
}

impl<T> Clone for Contents<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Contents<'_, T> {}

/// Why a cookie value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) enum OpenError {
    Rejected(RejectReason),
    /// The object, stored with this schema version, does not fit the struct.
    NotRead {
        version: u32,
        err: ReadError,
    },
}

impl From<RejectReason> for OpenError {
    fn from(reason: RejectReason) -> Self {
        Self::Rejected(reason)
    }
}

/// Rejects a session from the future or past one of its limits.
///
/// # Errors
///
/// [`RejectReason::Malformed`] or [`RejectReason::Expired`].
#[inline]
pub(in crate::codec) fn check_times(
    envelope: &Envelope,
    limits: &Limits,
    now: u64,
) -> Result<(), RejectReason> {
    if envelope.is_from_the_future(now) {
        return Err(RejectReason::Malformed);
    }
    let passed = limits.passed(&envelope.times, now);
    passed.map_or(Ok(()), |limit| Err(RejectReason::Expired(limit)))
}

/// Migrates the object of a session that is older than the struct's version. The member `hidden` is
/// left unchanged.
///
/// Returns `None` if the session is not older.
///
/// # Errors
///
/// If `migrate` fails.
#[inline]
pub(in crate::codec) fn migrated<T: SessionData>(
    json: &[u8],
    version: u32,
    hidden: Option<&str>,
) -> Result<Option<Vec<u8>>, OpenError> {
    if version >= T::SCHEMA.version {
        return Ok(None);
    }
    let migrated = json::migrated::<T>(json, version, hidden);
    migrated
        .map(Some)
        .map_err(|err| OpenError::NotRead { version, err })
}
