//! One session of one request: opened when it is first needed, written to until the response goes.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tracing::Level;

use super::{origin::Origin, snapshots::Snapshots, status::Status};
use crate::{
    clock::Moment,
    codec::{Codec, Opened, UnknownMembers, json},
    cookie_header,
    error::Reason,
    events::{event, event_once},
    fields::FieldSet,
    layers::Layers,
    schema::SecureSession,
    session_id::SessionId,
};

/// Where a slot finds the lines of its request's `Cookie` header.
pub(crate) trait CookieLines: Send + Sync + 'static {
    /// The line at this position, from 0 on; `None` behind the last.
    fn line(&self, index: usize) -> Option<&[u8]>;
}

/// One session of one request.
///
/// Handles know it as `Slot<T>`, with the lines of whatever kind; it is one piece of memory.
pub(crate) struct Slot<T, C: ?Sized = dyn CookieLines> {
    codec: Codec<T>,
    opened: OnceLock<Open<T>>,
    /// Set when the response head goes, also for a session that is not opened by then.
    closed: AtomicBool,
    late_write_reported: AtomicBool,
    cookies: C,
}

/// A session that was opened.
pub(super) struct Open<T> {
    /// What did not go into the struct, if the cookie opened.
    loaded: Option<Loaded>,
    failure: Option<Reason>,
    /// When it was opened, if a cookie was.
    opened_at: u64,
    /// Fields whose members did not fit, so that they have their defaults.
    reset: FieldSet,
    snapshots: Snapshots<T, Status>,
}

struct Loaded {
    unknown: UnknownMembers,
    reseal: bool,
    /// It came as a former cookie, and is to become a native one.
    #[cfg(feature = "fastify")]
    is_former: bool,
}

impl<T: SecureSession, C: CookieLines> Slot<T, C> {
    pub(crate) fn new(codec: Codec<T>, cookies: C, closed: bool) -> Self {
        Self {
            codec,
            opened: OnceLock::new(),
            closed: AtomicBool::new(closed),
            late_write_reported: AtomicBool::new(false),
            cookies,
        }
    }
}

impl<T: SecureSession, C: CookieLines + ?Sized> Slot<T, C> {
    pub(super) fn codec(&self) -> &Codec<T> {
        &self.codec
    }

