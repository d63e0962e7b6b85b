//! Turns the outcome of each session into `Set-Cookie` headers and log events.

#[cfg(feature = "revocation")]
use std::mem;
use std::{any::Any, sync::Arc};

use smallvec::SmallVec;

#[cfg(feature = "revocation")]
use super::last_look::{Append, LastLook, Unavailable, Verdict};
use super::{
    cell::{Loaded, SessionCell},
    outcome::{Circumstances, Outcome, Sending},
    state::RequestState,
};
#[cfg(feature = "fastify")]
use crate::error::RejectReason;
use crate::{
    codec::{Contents, SealedValue},
    cookie::{self, SetCookie},
    error::EncodeError,
    payload::Envelope,
    session::SecureSession,
};

/// Everything the sessions of a request add to its response.
#[derive(Debug, Default)]
pub(crate) struct ResponseEffects {
    /// The request opened a session.
    pub(crate) opened: bool,
    /// Headers that store and remove cookies.
    pub(crate) cookies: SmallVec<[SetCookieHeader; 1]>,
    /// Errors of sessions that must be stored and cannot be.
    pub(crate) failures: Vec<EncodeError>,
    /// Revocations to wait for, before the last look.
    #[cfg(feature = "revocation")]
    pub(crate) appends: Vec<Append>,
    /// The session type whose user cannot be signed in now.
    #[cfg(feature = "revocation")]
    pub(crate) unavailable: Option<Unavailable>,
}

impl ResponseEffects {
    /// Closes one session, without waiting for the store.
    #[cfg(feature = "test-util")]
    pub(crate) fn of(cell: &dyn ErasedCell) -> Self {
        let mut effects = Self::default();
        cell.close(&mut effects);
        #[cfg(feature = "revocation")]
        effects.look_again();
        effects
    }

    #[cfg(feature = "revocation")]
    /// Asks the list again whether each cookie may be sent. Call it after waiting for the store.
    pub(crate) fn look_again(&mut self) {
        for mut header in mem::take(&mut self.cookies) {
            let Some(look) = header.last_look.take() else {
                self.cookies.push(header);
                continue;
            };
            let verdict = look.verdict();
            if verdict == Verdict::Unavailable {
                self.unavailable = Some(look.unavailable());
            }
            if verdict == Verdict::Send {
                self.cookies.push(header);
            } else if let Some(removal) = look.removal {
                self.cookies.push(SetCookieHeader::removing(removal));
            }
        }
    }

    /// Returns true if sessions were at most read, and no cookie is sent.
    pub(crate) fn sends_nothing(&self) -> bool {
        #[cfg(feature = "revocation")]
        if self.unavailable.is_some() {
            return false;
        }
        self.cookies.is_empty() && self.failures.is_empty()
    }
}

/// A `Set-Cookie` header.
#[derive(Debug)]
pub(crate) struct SetCookieHeader {
    /// The value of the header.
    pub(crate) text: Vec<u8>,
    /// It removes the cookie.
    pub(crate) removes: bool,
    /// It is for the session's current cookie, which must not be set by anything else.
    pub(crate) is_present: bool,
    /// It sets the cookie with `Secure`.
    pub(crate) secure: bool,
    #[cfg(feature = "revocation")]
    pub(super) last_look: Option<Box<LastLook>>,
}

impl SetCookieHeader {
    fn storing(text: Vec<u8>, secure: bool) -> Self {
        Self {
            text,
            removes: false,
            is_present: true,
            secure,
            #[cfg(feature = "revocation")]
            last_look: None,
        }
    }

    pub(super) fn removing(text: String) -> Self {
        Self {
            removes: true,
            ..Self::storing(text.into_bytes(), false)
        }
    }

    fn removing_legacy(text: String) -> Self {
        Self {
            is_present: false,
            ..Self::removing(text)
        }
    }
}

