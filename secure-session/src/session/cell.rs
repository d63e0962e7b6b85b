//! One session of one request: opened when it is first needed, written to until the response goes.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

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

/// One session of one request.
pub(crate) struct SessionCell<T> {
    codec: Codec<T>,
    cookies: RequestCookies,
    /// The clock at the first extraction of the request: it judges expiry and is the time of activity.
    time: Reading,
    /// Boxed so that a session that is extracted but never opened stays small.
    opened: OnceLock<Box<Loaded<T>>>,
    /// [`WRITTEN`] and [`CLOSED`].
    phase: AtomicU8,
    late_write_reported: AtomicBool,
}

/// The number of versions in one request at which the log warns: each is kept until its end.
const MANY_VERSIONS: usize = 256;

/// Somebody writes, or has written.
const WRITTEN: u8 = 1;

/// The response head goes, or has gone: also of a session that is not opened by then.
const CLOSED: u8 = 2;

/// A session that was opened.
pub(super) struct Loaded<T> {
    /// What came with the request, or the defaults if nothing did.
    session: Opened<T>,
    failure: Option<RejectReason>,
    /// It came as a former cookie, and is to become a native one.
    #[cfg(feature = "fastify")]
    is_migrated: bool,
    /// What the request made of it; there is a state from the first write on.
    versions: Versions<T, Option<RequestState>>,
}

impl<T: SecureSession> SessionCell<T> {
    pub(crate) fn new(
        codec: Codec<T>,
        cookies: RequestCookies,
        time: Reading,
        closed: bool,
    ) -> Self {
        Self {
            codec,
            cookies,
            time,
            opened: OnceLock::new(),
            phase: AtomicU8::new(if closed { CLOSED } else { 0 }),
            late_write_reported: AtomicBool::new(false),
        }
    }

    pub(super) fn codec(&self) -> &Codec<T> {
        &self.codec
    }

