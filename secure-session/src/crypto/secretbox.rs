//! XSalsa20-Poly1305, NaCl's `secretbox`: the cipher of @fastify/secure-session.

use crypto_secretbox::{AeadInPlace as _, KeyInit as _, XSalsa20Poly1305};

use super::xchacha::{NONCE_LEN, TAG_LEN};

/// The cipher with its key, which is zeroized when dropped. Boxed because each move would leave a copy
/// of the key on the stack.
pub(crate) struct SecretBox(Box<XSalsa20Poly1305>);

impl SecretBox {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Box::new(XSalsa20Poly1305::new(key.into())))
    }

    /// Encrypts a message and returns the tag followed by the ciphertext.
    ///
    /// The nonce must never have been used with this key.
    pub(crate) fn seal(&self, nonce: &[u8; NONCE_LEN], mut message: Vec<u8>) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(TAG_LEN.saturating_add(message.len()));
        #[expect(
            clippy::expect_used,
            reason = "a message of 2^38 bytes fits no machine's memory"
        )]
        let tag = self
            .0
            .encrypt_in_place_detached(nonce.into(), b"", &mut message)
            .expect("the message is shorter than 2^38 bytes");
        sealed.extend_from_slice(&tag);
        sealed.append(&mut message);
        sealed
    }

    /// Verifies the tag, then decrypts the bytes after it in place. If the tag is invalid, returns
    /// false and changes nothing.
    pub(crate) fn open(&self, nonce: &[u8; NONCE_LEN], sealed: &mut [u8]) -> bool {
        let Some((tag, message)) = sealed.split_first_chunk_mut::<TAG_LEN>() else {
            return false;
        };
        self.0
            .decrypt_in_place_detached(nonce.into(), b"", message, (&*tag).into())
            .is_ok()
    }
}
