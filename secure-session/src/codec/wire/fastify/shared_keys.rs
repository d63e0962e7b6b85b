//! Detects sessions that read the fastify format with the same key.

use super::{FastifyWire, Migration, keys::FastifyKeys};
use crate::codec::{Codec, wire::SessionWire};
use crate::schema::SessionData;

/// The keys with which a session reads the fastify format, as hashes.
pub(crate) struct SharedKeys {
    fingerprints: Vec<[u8; 32]>,
    may_be_shared: bool,
}

impl<T: SessionData> Codec<T> {
    /// Returns the keys with which the session reads the fastify format.
    pub(crate) fn fastify_keys(&self) -> SharedKeys {
        let wire = match &self.inner.wire {
            SessionWire::Fastify(wire) => Some(wire),
            SessionWire::Native(_) => self.inner.migration.as_ref().map(Migration::wire),
        };
        let keys = wire.map(FastifyWire::keys).into_iter();
        SharedKeys {
            fingerprints: keys.flat_map(FastifyKeys::fingerprints).copied().collect(),
            may_be_shared: self.policy().fastify.shares_keys,
        }
    }
}

impl SharedKeys {
    /// Returns true if the sessions share a key and neither allows it.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        let common = |hash| other.fingerprints.contains(hash);
        !(self.may_be_shared || other.may_be_shared) && self.fingerprints.iter().any(common)
    }
}