/// A session cell of any type.
pub(crate) trait ErasedCell: Send + Sync {
    /// Closes the session for writing and adds its effects.
    fn close(&self, effects: &mut ResponseEffects);

    /// For downcasting to `SessionCell<T>`.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<T: SecureSession> ErasedCell for SessionCell<T> {
    fn close(&self, effects: &mut ResponseEffects) {
        let Some(open) = SessionCell::close(self) else {
            return;
        };
        let state = self.last_state(open);
        effects.opened = true;
        #[cfg(feature = "revocation")]
        if self.is_late_write(open, &state) {
            return;
        }
        let (sent, has_failed) = match self.set_cookie(open, &state) {
            Ok(sent) => (sent, false),
            Err(err) => {
                effects.failures.push(err);
                (None, true)
            }
        };
        #[cfg(feature = "fastify")]
        let migrated_removal = self.migrated_removal(open, &state, sent.as_ref());
        let is_moved = sent.is_some() && state.options().change_scope(self.codec().policy());
        let old_removal = self.old_removal(&state, has_failed || is_moved);
        if let Some(header) = sent {
            effects.cookies.push(header);
        }
        if let Some(header) = old_removal {
            effects.cookies.push(header);
        }
        for header in self.legacy_removals() {
            effects.cookies.push(header);
        }
        #[cfg(feature = "fastify")]
        if let Some(header) = migrated_removal {
            effects.cookies.push(header);
        }
        #[cfg(feature = "revocation")]
        effects.appends.append(&mut self.appends());
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<T: SecureSession> SessionCell<T> {
    /// Returns the header that stores or removes the session, if one is due.
    fn set_cookie(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
    ) -> Result<Option<SetCookieHeader>, EncodeError> {
        let policy = self.codec().policy();
        let value = &*open.current();
        let changed = state.is_touched() || open.differs_from_stored(state, value);
        let options = state.options();
        let name = &policy.cookie.name;
        let circumstances = Circumstances {
            limits: &policy.limits,
            changed,
            reseal: open.wants_resealing(),
            request_time: self.time().seconds(),
        };
        let now = || {
            let sealing = self.codec().read_clock();
            let activity = self.codec().activity_time(self.time(), sealing);
            (activity, sealing.seconds())
        };
        match Outcome::decide(state, &circumstances, now) {
            Outcome::Keep => {
                self.report_unchanged(open);
                Ok(None)
            }
            Outcome::Expired { change_is_lost } => {
                self.report_expired(change_is_lost);
                Ok(None)
            }
            Outcome::Remove => {
                self.report_removed();
                let text = cookie::removal(name, &options.tail(policy));
                Ok(Some(SetCookieHeader::removing(text)))
            }
            Outcome::Send(sending) => {
                #[cfg(feature = "revocation")]
                let sending = Sending {
                    id: open.id_to_send(state, value),
                    ..sending
                };
                self.warn_of_missing_sign_in(open, state, value);
                let Some(sealed) = self.sealed(open, value, state, &sending)? else {
                    return Ok(None);
                };
                let left = policy.limits.left(&sending.times, sending.now);
                let persistent = policy.persistent || sending.times.own_end.is_some();
                let max_age = options.max_age_of(policy, persistent, left);
                self.report_sent(open, state, &sending, &sealed);
                let tail = options.tail(policy);
                let mut header = SetCookie::begin(name, sealed.text_len(), max_age, &tail);
                sealed.append_to(header.value());
                let secure = options.is_secure(policy);
                Ok(Some(SetCookieHeader {
                    #[cfg(feature = "revocation")]
                    last_look: self.last_look(open, state, value, sending.id),
                    ..SetCookieHeader::storing(header.finish(), secure)
                }))
            }
        }
    }

    /// Encrypts the session. Returns `None` if that fails and the session need not be sent.
    fn sealed(
        &self,
        open: &Loaded<T>,
        value: &T,
        state: &RequestState,
        sending: &Sending,
    ) -> Result<Option<SealedValue>, EncodeError> {
        match self.seal(open, value, state, sending) {
            Ok(sealed) => {
                if sending.reason.is_required() {
                    self.warn_if_large(open, state, sealed.text_len());
                }
                Ok(Some(sealed))
            }
            Err(err) if sending.reason.is_required() => Err(err),
            Err(err) => {
                self.report_not_refreshed(&err);
                Ok(None)
            }
        }
    }

    /// Returns the header that removes the cookie of an ended login, if it was received and the
    /// response does not replace it: the new state cannot be stored, or has another path or domain
    /// in this response. A later failure must not undo a logout.
    fn old_removal(&self, state: &RequestState, is_left_over: bool) -> Option<SetCookieHeader> {
        let policy = self.codec().policy();
        let name = &policy.cookie.name;
        let is_received = || self.cookies().values(name).next().is_some();
        let due = state.ends_login() && is_left_over && is_received();
        due.then(|| {
            self.report_removed();
            SetCookieHeader::removing(cookie::removal(name, &policy.tail))
        })
    }

    /// Returns the headers that remove the received legacy cookies of this session.
    fn legacy_removals(&self) -> impl Iterator<Item = SetCookieHeader> {
        let legacy_cookies = self.codec().policy().legacy_cookies.iter();
        legacy_cookies
            .filter(|legacy| legacy.is_seen(self.cookies().values(&legacy.name).count()))
            .map(|legacy| self.removing_legacy(&legacy.name, &legacy.removal))
    }

    /// Returns the header that removes the cookie of the Node package: with every removal of the
    /// session, and otherwise if it was received and its login has ended or the session has a
    /// native cookie.
    ///
    /// A cookie that does not fit the struct is not migrated, and is kept until its login ends.
    #[cfg(feature = "fastify")]
    fn migrated_removal(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
        sent: Option<&SetCookieHeader>,
    ) -> Option<SetCookieHeader> {
        let settings = &self.codec().policy().fastify;
        let cookie = &settings.migration.as_ref()?.cookie;
        let removal = settings.migration_removal.as_ref()?;
        let is_received = || self.cookies().values(cookie).next().is_some();
        let has_native = match open.failure() {
            None => sent.is_some() || !open.is_migrated(),
            Some(reason) => sent.is_some() && reason != RejectReason::Schema,
        };
        let is_removal = sent.is_some_and(|sent| sent.removes);
        let due = is_removal || ((has_native || state.ends_login()) && is_received());
        due.then(|| self.removing_legacy(cookie, removal))
    }

    fn removing_legacy(&self, name: &str, text: &str) -> SetCookieHeader {
        self.report_legacy_removed(name);
        SetCookieHeader::removing_legacy(text.to_owned())
    }
}

impl<T: SecureSession> SessionCell<T> {
    /// Encrypts the session.
    fn seal(
        &self,
        open: &Loaded<T>,
        value: &T,
        state: &RequestState,
        sending: &Sending,
    ) -> Result<SealedValue, EncodeError> {
        let codec = self.codec();
        let extensions = open.extensions(state);
        #[cfg(feature = "revocation")]
        let extensions = self.proven(extensions, open, state, value);
        let (id, nonce) = if let Some(id) = sending.id {
            (id, codec.new_nonce()?)
        } else {
            let (id, nonce) = codec.new_id_and_nonce()?;
            // `info().id()` returns the id that is sent, whenever it is called.
            (open.assign_id_if_missing(id), nonce)
        };
        let envelope = Envelope {
            id,
            times: sending.times,
            authenticated: sending.authenticated,
            schema_version: sending.schema_version,
            extensions,
        };
        let contents: Contents<'_, T> = Contents {
            value,
            envelope: &envelope,
            carried: open.carried(state),
            is_compact: false,
        };
        codec.seal_with(contents, &nonce)
    }
}