    /// Opens the session, if nobody has yet.
    pub(super) fn open(&self) -> &Loaded<T> {
        self.opened.get_or_init(|| self.load())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.phase.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Ends writing, and gives the session if anybody has opened it.
    ///
    /// Every write is either before this or finds the session closed: of the two changes of the
    /// phase one is the first, and the other one sees it. For a write that has begun and is not
    /// done the lock decides.
    pub(super) fn close(&self) -> Option<&Loaded<T>> {
        self.phase.fetch_or(CLOSED, Ordering::AcqRel);
        self.opened.get().map(AsRef::as_ref)
    }

    /// The state of a session that is closed, so that it stays as it is.
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

    /// The session to write to, opened if nobody has yet; `None` if it is too late.
    #[inline]
    fn open_for_write(&self) -> Option<&Loaded<T>> {
        let mut phase = self.phase.load(Ordering::Acquire);
        // Too late is too late: nothing is opened only to be thrown away.
        let open = (phase & CLOSED == 0).then(|| self.open())?;
        if phase & WRITTEN == 0 {
            phase = self.phase.fetch_or(WRITTEN, Ordering::AcqRel);
        }
        (phase & CLOSED == 0).then_some(open)
    }

    /// Returns the current value, and keeps it as a version that never moves.
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

    /// Writes fields of the value; `false` if it is too late.
    ///
    /// `change` runs under the lock, so it must not be user code.
    pub(super) fn write(&self, fields: FieldSet, change: impl FnOnce(&mut T)) -> bool {
        self.write_recording(|value, state| {
            state.write(fields);
            change(value);
        })
    }

    /// Resets all fields but those to keep, and records `update`.
    pub(super) fn reset(
        &self,
        name: &'static str,
        keep: FieldSet,
        update: impl FnOnce(&mut RequestState),
    ) {
        self.report_method(name);
        self.report_discarded_writes(name, keep);
        let mut fresh = T::defaults();
        let note = |state: &mut RequestState| {
            state.reset(FieldSet::all::<T>().difference(keep));
            update(state);
        };
        if keep == FieldSet::EMPTY {
            self.replace(fresh, note);
            return;
        }
        self.write_recording(|value, state| {
            for field in keep.positions() {
                value.__swap(&mut fresh, field);
            }
            std::mem::swap(value, &mut fresh);
            note(state);
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

    /// Records `update`, which leaves the value alone; `None` if it is too late.
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

    /// Runs `change` if it is not too late, and tells. Called under the lock, see
    /// [`close`](Self::close).
    #[inline]
    fn if_writable(&self, change: impl FnOnce()) -> bool {
        let open = !self.is_closed();
        if open {
            change();
        }
        open
    }

    /// Opens the session where it stays: what was just written is slow to move, as a wide load has to
    /// wait for the narrow stores before it.
    fn load(&self) -> Box<Loaded<T>> {
        if self.is_closed() {
            self.report_opened_after_response();
        }
        self.report_cookies();
        let now = self.time.seconds();
        let candidates = self.cookies.values(self.codec.cookie_name());
        // `Box::new` would have it on the stack first.
        let mut open = Box::write(Box::new_uninit(), Loaded::blank());
        let opened = self.codec.open_first(candidates, now, &mut open.session);
        open.failure = opened.err();
        #[cfg(feature = "fastify")]
        if let Some(reason) = open.failure {
            self.load_migrated(reason, now, &mut open);
        }
        open
    }

    /// Opens the session of a former cookie, if that makes a difference.
    ///
    /// A native session that has expired, or that only a newer build can open, was taken over
    /// before. A former cookie next to it could not be removed, and must not bring the old login
    /// back.
    #[cfg(feature = "fastify")]
    fn load_migrated(&self, reason: RejectReason, now: u64, open: &mut Loaded<T>) {
        let former = match &self.codec.policy().fastify.migration {
            Some(former) if !reason.was_a_session() => former,
            _ => return,
        };
        let candidates = self.cookies.values(&former.cookie);
        match (self.codec).open_migrated(candidates, now, &mut open.session) {
            Some(Ok(())) => {
                open.failure = None;
                open.is_migrated = true;
            }
            Some(Err(of_former)) if reason == RejectReason::Absent => {
                open.failure = Some(of_former);
            }
            _ => {}
        }
    }

    /// True the first time.
    pub(super) fn is_first_late_write(&self) -> bool {
        !self.late_write_reported.swap(true, Ordering::Relaxed)
    }

    /// The time of the request.
    pub(super) fn time(&self) -> Reading {
        self.time
    }

    pub(super) fn cookies(&self) -> &RequestCookies {
        &self.cookies
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
            versions: Versions::new(None),
        }
    }

    fn history(&self) -> History<'_, T, Option<RequestState>> {
        History::new(self.first(), &self.versions)
    }

    /// The value as it came.
    pub(super) fn first(&self) -> &T {
        &self.session.value
    }

    /// Returns the current value, and keeps no version of it.
    pub(super) fn current(&self) -> Current<'_, T> {
        self.history().current()
    }

    /// Reads the state. `read` runs under the lock, so it must be no code of the user's.
    pub(super) fn state<R>(&self, read: impl FnOnce(&RequestState) -> R) -> R {
        self.versions.state(|state| read(self.state_mut(state)))
    }

    /// Takes an id for the session that has none yet, and gives the one that it has.
    pub(super) fn assign_id_if_missing(&self, id: SessionId) -> SessionId {
        (self.versions).state(|state| self.state_mut(state).assign_id_if_missing(id))
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
        match self.failure {
            None => RequestState::restored(&self.session.envelope, has_id),
            Some(_) => RequestState::default(),
        }
    }

    /// The session's id, if it has one yet.
    pub(super) fn id(&self) -> Option<SessionId> {
        self.state(RequestState::id)
    }

    pub(super) fn failure(&self) -> Option<RejectReason> {
        self.failure
    }

    pub(super) fn origin(&self) -> SessionOrigin {
        SessionOrigin::of(self.failure)
    }

    /// The object as it was received.
    pub(super) fn received(&self) -> Option<&ReceivedMembers> {
        self.session.received.as_ref()
    }

    /// Fields with a default in place of a member that could not be read, or that is `null`.
    fn defaulted(&self) -> FieldSet {
        self.received()
            .map_or(FieldSet::EMPTY, ReceivedMembers::defaulted)
    }

    /// Of the fields that may differ, those that nobody set: a type without `PartialEq` must not
    /// cost a member that could not be read.
    pub(super) fn untouched(&self, differing: FieldSet, before: &T, after: &T) -> FieldSet {
        self.received().map_or(FieldSet::EMPTY, |received| {
            received.unchanged_defaults(differing, before, after)
        })
    }

    /// Fields that this request changed: as they came, against as they are.
    pub(super) fn changed(&self) -> FieldSet {
        let written = self.state(RequestState::written);
        let written = written.difference(FieldSet::skipped::<T>());
        self.differing(written, &self.current())
    }

    /// Of the fields that were written, those that are not as they came; a default that was written
    /// is not what came if that did not fit.
    fn differing(&self, written: FieldSet, last: &T) -> FieldSet {
        let defaulted = written.intersection(self.defaulted());
        written.differing(last, self.first()).union(defaulted)
    }

    /// Whether the value differs from what the client will have if nothing is sent: the session that
    /// came, or the defaults.
    pub(super) fn differs_from_stored(&self, state: &RequestState, last: &T) -> bool {
        self.changed_in(state, last) != FieldSet::EMPTY
    }

    /// The fields by which it differs.
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

    /// The members to write back; `None` for a session that begins, and after a method that resets
    /// fields.
    pub(super) fn carried(&self, state: &RequestState) -> Option<Carried<'_, T>> {
        let received = self.received().filter(|_| !state.forgets_unknown())?;
        Some(Carried {
            received,
            first: self.first(),
            written: state.written().difference(FieldSet::skipped::<T>()),
        })
    }

