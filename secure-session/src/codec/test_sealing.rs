//! Sealing under a key that need not be of the ring, for tests of what then happens.

#[cfg(feature = "fastify")]
use super::fastify::FastifyKeys;
use super::{Codec, Keys, NativeKeys, SealedValue, native::SessionKeys};
#[cfg(feature = "fastify")]
use crate::key::KeyRing;
use crate::{
    error::EncodeError,
    key::Key,
    payload::{Envelope, json::UnknownMembers},
    schema::{SessionData, layers::Layers},
};

impl<T: SessionData> Codec<T> {
    /// As [`seal_with`](Self::seal_with), under this key.
    pub(crate) fn seal_with_key(
        &self,
        key: &Key,
        value: Layers<'_, T>,
        envelope: &Envelope,
        unknown: &UnknownMembers,
    ) -> Result<String, EncodeError> {
        let nonce = self.new_nonce()?;
        let sealed = self.seal_under(&self.keys_of(key), value, envelope, unknown, &nonce);
        sealed.map(SealedValue::into_text)
    }

    fn keys_of(&self, key: &Key) -> Keys {
        match &self.inner.keys {
            Keys::Native(native) => Keys::Native(NativeKeys {
                keys: SessionKeys::of(key, &native.binding),
                log_key: native.log_key.clone(),
                binding: native.binding.clone(),
                #[cfg(feature = "fastify")]
                former: None,
            }),
            #[cfg(feature = "fastify")]
            Keys::Fastify(_) => Keys::Fastify(FastifyKeys::new(
                &KeyRing::new(key.clone()),
                self.policy().fastify.signed.as_ref(),
            )),
        }
    }
}
