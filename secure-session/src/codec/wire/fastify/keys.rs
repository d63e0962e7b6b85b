//! Encrypts and decrypts with the keys of one session, which are tried in order.

use std::{borrow::Cow, iter};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};

use crate::{
    crypto::{
        cookie_signature::{self, Secret, SigningAlgorithm},
        secretbox::SecretBox,
        sha256::sha256,
        xchacha::{NONCE_LEN, TAG_LEN},
    },
    error::RejectReason,
    key::{Key, KeyRing},
    policy::{Signing, SigningSecrets},
};

/// The keys of one session.
pub(super) struct FastifyKeys {
    sealing: FastifyKey,
    /// Keys that only decrypt.
    others: Vec<FastifyKey>,
    signatures: Option<Signatures>,
}

struct FastifyKey {
    cipher: SecretBox,
    /// SHA-256 of the key, to detect at start-up whether two sessions share a key.
    fingerprint: [u8; 32],
}

/// The secrets that sign cookies.
struct Signatures {
    algorithm: SigningAlgorithm,
    signing: Secret,
    /// Secrets that only verify.
    others: Vec<Secret>,
}

impl Signatures {
    fn new(ring: &KeyRing, signed: &Signing) -> Self {
        let (signing, others) = match signed.secrets() {
            SigningSecrets::OfKeys => (
                secret_of_key(ring.sealing()),
                ring.others().iter().map(secret_of_key).collect(),
            ),
            SigningSecrets::Given(secrets) => {
                #[expect(clippy::expect_used, reason = "`build()` rejects an empty list")]
                let (signing, others) = secrets.split_first().expect("there is a secret");
                (signing.clone(), others.to_vec())
            }
        };
        Self {
            algorithm: signed.hash(),
            signing,
            others,
        }
    }

    /// Returns all secrets; the first signs.
    fn iter(&self) -> impl Iterator<Item = &Secret> {
        iter::once(&self.signing).chain(&self.others)
    }
}

/// An authentic value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OpenedText {
    pub(super) plaintext: Vec<u8>,
    /// The position of the key that encrypted it.
    pub(super) key_index: usize,
    /// The first key encrypted it, and the first secret signed it.
    pub(super) is_current: bool,
}

impl FastifyKeys {
    pub(super) fn new(ring: &KeyRing, signed: Option<&Signing>) -> Self {
        let signatures = signed.map(|signed| Signatures::new(ring, signed));
        Self {
            sealing: FastifyKey::new(ring.sealing()),
            others: ring.others().iter().map(FastifyKey::new).collect(),
            signatures,
        }
    }

    pub(super) fn fingerprints(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.iter().map(|key| &key.fingerprint)
    }

    /// Returns the fingerprint of the key that encrypts.
    pub(super) fn sealing_fingerprint(&self) -> &[u8; 32] {
        &self.sealing.fingerprint
    }

    /// Decrypts a value, percent-encoded or not.
    ///
    /// The caller must have checked the length.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Malformed`] or [`RejectReason::Forged`].
    pub(super) fn open(&self, text: &[u8]) -> Result<OpenedText, RejectReason> {
        let text = percent_decoded(text);
        let (value, secret_index) = self.verified(&text)?;
        let separator = memchr::memchr(b';', value).ok_or(RejectReason::Malformed)?;
        let (sealed, rest) = value.split_at(separator);
        let (_, nonce) = rest.split_first().ok_or(RejectReason::Malformed)?;
        let nonce: [u8; NONCE_LEN] = STANDARD
            .decode(nonce)
            .ok()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or(RejectReason::Malformed)?;
        let mut sealed = STANDARD
            .decode(sealed)
            .map_err(|_| RejectReason::Malformed)?;
        if sealed.len() < TAG_LEN {
            return Err(RejectReason::Malformed);
        }
        let opens = |key: &FastifyKey| key.cipher.open(&nonce, &mut sealed);
        let key_index = self.iter().position(opens).ok_or(RejectReason::Forged)?;
        sealed.drain(..TAG_LEN);
        Ok(OpenedText {
            plaintext: sealed,
            key_index,
            is_current: key_index == 0 && secret_index == 0,
        })
    }