    /// The extensions to write back.
    pub(super) fn extensions(&self, state: &RequestState) -> Extensions {
        if state.forgets_unknown() {
            Extensions::default()
        } else {
            self.session.envelope.extensions.clone()
        }
    }

    /// Whether the session is to be sent again at once: it was opened with another key than the one
    /// that seals, or is of a form that is to go.
    pub(super) fn wants_resealing(&self) -> bool {
        self.session.reseal
    }

    /// Whether the session came as a former cookie.
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
    fn a_write_beside_the_close_is_either_sent_or_refused() {
        const ROUNDS: u32 = 5_000;
        let codec = Codec::<Auth>::builder(Key::generate().unwrap());
        let codec = codec.build().unwrap();
        let (mut sent, mut refused) = (0, 0);
        for round in 0..ROUNDS {
            let cell = SessionCell::new(codec.clone(), no_cookies(), codec.read_clock(), false);
            if round % 2 == 0 {
                cell.open();
            }
            let done = thread::scope(|scope| {
                let writer =
                    scope.spawn(|| cell.write(FieldSet::single(0), |auth| auth.visits = 7));
                // About as long as a thread takes to begin: now before it, now behind it.
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
                refused += 1;
            }
        }
        assert!(sent > 0 && refused > 0, "{sent} sent, {refused} refused");
    }

    #[test]
    fn what_was_closed_without_being_opened_is_read_and_not_written() {
        let codec = Codec::<Auth>::builder(Key::generate().unwrap());
        let codec = codec.build().unwrap();
        let cell = SessionCell::new(codec.clone(), no_cookies(), codec.read_clock(), false);
        assert!(cell.close().is_none());
        assert!(!cell.write(FieldSet::single(0), |auth| auth.visits = 7));
        assert_eq!(cell.record(|state| state.touch()), None);
        assert!(cell.opened.get().is_none());
        assert_eq!(cell.read().visits, 0);
    }
}
