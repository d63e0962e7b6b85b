//! The state that all clones of [`Revocations`](super::Revocations) share.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use tokio::sync::Notify;

use super::{
    binding::Binding,
    entry::{Content, EARLIEST_MINUTES, Group, MAX_MINUTES, RevocationEntry, Skipped},
    error::RevocationError,
    freshness::Freshness,
    queue::{Queue, Ticket},
    read_back::{ReadBack, ReadEntry},
    replica::{Mark, Replica},
    state::RevocationCounters,
    store::Appended,
    timers::Timers,
    waiters::Waiters,
};
use crate::{
    log::{WarnOnce, event},
    payload::SessionId,
    time::{Clock, Reading},
};

/// Clocks of processes differ by less than this, with what a request may take.
const CLOCK_MARGIN: u64 = 15 * 60;

pub(super) struct Shared {
    /// Different for all `Revocations` of this process.
    pub(super) instance: u64,
    pub(super) settings: Settings,
    pub(super) replica: Replica,
    pub(super) waiters: Waiters,
    pub(super) queue: Queue,
    pub(super) timers: Timers,
    pub(super) read_back: Arc<ReadBack>,
    /// An entry of a group was read.
    pub(super) group_read: Notify,
    pub(super) freshness: Freshness,
    /// Set by a test's clock, or when first read.
    clock: OnceLock<Clock>,
    bindings: Mutex<HashMap<TypeId, Arc<Binding>>>,
    counters: Counters,
    /// The minute of the last sweep.
    swept_at: AtomicU32,
    /// The store has lost entries, and does not have those of this process yet.
    is_lost: AtomicBool,
    /// A caller has waited in vain since the last append.
    is_slow: AtomicBool,
    pub(super) warnings: Warnings,
}

/// What the builder sets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// `None` serves on, however long the store is away.
    pub(super) max_staleness: Option<Duration>,
    pub(super) max_entries: usize,
    /// There is no store: the list is in this process only.
    pub(super) is_local: bool,
}

#[derive(Default)]
struct Counters {
    not_recorded: AtomicU64,
    revoked_used: AtomicU64,
    skipped: AtomicU64,
}

#[derive(Default)]
pub(super) struct Warnings {
    /// Until the next append that succeeds.
    append_failed: AtomicBool,
    not_recorded: AtomicBool,
    pub(super) revoked_itself: WarnOnce,
    in_memory: WarnOnce,
    junk: WarnOnce,
    newer: WarnOnce,
    is_nearly_full: AtomicBool,
}

/// The session was revoked before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AlreadyRevoked;

