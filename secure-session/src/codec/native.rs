//! The native format, version 1.
//!
//! ```text
//! base64url without padding (RFC 4648 §5) of
//!
//!   version   1 byte     1
//!   key id    4 bytes    SHA-256("actix-secure-session key id" ‖ session key), the first four
//!   nonce    24 bytes    random
//!   sealed    n bytes    XChaCha20-Poly1305 of envelope ‖ JSON; associated data: the 29 bytes before
//!   tag      16 bytes
//!
//! session key = HKDF-SHA-256 (RFC 5869) of the configured key, without salt, with the info
//!   field("actix-secure-session") ‖ field("native-v1")
//!   ‖ field(application) ‖ field(session name) ‖ field(purpose)
//! field(text) = length of text in bytes, 4 bytes big-endian ‖ text
//! ```
//!
//! The session name of a cookie session is the name of its cookie. A value opens under no other
//! name, application, purpose or format, because each has its own session key. The key id finds the
//! right key without trying, so that junk costs no cipher work and a forged value is tried against
//! one key only.

use std::iter;

use zeroize::Zeroizing;

use crate::{
    crypto::{
        base64url,
        hkdf::hkdf_sha256,
        sha256::sha256,
        xchacha::{Backend, Cipher, NONCE_LEN, TAG_LEN},
    },
    error::RejectReason,
    key::{Key, KeyRing},
};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// What a sealed value has beside envelope and JSON, in bytes.
const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
const _: () = assert!(OVERHEAD == 45);

/// Values of no more bytes than this are opened on the stack.
const SMALL: usize = 768;

/// What a value is bound to, as the info of the key derivation. Under any other it does not open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding(Vec<u8>);

/// The keys of one session, derived from those of a ring.
pub(super) struct SessionKeys {
    sealing: SessionKey,
    /// Keys that only open.
    others: Vec<SessionKey>,
}

struct SessionKey {
    id: [u8; KEY_ID_LEN],
    cipher: Cipher,
}

/// Two keys of a ring have one id, so one of them would never be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SameId {
    pub(super) first: usize,
    pub(super) second: usize,
}

impl SessionKeys {
    /// Derives the session's keys; the first seals.
    ///
    /// # Errors
    ///
    /// [`SameId`], once in 2^32 pairs of keys.
    pub(super) fn derive(
        ring: &KeyRing,
        binding: &Binding,
        backend: Backend,
    ) -> Result<Self, SameId> {
        let derive = |key| SessionKey::derive(key, binding, backend);
        let keys = Self {
            sealing: derive(ring.sealing()),
            others: ring.others().iter().map(derive).collect(),
        };
        for (second, key) in keys.iter().enumerate() {
            let mut earlier = keys.iter().take(second);
            if let Some(first) = earlier.position(|other| other.id == key.id) {
                return Err(SameId { first, second });
            }
        }
        Ok(keys)
    }

    /// A single key, which no other can be mistaken for.
    #[cfg(feature = "test-util")]
    pub(super) fn of(key: &Key, binding: &Binding) -> Self {
        Self {
            sealing: SessionKey::derive(key, binding, Backend::default()),
            others: Vec::new(),
        }
    }

    /// Opens a value and gives `read` the plaintext, and the position of the key that opened it.
    ///
    /// The caller has checked the length.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Malformed`], [`RejectReason::UnknownKey`] or [`RejectReason::Forged`], or what `read` says.
    #[inline]
    pub(super) fn open<R>(
        &self,
        text: &[u8],
        read: impl FnOnce(&[u8], usize) -> Result<R, RejectReason>,
    ) -> Result<R, RejectReason> {
        // Most sessions need no memory but this.
        let mut small = [0; SMALL];
        let mut large;
        let estimate = base64url::decoded_len_estimate(text.len());
        let bytes = if estimate <= SMALL {
            &mut small[..]
        } else {
            large = vec![0; estimate];
            &mut large
        };
        let len = base64url::decode(text, bytes).ok_or(RejectReason::Malformed)?;
        let bytes = bytes.get_mut(..len).ok_or(RejectReason::Malformed)?;
        if len < OVERHEAD || bytes.first() != Some(&VERSION) {
            return Err(RejectReason::Malformed);
        }
        let (header, message) = bytes.split_at_mut(HEADER_LEN);
        let (id, nonce) = split_header(header).ok_or(RejectReason::Malformed)?;
        let mut keys = self.iter().enumerate();
        let (index, key) = keys
            .find(|(_, key)| key.id == id)
            .ok_or(RejectReason::UnknownKey)?;
        let opened = key.cipher.open(&nonce, header, message);
        read(opened.map_err(|_| RejectReason::Forged)?, index)
    }

