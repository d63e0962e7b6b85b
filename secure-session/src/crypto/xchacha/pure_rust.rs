//! The pure Rust backend: the crate `chacha20poly1305`.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};

use super::{NONCE_LEN, NotAuthentic, TAG_LEN};

/// The cipher with its key, which is zeroized when dropped.
#[derive(Clone)]
pub(crate) struct PureRust(XChaCha20Poly1305);

impl PureRust {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts in place and returns the tag.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &mut [u8],
    ) -> [u8; TAG_LEN] {
        #[expect(
            clippy::expect_used,
            reason = "a message of 2^38 bytes fits no machine's memory"
        )]
        let tag = self
            .0
            .encrypt_inout_detached(nonce.into(), associated_data, message.into())
            .expect("the message is shorter than 2^38 bytes");
        tag.into()
    }

    /// Verifies the tag at the end and decrypts the bytes before it in place.
    pub(super) fn open<'a>(
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
