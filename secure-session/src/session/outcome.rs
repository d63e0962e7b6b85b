//! What goes out for one session when the response does.

use std::{any::Any, sync::Arc};

use smallvec::SmallVec;

use super::{
    cell::{Loaded, SessionCell},
    state::{Plan, RequestState, Sending},
};
use crate::{
    codec::{Codec, Contents, LARGE_COOKIE_BYTES, MAX_COOKIE_BYTES, SealedValue, name_value_len},
    cookie,
    cookie::CookieValue as _,
    error::EncodeError,
    log::{event, event_once},
    payload::Envelope,
    session::SecureSession,
};

/// What the sessions of a request have to say when its response goes out.
#[derive(Debug, Default)]
pub(crate) struct ResponseEffects {
    /// The request looked at a session.
    pub(crate) opened: bool,
    /// Headers that store and remove cookies.
    pub(crate) cookies: SmallVec<[SetCookie; 1]>,
    /// Sessions that had to be stored and cannot be.
    pub(crate) failures: Vec<EncodeError>,
}

impl ResponseEffects {
    /// Whether all that there is to say is that the request looked at a session.
    pub(crate) fn sends_nothing(&self) -> bool {
        self.cookies.is_empty() && self.failures.is_empty()
    }
}

/// A `Set-Cookie` header.
#[derive(Debug)]
pub(crate) struct SetCookie {
    /// The value of the header.
    pub(crate) text: Vec<u8>,
    /// Whether it removes the cookie.
    pub(crate) removes: bool,
    /// Whether it is about the session's present cookie, which nobody else may set.
    pub(crate) is_present: bool,
    /// Whether it sets the cookie with `Secure`.
    pub(crate) secure: bool,
}

impl SetCookie {
    fn storing(text: Vec<u8>, secure: bool) -> Self {
        Self {
            text,
            removes: false,
            is_present: true,
            secure,
        }
    }

    fn removing(text: String) -> Self {
        Self {
            removes: true,
            ..Self::storing(text.into_bytes(), false)
        }
    }

    fn removing_former(text: String) -> Self {
        Self {
            is_present: false,
            ..Self::removing(text)
        }
    }
}

/// A slot of any type.
pub(crate) trait ErasedCell: Send + Sync {
    /// Ends writing and adds what goes out.
    fn close(&self, closing: &mut ResponseEffects);

