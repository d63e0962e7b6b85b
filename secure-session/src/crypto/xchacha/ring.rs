//! The backend with assembly: `ring`'s ChaCha20-Poly1305 with a key from HChaCha20.
//!
//! This is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2.3): HChaCha20 derives a subkey from
//! the key and the first 16 bytes of the nonce. The subkey is used with a nonce of 4 zero bytes
//! followed by the other 8 bytes.

use ::ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use chacha20::{R20, hchacha};
use zeroize::Zeroizing;

use super::{NONCE_LEN, NotAuthentic, TAG_LEN};

/// The key, which is zeroized when dropped.
///
/// `ring` does not zeroize its copy of a message's subkey. That subkey opens messages with a single
/// nonce and reveals nothing about the key.
#[derive(Clone)]
pub(crate) struct Ring(Zeroizing<[u8; 32]>);

impl Ring {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// Encrypts in place and returns the tag.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &mut [u8],
    ) -> [u8; TAG_LEN] {
        let (key, nonce) = self.for_one_message(nonce);
        #[expect(
            clippy::expect_used,
            reason = "a message of 2^38 bytes fits no machine's memory"
        )]
        let tag = less_safe_key(&key)
            .seal_in_place_separate_tag(nonce, Aad::from(associated_data), message)
            .expect("the message is shorter than 2^38 bytes");
        #[expect(clippy::expect_used, reason = "the cipher fixes the length")]
        let tag = tag.as_ref().try_into().expect("a tag has 16 bytes");
        tag
    }

    /// Verifies the tag at the end and decrypts the bytes before it in place.
    pub(super) fn open<'a>(
        &self,
        nonce: &[u8; NONCE_LEN],
        associated_data: &[u8],
        message: &'a mut [u8],
    ) -> Result<&'a [u8], NotAuthentic> {
        let (key, nonce) = self.for_one_message(nonce);
        less_safe_key(&key)
            .open_in_place(nonce, Aad::from(associated_data), message)
            .map(|text| &*text)
            .map_err(|_| NotAuthentic)
    }

    /// Returns the subkey and the nonce for one message.
    #[expect(
        clippy::many_single_char_names,
        reason = "names for the last eight bytes of the nonce"
    )]
    fn for_one_message(&self, nonce: &[u8; NONCE_LEN]) -> (Zeroizing<[u8; 32]>, Nonce) {
        let [first @ .., a, b, c, d, e, f, g, h] = nonce;
        let key = Zeroizing::new(hchacha::<R20>((&*self.0).into(), first.into()).into());
        let short = [0, 0, 0, 0, *a, *b, *c, *d, *e, *f, *g, *h];
        (key, Nonce::assume_unique_for_key(short))
    }
}

/// Builds `ring`'s key where it is used: its key types are large (sized for its biggest cipher) and
/// slow to move.
#[inline]
fn less_safe_key(key: &[u8; 32]) -> LessSafeKey {
    #[expect(clippy::expect_used, reason = "the cipher fixes the length")]
    let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("a key has 32 bytes");
    LessSafeKey::new(key)
}
