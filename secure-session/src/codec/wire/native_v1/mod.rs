//! The native format, version 1.
//!
//! ```text
//! base64url without padding (RFC 4648 §5) of
//!
//!   version   1 byte     1
//!   key id    4 bytes    SHA-256("actix-secure-session key id" ‖ session key), the first four
//!   nonce    24 bytes    random
//!   sealed    n bytes    XChaCha20-Poly1305 of envelope ‖ JSON
//!                        (associated data: the 29 bytes before)
//!   tag      16 bytes
//!
//! session key = HKDF-SHA-256 (RFC 5869) of the configured key, without salt, with the info
//!   field("actix-secure-session") ‖ field("native-v1")
//!   ‖ field(application) ‖ field(session name) ‖ field(purpose)
//! field(text) = length of text in bytes, 4 bytes big-endian ‖ text
//! ```
//!
//! The session name is the name of the session's cookie. A value does not open under another name,
//! application, purpose or format, because each has its own session key. The key id selects the
//! key, so that junk costs no decryption and a forged value costs only one attempt.

mod keys;

#[cfg(feature = "test-util")]
use crate::key::Key;
use crate::{
    crypto::{
        base64url,
        xchacha::{Backend, NONCE_LEN, TAG_LEN},
    },
    error::{RejectReason, ValueProblem},
    key::KeyRing,
    payload::{SessionId, json},
    policy::Limits,
    schema::SessionData,
    time::Reading,
};

pub(in crate::codec) use self::keys::{Binding, SameId};
use self::keys::{KEY_ID_LEN, LogKey, SessionKeys};
use super::format::{Contents, OpenError, WireFormat, check_times, migrated};
use crate::codec::{opened::Opened, sealed::SealedValue};

const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// The bytes of a sealed value besides the envelope and the JSON.
const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
const _: () = assert!(OVERHEAD == 45);

/// The native format with the keys of one session.
pub(in crate::codec) struct NativeWire {
    keys: SessionKeys,
    log_key: LogKey,
    /// For [`with_key`](WireFormat::with_key).
    #[cfg(feature = "test-util")]
    binding: Binding,
}

impl NativeWire {
    /// Derives the session's keys; the first encrypts.
    ///
    /// # Errors
    ///
    /// [`SameId`], once in 2^32 pairs of keys.
    pub(in crate::codec) fn new(
        ring: &KeyRing,
        binding: &Binding,
        backend: Backend,
    ) -> Result<Self, SameId> {
        Ok(Self {
            keys: SessionKeys::derive(ring, binding, backend)?,
            log_key: LogKey::derive(ring.sealing(), binding),
            #[cfg(feature = "test-util")]
            binding: binding.clone(),
        })
    }

    /// Decrypts a value. Returns the value's header followed by the plaintext, and the position of
    /// its key.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Malformed`], [`RejectReason::UnknownKey`] or [`RejectReason::Forged`].
    #[inline]
    fn decrypt(&self, text: &[u8]) -> Result<(Vec<u8>, usize), RejectReason> {
        #[expect(
            clippy::slow_vector_initialization,
            reason = "allocating zeroed memory costs more than filling a small buffer"
        )]
        let mut bytes = {
            let len = base64url::decoded_len_estimate(text.len());
            let mut bytes = Vec::with_capacity(len);
            bytes.resize(len, 0);
            bytes
        };
        let len = base64url::decode(text, &mut bytes).ok_or(RejectReason::Malformed)?;
        bytes.truncate(len);
        if len < OVERHEAD || bytes.first() != Some(&VERSION) {
            return Err(RejectReason::Malformed);
        }
        let (header, message) = bytes.split_at_mut(HEADER_LEN);
        let (id, nonce) = split_header(header).ok_or(RejectReason::Malformed)?;
        let (index, cipher) = self.keys.find(id).ok_or(RejectReason::UnknownKey)?;
        let opened = cipher.open(&nonce, header, message);
        let len = opened.map_err(|_| RejectReason::Forged)?.len();
        bytes.truncate(HEADER_LEN.saturating_add(len));
        Ok((bytes, index))
    }

    /// Returns a buffer with the header of a value, to append the plaintext to.
    fn header(&self, nonce: &[u8; NONCE_LEN]) -> Vec<u8> {
        let mut buffer = Vec::with_capacity(512);
        buffer.push(VERSION);
        buffer.extend_from_slice(&self.keys.sealing_key_id());
        buffer.extend_from_slice(nonce);
        buffer
    }

    /// Encrypts the plaintext after the header.
    fn encrypt(&self, nonce: &[u8; NONCE_LEN], mut buffer: Vec<u8>) -> SealedValue {
        let cipher = self.keys.sealing_cipher();
        cipher.seal(nonce, &mut buffer, HEADER_LEN);
        SealedValue::Native(buffer)
    }
}

impl WireFormat for NativeWire {
    #[inline]
    fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError> {
        let (bytes, key_index) = self.decrypt(text)?;
        session.key_index = key_index;
        session.reseal = key_index != 0;
        read(bytes, limits, now, session)
    }