    /// Seals what `write` appends, with the first key: the bytes that base64url is made of.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    pub(super) fn seal<E>(
        &self,
        nonce: &[u8; NONCE_LEN],
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Vec<u8>, E> {
        let mut buffer = Vec::with_capacity(512);
        buffer.push(VERSION);
        buffer.extend_from_slice(&self.sealing.id);
        buffer.extend_from_slice(nonce);
        write(&mut buffer)?;
        self.sealing.cipher.seal(nonce, &mut buffer, HEADER_LEN);
        Ok(buffer)
    }

    pub(super) fn len(&self) -> usize {
        self.iter().count()
    }

    /// The key id of the key that seals.
    pub(super) fn sealing_key_id(&self) -> [u8; KEY_ID_LEN] {
        self.sealing.id
    }

    fn iter(&self) -> impl Iterator<Item = &SessionKey> {
        iter::once(&self.sealing).chain(&self.others)
    }
}

impl SessionKey {
    fn derive(key: &Key, Binding(info): &Binding, backend: Backend) -> Self {
        let session_key = Zeroizing::new(hkdf_sha256(key.expose_secret(), info));
        Self {
            id: key_id(&session_key),
            cipher: Cipher::new(backend, &session_key),
        }
    }
}

/// Makes what stands for the ids of sessions in the log.
#[derive(Clone)]
pub(super) struct LogKey(Zeroizing<[u8; 32]>);

impl LogKey {
    /// Derives it from the key that seals, with one byte more than the session key's info.
    pub(super) fn derive(sealing: &Key, Binding(info): &Binding) -> Self {
        let info = [info, &b"L"[..]].concat();
        Self(Zeroizing::new(hkdf_sha256(sealing.expose_secret(), &info)))
    }

    /// HKDF-SHA-256 once more, with the id as info.
    pub(super) fn id_hash(&self, id: &[u8]) -> [u8; 8] {
        hkdf_sha256(&*self.0, id)
    }
}

/// The length of a sealed value, for so many bytes of envelope and JSON.
pub(super) fn sealed_len(plaintext: usize) -> usize {
    let bytes = OVERHEAD.saturating_add(plaintext);
    base64url::encoded_len(bytes)
}

impl Binding {
    /// The longest text, in bytes; far above any sensible one.
    const MAX_TEXT: u16 = u16::MAX;

    /// Binds to these texts, each with its length before it, so that none runs into the next.
    ///
    /// # Errors
    ///
    /// A sentence that names the option of a text beyond [`MAX_TEXT`](Self::MAX_TEXT) bytes.
    pub(super) fn new(application: &str, name: &str, purpose: &str) -> Result<Self, String> {
        let mut info = Vec::new();
        for (option, text) in [
            ("", "actix-secure-session"),
            ("", "native-v1"),
            ("application", application),
            // The option that sets the name.
            ("cookie", name),
            ("purpose", purpose),
        ] {
            let len = u16::try_from(text.len()).map_err(|_| too_long(option, text))?;
            info.extend_from_slice(&u32::from(len).to_be_bytes());
            info.extend_from_slice(text.as_bytes());
        }
        Ok(Self(info))
    }

    /// What is wrong with an application; `None` if it can be bound to.
    pub(super) fn problem_of_application(application: &str) -> Option<String> {
        (application.len() > usize::from(Self::MAX_TEXT))
            .then(|| too_long("application", application))
    }
}

fn too_long(option: &str, text: &str) -> String {
    let (len, most) = (text.len(), Binding::MAX_TEXT);
    format!("`{option}` has {len} bytes, and {most} is the most")
}