    /// Encrypts a plaintext with the first key. The result is percent-encoded.
    pub(super) fn seal(&self, nonce: &[u8; NONCE_LEN], plaintext: Vec<u8>) -> String {
        let mut value = STANDARD.encode(self.sealing.cipher.seal(nonce, plaintext));
        value.push(';');
        STANDARD.encode_string(nonce, &mut value);
        if let Some(signatures) = &self.signatures {
            let Signatures {
                algorithm, signing, ..
            } = signatures;
            let signature = cookie_signature::sign(*algorithm, signing, value.as_bytes());
            value.push('.');
            STANDARD_NO_PAD.encode_string(signature, &mut value);
        }
        percent_encoded(&value)
    }

    /// Returns the value without its signature, and the position of the secret that signed it.
    fn verified<'a>(&self, text: &'a [u8]) -> Result<(&'a [u8], usize), RejectReason> {
        let Some(signatures) = &self.signatures else {
            return Ok((text, 0));
        };
        let dot = memchr::memrchr(b'.', text).ok_or(RejectReason::Malformed)?;
        let (value, rest) = text.split_at(dot);
        let (_, signature) = rest.split_first().ok_or(RejectReason::Malformed)?;
        let signature = STANDARD_NO_PAD
            .decode(signature)
            .map_err(|_| RejectReason::Malformed)?;
        let is_by = |secret: &Secret| {
            cookie_signature::verify(signatures.algorithm, secret, value, &signature)
        };
        let index = signatures
            .iter()
            .position(is_by)
            .ok_or(RejectReason::Forged)?;
        Ok((value, index))
    }

    fn iter(&self) -> impl Iterator<Item = &FastifyKey> {
        iter::once(&self.sealing).chain(&self.others)
    }
}

impl FastifyKey {
    fn new(key: &Key) -> Self {
        Self {
            cipher: SecretBox::new(key.expose_secret()),
            fingerprint: sha256(&[key.expose_secret()]),
        }
    }
}

fn secret_of_key(key: &Key) -> Secret {
    cookie_signature::secret_of_key(key.expose_secret())
}

/// Encodes a value like `encodeURIComponent`, which escapes these four of its characters.
fn percent_encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len().saturating_add(16));
    for character in value.chars() {
        match character {
            '+' => text.push_str("%2B"),
            '/' => text.push_str("%2F"),
            ';' => text.push_str("%3B"),
            '=' => text.push_str("%3D"),
            other => text.push(other),
        }
    }
    text
}

