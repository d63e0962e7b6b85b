//! Migrates sessions of the Node package to native sessions.

use super::FastifyWire;
use crate::{
    codec::{Opened, wire::OpenError},
    error::{ExpiryLimit, RejectReason},
    policy::{FastifyMigration, Limits},
    schema::SessionData,
};

/// Opens sessions of the Node package as native ones.
pub(in crate::codec) struct Migration {
    wire: FastifyWire,
    expiry: u64,
}

impl Migration {
    pub(in crate::codec) fn new(settings: &FastifyMigration) -> Self {
        let signed = settings.signed.as_ref();
        Self {
            wire: FastifyWire::with_keys(&settings.keys, signed, settings.without_time),
            expiry: settings.expiry.as_secs(),
        }
    }

    /// Opens a cookie value into a blank session.
    ///
    /// The session keeps its age. If the absolute limit has already passed, it keeps its original
    /// expiry.
    ///
    /// # Errors
    ///
    /// As [`WireFormat::open`](crate::codec::wire::WireFormat::open).
    pub(in crate::codec) fn open<T: SessionData>(
        &self,
        text: &[u8],
        limits: &Limits,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), OpenError> {
        let decrypted = self.wire.decrypt(text, now)?;
        session.envelope = decrypted.envelope();
        let issued = decrypted.issued;
        if session.envelope.is_from_the_future(now) {
            return Err(RejectReason::Malformed.into());
        }
        let end = issued.saturating_add(self.expiry);
        if now >= end {
            return Err(RejectReason::Expired(ExpiryLimit::Idle).into());
        }
        let times = &mut session.envelope.times;
        times.seen = now.max(issued);
        if limits.passed(times, now).is_some() {
            times.own_end = Some(end);
        }
        decrypted.read_into(session)?;
        session.reseal = true;
        Ok(())
    }

    pub(super) fn wire(&self) -> &FastifyWire {
        &self.wire
    }
}
