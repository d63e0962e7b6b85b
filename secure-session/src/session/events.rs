//! Events that a session logs in a request.

use super::{
    SecureSession,
    cell::{Loaded, SessionCell},
    outcome::{SendReason, Sending},
    state::RequestState,
};
use crate::{
    codec::{Codec, LARGE_COOKIE_BYTES, MAX_COOKIE_BYTES, SealedValue, name_value_len},
    error::EncodeError,
    log::{event, event_once, is_logged},
    schema::{Format as _, FormatKind, field_set::FieldSet},
};

impl<T: SecureSession> SessionCell<T> {
    /// Logs the number of received cookies with the session's name, unless it is one.
    pub(super) fn report_cookies(&self) {
        if !is_logged!(DEBUG) {
            return;
        }
        let session = self.codec().cookie_name();
        match self.cookies().values(session).count() {
            0 => event!(
                debug,
                "session.no_cookie",
                session,
                "the request has no cookie with this name"
            ),
            1 => {}
            count => event!(
                debug,
                "session.several_cookies",
                session,
                count,
                "received several cookies with this name; using the first that opens (at most four \
                 are tried)"
            ),
        }
    }

    /// Logs the call of a lifecycle method, before it takes effect.
    pub(super) fn report_method(&self, method: &'static str) {
        if !self.is_closed() {
            event!(
                debug,
                "session.method",
                session = self.codec().cookie_name(),
                method,
                id_hash = self.codec().id_hash(self.open().id()),
                "lifecycle method called"
            );
        }
    }

    /// Warns of setters or methods that a later method undoes, which is rarely intended.
    pub(super) fn report_discarded_writes(&self, method: &'static str, keep: FieldSet) {
        if !self.is_written() || self.is_closed() || !is_logged!(WARN) {
            return;
        }
        let open = self.open();
        let (set, undone) = open.state(|state| {
            let undone = if method == "sign_in" {
                state.is_remembered_here().then_some("remember_for")
            } else {
                state.is_reauthenticated_here().then_some("reauthenticate")
            };
            (state.set().difference(keep), undone)
        });
        let mut discarded = FieldSet::EMPTY;
        if set != FieldSet::EMPTY {
            discarded = set.differing::<T>(&open.current(), &T::defaults());
        }
        if discarded != FieldSet::EMPTY || undone.is_some() {
            event_once!(
                self.codec().log_state().discarded_writes,
                "session.discarded_writes",
                session = self.codec().cookie_name(),
                method,
                fields = discarded.names::<T>(),
                undone,
                "`{method}` discarded changes made earlier in this request; call `{method}` first, \
                 then setters, `remember_for` and other methods"
            );
        }
    }

    /// Warns if a user is signed in to the session from before the login.
    pub(super) fn warn_of_missing_sign_in(
        &self,
        open: &Loaded<T>,
        state: &RequestState,
        value: &T,
    ) {
        let identity = FieldSet::identity::<T>();
        if identity == FieldSet::EMPTY || state.ends_login() || !is_logged!(WARN) {
            return;
        }
        let changed = open.changed_in(state, value).intersection(identity);
        // A logout by `clear_…` is not a login.
        if changed.differing(value, &T::defaults()) == FieldSet::EMPTY {
            return;
        }
        let method = match T::Format::KIND {
            FormatKind::Native => "sign_in",
            #[cfg(feature = "fastify")]
            FormatKind::Fastify => "regenerate",
        };
        event_once!(
            self.codec().log_state().identity_without_sign_in,
            "session.identity_without_sign_in",
            session = self.codec().cookie_name(),
            fields = identity.names::<T>(),
            "the identity field was set without `{method}`, so the session from before the login \
             continues (session fixation); call `{method}` first in the login handler, then the \
             setters"
        );
    }

    pub(super) fn report_opened_after_response(&self) {
        event_once!(
            self.codec().log_state().opened_after_response,
            "session.opened_after_response",
            session = self.codec().cookie_name(),
            "session opened after its response passed SessionMiddleware, so the response lacks \
             `Vary: Cookie`; read the session earlier, or write the `.wrap(…)` of the middleware \
             that reads it before `.wrap(sessions)`"
        );
    }

    pub(super) fn report_many_versions(&self) {
        event!(
            warn,
            "session.many_versions",
            session = self.codec().cookie_name(),
            "this request alternates reads and writes of the session many times and keeps a copy \
             of the value for each; read once before the loop, or use the `update_…` methods"
        );
    }

    pub(super) fn report_late_write(&self) {
        if self.is_first_late_write() {
            event!(
                error,
                "session.late_write",
                session = self.codec().cookie_name(),
                "session written after the response head was sent: the change is lost; write \
                 before the handler returns"
            );
        }
    }

    pub(super) fn report_unchanged(&self, open: &Loaded<T>) {
        event!(
            trace,
            "session.unchanged",
            session = self.codec().cookie_name(),
            id_hash = self.codec().id_hash(open.id()),
            "session unchanged; no cookie is sent"
        );
    }

    /// Logs that the session expired between its extraction and the response.
    pub(super) fn report_expired(&self, change_is_lost: bool) {
        if change_is_lost {
            event!(
                warn,
                "session.expired_in_request",
                session = self.codec().cookie_name(),
                "session expired during the request: its changes are lost; respond faster or raise \
                 the limits"
            );
        } else {
            self.report_unchanged(self.open());
        }
    }

    pub(super) fn report_removed(&self) {
        event!(
            debug,
            "session.removed",
            session = self.codec().cookie_name(),
            "session cookie removed"
        );
    }

    /// Logs why the session's cookie is sent.
    pub(super) fn report_sent(
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
        match sending.reason {
            SendReason::Changed => event!(
                debug,
                "session.stored",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                changed = open.changed_in(state, &open.current()).names::<T>(),
                "session stored"
            ),
            SendReason::Resealed => event!(
                debug,
                "session.reencrypted",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                "session re-encrypted: its cookie used an old key or an old format"
            ),
            SendReason::Refreshed => event!(
                debug,
                "session.refreshed",
                session,
                id_hash = id_hash(),
                age = age(),
                size = size(),
                "session refreshed; its idle clock restarts"
            ),
        }
    }

    pub(super) fn warn_if_large(&self, open: &Loaded<T>, state: &RequestState, value_len: usize) {
        let name = self.codec().cookie_name();
        let size = name_value_len(name, value_len);
        if size >= LARGE_COOKIE_BYTES {
            event_once!(
                self.codec().log_state().large,
                "session.near_limit",
                session = name,
                size,
                limit = MAX_COOKIE_BYTES,
                largest = ?Codec::<T>::largest_fields(&open.current(), open.carried(state)),
                "session cookie is close to the size limit of browsers; a proxy may accept less \
                 (see nginx's `proxy_buffer_size` and `large_client_header_buffers`)"
            );
        }
    }

    pub(super) fn report_not_refreshed(&self, err: &EncodeError) {
        event!(
            debug,
            "session.not_refreshed",
            session = self.codec().cookie_name(),
            %err,
            "failed to refresh or re-encrypt session; the previous cookie is kept"
        );
    }

    pub(super) fn report_legacy_removed(&self, name: &str) {
        event!(
            debug,
            "session.legacy_cookie_removed",
            session = self.codec().cookie_name(),
            cookie = name,
            "legacy cookie removed"
        );
    }
}