    /// Opens the session, if nobody has yet.
    pub(super) fn open(&self) -> &Open<T> {
        self.opened.get_or_init(|| self.load())
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Ends writing, and gives the session if anybody has opened it.
    pub(super) fn close(&self) -> Option<&Open<T>> {
        self.closed.store(true, Ordering::SeqCst);
        self.opened.get()
    }

    /// Changes the value; `false` if it is too late.
    ///
    /// `change` runs under the lock, so it must be no code of the user's. It puts these fields into
    /// a value that need not have any of them yet, nor others.
    pub(super) fn write(&self, fields: FieldSet, change: impl FnOnce(&mut T)) -> bool {
        // Too late is too late: nothing is made only to be thrown away.
        let done = !self.is_closed()
            && self.open().snapshots.write(fields, |value, status| {
                self.change(value, status, |value, status| {
                    status.write(fields);
                    change(value);
                })
            });
        if !done {
            self.report_late_write();
        }
        done
    }

    /// As [`write`](Self::write), with a value that has every field as it is now.
    pub(super) fn write_whole(&self, fields: FieldSet, change: impl FnOnce(&mut T)) -> bool {
        self.write_whole_noting(|value, status| {
            status.write(fields);
            change(value);
        })
    }

    /// Puts defaults in place of all fields but those to keep, and notes `verb`.
    pub(super) fn reset(&self, name: &'static str, keep: FieldSet, verb: impl FnOnce(&mut Status)) {
        self.report_verb(name);
        self.report_discarded_writes(name, keep);
        let mut fresh = T::defaults();
        let note = |status: &mut Status| {
            status.reset(FieldSet::all::<T>().without(keep));
            verb(status);
        };
        if keep == FieldSet::EMPTY {
            self.replace(fresh, note);
            return;
        }
        self.write_whole_noting(|value, status| {
            for field in keep.positions() {
                value.__swap(&mut fresh, field);
            }
            std::mem::swap(value, &mut fresh);
            note(status);
        });
    }

    /// Puts a whole new value in place, and notes `verb`.
    pub(super) fn replace(&self, value: T, verb: impl FnOnce(&mut Status)) {
        let snapshots = &self.open().snapshots;
        let (done, _to_drop) = snapshots.replace(value, |status| {
            let open = !self.is_late(status);
            if open {
                verb(status);
            }
            open
        });
        if !done {
            self.report_late_write();
        }
    }

    /// Notes `verb`, which leaves the value alone; `false` if it is too late.
    pub(super) fn note<R>(&self, verb: impl FnOnce(&mut Status) -> R) -> Option<R> {
        let done = self
            .open()
            .snapshots
            .state(|status| (!self.is_late(status)).then(|| verb(status)));
        if done.is_none() {
            self.report_late_write();
        }
        done
    }

    fn write_whole_noting(&self, change: impl FnOnce(&mut T, &mut Status)) -> bool {
        let done = !self.is_closed()
            && (self.open().snapshots)
                .write_whole(|value, status| self.change(value, status, change));
        if !done {
            self.report_late_write();
        }
        done
    }

    /// Runs `change` if it is not too late, and tells.
    fn change(
        &self,
        value: &mut T,
        status: &mut Status,
        change: impl FnOnce(&mut T, &mut Status),
    ) -> bool {
        let open = !self.is_late(status);
        if open {
            change(value, status);
        }
        open
    }

    /// A session that is opened while the response goes out is not told by its status.
    fn is_late(&self, status: &Status) -> bool {
        status.is_closed() || self.is_closed()
    }

    fn report_late_write(&self) {
        if !self.late_write_reported.swap(true, Ordering::Relaxed) {
            event!(
                error,
                "session.late_write",
                session = self.codec.cookie_name(),
                "session written after the response head has gone: the change is lost"
            );
        }
    }

    /// Tells of a verb, before it has its effect.
    pub(super) fn report_verb(&self, verb: &'static str) {
        if !self.is_closed() {
            event!(
                debug,
                "session.verb",
                session = self.codec.cookie_name(),
                verb,
                id_hash = self.codec.id_hash(self.open().id()),
                "session changed by a verb"
            );
        }
    }

    /// Setters before a verb that puts fields back are lost, and seldom meant.
    fn report_discarded_writes(&self, verb: &'static str, keep: FieldSet) {
        let snapshots = &self.open().snapshots;
        let set = snapshots.state(|status| status.set()).without(keep);
        if set == FieldSet::EMPTY || self.is_closed() || !tracing::enabled!(Level::WARN) {
            return;
        }
        let discarded = Layers::one(snapshots.read()).differing(&T::defaults(), set);
        if discarded != FieldSet::EMPTY {
            event_once!(
                self.codec.reports().discarded_writes,
                "session.discarded_writes",
                session = self.codec.cookie_name(),
                verb,
                fields = discarded.names::<T>(),
                "fields that this request set are put back to their defaults; call the verb first, \
                 then the setters"
            );
        }
    }

    fn load(&self) -> Open<T> {
        self.report_cookies();
        let now = self.codec.moment();
        let candidates = self.cookies(self.codec.cookie_name());
        match self.codec.open_first(candidates, &now) {
            Ok(opened) => Open::restored(
                opened,
                &now,
                #[cfg(feature = "fastify")]
                false,
            ),
            Err(reason) => {
                #[cfg(feature = "fastify")]
                if let Some(former) = self.load_former(reason, &now) {
                    return former;
                }
                Open::fresh(reason)
            }
        }
    }

    /// Says how many cookies of the session's name came, if it is not one.
    fn report_cookies(&self) {
        if !tracing::enabled!(Level::DEBUG) {
            return;
        }
        let session = self.codec.cookie_name();
        match self.cookies(session).count() {
            0 => event!(
                debug,
                "session.no_cookie",
                session,
                "no cookie of this name came with the request"
            ),
            1 => {}
            count => event!(
                debug,
                "session.several_cookies",
                session,
                count,
                "several cookies of this name came: the first that opens counts, of four at most"
            ),
        }
    }

    /// The session of a former cookie; `None` if that makes no difference.
    ///
    /// A native session that has expired was taken over before, so a former cookie beside it is one
    /// that could not be removed: it must not bring the old login back.
    #[cfg(feature = "fastify")]
    fn load_former(&self, reason: Reason, now: &Moment<'_>) -> Option<Open<T>> {
        if matches!(reason, Reason::Expired(_)) {
            return None;
        }
        let former = self.codec.policy().fastify.former.as_ref()?;
        match self.codec.open_former(self.cookies(&former.cookie), now)? {
            Ok(opened) => Some(Open::restored(opened, now, true)),
            Err(of_former) => (reason == Reason::Absent).then(|| Open::fresh(of_former)),
        }
    }

    /// The values of the cookies of this name that came with the request.
    pub(super) fn cookies<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        (0..)
            .map_while(|index| self.cookies.line(index))
            .flat_map(|line| cookie_header::values(line, name.as_bytes()))
    }
}

