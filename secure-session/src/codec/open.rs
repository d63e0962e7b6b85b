//! From the values of cookies to a session.

use super::{Codec, MAX_COOKIE_BYTES, Opened, name_value_len, wire::WireFormat as _};
use crate::{cookie::MAX_CANDIDATES, error::RejectReason, schema::SessionData};

impl<T: SessionData> Codec<T> {
    /// As [`open`](Self::open), at a given time.
    pub(crate) fn open_at(&self, text: &[u8], now: u64) -> Result<Opened<T>, RejectReason> {
        let mut session = Opened::blank();
        self.open_into(text, now, &mut session)?;
        Ok(session)
    }

    /// Opens the first of these cookies that opens into a blank session; at most
    /// [`MAX_CANDIDATES`] are tried. After an error the session is blank.
    ///
    /// The session is opened in place because moving a struct that was just written stalls on store
    /// forwarding.
    ///
    /// # Errors
    ///
    /// [`RejectReason::Absent`] without any. Otherwise the reason of an authentic session, if there is
    /// one ([`RejectReason::was_a_session`]), else that of the first cookie.
    #[inline]
    pub(crate) fn open_first<'a>(
        &self,
        candidates: impl Iterator<Item = &'a [u8]>,
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        let mut verdict = RejectReason::Absent;
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
                    verdict = more_telling(verdict, reason);
                }
            }
        }
        Err(verdict)
    }

    /// Opens the first of these cookies of the Node package, as [`open_first`](Self::open_first).
    /// `None` for a session that takes none over.
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
        let mut verdict = RejectReason::Absent;
        for text in candidates.take(MAX_CANDIDATES) {
            let opened = match check_size(cookie, text) {
                Ok(()) => migration.open(text, limits, now, session),
                Err(reason) => Err(reason.into()),
            };
            match self.report_result(opened, session) {
                Ok(()) => {
                    self.report_opened(Some(cookie), text, now, session);
                    return Some(Ok(()));
                }
                Err(reason) => {
                    *session = Opened::blank();
                    self.report_not_opened(Some(cookie), text, reason);
                    verdict = more_telling(verdict, reason);
                }
            }
        }
        Some(Err(verdict))
    }

    /// Opens the text of a cookie into a blank session; after an error it holds whatever was read
    /// by then.
    #[inline]
    fn open_into(
        &self,
        text: &[u8],
        now: u64,
        session: &mut Opened<T>,
    ) -> Result<(), RejectReason> {
        check_size(self.cookie_name(), text)?;
        let opened = (self.inner.wire).open(text, &self.policy().limits, now, session);
        self.report_result(opened, session)
    }
}

/// Refuses cookies beyond the size that browsers keep before any work is done on them.
fn check_size(name: &str, text: &[u8]) -> Result<(), RejectReason> {
    if name_value_len(name, text.len()) > MAX_COOKIE_BYTES {
        return Err(RejectReason::Malformed);
    }
    Ok(())
}

/// Returns the reason that says more of two: that of an authentic session, else the first.
fn more_telling(first: RejectReason, second: RejectReason) -> RejectReason {
    if first == RejectReason::Absent || second.was_a_session() {
        second
    } else {
        first
    }
}
