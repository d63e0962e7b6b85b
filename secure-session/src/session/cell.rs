//! A session in a request: opened on first use, and writable until the response head is sent.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

#[cfg(feature = "revocation")]
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(feature = "revocation")]
use super::last_look::Append;
use super::{
    origin::SessionOrigin,
    state::RequestState,
    versions::{Current, History, Versions},
};
use crate::{
    codec::{Codec, Opened},
    cookie::RequestCookies,
    error::RejectReason,
    payload::{
        Extensions, SessionId,
        json::{Carried, ReceivedMembers},
    },
    schema::field_set::FieldSet,
    session::SecureSession,
    time::Reading,
};

/// A session in a request.
pub(crate) struct SessionCell<T> {
    codec: Codec<T>,
    request: RequestFacts,
    /// Boxed so that a session that is extracted but never opened stays small.
    opened: OnceLock<Box<Loaded<T>>>,
    /// [`WRITTEN`] and [`CLOSED`].
    phase: AtomicU8,
    late_write_reported: AtomicBool,
    /// Revocations that the response waits for.
    #[cfg(feature = "revocation")]
    appends: Mutex<Vec<Append>>,
}

/// What a session needs to know about its request.
pub(crate) struct RequestFacts {
    pub(crate) cookies: RequestCookies,
    /// The time at which the request first extracted a session. It decides expiry and counts as the
    /// time of activity.
    pub(crate) time: Reading,
    /// The request does not count as activity.
    pub(crate) ignore_activity: bool,
    /// The response head has been sent.
    pub(crate) is_closed: bool,
}

#[cfg(any(test, feature = "test-util"))]
impl RequestFacts {
    /// Makes the facts of a request that counts as activity and has no response yet.
    pub(crate) fn new(cookies: RequestCookies, time: Reading) -> Self {
        Self {
            cookies,
            time,
            ignore_activity: false,
            is_closed: false,
        }
    }
}

/// The number of versions in a request at which the log warns, because all are kept until its end.
const MANY_VERSIONS: usize = 256;

/// A write has started.
const WRITTEN: u8 = 1;

/// The response head is being sent or has been sent. Also set on sessions that were never opened.
const CLOSED: u8 = 2;

/// A session that has been opened.
pub(super) struct Loaded<T> {
    /// The received session, or the defaults if none was received.
    session: Opened<T>,
    failure: Option<RejectReason>,
    /// The session was received in a cookie of the Node package and becomes a native one.
    #[cfg(feature = "fastify")]
    is_migrated: bool,
    /// The request does not count as activity.
    ignore_activity: bool,
    /// The request's changes. There is a state from the first write on.
    versions: Versions<T, Option<RequestState>>,
}

impl<T: SecureSession> SessionCell<T> {
    pub(crate) fn new(codec: Codec<T>, request: RequestFacts) -> Self {
        Self {
            codec,
            opened: OnceLock::new(),
            phase: AtomicU8::new(if request.is_closed { CLOSED } else { 0 }),
            request,
            late_write_reported: AtomicBool::new(false),
            #[cfg(feature = "revocation")]
            appends: Mutex::default(),
        }
    }

    /// Returns the revocations that the response waits for.
    #[cfg(feature = "revocation")]
    pub(super) fn appends(&self) -> MutexGuard<'_, Vec<Append>> {
        self.appends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn codec(&self) -> &Codec<T> {
        &self.codec
    }

