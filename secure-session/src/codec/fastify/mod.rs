//! The format of the Node package @fastify/secure-session.
//!
//! ```text
//! value = base64( tag[16] ‖ ciphertext ) ";" base64( nonce[24] )     standard alphabet, padded
//!         [ "." base64-nopad( HMAC-SHA-256( secret, the value so far ) ) ]       if signed
//! ```
//!
//! XSalsa20-Poly1305 (NaCl's `secretbox`) under the configured key as it is; percent-encoded as by
//! `encodeURIComponent`. Inside is a JSON object with the time of issue as `__ts`.
//!
//! The format binds a value to nothing, and has no key id: keys are tried in turn.

mod sessions;

use std::borrow::Cow;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use blake2::{Blake2b, digest::consts::U32};
use crypto_secretbox::{AeadInPlace as _, KeyInit as _, XSalsa20Poly1305};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

pub(crate) use self::sessions::SharedKeys;

use super::cipher::{NONCE_LEN, TAG_LEN};
use crate::{
    error::Reason,
    key::Key,
    policy::{Signing, SigningSecret},
};

/// Seals and opens under the keys of one session.
pub(crate) struct FastifyKeys {
    ciphers: Vec<XSalsa20Poly1305>,
    /// Secrets of signatures, the one that signs first; none if cookies are not signed.
    signing: Vec<Zeroizing<Vec<u8>>>,
    /// SHA-256 of each key, to find out at start whether two sessions have one in common.
    fingerprints: Vec<[u8; 32]>,
}

impl FastifyKeys {
    pub(crate) fn new(keys: &[Key], signed: Option<&Signing>) -> Self {
        let ciphers = keys
            .iter()
            .map(|key| XSalsa20Poly1305::new(key.expose().into()));
        let signing = match signed.map(Signing::secret) {
            None => Vec::new(),
            Some(SigningSecret::Given(secret)) => vec![secret.clone()],
            Some(SigningSecret::OfKey) => keys.iter().map(signing_secret).collect(),
        };
        Self {
            ciphers: ciphers.collect(),
            signing,
            fingerprints: (keys.iter())
                .map(|key| Sha256::digest(key.expose()).into())
                .collect(),
        }
    }

    pub(crate) fn fingerprints(&self) -> &[[u8; 32]] {
        &self.fingerprints
    }

    /// Opens a value, percent-encoded or not: the plaintext, and the position of the key.
    ///
    /// The caller has checked the length.
    ///
    /// # Errors
    ///
    /// [`Reason::Malformed`] or [`Reason::Forged`].
    pub(crate) fn open(&self, text: &[u8]) -> Result<(Vec<u8>, usize), Reason> {
        let text = percent_decoded(text);
        let value = self.verified(&text)?;
        let separator = memchr::memchr(b';', value).ok_or(Reason::Malformed)?;
        let (sealed, nonce) = value.split_at(separator);
        let nonce: [u8; NONCE_LEN] = STANDARD
            .decode(nonce.get(1..).unwrap_or_default())
            .ok()
            .and_then(|nonce| nonce.try_into().ok())
            .ok_or(Reason::Malformed)?;
        let mut sealed = STANDARD.decode(sealed).map_err(|_| Reason::Malformed)?;
        if sealed.len() < TAG_LEN {
            return Err(Reason::Malformed);
        }
        let opens = |cipher: &XSalsa20Poly1305| open_box(cipher, &nonce, &mut sealed);
        let index = self.ciphers.iter().position(opens).ok_or(Reason::Forged)?;
        sealed.drain(..TAG_LEN);
        Ok((sealed, index))
    }

    /// Seals a plaintext with the first key; the text is percent-encoded.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_LEN], plaintext: Vec<u8>) -> String {
        let sealed = self.ciphers.first();
        let sealed = sealed.map(|cipher| seal_box(cipher, nonce, plaintext));
        let sealed = sealed.unwrap_or_default();
        let mut value = STANDARD.encode(sealed);
        value.push(';');
        STANDARD.encode_string(nonce, &mut value);
        if let Some(secret) = self.signing.first() {
            let signature = mac(secret, value.as_bytes()).finalize().into_bytes();
            value.push('.');
            STANDARD_NO_PAD.encode_string(signature, &mut value);
        }
        percent_encoded(&value)
    }

    /// The value without its signature.
    fn verified<'a>(&self, text: &'a [u8]) -> Result<&'a [u8], Reason> {
        if self.signing.is_empty() {
            return Ok(text);
        }
        let dot = memchr::memrchr(b'.', text).ok_or(Reason::Malformed)?;
        let (value, signature) = text.split_at(dot);
        let signature = STANDARD_NO_PAD
            .decode(signature.get(1..).unwrap_or_default())
            .map_err(|_| Reason::Malformed)?;
        // Compared in constant time.
        let is_by =
            |secret: &Zeroizing<Vec<u8>>| mac(secret, value).verify_slice(&signature).is_ok();
        if self.signing.iter().any(is_by) {
            Ok(value)
        } else {
            Err(Reason::Forged)
        }
    }
}

/// The tag, and behind it the ciphertext.
fn seal_box(cipher: &XSalsa20Poly1305, nonce: &[u8; NONCE_LEN], mut message: Vec<u8>) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(TAG_LEN.saturating_add(message.len()));
    // Fails only for messages of 2^38 bytes and more; without a tag nothing could open it.
    if let Ok(tag) = cipher.encrypt_in_place_detached(nonce.into(), b"", &mut message) {
        sealed.extend_from_slice(&tag);
    }
    sealed.append(&mut message);
    sealed
}

