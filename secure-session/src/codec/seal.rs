//! Encrypts sessions into cookie values.

use std::cmp::Reverse;

use super::{
    Codec, MAX_COOKIE_BYTES, SealedValue, name_value_len,
    wire::{Contents, SessionWire, WireFormat as _},
};
#[cfg(feature = "test-util")]
use crate::key::Key;
use crate::{
    crypto::{random::RandomError, xchacha::NONCE_LEN},
    error::{EncodeError, ValueProblem},
    payload::{
        SessionId,
        json::{self, Carried},
    },
    schema::SessionData,
};

/// The number of nonces to try for a session of the fastify format that is slightly too large.
const MAX_NONCES: u32 = 12;

/// The size from which no nonce makes a session fit; escapes take 6 % on average.
const NEARLY_FITS: usize = MAX_COOKIE_BYTES + MAX_COOKIE_BYTES / 16;

impl<T: SessionData> Codec<T> {
    /// Encrypts a value with its envelope under the first key. The nonce must be new.
    pub(crate) fn seal_with(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, EncodeError> {
        self.seal_under(&self.inner.wire, contents, nonce)
    }

    /// Encrypts like [`seal_with`](Self::seal_with), under this key, which need not be in the ring.
    #[cfg(feature = "test-util")]
    pub(crate) fn seal_with_key(
        &self,
        key: &Key,
        contents: Contents<'_, T>,
    ) -> Result<SealedValue, EncodeError> {
        let wire = self.inner.wire.with_key(key);
        self.seal_under(&wire, contents, &self.new_nonce()?)
    }

    /// Returns the length that `name=value` would have, even beyond the limit.
    pub(crate) fn encoded_len(&self, contents: Contents<'_, T>) -> Result<usize, EncodeError> {
        // In the fastify format, the length depends on the nonce, because some characters are
        // escaped.
        let sealed = self.inner.wire.seal(contents, &self.new_nonce()?);
        let sealed = sealed.map_err(|refused| self.not_written(refused))?;
        Ok(name_value_len(self.cookie_name(), sealed.text_len()))
    }

    /// Returns up to three of the largest fields, with their length as JSON in bytes.
    pub(crate) fn largest_fields(
        value: &T,
        carried: Option<Carried<'_, T>>,
    ) -> Vec<(&'static str, usize)> {
        let fields = T::SCHEMA.fields.iter().enumerate();
        let size = |index| json::field_size(value, index, carried);
        let mut sizes: Vec<(&'static str, usize)> = fields
            .map(|(index, field)| (field.name, size(index)))
            .filter(|(_, size)| *size > 0)
            .collect();
        sizes.sort_by_key(|(_, size)| Reverse(*size));
        sizes.truncate(3);
        sizes
    }

    pub(crate) fn new_nonce(&self) -> Result<[u8; NONCE_LEN], EncodeError> {
        self.inner.random.bytes().map_err(|err| self.no_random(err))
    }

    /// Draws an id and a nonce with one system call. In a format without ids, draws only a nonce.
    pub(crate) fn new_id_and_nonce(&self) -> Result<(SessionId, [u8; NONCE_LEN]), EncodeError> {
        const BOTH: usize = SessionId::LEN + NONCE_LEN;
        if !self.inner.wire.has_id() {
            return Ok((SessionId::NONE, self.new_nonce()?));
        }
        let bytes: [u8; BOTH] = (self.inner.random.bytes()).map_err(|err| self.no_random(err))?;
        let mut id = [0; SessionId::LEN];
        let mut nonce = [0; NONCE_LEN];
        let (left, right) = bytes.split_at(SessionId::LEN);
        id.copy_from_slice(left);
        nonce.copy_from_slice(right);
        Ok((SessionId::from_bytes(id), nonce))
    }

    /// Encrypts with `wire`. A session beyond the limit is tried again without the white space of
    /// received members and, in the fastify format, with other nonces, because the number of
    /// escaped characters is random.
    fn seal_under(
        &self,
        wire: &SessionWire,
        mut contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, EncodeError> {
        let mut nonce = *nonce;
        let mut nonces = MAX_NONCES;
        loop {
            let sealed = wire.seal(contents, &nonce);
            let sealed = sealed.map_err(|refused| self.not_written(refused))?;
            let size = name_value_len(self.cookie_name(), sealed.text_len());
            if size <= MAX_COOKIE_BYTES {
                return Ok(sealed);
            }
            let has_space = contents.carried.is_some() && !contents.is_compact;
            let may_be_shorter = wire.length_varies() && nonces > 1 && size < NEARLY_FITS;
            if !has_space && !may_be_shorter {
                return Err(EncodeError::TooLarge {
                    session: self.cookie_name().to_owned(),
                    size,
                    limit: MAX_COOKIE_BYTES,
                    largest: Self::largest_fields(contents.value, contents.carried),
                });
            }
            contents.is_compact = true;
            nonces = nonces.saturating_sub(1);
            // A nonce must never encrypt two plaintexts.
            nonce = self.new_nonce()?;
        }
    }

    fn not_written(&self, (field, problem): (usize, ValueProblem)) -> EncodeError {
        EncodeError::Value {
            session: self.cookie_name().to_owned(),
            field: T::SCHEMA.fields.get(field).map_or("", |field| field.name),
            problem,
        }
    }

    fn no_random(&self, _: RandomError) -> EncodeError {
        EncodeError::Random {
            session: self.cookie_name().to_owned(),
        }
    }
}
