//! The wire formats of sessions.

#[cfg(feature = "fastify")]
mod fastify;
mod format;
mod native_v1;

#[cfg(feature = "fastify")]
pub(crate) use self::fastify::SharedKeys;
#[cfg(feature = "fastify")]
pub(super) use self::fastify::{FastifyWire, Migration};
pub(crate) use self::format::Contents;
pub(super) use self::{
    format::{OpenError, WireFormat},
    native_v1::{Binding, NativeWire},
};

use super::{opened::Opened, sealed::SealedValue};
#[cfg(feature = "test-util")]
use crate::key::Key;
use crate::{
    crypto::xchacha::NONCE_LEN, error::ValueProblem, payload::SessionId, policy::Limits,
    schema::SessionData, time::Reading,
};

/// A session's wire format.
pub(super) enum SessionWire {
    #[cfg(feature = "fastify")]
    Fastify(FastifyWire),
    Native(NativeWire),
}

macro_rules! in_its_format {
    ($wire:expr, $format:ident => $result:expr) => {
        match $wire {
            #[cfg(feature = "fastify")]
            SessionWire::Fastify($format) => $result,
            SessionWire::Native($format) => $result,
        }
    };
}

impl WireFormat for SessionWire {
    #[inline]
    fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError> {
        in_its_format!(self, format => format.open(text, limits, now, session))
    }

    #[inline]
    fn seal<T: SessionData>(
        &self,
        contents: Contents<'_, T>,
        nonce: &[u8; NONCE_LEN],
    ) -> Result<SealedValue, (usize, ValueProblem)> {
        in_its_format!(self, format => format.seal(contents, nonce))
    }

    fn length_varies(&self) -> bool {
        in_its_format!(self, format => format.length_varies())
    }

    fn has_id(&self) -> bool {
        in_its_format!(self, format => format.has_id())
    }

    fn activity_time(&self, request: Reading, sealing: Reading) -> u64 {
        in_its_format!(self, format => format.activity_time(request, sealing))
    }

    fn id_hash(&self, id: SessionId) -> Option<[u8; 8]> {
        in_its_format!(self, format => format.id_hash(id))
    }

    fn key_count(&self) -> usize {
        in_its_format!(self, format => format.key_count())
    }

    fn sealing_key_fingerprint(&self) -> [u8; 4] {
        in_its_format!(self, format => format.sealing_key_fingerprint())
    }

    #[cfg(feature = "test-util")]
    fn with_key(&self, key: &Key) -> Self {
        match self {
            #[cfg(feature = "fastify")]
            Self::Fastify(format) => Self::Fastify(format.with_key(key)),
            Self::Native(format) => Self::Native(format.with_key(key)),
        }
    }
}