/// Removes one layer of escapes. An invalid escape leaves the whole text unchanged.
fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            decoded.push(first);
            continue;
        }
        let byte = after.split_first_chunk().and_then(|([high, low], after)| {
            let digit = |digit: u8| char::from(digit).to_digit(16);
            rest = after;
            u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
        });
        match byte {
            Some(byte) => decoded.push(byte),
            None => return Cow::Borrowed(text),
        }
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> Key {
        Key::from_bytes((first..first + 32).collect::<Vec<_>>()).unwrap()
    }

    fn ring<const N: usize>(keys: [Key; N]) -> KeyRing {
        KeyRing::from_keys(keys).unwrap()
    }

    /// A value from the Node package: key 00..1f, nonce 00..17.
    const KNOWN: &str = "ODdjulIjn6Flh9ZOMqkiQCXdZxCzuYAqigu%2FDli%2FeqdilWr9%2BVZanTWYRfU5rsKE\
                         oaY%3D%3BAAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const PLAINTEXT: &[u8] = br#"{"__ts":1700000000,"user":"alice"}"#;

    fn opened(key_index: usize, is_current: bool) -> OpenedText {
        OpenedText {
            plaintext: PLAINTEXT.to_vec(),
            key_index,
            is_current,
        }
    }

    fn nonce() -> [u8; NONCE_LEN] {
        std::array::from_fn(|index| u8::try_from(index).unwrap())
    }

    #[test]
    fn value_of_the_node_package_is_sealed_and_opened() {
        let keys = FastifyKeys::new(&ring([key(0)]), None);
        assert_eq!(keys.seal(&nonce(), PLAINTEXT.to_vec()), KNOWN);
        assert_eq!(keys.open(KNOWN.as_bytes()), Ok(opened(0, true)));
        let decoded = percent_decoded(KNOWN.as_bytes());
        assert_eq!(keys.open(&decoded), Ok(opened(0, true)));
    }

    #[test]
    fn keys_are_tried_in_order() {
        let keys = FastifyKeys::new(&ring([key(1), key(2), key(0)]), None);
        assert_eq!(keys.open(KNOWN.as_bytes()), Ok(opened(2, false)));
        let others = FastifyKeys::new(&ring([key(1), key(2)]), None);
        assert_eq!(others.open(KNOWN.as_bytes()), Err(RejectReason::Forged));
    }

    #[test]
    fn signature_is_required_and_may_be_by_any_key() {
        let old = FastifyKeys::new(&ring([key(0)]), Some(&Signing::with_session_key()));
        let text = old.seal(&nonce(), PLAINTEXT.to_vec());
        let both = FastifyKeys::new(&ring([key(1), key(0)]), Some(&Signing::with_session_key()));
        assert_eq!(both.open(text.as_bytes()), Ok(opened(1, false)));
        assert_eq!(both.open(KNOWN.as_bytes()), Err(RejectReason::Malformed));
        let other = FastifyKeys::new(&ring([key(0)]), Some(&Signing::with_secret("other")));
        assert_eq!(other.open(text.as_bytes()), Err(RejectReason::Forged));
        let unsigned = FastifyKeys::new(&ring([key(0)]), None);
        assert_eq!(unsigned.open(text.as_bytes()), Err(RejectReason::Malformed));
    }

    /// The percent-encoded signatures that `Signer` of @fastify/cookie 11.1.5 makes for [`KNOWN`]
    /// with the secrets `new secret` and `old secret`.
    const SIGNATURES: [(SigningAlgorithm, [&str; 2]); 3] = [
        (
            SigningAlgorithm::Sha256,
            [
                ".NiJDaARDPWkgpVfez%2FGkh%2F3hlXWJj1vXE4tVGsCxbDc",
                ".hGf3tHdr%2Bx9w6%2FoKY6mtdKeFblgysQweFRL9YNd4a0E",
            ],
        ),
        (
            SigningAlgorithm::Sha384,
            [
                ".%2BiEajG0q9e71kmjz63dv5DSuzWeIWGRF0%2Fm1AWN%2Fs9ZlyH8gtY3MfdDLfPzLGqCl",
                ".IWPaNiuduInmxV3fcAC6fn9yhPn2DSwqOOcTNJ%2FLXUUa2DZC%2B0eAjnRn6J3xWYY3",
            ],
        ),
        (
            SigningAlgorithm::Sha512,
            [
                ".fdgU%2BDffmrkC7kKIIKb3QZ%2BTu43o3m7AukIZsPCG4U4aHKls%2FmALDw1o4Md%2Bcy%2F5VdRjcm\
                 WdVlpKGzkGf5jIDA",
                ".qved2EPUJAe1zBocVT0gWsYA%2BxDzcrGC5XAQDZmDoeLMRLmSHRRT4OeFQvYn6ZacA2rnxAsgI8oXy5\
                 XFqrkmMw",
            ],
        ),
    ];

    #[test]
    fn node_signatures_are_made_and_verified_with_each_secret() {
        for (algorithm, [by_new, by_old]) in SIGNATURES {
            let signing = Signing::with_secrets(["new secret", "old secret"]);
            let keys = FastifyKeys::new(&ring([key(0)]), Some(&signing.algorithm(algorithm)));
            let text = format!("{KNOWN}{by_new}");
            assert_eq!(keys.seal(&nonce(), PLAINTEXT.to_vec()), text);
            assert_eq!(keys.open(text.as_bytes()), Ok(opened(0, true)));
            let text = format!("{KNOWN}{by_old}");
            assert_eq!(keys.open(text.as_bytes()), Ok(opened(0, false)));
            // Truncated signatures and those of another algorithm must be rejected.
            let part = &text[..text.len() - 4];
            assert!(keys.open(part.as_bytes()).is_err(), "{algorithm:?}");
            for (other, [by_new, _]) in SIGNATURES {
                let text = format!("{KNOWN}{by_new}");
                let opens = keys.open(text.as_bytes()).is_ok();
                assert_eq!(opens, other == algorithm, "{algorithm:?}, {other:?}");
            }
            let signing = Signing::with_secret("new secret").algorithm(algorithm);
            let keys = FastifyKeys::new(&ring([key(0)]), Some(&signing));
            assert_eq!(keys.open(text.as_bytes()), Err(RejectReason::Forged));
        }
    }

    #[test]
    fn invalid_escape_leaves_the_text_unchanged() {
        for text in ["%", "%4", "%zz", "a%2Bb%", "%+1", "%2"] {
            assert_eq!(percent_decoded(text.as_bytes()), text.as_bytes());
        }
        assert_eq!(&*percent_decoded(b"%2b%2B%252B"), b"++%2B");
    }
}