    /// Opens the session if it is not open yet.
    pub(super) fn open(&self) -> &Loaded<T> {
        self.opened.get_or_init(|| self.load())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.phase.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Closes the session for writing, and returns it if it was opened.
    ///
    /// Every write either precedes this or finds the session closed: one of the two changes to
    /// `phase` is the first, and the other sees it. For a write in progress, the lock decides.
    pub(super) fn close(&self) -> Option<&Loaded<T>> {
        self.phase.fetch_or(CLOSED, Ordering::AcqRel);
        self.opened.get().map(AsRef::as_ref)
    }

    /// Returns the final state of a closed session.
    pub(super) fn last_state(&self, open: &Loaded<T>) -> RequestState {
        if self.is_written() {
            open.state(RequestState::clone)
        } else {
            open.initial_state()
        }
    }

    pub(super) fn is_written(&self) -> bool {
        self.phase.load(Ordering::Acquire) & WRITTEN != 0
    }

    /// Returns the session for writing, opening it if necessary, or `None` if it is closed.
    #[inline]
    fn open_for_write(&self) -> Option<&Loaded<T>> {
        let mut phase = self.phase.load(Ordering::Acquire);
        // Don't open a session whose write would be discarded.
        let open = (phase & CLOSED == 0).then(|| self.open())?;
        if phase & WRITTEN == 0 {
            phase = self.phase.fetch_or(WRITTEN, Ordering::AcqRel);
        }
        (phase & CLOSED == 0).then_some(open)
    }

    /// Returns the current value, and keeps it as a version that stays valid.
    pub(super) fn read(&self) -> &T {
        let open = self.open();
        let history = open.history();
        if let Some(value) = history.read() {
            return value;
        }
        let (value, made) = history.freeze();
        if made == Some(MANY_VERSIONS) {
            self.report_many_versions();
        }
        value
    }

    /// Writes fields of the value. Returns false if the session is closed.
    ///
    /// `change` runs under the lock, so it must not be user code.
    pub(super) fn write(&self, fields: FieldSet, change: impl FnOnce(&mut T)) -> bool {
        self.write_recording(|value, state| {
            state.write(fields);
            #[cfg(feature = "revocation")]
            self.note_identity(fields, state);
            change(value);
        })
    }

    /// Resets all fields except those in `keep`, and records `update`.
    pub(super) fn reset(
        &self,
        name: &'static str,
        keep: FieldSet,
        update: impl FnOnce(&mut RequestState),
    ) {
        self.report_method(name);
        self.report_discarded_writes(name, keep);
        let mut fresh = T::defaults();
        let record = |state: &mut RequestState| {
            state.reset(FieldSet::all::<T>().difference(keep));
            update(state);
        };
        if keep == FieldSet::EMPTY {
            self.replace(fresh, record);
            return;
        }
        self.write_recording(|value, state| {
            for field in keep.positions() {
                value.__swap(&mut fresh, field);
            }
            std::mem::swap(value, &mut fresh);
            record(state);
        });
    }

    /// Replaces the whole value, and records `update`.
    pub(super) fn replace(&self, value: T, update: impl FnOnce(&mut RequestState)) {
        let done = self.open_for_write().is_some_and(|open| {
            let change = |state: &mut _| self.if_writable(|| update(open.state_mut(state)));
            open.history().replace(value, change)
        });
        if !done {
            self.report_late_write();
        }
    }

    /// Records `update`, which does not change the value. Returns `None` if the session is closed.
    pub(super) fn record<R>(&self, update: impl FnOnce(&mut RequestState) -> R) -> Option<R> {
        let done = self.open_for_write().and_then(|open| {
            (open.versions)
                .state(|state| (!self.is_closed()).then(|| update(open.state_mut(state))))
        });
        if done.is_none() {
            self.report_late_write();
        }
        done
    }

    fn write_recording(&self, change: impl FnOnce(&mut T, &mut RequestState)) -> bool {
        let done = self.open_for_write().is_some_and(|open| {
            open.history()
                .write(|value, state| self.if_writable(|| change(value, open.state_mut(state))))
        });
        if !done {
            self.report_late_write();
        }
        done
    }

    /// Runs `change` unless the session is closed, and returns whether it ran. Called under the
    /// lock; see [`close`](Self::close).
    #[inline]
    fn if_writable(&self, change: impl FnOnce()) -> bool {
        let open = !self.is_closed();
        if open {
            change();
        }
        open
    }

    /// Opens the session in place, because moving a just-written struct stalls on store forwarding.
    fn load(&self) -> Box<Loaded<T>> {
        if self.is_closed() {
            self.report_opened_after_response();
        }
        self.report_cookies();
        let now = self.request.time.seconds();
        let candidates = self.request.cookies.values(self.codec.cookie_name());
        // `Box::new` would build it on the stack first.
        let mut open = Box::write(Box::new_uninit(), Loaded::blank());
        let opened = self.codec.open_first(candidates, now, &mut open.session);
        open.failure = opened.err();
        open.ignore_activity = self.request.ignore_activity;
        #[cfg(feature = "fastify")]
        if let Some(reason) = open.failure {
            self.load_migrated(reason, now, &mut open);
        }
        #[cfg(feature = "revocation")]
        if open.failure == Some(RejectReason::Revoked) {
            self.report_revoked_used();
        }
        open
    }

    /// Opens the session in a cookie of the Node package, unless the native cookie was a session.
    ///
    /// A native session that has expired, or that only a newer build can open, was migrated
    /// earlier. A cookie of the Node package next to it is a leftover that could not be removed,
    /// and must not restore the old login.
    #[cfg(feature = "fastify")]
    fn load_migrated(&self, reason: RejectReason, now: u64, open: &mut Loaded<T>) {
        let migration = match &self.codec.policy().fastify.migration {
            Some(migration) if !reason.was_a_session() => migration,
            _ => return,
        };
        let candidates = self.request.cookies.values(&migration.cookie);
        match (self.codec).open_migrated(candidates, now, &mut open.session) {
            Some(Ok(())) => {
                open.failure = None;
                open.is_migrated = true;
            }
            Some(Err(legacy_reason)) if reason == RejectReason::Absent => {
                open.failure = Some(legacy_reason);
            }
            _ => {}
        }
    }

    /// Returns true the first time it is called.
    pub(super) fn is_first_late_write(&self) -> bool {
        !self.late_write_reported.swap(true, Ordering::Relaxed)
    }

    /// Returns the time of the request.
    pub(super) fn time(&self) -> Reading {
        self.request.time
    }

    pub(super) fn cookies(&self) -> &RequestCookies {
        &self.request.cookies
    }
}

impl<T: SecureSession> Loaded<T> {
    #[inline]
    fn blank() -> Self {
        Self {
            session: Opened::blank(),
            failure: None,
            #[cfg(feature = "fastify")]
            is_migrated: false,
            ignore_activity: false,
            versions: Versions::new(None),
        }
    }