/// Public, so it is a hash that reveals nothing of the key.
fn key_id(session_key: &[u8; 32]) -> [u8; KEY_ID_LEN] {
    let [a, b, c, d, ..] = sha256(&[b"actix-secure-session key id", session_key]);
    [a, b, c, d]
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

    fn binding() -> Binding {
        Binding::new("", "__Host-auth", "").unwrap()
    }

    fn key(first: u8) -> Key {
        Key::from_bytes((first..first + 32).collect::<Vec<_>>()).unwrap()
    }

    fn keys<const N: usize>(keys: [Key; N]) -> SessionKeys {
        let ring = KeyRing::from_keys(keys).unwrap();
        SessionKeys::derive(&ring, &binding(), Backend::default()).unwrap()
    }

    fn sealed(keys: &SessionKeys) -> String {
        let write = |out: &mut Vec<u8>| {
            out.extend_from_slice(b"plaintext");
            Ok::<_, ()>(())
        };
        URL_SAFE_NO_PAD.encode(keys.seal(&[3; NONCE_LEN], write).unwrap())
    }

    fn opened(
        keys: &SessionKeys,
        text: impl AsRef<[u8]>,
    ) -> Result<(Vec<u8>, usize), RejectReason> {
        keys.open(text.as_ref(), |plaintext, index| {
            Ok((plaintext.to_vec(), index))
        })
    }

    #[test]
    fn a_value_opens_whether_it_is_small_or_large() {
        let ring = keys([key(0)]);
        for len in (0..40)
            .chain(SMALL - OVERHEAD - 4..SMALL - OVERHEAD + 4)
            .chain([3000])
        {
            let plaintext = vec![7; len];
            let write = |out: &mut Vec<u8>| {
                out.extend_from_slice(&plaintext);
                Ok::<_, ()>(())
            };
            let text = URL_SAFE_NO_PAD.encode(ring.seal(&[3; NONCE_LEN], write).unwrap());
            assert_eq!(opened(&ring, &text), Ok((plaintext, 0)), "{len}");
        }
    }

    #[test]
    fn what_was_sealed_opens_with_the_position_of_the_key() {
        let text = sealed(&keys([key(0)]));
        assert_eq!(text.len(), sealed_len(b"plaintext".len()));
        let ring = keys([key(1), key(2), key(0)]);
        assert_eq!(opened(&ring, &text), Ok((b"plaintext".to_vec(), 2)));
        let others = keys([key(1), key(2)]);
        assert_eq!(opened(&others, &text), Err(RejectReason::UnknownKey));
    }

    #[test]
    fn the_fields_of_the_info_cannot_run_into_each_other() {
        let bindings = ["", "a", "ab", "b"].map(|application| {
            ["a", "ab", "b", "abc"].map(|name| {
                ["", "a", "c"].map(|purpose| Binding::new(application, name, purpose).unwrap())
            })
        });
        let mut all: Vec<_> = bindings.into_iter().flatten().flatten().collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn the_configured_key_itself_is_no_key_of_the_cipher() {
        let text = sealed(&keys([key(0)]));
        let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
        let (header, message) = bytes.split_at_mut(HEADER_LEN);
        let (_, nonce) = split_header(header).unwrap();
        let raw = Cipher::new(Backend::default(), key(0).expose_secret());
        assert!(raw.open(&nonce, header, message).is_err());
    }

    #[test]
    fn the_key_of_the_log_is_neither_the_sessions_nor_the_configured_one() {
        let session_key: [u8; 32] = hkdf_sha256(key(0).expose_secret(), &binding().0);
        let log_key = LogKey::derive(&key(0), &binding()).0;
        assert_ne!(*log_key, session_key);
        assert_ne!(&*log_key, key(0).expose_secret());
        let other = Binding::new("shop", "__Host-auth", "").unwrap();
        assert_ne!(*log_key, *LogKey::derive(&key(0), &other).0);
    }

    #[test]
    fn binding_refuses_texts_beyond_its_limit() {
        let longest = "a".repeat(65_535);
        assert!(Binding::new(&longest, &longest, &longest).is_ok());
        let long = "a".repeat(65_536);
        for (option, binding) in [
            ("application", Binding::new(&long, "", "")),
            ("cookie", Binding::new("", &long, "")),
            ("purpose", Binding::new("", "", &long)),
        ] {
            let expected = format!("`{option}` has 65536 bytes, and 65535 is the most");
            assert_eq!(binding, Err(expected));
        }
    }

    #[test]
    fn texts_of_other_forms_are_malformed() {
        let ring = keys([key(0)]);
        let text = sealed(&ring);
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
            assert_eq!(opened(&ring, text), Err(RejectReason::Malformed), "{text}");
        }
        assert_eq!(opened(&ring, &text[..60]), Err(RejectReason::Forged));
    }
}
