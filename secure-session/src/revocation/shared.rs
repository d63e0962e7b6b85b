//! The state that all clones of [`Revocations`](super::Revocations) share.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use super::{
    binding::Binding,
    entry::{Content, GroupKey, MAX_MINUTES, RevocationEntry, Skipped},
    freshness::Freshness,
    queue::{Queue, Ticket},
    read_back::{ReadBack, ReadEntry},
    replica::Replica,
    state::RevocationCounters,
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
    pub(super) read_back: ReadBack,
    pub(super) freshness: Freshness,
    /// Set by a test's clock, or when first read.
    clock: OnceLock<Clock>,
    bindings: Mutex<HashMap<TypeId, Arc<Binding>>>,
    counters: Counters,
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

/// What an entry of a group revokes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) key: GroupKey,
    pub(super) is_type: bool,
}

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
            read_back: ReadBack::default(),
            freshness: Freshness::default(),
            clock: clock.map_or_else(OnceLock::new, OnceLock::from),
            bindings: Mutex::default(),
            counters: Counters::default(),
            is_slow: AtomicBool::new(false),
            warnings: Warnings::default(),
        }
    }

    /// Uses the clock of a middleware, unless another one was set before.
    pub(super) fn follow(&self, clock: &Clock) {
        self.clock.get_or_init(|| clock.clone());
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
        let staleness = self.settings.max_staleness.unwrap_or_default().as_secs();
        let end = [life, staleness, CLOCK_MARGIN]
            .into_iter()
            .fold(now, u64::saturating_add);
        u32::try_from(end.div_ceil(60)).unwrap_or(u32::MAX)
    }

    /// Revokes a session in this process at once, and queues the entry.
    pub(super) fn revoke_session(&self, id: SessionId, life: u64) -> Option<Ticket> {
        let now = self.now().seconds();
        let until = self.until(life, now);
        self.replica.revoke_session(id, until, now);
        self.waiters.session_revoked(id);
        self.append(RevocationEntry::of_session(id, until))
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
        let Group { key, is_type } = group;
        let now = self.now().seconds();
        let until = self.until(life, now);
        if self.settings.is_local {
            self.revoke_group_here(group, until, now);
            return None;
        }
        self.replica.revoke_unnumbered(key, is_type, until, now);
        self.waiters.group_revoked(&key, None);
        self.append(group.entry(until))
    }

    /// Revokes a group if there is no store to give a number.
    pub(super) fn revoke_group_here(&self, group: Group, until: u32, now: u64) -> ReadEntry {
        let Group { key, is_type } = group;
        let number = RevocationEntry::next_number(self.replica.highest(), self.time());
        let before = (self.replica).revoke_group(key, is_type, number, until, now);
        self.waiters.group_revoked(&key, Some(number));
        ReadEntry { number, before }
    }

    /// Applies an entry that was read from the store.
    pub(super) fn entry_was_read(&self, entry: &RevocationEntry) {
        let now = self.now().seconds();
        let latest = u32::try_from(now / 60).unwrap_or(u32::MAX);
        let latest = latest.saturating_add(MAX_MINUTES);
        match entry.content() {
            Ok(Content::Session { id, until }) => {
                if (self.replica).session_was_read(id, until.min(latest), now) {
                    self.waiters.session_revoked(id);
                }
            }
            Ok(Content::Group {
                key,
                is_type,
                number,
                until,
            }) => {
                let until = until.min(latest);
                let before = (self.replica).revoke_group(key, is_type, number, until, now);
                self.waiters.group_revoked(&key, Some(number));
                self.read_back
                    .group_was_read(key, ReadEntry { number, before });
            }
            Ok(Content::Fence { number }) => self.replica.raise_highest(number),
            Err(skipped) => self.skip(skipped),
        }
    }

    /// Drops entries that no longer count, and wakes those whose session has expired.
    pub(super) fn tick(&self) {
        let now = self.now().seconds();
        self.waiters.expire(now);
        self.replica
            .sweep(u32::try_from(now / 60).unwrap_or(u32::MAX));
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
    pub(super) fn recorded(&self, count: usize) {
        self.is_slow.store(false, Ordering::Relaxed);
        self.warnings.not_recorded.store(false, Ordering::Relaxed);
        self.warnings.append_failed.store(false, Ordering::Relaxed);
        self.queue.remove(count);
    }

    /// Returns true for the first failure since an append succeeded.
    pub(super) fn append_failed(&self) -> bool {
        !self.warnings.append_failed.swap(true, Ordering::Relaxed)
    }

    /// Returns true if the next caller need not wait, because the last one waited in vain.
    pub(super) fn is_slow(&self) -> bool {
        self.is_slow.load(Ordering::Relaxed)
    }

    pub(super) fn waited_in_vain(&self) {
        self.is_slow.store(true, Ordering::Relaxed);
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

impl Group {
    /// Returns an entry without a number.
    pub(super) fn entry(self, until: u32) -> RevocationEntry {
        if self.is_type {
            RevocationEntry::of_type(self.key, until)
        } else {
            RevocationEntry::of_group(self.key, until)
        }
    }
}
