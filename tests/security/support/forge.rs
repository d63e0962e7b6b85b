//! Encrypts anything under the keys of the tests, in both formats. Written from the description of
//! the formats, without the library.

pub(crate) use actix_secure_session_tests::key_bytes;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chacha20poly1305::{XChaCha20Poly1305, aead::Payload};
use crypto_secretbox::XSalsa20Poly1305;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};

/// Version, key id and nonce.
pub(crate) const HEADER_LEN: usize = 1 + 4 + 24;

const NONCE: [u8; 24] = [0x42; 24];

/// The key of one native session.
pub(crate) struct Forge {
    session_key: [u8; 32],
}

impl Forge {
    /// The key of the cookie with this name under `key(first)`; application and purpose are empty.
    pub(crate) fn new(first: u8, cookie: &str) -> Self {
        Self::of(&key_bytes(first), cookie)
    }

    /// The same under a key with these bytes.
    pub(crate) fn of(key: &[u8], cookie: &str) -> Self {
        let mut info = Vec::new();
        for field in ["actix-secure-session", "native-v1", "", cookie, ""] {
            info.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            info.extend(field.as_bytes());
        }
        let mut session_key = [0; 32];
        Hkdf::<Sha256>::new(None, key)
            .expand(&info, &mut session_key)
            .unwrap();
        Self { session_key }
    }

    /// The key for the cipher.
    pub(crate) fn session_key(&self) -> [u8; 32] {
        self.session_key
    }

    /// The bytes before the ciphertext.
    pub(crate) fn header(&self, version: u8) -> Vec<u8> {
        let hash = Sha256::new()
            .chain_update(b"actix-secure-session key id")
            .chain_update(self.session_key)
            .finalize();
        [&[version], &hash[..4], &NONCE].concat()
    }

    /// A cookie's value with this content.
    pub(crate) fn seal(&self, plaintext: &[u8]) -> String {
        let header = self.header(1);
        self.seal_as(&header, &header, plaintext)
    }

    /// The same with another header, or with authenticated bytes other than the header.
    pub(crate) fn seal_as(&self, header: &[u8], associated_data: &[u8], text: &[u8]) -> String {
        use chacha20poly1305::aead::{Aead as _, KeyInit as _};
        let cipher = XChaCha20Poly1305::new(&self.session_key.into());
        let payload = Payload {
            msg: text,
            aad: associated_data,
        };
        let sealed = cipher.encrypt(&NONCE.into(), payload).unwrap();
        URL_SAFE_NO_PAD.encode([header, &sealed].concat())
    }

    /// The plaintext of a value that was encrypted with this key.
    pub(crate) fn open(&self, value: &str) -> Vec<u8> {
        use chacha20poly1305::aead::{Aead as _, KeyInit as _};
        let bytes = URL_SAFE_NO_PAD.decode(value).unwrap();
        let (header, message) = bytes.split_at(HEADER_LEN);
        let nonce: [u8; 24] = header[5..].try_into().unwrap();
        let payload = Payload {
            msg: message,
            aad: header,
        };
        let cipher = XChaCha20Poly1305::new(&self.session_key.into());
        cipher.decrypt(&nonce.into(), payload).unwrap()
    }

    /// A cookie's value with this JSON, created at `created`.
    pub(crate) fn seal_json(&self, created: u64, json: &str) -> String {
        self.seal(&[envelope(created), json.as_bytes().to_vec()].concat())
    }
}

/// Flags, id, created, seen.
pub(crate) fn envelope(created: u64) -> Vec<u8> {
    let [_, _, _, time @ ..] = created.to_be_bytes();
    [&[0][..], &[7; 16], &time, &[0]].concat()
}

/// The extensions in a plaintext with a valid envelope, from their length on; empty without any.
pub(crate) fn extensions(plaintext: &[u8]) -> &[u8] {
    let (flags, mut rest) = (plaintext[0], &plaintext[22..]);
    if flags & 8 == 0 {
        return &[];
    }
    // `seen`, and a number for each of the other flags.
    for _ in 0..=(flags & 7).count_ones() {
        let (_, after) = number(rest);
        rest = after;
    }
    let (len, entries) = number(rest);
    &rest[..rest.len() - entries.len() + len]
}

/// The JSON in a plaintext with a valid envelope and no extensions.
pub(crate) fn json(plaintext: &[u8]) -> String {
    let (flags, mut rest) = (plaintext[0], &plaintext[22..]);
    assert_eq!(flags & 8, 0);
    for _ in 0..=(flags & 7).count_ones() {
        let (_, after) = number(rest);
        rest = after;
    }
    String::from_utf8(rest.to_vec()).unwrap()
}

/// A number in LEB128, and the bytes after it.
fn number(bytes: &[u8]) -> (usize, &[u8]) {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0).unwrap();
    let (number, rest) = bytes.split_at(last + 1);
    let digits = number.iter().rev();
    let number = digits.fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
    (number, rest)
}

/// The lower-case hexadecimal digits of these bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

/// The bytes of these hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

/// The bytes of a native cookie's value.
pub(crate) fn decoded(value: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value).unwrap()
}

/// The value of a native cookie with these bytes.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The value of a cookie of the fastify format under `key(first)`, not percent-encoded.
pub(crate) fn fastify(first: u8, plaintext: &[u8]) -> String {
    use crypto_secretbox::{KeyInit as _, aead::Aead as _};
    let cipher = XSalsa20Poly1305::new(&key_bytes(first).into());
    let sealed = cipher.encrypt(&NONCE.into(), plaintext).unwrap();
    fastify_encoded(&sealed, &NONCE)
}

/// The plaintext of a value of the fastify format under `key(first)`.
pub(crate) fn fastify_open(first: u8, value: &str) -> Vec<u8> {
    use crypto_secretbox::{KeyInit as _, aead::Aead as _};
    let (sealed, nonce) = fastify_decoded(value);
    let cipher = XSalsa20Poly1305::new(&key_bytes(first).into());
    let nonce: [u8; 24] = nonce.try_into().unwrap();
    cipher.decrypt(&nonce.into(), &*sealed).unwrap()
}

/// The two halves of a fastify value as bytes; the value may be percent-encoded.
pub(crate) fn fastify_decoded(value: &str) -> (Vec<u8>, Vec<u8>) {
    let plain = [("%2B", "+"), ("%2F", "/"), ("%3B", ";"), ("%3D", "=")]
        .iter()
        .fold(value.to_owned(), |text, (escape, character)| {
            text.replace(escape, character)
        });
    let (sealed, nonce) = plain.split_once(';').unwrap();
    (
        STANDARD.decode(sealed).unwrap(),
        STANDARD.decode(nonce).unwrap(),
    )
}

/// The fastify value of two halves.
pub(crate) fn fastify_encoded(sealed: &[u8], nonce: &[u8]) -> String {
    format!("{};{}", STANDARD.encode(sealed), STANDARD.encode(nonce))
}
