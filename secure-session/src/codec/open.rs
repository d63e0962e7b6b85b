//! Opens cookie values.

use super::{Codec, MAX_COOKIE_BYTES, Opened, name_value_len, wire::WireFormat as _};
use crate::{cookie::MAX_CANDIDATES, error::RejectReason, schema::SessionData};

impl<T: SessionData> Codec<T> {
    /// Opens a cookie value like [`open`](Self::open), at a given time.
    pub(crate) fn open_at(&self, text: &[u8], now: u64) -> Result<Opened<T>, RejectReason> {
        let mut session = Opened::blank();
        self.open_into(text, now, &mut session)?;
        Ok(session)
    }

    /// Opens the first cookie that opens, into a blank session. Tries at most [`MAX_CANDIDATES`].
    /// After an error, the session is blank.
    ///
    /// The session is opened in place because moving a struct that was just written stalls on store
    /// forwarding.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Absent`] if there is no cookie. Otherwise the reason of an authentic session
    /// ([`RejectReason::was_a_session`]) if there is one, or else the reason of the first cookie.
    #[inline]
    pub(crate) fn open_first<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        let mut rejection = RejectReason::Absent;
        for text in candidates.take(MAX_CANDIDATES) {
            match self.open_into(text, now, session) {
                Ok(()) => {
                    self.report_opened(None, text, now, session);
                    self.report_old_key(session.key_index, now);
                    return Ok(());
                }
                Err(reason) => {
                    *session = Opened::blank();
                    self.report_not_opened(None, text, reason);
                    rejection = more_specific(rejection, reason);
                }
            }
        }
        Err(rejection)
    }

    /// Opens the first of these cookies of the Node package, like [`open_first`](Self::open_first).
    /// Returns `None` if the session migrates none.
    #[cfg(feature = "fastify")]
    pub(crate) fn open_migrated<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: u64,
        session: &mut Opened<T>,
    ) -> Option<Result<(), RejectReason>> {
        let migration = self.inner.migration.as_ref()?;
        let cookie = &self.policy().fastify.migration.as_ref()?.cookie;
        let limits = &self.policy().limits;
        let mut rejection = RejectReason::Absent;
        for text in candidates.take(MAX_CANDIDATES) {
            let opened = match check_size(cookie, text) {
                Ok(()) => migration.open(text, limits, now, session),
                Err(reason) => Err(reason.into()),
            };
            let opened = self.report_result(opened, session);
            #[cfg(feature = "revocation")]
            let opened = opened.and_then(|()| self.check_revoked(session));
            match opened {
                Ok(()) => {
                    self.report_opened(Some(cookie), text, now, session);
                    return Some(Ok(()));
                }
                Err(reason) => {
                    *session = Opened::blank();
                    self.report_not_opened(Some(cookie), text, reason);
                    rejection = more_specific(rejection, reason);
                }
            }
        }
        Some(Err(rejection))
    }

    /// Opens a cookie value into a blank session. After an error, the session holds whatever was
    /// read until then.
    #[inline]
    pub(super) fn open_into(
        &self,
        text: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        check_size(self.cookie_name(), text)?;
        let opened = (self.inner.wire).open(text, &self.policy().limits, now, session);
        let opened = self.report_result(opened, session);
        #[cfg(feature = "revocation")]
        let opened = match opened {
            Ok(()) => self.check_revoked(session),
            Err(reason) => Err(self.not_opened(session, reason)),
        };
        opened
    }
}

/// Rejects cookies beyond the size that browsers accept, before any work is done on them.
fn check_size(name: &str, text: &[u8]) -> Result<(), RejectReason> {
    if name_value_len(name, text.len()) > MAX_COOKIE_BYTES {
        return Err(RejectReason::Malformed);
    }
    Ok(())
}

/// Returns the more specific of two reasons: the one of an authentic session, or else the first.
fn more_specific(first: RejectReason, second: RejectReason) -> RejectReason {
    if first == RejectReason::Absent || second.was_a_session() {
        second
    } else {
        first
    }
}