    fn history(&self) -> History<'_, T, Option<RequestState>> {
        History::new(self.first(), &self.versions)
    }

    /// Returns the received value.
    pub(super) fn first(&self) -> &T {
        &self.session.value
    }

    /// Returns the current value without keeping a version of it.
    pub(super) fn current(&self) -> Current<'_, T> {
        self.history().current()
    }

    /// Reads the state. `read` runs under the lock, so it must not be user code.
    pub(super) fn state<R>(&self, read: impl FnOnce(&RequestState) -> R) -> R {
        self.versions.state(|state| read(self.state_mut(state)))
    }

    /// Sets the session's id if it has none, and returns the session's id.
    pub(super) fn assign_id_if_missing(&self, id: SessionId) -> SessionId {
        (self.versions).state(|state| {
            let state = self.state_mut(state);
            #[cfg(feature = "revocation")]
            if T::SCHEMA.revocable && state.id().is_some() {
                return state.assign_replacement_id(id);
            }
            state.assign_id_if_missing(id)
        })
    }

    /// Returns the id of the received session, if one was restored.
    #[cfg(feature = "revocation")]
    pub(super) fn received_id(&self) -> Option<SessionId> {
        #[cfg(feature = "fastify")]
        if self.is_migrated {
            return None;
        }
        self.failure.is_none().then_some(self.session.envelope.id)
    }

    #[cfg(feature = "revocation")]
    pub(super) fn received_extensions(&self) -> &Extensions {
        &self.session.envelope.extensions
    }

    #[inline]
    fn state_mut<'s>(&self, state: &'s mut Option<RequestState>) -> &'s mut RequestState {
        state.get_or_insert_with(|| self.initial_state())
    }

    fn initial_state(&self) -> RequestState {
        #[cfg(feature = "fastify")]
        let has_id = !self.is_migrated;
        #[cfg(not(feature = "fastify"))]
        let has_id = true;
        let mut state = match self.failure {
            None => RequestState::restored(&self.session.envelope, has_id),
            Some(_) => RequestState::default(),
        };
        if self.ignore_activity {
            state.without_activity();
        }
        state
    }

    /// Returns the session's id, if it already has one.
    pub(super) fn id(&self) -> Option<SessionId> {
        #[cfg(feature = "revocation")]
        if let Some(id) = self.state(RequestState::replacement_id) {
            return Some(id);
        }
        self.state(RequestState::id)
    }

    pub(super) fn failure(&self) -> Option<RejectReason> {
        self.failure
    }

    pub(super) fn origin(&self) -> SessionOrigin {
        SessionOrigin::of(self.failure)
    }

    /// Returns the object as it was received.
    pub(super) fn received(&self) -> Option<&ReceivedMembers> {
        self.session.received.as_ref()
    }

    /// Returns the fields that have their default because their member could not be read or is
    /// `null`.
    fn defaulted(&self) -> FieldSet {
        self.received()
            .map_or(FieldSet::EMPTY, ReceivedMembers::defaulted)
    }

    /// Returns the fields of `differing` that nobody set. Without this, a type without `PartialEq`
    /// would overwrite a member that could not be read.
    pub(super) fn untouched(&self, differing: FieldSet, before: &T, after: &T) -> FieldSet {
        self.received().map_or(FieldSet::EMPTY, |received| {
            received.unchanged_defaults(differing, before, after)
        })
    }

    /// Returns the fields that this request changed, compared with the received session.
    pub(super) fn changed(&self) -> FieldSet {
        let written = self.state(RequestState::written);
        let written = written.difference(FieldSet::skipped::<T>());
        self.differing(written, &self.current())
    }

    /// Returns the written fields that differ from the received session. A written default differs
    /// if the received member did not fit.
    fn differing(&self, written: FieldSet, last: &T) -> FieldSet {
        let defaulted = written.intersection(self.defaulted());
        written.differing(last, self.first()).union(defaulted)
    }

    /// Returns true if the value differs from what the client has if nothing is sent: the received
    /// session, or the defaults.
    pub(super) fn differs_from_stored(&self, state: &RequestState, last: &T) -> bool {
        self.changed_in(state, last) != FieldSet::EMPTY
    }

    /// Returns the fields that differ; see [`differs_from_stored`](Self::differs_from_stored).
    pub(super) fn changed_in(&self, state: &RequestState, last: &T) -> FieldSet {
        if state.written() == FieldSet::EMPTY {
            return FieldSet::EMPTY;
        }
        let skipped = FieldSet::skipped::<T>();
        if state.is_destroyed() {
            let written = state.written_since_destroy().difference(skipped);
            if written == FieldSet::EMPTY {
                return FieldSet::EMPTY;
            }
            written.differing(last, &T::defaults())
        } else {
            let written = state.written().difference(skipped);
            self.differing(written, last)
        }
    }

    /// Returns the members to write back, or `None` for a new session and after a method that
    /// resets fields.
    pub(super) fn carried(&self, state: &RequestState) -> Option<Carried<'_, T>> {
        let received = self.received().filter(|_| !state.forgets_unknown())?;
        Some(Carried {
            received,
            first: self.first(),
            written: state.written().difference(FieldSet::skipped::<T>()),
        })
    }

    /// Returns the extensions to write back.
    pub(super) fn extensions(&self, state: &RequestState) -> Extensions {
        if state.forgets_unknown() {
            Extensions::default()
        } else {
            self.session.envelope.extensions.clone()
        }
    }

    /// Returns true if the session must be sent again, because it was encrypted with an old key or
    /// uses an old format.
    pub(super) fn wants_resealing(&self) -> bool {
        self.session.reseal
    }

    /// Returns true if the session was received in a cookie of the Node package.
    #[cfg(feature = "fastify")]
    pub(super) fn is_migrated(&self) -> bool {
        self.is_migrated
    }
}

