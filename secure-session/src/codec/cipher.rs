//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), the only place that knows which crate it comes
//! from.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};

/// The length of a nonce: 192 bits, so that random ones do not repeat.
pub(crate) const NONCE_LEN: usize = 24;

/// The length of the tag behind the ciphertext.
pub(crate) const TAG_LEN: usize = 16;

/// The value does not authenticate; nothing of it was decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAuthentic;

/// A cipher with its key, which is wiped when dropped.
#[derive(Clone)]
pub(crate) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts in place what stands in `buffer` from `start` on, and appends the tag. What stands
    /// before `start` is authenticated with it.
    ///
    /// The nonce must never have been used with this key.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_LEN], buffer: &mut Vec<u8>, start: usize) {
        let start = start.min(buffer.len());
        let (associated_data, message) = buffer.split_at_mut(start);
        let sealed = self
            .0
            .encrypt_inout_detached(nonce.into(), associated_data, message.into());
        // Fails only for messages of 2^38 bytes and more; without a tag nothing could open it.
        if let Ok(tag) = sealed {
            buffer.extend_from_slice(&tag);
        }
    }

    /// Checks the tag at the end of `message` and then decrypts what stands before it in place,
    /// and gives it back.
    ///
    /// # Errors
    ///
    /// [`NotAuthentic`]; the message is then as it came.
    pub(crate) fn open<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &'a mut [u8],
    ) -> Result<&'a [u8], NotAuthentic> {
        let (text, tag) = message.split_last_chunk_mut().ok_or(NotAuthentic)?;
        let tag: &[u8; TAG_LEN] = tag;
        self.0
            .decrypt_inout_detached(
                nonce.into(),
                associated_data,
                (&mut *text).into(),
                tag.into(),
            )
            .map_err(|_| NotAuthentic)?;
        Ok(text)
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
    fn the_example_of_the_draft_seals_and_opens() {
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
        let cipher = Cipher::new(&key);

        let mut buffer = associated_data.clone();
        buffer.extend_from_slice(text);
        cipher.seal(&nonce, &mut buffer, associated_data.len());
        let (head, sealed) = buffer.split_at_mut(associated_data.len());
        assert_eq!(head, associated_data);
        assert!(sealed.ends_with(&tag));
        assert!(sealed.starts_with(&unhex("bd6d179d3e83d43b9576579493c0e939")));

        let opened = cipher.open(&nonce, &associated_data, sealed).unwrap();
        assert_eq!(opened, text);
    }

    #[test]
    fn a_message_that_does_not_authenticate_is_left_as_it_came() {
        let cipher = Cipher::new(&[7; 32]);
        let mut buffer = b"secret".to_vec();
        cipher.seal(&[1; NONCE_LEN], &mut buffer, 0);
        buffer[0] ^= 1;
        let before = buffer.clone();
        assert_eq!(
            cipher.open(&[1; NONCE_LEN], b"", &mut buffer),
            Err(NotAuthentic)
        );
        assert_eq!(buffer, before);
        assert_eq!(
            cipher.open(&[1; NONCE_LEN], b"", &mut [0; 15]),
            Err(NotAuthentic)
        );
    }
}