impl Shared {
    pub(super) fn new(settings: Settings, clock: Option<Clock>) -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        Self {
            instance: INSTANCES.fetch_add(1, Ordering::Relaxed),
            settings,
            replica: Replica::default(),
            waiters: Waiters::default(),
            queue: Queue::default(),
            timers: Timers::default(),
            read_back: Arc::default(),
            group_read: Notify::new(),
            freshness: Freshness::default(),
            clock: clock.map_or_else(OnceLock::new, OnceLock::from),
            bindings: Mutex::default(),
            counters: Counters::default(),
            swept_at: AtomicU32::new(0),
            is_lost: AtomicBool::new(false),
            is_slow: AtomicBool::new(false),
            warnings: Warnings::default(),
        }
    }

    /// Uses the clock of a middleware, unless another one was set before.
    pub(super) fn follow(&self, clock: &Clock) {
        if self.clock.set(clock.clone()).is_ok() {
            self.freshness.use_clock(self.now());
        }
    }

    pub(super) fn now(&self) -> Reading {
        match self.clock.get() {
            Some(clock) => clock.read(),
            None => Clock::System.read(),
        }
    }

    pub(super) fn time(&self) -> SystemTime {
        self.now().system_time()
    }

    pub(super) fn bindings(&self) -> MutexGuard<'_, HashMap<TypeId, Arc<Binding>>> {
        self.bindings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true if the list may be out of date.
    pub(super) fn is_stale(&self) -> bool {
        let max = self.settings.max_staleness;
        max.is_some_and(|max| self.staleness() > max)
    }

    /// Returns the time since the store was last heard.
    pub(super) fn staleness(&self) -> Duration {
        if self.settings.is_local {
            return Duration::ZERO;
        }
        self.freshness.age(Instant::now(), self.now())
    }

    /// Returns the end of an entry for sessions that last at most `life` seconds without being
    /// encrypted again, in minutes since 1970.
    pub(super) fn until(&self, life: u64, now: u64) -> u32 {
        let end = now.saturating_add(self.whole_life(life));
        u32::try_from(end.div_ceil(60)).unwrap_or(u32::MAX)
    }

    /// Returns how long an entry counts, in seconds.
    fn whole_life(&self, life: u64) -> u64 {
        let staleness = self.settings.max_staleness.unwrap_or_default().as_secs();
        life.saturating_add(staleness).saturating_add(CLOCK_MARGIN)
    }

    /// Returns when a session was revoked, in seconds since 1970: a process that starts learns of
    /// entries later.
    pub(super) fn revoked_at(&self, mark: Mark, life: u64) -> u64 {
        let end = u64::from(mark.until).saturating_mul(60);
        mark.since.min(end.saturating_sub(self.whole_life(life)))
    }

    /// Revokes a session in this process at once, and queues the entry.
    pub(super) fn revoke_session(&self, id: SessionId, life: u64) -> Option<Ticket> {
        let now = self.now().seconds();
        let until = self.until(life, now);
        if self.replica.revoke_session(id, until, now) {
            self.waiters.session_revoked(id);
            return self.append(RevocationEntry::of_session(id, until));
        }
        // A cookie that is sent again must not make the list of the store longer. If the store does
        // not have the entry yet, it is in the queue.
        self.queue.newest()
    }

    /// Revokes a session that a response replaces with another id, like
    /// [`revoke_session`](Self::revoke_session).
    pub(super) fn replace_session(
        &self,
        id: SessionId,
        life: u64,
    ) -> Result<Option<Ticket>, AlreadyRevoked> {
        let now = self.now().seconds();
        let until = self.until(life, now);
        if !self.replica.replace_session(id, until, now) {
            return Err(AlreadyRevoked);
        }
        self.waiters.session_revoked(id);
        Ok(self.append(RevocationEntry::of_session(id, until)))
    }

    /// Revokes a group in this process at once, and queues the entry.
    pub(super) fn revoke_group(&self, group: Group, life: u64) -> Option<Ticket> {
        let now = self.now().seconds();
        let until = self.until(life, now);
        if self.settings.is_local {
            self.revoke_group_here(group, until, now);
            return None;
        }
        self.replica.revoke_pending(group, until, now);
        self.waiters.group_revoked(&group.key, None);
        self.append(group.entry(until))
    }

    /// Revokes a group if there is no store to give a number.
    pub(super) fn revoke_group_here(&self, group: Group, until: u32, now: u64) -> ReadEntry {
        let time = self.time();
        let (number, before) = (self.replica).revoke_with_next_number(group, until, now, time);
        self.waiters.group_revoked(&group.key, Some(number));
        ReadEntry { number, before }
    }

    /// Applies an entry that was read from the store.
    pub(super) fn entry_was_read(&self, entry: &RevocationEntry) {
        let now = self.now().seconds();
        // A clock that was never set must not shorten entries.
        let latest = minutes(now).max(EARLIEST_MINUTES);
        let latest = latest.saturating_add(MAX_MINUTES);
        match entry.content() {
            Ok(Content::Session { id, until }) => {
                if (self.replica).session_was_read(id, until.min(latest), now) {
                    self.waiters.session_revoked(id);
                }
            }
            // A store must not have an entry without a number.
            Ok(Content::Group { number: 0, .. }) => self.skip(Skipped::Junk),
            Ok(Content::Group {
                key,
                is_type,
                number,
                until,
            }) => {
                let (group, until) = (Group { key, is_type }, until.min(latest));
                let before = self.replica.group_was_read(group, number, until, now);
                self.waiters.group_revoked(&key, Some(number));
                self.read_back
                    .group_was_read(key, ReadEntry { number, before });
                self.group_read.notify_waiters();
            }
            Ok(Content::Fence { number }) => self.replica.number_was_read(number),
            Err(skipped) => self.skip(skipped),
        }
    }

    /// Drops entries that no longer count, and wakes those whose session has expired.
    pub(super) fn tick(&self) {
        let now = self.now().seconds();
        self.waiters.expire(now);
        if self.swept_at.swap(minutes(now), Ordering::Relaxed) == minutes(now) {
            return;
        }
        for entry in self.queue.take_run_out(minutes(now)) {
            if let Ok(Content::Group { key, .. }) = entry.content() {
                self.replica.pending_ran_out(key);
            }
        }
        self.replica.sweep(minutes(now));
        self.report_size();
    }

    pub(super) fn counters(&self) -> RevocationCounters {
        let Counters {
            not_recorded,
            revoked_used,
            skipped,
        } = &self.counters;
        let [not_recorded, revoked_used, skipped] =
            [not_recorded, revoked_used, skipped].map(|count| count.load(Ordering::Relaxed));
        RevocationCounters {
            not_recorded,
            revoked_used,
            skipped,
        }
    }

    /// Counts a response that did not wait longer. Returns true for the first since an append
    /// succeeded.
    pub(super) fn count_not_recorded(&self) -> bool {
        self.counters.not_recorded.fetch_add(1, Ordering::Relaxed);
        !self.warnings.not_recorded.swap(true, Ordering::Relaxed)
    }

    pub(super) fn count_revoked_used(&self) {
        self.counters.revoked_used.fetch_add(1, Ordering::Relaxed);
    }

    /// Warns once that the list does not outlive the process.
    pub(super) fn report_in_memory(&self) {
        if self.settings.is_local && self.warnings.in_memory.is_first() {
            event!(
                info,
                "revocations.in_memory",
                "revocations are kept in this process only: other processes do not know them, and \
                 after a restart, revoked sessions are valid again until they expire"
            );
        }
    }

    /// Removes entries from the queue that the store has now.
    pub(super) fn recorded(
        &self,
        tickets: &[Ticket],
        entries: &[RevocationEntry],
        appended: &Appended,
    ) {
        for (entry, number) in entries.iter().zip(&appended.numbers) {
            if let (Ok(Content::Group { key, .. }), Some(number)) = (entry.content(), *number) {
                self.replica.number_given(key, number);
            }
        }
        self.append_succeeded();
        let numbers = appended.numbers.iter().copied();
        let recorded: Vec<_> = tickets.iter().copied().zip(numbers).collect();
        self.queue.remove(&recorded);
    }

    pub(super) fn append_succeeded(&self) {
        self.is_slow.store(false, Ordering::Relaxed);
        self.warnings.not_recorded.store(false, Ordering::Relaxed);
        self.warnings.append_failed.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    pub(super) fn set_lost(&self, is_lost: bool) {
        self.is_lost.store(is_lost, Ordering::Relaxed);
    }

    /// Returns true for the first failure since an append succeeded.
    pub(super) fn append_failed(&self) -> bool {
        !self.warnings.append_failed.swap(true, Ordering::Relaxed)
    }

    /// Returns true if the next caller need not wait, because the last one waited in vain.
    pub(super) fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }

    /// Records whether a caller waited in vain, in which case the next does not wait.
    pub(super) fn waited(&self, is_recorded: bool) -> Result<(), RevocationError> {
        if is_recorded {
            return Ok(());
        }
        self.is_slow.store(true, Ordering::Relaxed);
        Err(RevocationError::NotRecorded)
    }

    /// Ends all waiting, because the thread has ended.
    pub(super) fn close(&self) {
        self.queue.close();
        self.timers.close();
    }

    fn append(&self, entry: RevocationEntry) -> Option<Ticket> {
        (!self.settings.is_local).then(|| self.queue.push(entry))
    }

    fn skip(&self, skipped: Skipped) {
        self.counters.skipped.fetch_add(1, Ordering::Relaxed);
        match skipped {
            Skipped::Newer if self.warnings.newer.is_first() => event!(
                warn,
                "revocations.newer_entry",
                "the revocation store has entries of a newer version of this library, which this \
                 process skips, so sessions that were revoked there are valid here; update all \
                 processes"
            ),
            Skipped::Junk if self.warnings.junk.is_first() => event!(
                warn,
                "revocations.junk",
                "the revocation store has entries that this library does not write; they are \
                 skipped and counted in `Revocations::state()`; check who else writes to the store"
            ),
            Skipped::Newer | Skipped::Junk => {}
        }
    }

    /// Warns when the list reaches 80 % of `max_entries`. Entries are never dropped before their end.
    fn report_size(&self) {
        let (entries, max) = (self.replica.len(), self.settings.max_entries);
        let is_nearly_full = entries >= max.saturating_sub(max / 5);
        let was_nearly_full =
            (self.warnings.is_nearly_full).swap(is_nearly_full, Ordering::Relaxed);
        if is_nearly_full && !was_nearly_full {
            event!(
                warn,
                "revocations.many_entries",
                entries,
                max_entries = max,
                "the list of revoked sessions is nearly as long as `max_entries`; nothing is \
                 dropped; check that routes that sign in have a rate limit, or raise `max_entries`"
            );
        }
    }
}

/// Minutes since 1970.
fn minutes(seconds: u64) -> u32 {
    u32::try_from(seconds / 60).unwrap_or(u32::MAX)
}