impl<T> fmt::Debug for SessionCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCell").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{hint, iter, thread};

    use super::*;
    use crate::{Key, SecureSession};

    #[derive(SecureSession)]
    struct Auth {
        visits: u64,
    }

    fn no_cookies() -> RequestCookies {
        RequestCookies::of(iter::empty())
    }

    #[test]
    fn write_concurrent_with_the_close_is_either_sent_or_rejected() {
        const ROUNDS: u32 = 5_000;
        let codec = Codec::<Auth>::builder(Key::generate().unwrap());
        let codec = codec.build().unwrap();
        let (mut sent, mut rejected) = (0, 0);
        for round in 0..ROUNDS {
            let cell = SessionCell::new(
                codec.clone(),
                RequestFacts::new(no_cookies(), codec.read_clock()),
            );
            if round % 2 == 0 {
                cell.open();
            }
            let done = thread::scope(|scope| {
                let writer =
                    scope.spawn(|| cell.write(FieldSet::single(0), |auth| auth.visits = 7));
                // About as long as a thread takes to start, so that the close is sometimes first.
                (0..round % 500 * 20).for_each(|_| hint::spin_loop());
                let open = cell.close();
                let written = open.map(|open| {
                    let written = cell.last_state(open).written() == FieldSet::single(0);
                    assert_eq!(open.current().visits == 7, written);
                    written
                });
                let done = writer.join().unwrap();
                assert_eq!(written.unwrap_or_default(), done, "round {round}");
                done
            });
            let visits = cell.read().visits;
            assert_eq!(visits, if done { 7 } else { 0 });
            if done {
                sent += 1;
            } else {
                rejected += 1;
            }
        }
        assert!(sent > 0 && rejected > 0, "{sent} sent, {rejected} rejected");
    }

    #[test]
    fn session_closed_before_it_is_opened_can_be_read_but_not_written() {
        let codec = Codec::<Auth>::builder(Key::generate().unwrap());
        let codec = codec.build().unwrap();
        let cell = SessionCell::new(
            codec.clone(),
            RequestFacts::new(no_cookies(), codec.read_clock()),
        );
        assert!(cell.close().is_none());
        assert!(!cell.write(FieldSet::single(0), |auth| auth.visits = 7));
        assert_eq!(cell.record(|state| state.touch()), None);
        assert!(cell.opened.get().is_none());
        assert_eq!(cell.read().visits, 0);
    }
}
