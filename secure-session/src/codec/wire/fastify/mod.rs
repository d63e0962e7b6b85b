//! The format of the Node package @fastify/secure-session.
//!
//! ```text
//! value = base64( tag[16] ‖ ciphertext ) ";" base64( nonce[24] )     standard alphabet, padded
//!         [ "." base64-nopad( HMAC-SHA-256( secret, the value so far ) ) ]       if signed
//! ```
//!
//! The HMAC can also use SHA-384 or SHA-512.
//!
//! The cipher is XSalsa20-Poly1305 (NaCl's `secretbox`) with the configured key itself. The value
//! is percent-encoded as by `encodeURIComponent`. The plaintext is a JSON object with the time of
//! issue as `__ts`.
//!
//! The format does not bind a value to a name, and has no key id, so the keys are tried in order.

mod keys;
mod migration;
mod shared_keys;

pub(in crate::codec) use self::migration::Migration;
pub(crate) use self::shared_keys::SharedKeys;

use self::keys::{FastifyKeys, OpenedText};
use super::format::{Contents, OpenError, WireFormat, check_times, migrated};
use crate::codec::{opened::Opened, sealed::SealedValue};
#[cfg(feature = "test-util")]
use crate::key::Key;
use crate::{
    crypto::xchacha::NONCE_LEN,
    error::{RejectReason, ValueProblem},
    key::KeyRing,
    payload::{Envelope, SessionId, json},
    policy::{Limits, Signing, too_many_keys},
    schema::SessionData,
    time::Reading,
};

/// The fastify format with the keys of one session.
pub(in crate::codec) struct FastifyWire {
    keys: FastifyKeys,
    /// Whether sessions without a time are accepted.
    without_time: bool,
    /// For [`with_key`](WireFormat::with_key).
    #[cfg(feature = "test-util")]
    signed: Option<Signing>,
}

impl FastifyWire {
    /// # Errors
    ///
    /// A sentence, if there are more keys than the format allows.
    pub(in crate::codec) fn new(
        ring: &KeyRing,
        signed: Option<&Signing>,
        without_time: bool,
    ) -> Result<Self, String> {
        match too_many_keys(ring) {
            Some(problem) => Err(problem),
            None => Ok(Self::with_keys(ring, signed, without_time)),
        }
    }

    fn with_keys(ring: &KeyRing, signed: Option<&Signing>, without_time: bool) -> Self {
        Self {
            keys: FastifyKeys::new(ring, signed),
            without_time,
            #[cfg(feature = "test-util")]
            signed: signed.cloned(),
        }
    }

    fn keys(&self) -> &FastifyKeys {
        &self.keys
    }

    /// Decrypts a value and reads its time of issue, but no fields.
    fn decrypt(&self, text: &[u8], now: u64) -> Result<Decrypted, OpenError> {
        let OpenedText {
            plaintext,
            key_index,
            is_current,
        } = self.keys.open(text)?;
        let time = json::time_of(&plaintext).map_err(|_| RejectReason::Malformed)?;
        let issued = match time {
            Some(time) => time,
            None if self.without_time => now,
            None => return Err(RejectReason::Malformed.into()),
        };
        Ok(Decrypted {
            plaintext,
            key_index,
            is_current: is_current && time.is_some(),
            issued,
        })
    }
}

/// A decrypted session whose fields have not been read.
struct Decrypted {
    plaintext: Vec<u8>,
    key_index: usize,
    /// It has a time, and the first key and secret encrypted and signed it.
    is_current: bool,
    issued: u64,
}

impl Decrypted {
    /// Returns the session's envelope in the native format.
    fn envelope(&self) -> Envelope {
        Envelope::begin(SessionId::NONE, self.issued)
    }

    /// Reads the fields. If the struct has a version, migrates them first.
    fn read_into<T: SessionData>(self, session: &mut Opened<T>) -> Result<(), OpenError> {
        session.key_index = self.key_index;
        // The Node package writes no version, so its sessions are older than every version.
        let version = 0;
        let migrated = migrated::<T>(&self.plaintext, version, Some(json::TIME_MEMBER))?;
        session.migrated_from = migrated.is_some().then_some(version);
        let json = match migrated {
            Some(migrated) => migrated,
            None => self.plaintext,
        };
        json::read_timed(json, &mut session.value, &mut session.received)
            .map_err(|err| OpenError::NotRead { version, err })?;
        session.reseal = !self.is_current;
        Ok(())
    }
}

impl WireFormat for FastifyWire {
    fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError> {
        let decrypted = self.decrypt(text, now)?;
        session.envelope = decrypted.envelope();
        check_times(&session.envelope, limits, now)?;
        decrypted.read_into(session)
    }

    fn seal<T: SessionData>(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, (usize, ValueProblem)> {
        let mut plaintext = Vec::new();
        let time = Some(contents.envelope.times.seen);
        json::write(&mut plaintext, contents.value, contents.carried, time)?;
        if contents.is_compact {
            json::compact(&mut plaintext, 0);
        }
        Ok(SealedValue::Fastify(self.keys.seal(nonce, plaintext)))
    }

    /// True, because `+` and `/` are escaped.
    fn length_varies(&self) -> bool {
        true
    }

    fn has_id(&self) -> bool {
        false
    }

    /// The time of encryption, rounded, as in the Node package.
    fn activity_time(&self, _: Reading, sealing: Reading) -> u64 {
        sealing.rounded_seconds()
    }

    fn id_hash(&self, _: SessionId) -> Option<[u8; 8]> {
        None
    }

    fn key_count(&self) -> usize {
        self.keys.fingerprints().count()
    }

    fn sealing_key_fingerprint(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = *self.keys.sealing_fingerprint();
        [a, b, c, d]
    }

    #[cfg(feature = "test-util")]
    fn with_key(&self, key: &Key) -> Self {
        let ring = KeyRing::new(key.clone());
        Self::with_keys(&ring, self.signed.as_ref(), self.without_time)
    }
}