/// Checks the tag and then decrypts what stands behind it, in place; if the tag is wrong, nothing
/// is changed.
fn open_box(cipher: &XSalsa20Poly1305, nonce: &[u8; NONCE_LEN], sealed: &mut [u8]) -> bool {
    let Some((tag, message)) = sealed.split_first_chunk_mut::<TAG_LEN>() else {
        return false;
    };
    cipher
        .decrypt_in_place_detached(nonce.into(), b"", message, (&*tag).into())
        .is_ok()
}

/// For tests of the primitive.
#[cfg(feature = "test-util")]
pub(crate) mod raw {
    use crypto_secretbox::KeyInit as _;

    use super::{NONCE_LEN, TAG_LEN, XSalsa20Poly1305};

    pub(crate) fn seal(key: &[u8; 32], nonce: &[u8; NONCE_LEN], message: &[u8]) -> Vec<u8> {
        super::seal_box(&XSalsa20Poly1305::new(key.into()), nonce, message.to_vec())
    }

    pub(crate) fn open(key: &[u8; 32], nonce: &[u8; NONCE_LEN], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = sealed.to_vec();
        let cipher = XSalsa20Poly1305::new(key.into());
        super::open_box(&cipher, nonce, &mut sealed).then(|| sealed.split_off(TAG_LEN))
    }
}

/// The secret that the peer derives from its key: the hexadecimal digits, as text, of BLAKE2b with
/// 32 bytes of output.
fn signing_secret(key: &Key) -> Zeroizing<Vec<u8>> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let hash: Zeroizing<[u8; 32]> = Zeroizing::new(Blake2b::<U32>::digest(key.expose()).into());
    let digits = hash.iter().flat_map(|byte| {
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
        [digit(byte >> 4), digit(byte & 15)]
    });
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    secret.extend(digits);
    secret
}

fn mac(secret: &[u8], value: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length, so the other branch is never taken.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| {
        <Hmac<Sha256> as hmac::KeyInit>::new(&hmac::digest::Key::<Hmac<Sha256>>::default())
    });
    mac.update(value);
    mac
}

/// As `encodeURIComponent` writes it: of the characters of a value these four are escaped.
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

/// Removes one layer of escapes; a broken one leaves the whole text as it is.
fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first != b'%' {
            decoded.push(first);
            continue;
        }
        let byte = behind
            .split_first_chunk()
            .and_then(|([high, low], behind)| {
                let digit = |digit: u8| char::from(digit).to_digit(16);
                rest = behind;
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

    /// The peer's package made it: key 00..1f, nonce 00..17.
    const KNOWN: &str = "ODdjulIjn6Flh9ZOMqkiQCXdZxCzuYAqigu%2FDli%2FeqdilWr9%2BVZanTWYRfU5rsKE\
                         oaY%3D%3BAAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const PLAINTEXT: &[u8] = br#"{"__ts":1700000000,"user":"alice"}"#;

    fn nonce() -> [u8; NONCE_LEN] {
        std::array::from_fn(|index| u8::try_from(index).unwrap())
    }

    #[test]
    fn the_known_answer_of_the_peer_is_sealed_and_opened() {
        let keys = FastifyKeys::new(&[key(0)], None);
        assert_eq!(keys.seal(&nonce(), PLAINTEXT.to_vec()), KNOWN);
        let opened = Ok((PLAINTEXT.to_vec(), 0));
        assert_eq!(keys.open(KNOWN.as_bytes()), opened);
        assert_eq!(keys.open(&percent_decoded(KNOWN.as_bytes())), opened);
    }

    #[test]
    fn keys_are_tried_in_turn() {
        let keys = FastifyKeys::new(&[key(1), key(2), key(0)], None);
        assert_eq!(keys.open(KNOWN.as_bytes()), Ok((PLAINTEXT.to_vec(), 2)));
        let others = FastifyKeys::new(&[key(1), key(2)], None);
        assert_eq!(others.open(KNOWN.as_bytes()), Err(Reason::Forged));
    }

    #[test]
    fn a_signature_is_asked_for_and_any_key_may_have_made_it() {
        let old = FastifyKeys::new(&[key(0)], Some(&Signing::by_key()));
        let text = old.seal(&nonce(), PLAINTEXT.to_vec());
        let both = FastifyKeys::new(&[key(1), key(0)], Some(&Signing::by_key()));
        assert_eq!(both.open(text.as_bytes()), Ok((PLAINTEXT.to_vec(), 1)));
        assert_eq!(both.open(KNOWN.as_bytes()), Err(Reason::Malformed));
        let other = FastifyKeys::new(&[key(0)], Some(&Signing::by_secret("other")));
        assert_eq!(other.open(text.as_bytes()), Err(Reason::Forged));
        let unsigned = FastifyKeys::new(&[key(0)], None);
        assert_eq!(unsigned.open(text.as_bytes()), Err(Reason::Malformed));
    }

    #[test]
    fn a_broken_escape_leaves_the_text_as_it_is() {
        for text in ["%", "%4", "%zz", "a%2Bb%", "%+1", "%2"] {
            assert_eq!(percent_decoded(text.as_bytes()), text.as_bytes());
        }
        assert_eq!(&*percent_decoded(b"%2b%2B%252B"), b"++%2B");
    }
}
