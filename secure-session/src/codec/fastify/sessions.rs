//! Sessions in cookies of @fastify/secure-session, in either use: as the format of a session, or as
//! a former one that a native session takes over.

use super::FastifyKeys;
use crate::{
    codec::{Codec, Keys, MAX_COOKIE_BYTES, NativeKeys, Opened, name_value_len},
    error::{ExpiryLimit, RejectReason},
    payload::{Envelope, SessionId, json},
    policy::FastifyMigration,
    schema::SessionData,
    time::LazyNow,
};

impl<T: SessionData> Codec<T> {
    /// Opens the first of these former cookies that opens into a blank session. `None` for a
    /// native session that takes none over.
    ///
    /// # Errors
    ///
    /// As [`open_first`](Self::open_first).
    pub(crate) fn open_migrated<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: &LazyNow<'_>,
        session: &mut Opened<T>,
    ) -> Option<Result<(), RejectReason>> {
        let Keys::Native(NativeKeys {
            former: Some(keys), ..
        }) = &self.inner.keys
        else {
            return None;
        };
        let former = self.policy().fastify.former.as_ref()?;
        let open = |codec: &Self, text: &[u8], now, session: &mut Opened<T>| {
            codec.take_over(former, keys, text, now, session)
        };
        Some(self.first_of(Some(&former.cookie), candidates, now, session, open))
    }

    /// The keys under which the session reads this format.
    pub(crate) fn fastify_keys(&self) -> SharedKeys {
        let (keys, may_be_shared) = match &self.inner.keys {
            Keys::Fastify(keys) => (Some(keys), self.policy().fastify.shares_keys),
            Keys::Native(native) => (native.former.as_ref(), false),
        };
        SharedKeys {
            fingerprints: keys
                .into_iter()
                .flat_map(FastifyKeys::fingerprints)
                .copied()
                .collect(),
            may_be_shared,
        }
    }

    /// A former session as a native one: it keeps its age, and the end that it had if the absolute
    /// limit has passed already.
    fn take_over(
        &self,
        former: &FastifyMigration,
        keys: &FastifyKeys,
        text: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        if name_value_len(&former.cookie, text.len()) > MAX_COOKIE_BYTES {
            return Err(RejectReason::Malformed);
        }
        self.open_timed(keys, text, former.without_time, now, session)?;
        let issued = session.envelope.times.seen;
        if session.envelope.is_from_the_future(now) {
            return Err(RejectReason::Malformed);
        }
        let end = issued.saturating_add(former.expiry.as_secs());
        if now >= end {
            return Err(RejectReason::Expired(ExpiryLimit::Idle));
        }
        let times = &mut session.envelope.times;
        times.seen = now.max(issued);
        if self.policy().limits.passed(times, now).is_some() {
            times.own_end = Some(end);
        }
        session.reseal = true;
        Ok(())
    }

    /// Opens a value of the fastify format.
    pub(in crate::codec) fn open_timed(
        &self,
        keys: &FastifyKeys,
        text: &[u8],
        without_time: bool,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        let (plaintext, key_index) = keys.open(text)?;
        // A former session is older than every version of the native one.
        let migrated = self.migrated(&plaintext, 0, Some(json::TIME_MEMBER))?;
        let json = match &migrated {
            Some(migrated) => migrated,
            None => &plaintext,
        };
        let (unknown, time) =
            json::read_timed(json, &mut session.value).map_err(|err| self.report(err, 0))?;
        self.report_resets(&unknown);
        let issued = match time {
            Some(time) => time,
            None if without_time => now,
            None => return Err(RejectReason::Malformed),
        };
        session.envelope = Envelope::begin(SessionId::NONE, issued);
        session.unknown = unknown;
        session.migrated_from = migrated.map(|_| 0);
        session.key_index = key_index;
        session.reseal = key_index != 0 || time.is_none();
        Ok(())
    }
}

/// The keys under which a session reads the fastify format, as hashes.
pub(crate) struct SharedKeys {
    fingerprints: Vec<[u8; 32]>,
    may_be_shared: bool,
}

impl SharedKeys {
    /// Whether they have a key in common and neither says that this is meant.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        let common = |hash| other.fingerprints.contains(hash);
        !(self.may_be_shared || other.may_be_shared) && self.fingerprints.iter().any(common)
    }
}
