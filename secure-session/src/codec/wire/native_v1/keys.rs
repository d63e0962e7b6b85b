//! The keys of one session in the native format, derived from the keys of a ring.

use std::iter;

use zeroize::Zeroizing;

use crate::{
    crypto::{
        hkdf::hkdf_sha256,
        sha256::sha256,
        xchacha::{Backend, Cipher},
    },
    key::{Key, KeyRing},
};

pub(super) const KEY_ID_LEN: usize = 4;

/// The info of the key derivation, to which a session's keys are bound. A value encrypted under one
/// binding does not open under another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::codec) struct Binding(Vec<u8>);

/// The keys of one session, derived from the keys of a ring.
pub(super) struct SessionKeys {
    sealing: SessionKey,
    /// Keys that only decrypt.
    others: Vec<SessionKey>,
}

struct SessionKey {
    id: [u8; KEY_ID_LEN],
    cipher: Cipher,
}

/// The error for two keys of a ring with the same id, of which one would never be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) struct SameId {
    pub(in crate::codec) first: usize,
    pub(in crate::codec) second: usize,
}

impl SessionKeys {
    /// Derives the session's keys; the first encrypts.
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

    /// Derives a single key.
    #[cfg(feature = "test-util")]
    pub(super) fn single(key: &Key, binding: &Binding) -> Self {
        Self {
            sealing: SessionKey::derive(key, binding, Backend::default()),
            others: Vec::new(),
        }
    }

    /// Returns the position and the cipher of the key with this id.
    #[inline]
    pub(super) fn find(&self, id: [u8; KEY_ID_LEN]) -> Option<(usize, &Cipher)> {
        let mut keys = self.iter().enumerate();
        let (index, key) = keys.find(|(_, key)| key.id == id)?;
        Some((index, &key.cipher))
    }

    pub(super) fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns the cipher of the key that encrypts.
    pub(super) fn sealing_cipher(&self) -> &Cipher {
        &self.sealing.cipher
    }

    /// Returns the id of the key that encrypts.
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

/// The key that hashes session ids for the log.
#[derive(Clone)]
pub(super) struct LogKey(Zeroizing<[u8; 32]>);

impl LogKey {
    /// Derives the log key from the key that encrypts. Its info is one byte longer than the session
    /// key's.
    pub(super) fn derive(sealing: &Key, Binding(info): &Binding) -> Self {
        let info = [info, &b"L"[..]].concat();
        Self(Zeroizing::new(hkdf_sha256(sealing.expose_secret(), &info)))
    }

    /// Hashes an id with HKDF-SHA-256, with the id as info.
    pub(super) fn id_hash(&self, id: &[u8]) -> [u8; 8] {
        hkdf_sha256(&*self.0, id)
    }
}

impl Binding {
    /// The maximum length of a text in bytes, far above any sensible one.
    const MAX_TEXT: u16 = u16::MAX;

    /// Makes a binding of these texts. Each is prefixed with its length, so that different texts
    /// never produce the same binding.
    ///
    /// # Errors
    ///
    /// A sentence that names the option of a text with more than [`MAX_TEXT`](Self::MAX_TEXT)
    /// bytes.
    pub(in crate::codec) fn new(
        application: &str,
        name: &str,
        purpose: &str,
    ) -> Result<Self, String> {
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

    /// Returns what is wrong with an application's name, if anything.
    pub(in crate::codec) fn problem_of_application(application: &str) -> Option<String> {
        (application.len() > usize::from(Self::MAX_TEXT))
            .then(|| too_long("application", application))
    }
}

fn too_long(option: &str, text: &str) -> String {
    let (len, limit) = (text.len(), Binding::MAX_TEXT);
    format!("`{option}` has {len} bytes and must not have more than {limit}; shorten it")
}

/// Returns the id of a key. The id is public, so it is a hash that reveals nothing about the key.
fn key_id(session_key: &[u8; 32]) -> [u8; KEY_ID_LEN] {
    let [a, b, c, d, ..] = sha256(&[b"actix-secure-session key id", session_key]);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding() -> Binding {
        Binding::new("", "__Host-auth", "").unwrap()
    }

    fn key(first: u8) -> Key {
        Key::from_bytes((first..first + 32).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn texts_of_the_binding_are_unambiguous() {
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
    fn log_key_differs_from_the_session_key_and_the_configured_key() {
        let session_key: [u8; 32] = hkdf_sha256(key(0).expose_secret(), &binding().0);
        let log_key = LogKey::derive(&key(0), &binding()).0;
        assert_ne!(*log_key, session_key);
        assert_ne!(&*log_key, key(0).expose_secret());
        let other = Binding::new("shop", "__Host-auth", "").unwrap();
        assert_ne!(*log_key, *LogKey::derive(&key(0), &other).0);
    }

    #[test]
    fn binding_rejects_texts_beyond_its_limit() {
        let longest = "a".repeat(65_535);
        assert!(Binding::new(&longest, &longest, &longest).is_ok());
        let long = "a".repeat(65_536);
        for (option, binding) in [
            ("application", Binding::new(&long, "", "")),
            ("cookie", Binding::new("", &long, "")),
            ("purpose", Binding::new("", "", &long)),
        ] {
            let expected =
                format!("`{option}` has 65536 bytes and must not have more than 65535; shorten it");
            assert_eq!(binding, Err(expected));
        }
    }
}
