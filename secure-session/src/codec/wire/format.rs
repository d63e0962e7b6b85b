//! What a wire format does: everything between the text of a cookie and a session.
//!
//! Each format implements [`WireFormat`] from start to end: `native_v1/` and `fastify/`.

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

/// A format of the cookie's value, with the keys of one session.
pub(in crate::codec) trait WireFormat {
    /// Opens the text of a cookie into a blank session.
    ///
    /// The caller has checked the length. After an error the session holds whatever was read by
    /// then, so that the log can say how far it came.
    fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError>;

    /// Seals a session with the first key. The nonce must be new.
    ///
    /// # Errors
    ///
    /// The field (by position) whose value would not be read back as it is, and why.
    fn seal<T: SessionData>(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, (usize, ValueProblem)>;

    /// Whether the length of a sealed value depends on the nonce.
    fn length_varies(&self) -> bool;

    /// Whether a session has an id.
    fn has_id(&self) -> bool;

    /// The time of an activity that is written into a session: of the request, or of the sealing.
    fn activity_time(&self, request: Reading, sealing: Reading) -> u64;

    /// What the log shows of an id; `None` in a format that has none.
    fn id_hash(&self, id: SessionId) -> Option<[u8; 8]>;

    /// How many keys decrypt.
    fn key_count(&self) -> usize;

    /// Distinguishes the key that encrypts from others. It is not a secret.
    fn sealing_key_fingerprint(&self) -> [u8; 4];

    /// The same format with a single key, which need not be in the ring.
    #[cfg(feature = "test-util")]
    fn with_key(&self, key: &Key) -> Self;
}

/// What is sealed.
pub(crate) struct Contents<'a, T> {
    pub(crate) value: &'a T,
    pub(crate) envelope: &'a Envelope,
    /// What it was received with; `None` for a session that begins.
    pub(crate) carried: Option<Carried<'a, T>>,
    /// White space of received members is left out.
    pub(crate) is_compact: bool,
}

impl<T> Clone for Contents<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Contents<'_, T> {}

/// Why a text did not become a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) enum OpenError {
    Rejected(RejectReason),
    /// The object, stored with this schema version, does not become the struct.
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

/// Refuses a session from the future, or beyond one of its limits.
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

/// Returns the object of a session that is older than the struct as one of the struct's version;
/// the member `hidden` stays as it is.
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