    /// For the way back to the type.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<T: SecureSession> ErasedCell for SessionCell<T> {
    fn close(&self, closing: &mut ResponseEffects) {
        let Some(open) = SessionCell::close(self) else {
            return;
        };
        let state = self.last_state(open);
        closing.opened = true;
        #[cfg(feature = "fastify")]
        let before = closing.cookies.len();
        match self.set_cookie(open, &state) {
            Ok(Some(cookie)) => closing.cookies.push(cookie),
            Ok(None) => {}
            Err(err) => closing.failures.push(err),
        }
        #[cfg(feature = "fastify")]
        let former = self.former_removal(open, closing.cookies.get(before));
        for removal in self.removals() {
            closing.cookies.push(removal);
        }
        #[cfg(feature = "fastify")]
        if let Some(removal) = former {
            closing.cookies.push(removal);
        }
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl<T: SecureSession> SessionCell<T> {
    /// The header that stores or removes the session, if one is due.
    fn set_cookie(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
    ) -> Result<Option<SetCookie>, EncodeError> {
        let policy = self.codec().policy();
        let changed = state.is_touched() || open.differs_from_stored(state);
        let options = state.options();
        let name = &policy.cookie.name;
        let plan = state.plan(
            &policy.limits,
            changed,
            open.wants_resealing(),
            open.opened_at(),
            || self.codec().time_to_write(),
        );
        match plan {
            Plan::Nothing => {
                event!(
                    trace,
                    "session.unchanged",
                    session = name,
                    id_hash = self.codec().id_hash(open.id()),
                    "session unchanged: no cookie is sent"
                );
                Ok(None)
            }
            Plan::Remove => {
                event!(
                    debug,
                    "session.removed",
                    session = name,
                    "session removed: its cookie is to go"
                );
                let text = cookie::removal(name, &options.tail(policy));
                Ok(Some(SetCookie::removing(text)))
            }
            Plan::Send(sending) => {
                let Some(sealed) = self.sealed(open, state, &sending)? else {
                    return Ok(None);
                };
                let left = policy.limits.left(&sending.times, sending.now);
                let persistent = policy.persistent || sending.times.own_end.is_some();
                let max_age = options.max_age_of(policy, persistent, left);
                self.report_sent(open, state, &sending, &sealed);
                let text = cookie::set_cookie(name, &sealed, max_age, &options.tail(policy));
                Ok(Some(SetCookie::storing(text, options.is_secure(policy))))
            }
        }
    }

    /// The sealed session; `None` if it need not be sent and cannot be.
    fn sealed(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
        sending: &Sending,
    ) -> Result<Option<SealedValue>, EncodeError> {
        match open.seal(self.codec(), state, sending) {
            Ok(sealed) => {
                if sending.required {
                    self.warn_if_large(open, state, sealed.text_len());
                }
                Ok(Some(sealed))
            }
            Err(err) if sending.required => Err(err),
            Err(err) => {
                event!(
                    debug,
                    "session.not_refreshed",
                    session = self.codec().cookie_name(),
                    %err,
                    "session not refreshed: the old cookie stays"
                );
                Ok(None)
            }
        }
    }

    /// Why the session's cookie is sent.
    fn report_sent(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
        sending: &Sending,
        sealed: &SealedValue,
    ) {
        let session = self.codec().cookie_name();
        let id_hash = || self.codec().id_hash(open.id());
        let age = || sending.now.saturating_sub(sending.times.created);
        let size = || name_value_len(session, sealed.text_len());
        if sending.required {
            event!(
                debug,
                "session.stored",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                changed = open.changed_in(state).names::<T>(),
                "session stored"
            );
        } else if open.wants_resealing() {
            event!(
                debug,
                "session.resealed",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                "session sealed again: its cookie came under another key or in another format"
            );
        } else {
            event!(
                debug,
                "session.refreshed",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                "session sent again: its idle clock restarts"
            );
        }
    }

    /// Earlier cookies of this session that came with the request, and the headers that remove
    /// them.
    fn removals(&self) -> impl Iterator<Item = SetCookie> {
        let legacy_cookies = self.codec().policy().legacy_cookies.iter();
        legacy_cookies
            .filter(|former| former.is_seen(self.cookies().values(&former.name).count()))
            .map(|former| self.removing_former(&former.name, &former.removal))
    }

    /// The header that removes the former cookie: with every removal, and otherwise when it came
    /// and the session has a native one.
    #[cfg(feature = "fastify")]
    fn former_removal(&self, open: &Loaded<T>, sent: Option<&SetCookie>) -> Option<SetCookie> {
        let settings = &self.codec().policy().fastify;
        let (former, text) = settings
            .migration
            .as_ref()
            .zip(settings.migration_removal.as_ref())?;
        let came = || self.cookies().values(&former.cookie).next().is_some();
        let has_native = sent.is_some() || (open.failure().is_none() && !open.is_migrated());
        let is_removal = sent.is_some_and(|sent| sent.removes);
        let due = is_removal || (has_native && came());
        due.then(|| self.removing_former(&former.cookie, text))
    }

    fn removing_former(&self, name: &str, text: &str) -> SetCookie {
        event!(
            debug,
            "session.former_removed",
            session = self.codec().cookie_name(),
            former = name,
            "former cookie of the session removed"
        );
        SetCookie::removing_former(text.to_owned())
    }

    fn warn_if_large(&self, open: &Loaded<T>, state: &RequestState, value_len: usize) {
        let name = self.codec().cookie_name();
        let size = name_value_len(name, value_len);
        if size >= LARGE_COOKIE_BYTES {
            event_once!(
                self.codec().log_state().large,
                "session.near_limit",
                session = name,
                size,
                limit = MAX_COOKIE_BYTES,
                largest = ?Codec::largest_fields(open.layers(), &open.unknown(state)),
                "session cookie is near the size that browsers drop"
            );
        }
    }
}

impl<T: SecureSession> Loaded<T> {
    fn seal(
        &self,
        codec: &Codec<T>,
        state: &RequestState,
        sending: &Sending,
    ) -> Result<SealedValue, EncodeError> {
        let (id, nonce) = if let Some(id) = sending.id {
            (id, codec.new_nonce()?)
        } else {
            let (id, nonce) = codec.new_id_and_nonce()?;
            // Whoever asks for the id later, or has just now, gets the one that goes out.
            (self.assign_id_if_missing(id), nonce)
        };
        let envelope = Envelope {
            id,
            times: sending.times,
            authenticated: sending.authenticated,
            schema_version: sending.schema_version,
            extensions: self.extensions(state),
        };
        let contents = Contents {
            value: self.layers(),
            envelope: &envelope,
            unknown: &self.unknown(state),
        };
        codec.seal_with(contents, &nonce)
    }
}