impl<T: SecureSession> Open<T> {
    #[inline]
    fn restored(
        opened: Opened<T>,
        now: &Moment<'_>,
        #[cfg(feature = "fastify")] is_former: bool,
    ) -> Self {
        let status = Status::restored(&opened.envelope);
        #[cfg(feature = "fastify")]
        let status = if is_former {
            status.without_id()
        } else {
            status
        };
        let reset = opened.unknown.misfits().map(|(field, _)| field);
        Self {
            reset: FieldSet::from_positions(reset),
            snapshots: Snapshots::new(opened.value, status),
            failure: None,
            opened_at: now.seconds(),
            loaded: Some(Loaded {
                unknown: opened.unknown,
                reseal: opened.reseal,
                #[cfg(feature = "fastify")]
                is_former,
            }),
        }
    }

    fn fresh(reason: Reason) -> Self {
        Self {
            snapshots: Snapshots::new(T::defaults(), Status::default()),
            failure: Some(reason),
            opened_at: 0,
            reset: FieldSet::EMPTY,
            loaded: None,
        }
    }

    pub(super) fn snapshots(&self) -> &Snapshots<T, Status> {
        &self.snapshots
    }

    /// The session's id, if it has one yet.
    pub(super) fn id(&self) -> Option<SessionId> {
        self.snapshots.state(|status| status.id())
    }

    pub(super) fn failure(&self) -> Option<Reason> {
        self.failure
    }

    pub(super) fn opened_at(&self) -> u64 {
        self.opened_at
    }

    pub(super) fn origin(&self) -> Origin {
        Origin::of(self.failure)
    }

    /// Fields that have their defaults, as what came did not fit.
    pub(super) fn reset(&self) -> FieldSet {
        self.reset
    }

    /// Of the fields that may differ, those that still stand in for a member that did not fit: a
    /// type without `PartialEq` must not cost that member.
    pub(super) fn untouched(&self, differing: FieldSet, before: &T, after: &T) -> FieldSet {
        let reset = differing.common(self.reset).positions();
        let text = |value, field| json::field_text::<T>(value, field);
        FieldSet::from_positions(reset.filter(|field| text(before, *field) == text(after, *field)))
    }

    /// Fields that this request changed: as they came, against as they are.
    pub(super) fn changed(&self) -> FieldSet {
        let written = self.snapshots.state(|status| status.written());
        let written = written.without(FieldSet::skipped::<T>());
        self.differing(written, self.snapshots.layers())
    }

    /// Of the fields that were written, those that are not as they came; a default that was written
    /// is not what came if that did not fit.
    fn differing(&self, written: FieldSet, last: Layers<'_, T>) -> FieldSet {
        let reset = written.common(self.reset);
        last.differing(self.snapshots.first(), written).with(reset)
    }

    /// Whether a value differs from what the client will have if nothing is sent: the session that
    /// came, or the defaults.
    pub(super) fn differs_from_stored(&self, status: &Status) -> bool {
        self.changed_in(status) != FieldSet::EMPTY
    }

    /// The fields by which it differs.
    pub(super) fn changed_in(&self, status: &Status) -> FieldSet {
        if status.written() == FieldSet::EMPTY {
            return FieldSet::EMPTY;
        }
        let last = self.snapshots.layers();
        let skipped = FieldSet::skipped::<T>();
        if status.is_destroyed() {
            let written = status.written_anew().without(skipped);
            if written == FieldSet::EMPTY {
                return FieldSet::EMPTY;
            }
            last.differing(&T::defaults(), written)
        } else {
            let written = status.written().without(skipped);
            self.differing(written, last)
        }
    }

    /// Members to write back.
    pub(super) fn unknown(&self, status: &Status) -> Cow<'_, UnknownMembers> {
        let Some(loaded) = &self.loaded else {
            return Cow::Borrowed(UnknownMembers::NONE);
        };
        let written = status.written();
        let forget = status.forgets_unknown();
        loaded.unknown.left(forget, |field| written.contains(field))
    }

    /// Whether the session is to be sent again at once: it was opened with another key than the one
    /// that seals, or is of a form that is to go.
    pub(super) fn wants_resealing(&self) -> bool {
        self.loaded.as_ref().is_some_and(|loaded| loaded.reseal)
    }

    /// Whether the session came as a former cookie.
    #[cfg(feature = "fastify")]
    pub(super) fn is_former(&self) -> bool {
        self.loaded.as_ref().is_some_and(|loaded| loaded.is_former)
    }
}

impl<T, C: ?Sized> fmt::Debug for Slot<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
