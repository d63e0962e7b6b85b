//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha). Other modules must not use its crates directly.
//!
//! There are two backends with identical output. `ring` is several times as fast for messages of a
//! cookie's size; `pure_rust` needs no assembly and no C compiler.

#[cfg(any(not(feature = "ring"), feature = "test-util", test))]
mod pure_rust;
#[cfg(feature = "ring")]
mod ring;

#[cfg(any(not(feature = "ring"), feature = "test-util", test))]
use self::pure_rust::PureRust;
#[cfg(feature = "ring")]
use self::ring::Ring;

/// The length of a nonce. It has 192 bits, so random nonces do not repeat.
pub(crate) const NONCE_LEN: usize = 24;

/// The length of the tag after the ciphertext.
pub(crate) const TAG_LEN: usize = 16;

/// The value does not authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// Which cipher implementation to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "test-util"),
    expect(unreachable_pub, reason = "tests of the primitive name it")
)]
pub enum Backend {
    #[cfg(any(not(feature = "ring"), feature = "test-util", test))]
    /// The crate `chacha20poly1305`.
    PureRust,
    #[cfg(feature = "ring")]
    /// The crates `ring` and `chacha20`.
    Ring,
}

impl Backend {
    /// The backends that are compiled in.
    #[cfg(any(feature = "test-util", test))]
    pub const ALL: &[Self] = &[
        Self::PureRust,
        #[cfg(feature = "ring")]
        Self::Ring,
    ];
}

impl Default for Backend {
    /// Returns the faster of the backends that are compiled in.
    fn default() -> Self {
        #[cfg(feature = "ring")]
        let backend = Self::Ring;
        #[cfg(not(feature = "ring"))]
        let backend = Self::PureRust;
        backend
    }
}

/// A cipher with its key, which is zeroized when dropped.
#[derive(Clone)]
pub(crate) enum Cipher {
    #[cfg(any(not(feature = "ring"), feature = "test-util", test))]
    PureRust(PureRust),
    #[cfg(feature = "ring")]
    Ring(Ring),
}

impl Cipher {
    pub(crate) fn new(backend: Backend, key: &[u8; 32]) -> Self {
        match backend {
            #[cfg(any(not(feature = "ring"), feature = "test-util", test))]
            Backend::PureRust => Self::PureRust(PureRust::new(key)),
            #[cfg(feature = "ring")]
            Backend::Ring => Self::Ring(Ring::new(key)),
        }
    }

    /// Encrypts `buffer` in place from `start` on and appends the tag. The bytes before `start` are
    /// the associated data.
    ///
    /// The nonce must never have been used with this key.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_LEN], buffer: &mut Vec<u8>, start: usize) {
        let start = start.min(buffer.len());
        let (associated_data, message) = buffer.split_at_mut(start);
        let tag = match self {
            #[cfg(any(not(feature = "ring"), feature = "test-util", test))]
            Self::PureRust(cipher) => cipher.seal(nonce, associated_data, message),
            #[cfg(feature = "ring")]
            Self::Ring(cipher) => cipher.seal(nonce, associated_data, message),
        };
        buffer.extend_from_slice(&tag);
    }

    /// Verifies the tag at the end of `message`, decrypts the bytes before it in place and returns
    /// them.
    ///
    /// # Errors
    ///
    /// [`NotAuthentic`]. `message` then contains no plaintext, and its contents must not be used.
    pub(crate) fn open<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &'a mut [u8],
    ) -> Result<&'a [u8], NotAuthentic> {
        match self {
            #[cfg(any(not(feature = "ring"), feature = "test-util", test))]
            Self::PureRust(cipher) => cipher.open(nonce, associated_data, message),
            #[cfg(feature = "ring")]
            Self::Ring(cipher) => cipher.open(nonce, associated_data, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// draft-irtf-cfrg-xchacha-03 appendix A.3.1, with its 12 bytes of associated data.
    #[test]
    fn example_of_the_draft_seals_and_opens() {
        let key: [u8; 32] =
            unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
                .try_into()
                .unwrap();
        let nonce: [u8; 24] = unhex("404142434445464748494a4b4c4d4e4f5051525354555657")
            .try_into()
            .unwrap();
        let associated_data = unhex("50515253c0c1c2c3c4c5c6c7");
        let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
                     for the future, sunscreen would be it.";
        let tag = unhex("c0875924c1c7987947deafd8780acf49");
        for backend in Backend::ALL {
            let cipher = Cipher::new(*backend, &key);
            let mut buffer = associated_data.clone();
            buffer.extend_from_slice(text);
            cipher.seal(&nonce, &mut buffer, associated_data.len());
            let (head, sealed) = buffer.split_at_mut(associated_data.len());
            assert_eq!(head, associated_data);
            assert!(sealed.ends_with(&tag));
            assert!(sealed.starts_with(&unhex("bd6d179d3e83d43b9576579493c0e939")));

            let opened = cipher.open(&nonce, &associated_data, sealed).unwrap();
            assert_eq!(opened, text, "{backend:?}");
        }
    }

    #[test]
    fn forged_message_leaves_no_plaintext() {
        let text = b"a secret that is long enough for blocks of a cipher, and for some bytes more";
        for backend in Backend::ALL {
            let cipher = Cipher::new(*backend, &[7; 32]);
            for position in [0, text.len() - 1, text.len(), text.len() + TAG_LEN - 1] {
                let mut buffer = text.to_vec();
                cipher.seal(&[1; NONCE_LEN], &mut buffer, 0);
                buffer[position] ^= 1;
                let opened = cipher.open(&[1; NONCE_LEN], b"", &mut buffer);
                assert_eq!(opened, Err(NotAuthentic));
                assert!(
                    !buffer
                        .windows(4)
                        .any(|part| text.windows(4).any(|other| part == other))
                );
            }
            for len in 0..TAG_LEN {
                let mut short = vec![0; len];
                let opened = cipher.open(&[1; NONCE_LEN], b"", &mut short);
                assert_eq!(opened, Err(NotAuthentic));
            }
        }
    }

    #[test]
    fn backends_produce_identical_bytes() {
        let mut state = 1_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_le_bytes()[7]
        };
        for len in (0..200).chain([255, 256, 257, 1023, 1024, 3000]) {
            let key = [(); 32].map(|()| random());
            let nonce = [(); NONCE_LEN].map(|()| random());
            let start = usize::from(random() % 40);
            let message: Vec<u8> = (0..start + len).map(|_| random()).collect();
            let sealed = |backend: &Backend| {
                let mut buffer = message.clone();
                Cipher::new(*backend, &key).seal(&nonce, &mut buffer, start);
                buffer
            };
            let all: Vec<_> = Backend::ALL.iter().map(sealed).collect();
            assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{len}");
            for backend in Backend::ALL {
                let mut sealed = all[0].clone();
                let (head, text) = sealed.split_at_mut(start);
                let opened = Cipher::new(*backend, &key).open(&nonce, head, text);
                assert_eq!(opened, Ok(&message[start..]), "{backend:?}");
            }
        }
    }
}
