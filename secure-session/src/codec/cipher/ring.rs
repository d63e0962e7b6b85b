//! The backend with assembly: `ring`'s ChaCha20-Poly1305 under a key of HChaCha20.
//!
//! XChaCha20-Poly1305 is no more than that (draft-irtf-cfrg-xchacha-03 §2.3): HChaCha20 makes a key
//! of the key and the first 16 bytes of the nonce, and the other 8 bytes, behind 4 of zero, are the
//! nonce under it.

use ::ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use chacha20::{R20, hchacha};
use zeroize::Zeroizing;

use super::{NONCE_LEN, NotAuthentic, TAG_LEN};

/// The key, which is wiped when dropped.
///
/// `ring` does not wipe what it makes of the key for one message: that opens messages of one nonce
/// and tells nothing of the key.
#[derive(Clone)]
pub(crate) struct Ring(Zeroizing<[u8; 32]>);

impl Ring {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// Encrypts in place and gives the tag; `None` for messages of 2^38 bytes and more.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let (key, nonce) = self.for_one_message(nonce)?;
        let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &*key).ok()?);
        key.seal_in_place_separate_tag(nonce, Aad::from(associated_data), message)
            .ok()
            .and_then(|tag| tag.as_ref().try_into().ok())
    }

    /// Checks the tag at the end and decrypts in place what stands before it.
    pub(super) fn open<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &'a mut [u8],
    ) -> Result<&'a [u8], NotAuthentic> {
        let (key, nonce) = self.for_one_message(nonce).ok_or(NotAuthentic)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*key).map_err(|_| NotAuthentic)?;
        let key = LessSafeKey::new(key);
        key.open_in_place(nonce, Aad::from(associated_data), message)
            .map(|text| &*text)
            .map_err(|_| NotAuthentic)
    }

    /// Bytes, as `ring`'s keys have room for the largest of all its ciphers, and are slow to move.
    fn for_one_message(&self, nonce: &[u8; NONCE_LEN]) -> Option<(Zeroizing<[u8; 32]>, Nonce)> {
        let (first, rest) = nonce.split_first_chunk::<16>()?;
        let key = Zeroizing::new(hchacha::<R20>((&*self.0).into(), first.into()).into());
        let mut short = [0; 12];
        short.last_chunk_mut::<8>()?.copy_from_slice(rest);
        Some((key, Nonce::assume_unique_for_key(short)))
    }
}