    #[inline]
    fn seal<T: SessionData>(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, (usize, ValueProblem)> {
        let mut buffer = self.header(nonce);
        contents.envelope.write(T::SCHEMA.version, &mut buffer);
        let start = buffer.len();
        json::write(&mut buffer, contents.value, contents.carried, None)?;
        if contents.is_compact {
            json::compact(&mut buffer, start);
        }
        Ok(self.encrypt(nonce, buffer))
    }

    fn length_varies(&self) -> bool {
        false
    }

    fn has_id(&self) -> bool {
        true
    }

    /// The time of the request, so that a slow upload counts as activity when it arrived.
    fn activity_time(&self, request: Reading, _: Reading) -> u64 {
        request.seconds()
    }

    fn id_hash(&self, id: SessionId) -> Option<[u8; 8]> {
        Some(self.log_key.id_hash(id.as_bytes()))
    }

    fn key_count(&self) -> usize {
        self.keys.len()
    }

    fn sealing_key_fingerprint(&self) -> [u8; 4] {
        self.keys.sealing_key_id()
    }

    #[cfg(feature = "test-util")]
    fn with_key(&self, key: &Key) -> Self {
        Self {
            keys: SessionKeys::single(key, &self.binding),
            log_key: self.log_key.clone(),
            binding: self.binding.clone(),
        }
    }
}

/// Reads the envelope and the object after the header. Migrates a session of an older version
/// first.
#[inline]
fn read<T: SessionData>(
    mut bytes: Vec<u8>,
    limits: &Limits,
    now: u64,
    session: &mut Opened<T>,
) -> Result<(), OpenError> {
    let plaintext = bytes.get(HEADER_LEN..).ok_or(RejectReason::Malformed)?;
    let json = session.envelope.read(plaintext);
    let json_len = json.ok_or(RejectReason::Malformed)?.len();
    if session.envelope.extensions.require_newer_build() {
        return Err(RejectReason::NewerBuild.into());
    }
    check_times(&session.envelope, limits, now)?;
    bytes.drain(..bytes.len().saturating_sub(json_len));
    let version = session.envelope.schema_version;
    let json = match migrated::<T>(&bytes, version, None)? {
        Some(migrated) => {
            session.migrated_from = Some(version);
            session.reseal = true;
            migrated
        }
        None => bytes,
    };
    json::read(json, &mut session.value, &mut session.received)
        .map_err(|err| OpenError::NotRead { version, err })?;
    session.envelope.schema_version = version.max(T::SCHEMA.version);
    Ok(())
}

fn split_header(header: &[u8]) -> Option<([u8; KEY_ID_LEN], [u8; NONCE_LEN])> {
    let (_, rest) = header.split_first()?;
    let (id, nonce) = rest.split_first_chunk()?;
    Some((*id, nonce.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;
    use crate::{crypto::xchacha::Cipher, key::Key};

    fn key(first: u8) -> Key {
        Key::from_bytes((first..first + 32).collect::<Vec<_>>()).unwrap()
    }

    fn wire<const N: usize>(keys: [Key; N]) -> NativeWire {
        let ring = KeyRing::from_keys(keys).unwrap();
        let binding = Binding::new("", "__Host-auth", "").unwrap();
        NativeWire::new(&ring, &binding, Backend::default()).unwrap()
    }

    fn encrypted(wire: &NativeWire, plaintext: &[u8]) -> String {
        let nonce = [3; NONCE_LEN];
        let mut buffer = wire.header(&nonce);
        buffer.extend_from_slice(plaintext);
        wire.encrypt(&nonce, buffer).into_text()
    }

    fn decrypted(
        wire: &NativeWire,
        text: impl AsRef<[u8]>,
    ) -> Result<(Vec<u8>, usize), RejectReason> {
        let (bytes, key_index) = wire.decrypt(text.as_ref())?;
        Ok((bytes[HEADER_LEN..].to_vec(), key_index))
    }

    #[test]
    fn value_decrypts_with_the_position_of_its_key() {
        let text = encrypted(&wire([key(0)]), b"plaintext");
        assert_eq!(text.len(), (OVERHEAD + b"plaintext".len()) * 4 / 3);
        let ring = wire([key(1), key(2), key(0)]);
        assert_eq!(decrypted(&ring, &text), Ok((b"plaintext".to_vec(), 2)));
        let others = wire([key(1), key(2)]);
        assert_eq!(decrypted(&others, &text), Err(RejectReason::UnknownKey));
    }

    #[test]
    fn configured_key_does_not_decrypt_values() {
        let text = encrypted(&wire([key(0)]), b"plaintext");
        let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        let (header, message) = bytes.split_at_mut(HEADER_LEN);
        let (_, nonce) = split_header(header).unwrap();
        let raw = Cipher::new(Backend::default(), key(0).expose_secret());
        assert!(raw.open(&nonce, header, message).is_err());
    }

    #[test]
    fn texts_in_another_format_are_malformed() {
        let ring = wire([key(0)]);
        let text = encrypted(&ring, b"plaintext");
        let padded = format!("{text}=");
        let other_version = format!("Ag{}", &text[2..]);
        for text in [
            "",
            "A",
            "AQ",
            "%41",
            "+/+/",
            &text[..59],
            &padded,
            &other_version,
        ] {
            assert_eq!(
                decrypted(&ring, text),
                Err(RejectReason::Malformed),
                "{text}"
            );
        }
        assert_eq!(decrypted(&ring, &text[..60]), Err(RejectReason::Forged));
    }
}
