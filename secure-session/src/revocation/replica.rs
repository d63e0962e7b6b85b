//! What is revoked, in memory: each process holds the whole list.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::SystemTime,
};

use super::{
    entry::{Content, Group, GroupKey, RevocationEntry},
    hasher::BuildTakeBytes,
};
use crate::payload::SessionId;

/// Readers of different shards never wait for each other.
const SHARDS: usize = 16;

/// The revoked sessions and groups.
#[derive(Default)]
pub(super) struct Replica {
    sessions: [RwLock<HashMap<SessionId, SessionMark, BuildTakeBytes>>; SHARDS],
    groups: RwLock<HashMap<GroupKey, GroupMark, BuildTakeBytes>>,
    /// The length of `groups`, so that without any, no field is hashed.
    group_count: AtomicUsize,
    /// The highest number that was read: every entry with a lower one was read before.
    highest_read: AtomicU64,
    /// The highest number that was read, or given to an own entry.
    highest_known: AtomicU64,
    /// Sessions whose end was decided when their new cookie was encrypted. Few, and for the duration
    /// of a response.
    replacing: Mutex<HashMap<SessionId, Replacing>>,
}

/// A revoked session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SessionMark {
    /// In minutes since 1970.
    until: u32,
    /// When this process learned of it, in seconds since 1970.
    since: u32,
}

/// A group whose sessions are revoked if they are older than its newest entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupMark {
    is_type: bool,
    number: u64,
    /// The number of entries of this process that were not read back. They count as above every
    /// number.
    pending: u32,
    /// The numbers that the store gave to pending entries.
    given: Vec<u64>,
    until: u32,
    since: u32,
}

/// A session that this process replaces with another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Replacing {
    /// How often this process has tried to append the entry.
    attempts: u32,
    /// How often such an entry was read. More often than the attempts means that another process
    /// revoked the session, too.
    reads: u32,
    /// Another request revoked the session, too.
    is_revoked: bool,
}

/// An entry that revokes a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// When this process learned of it, in seconds since 1970.
    pub(super) since: u64,
    /// In minutes since 1970.
    pub(super) until: u32,
}

impl Replica {
    /// Returns the entry that revokes a session, if there is one.
    pub(super) fn session(&self, id: SessionId) -> Option<Mark> {
        let shard = read(self.shard(id));
        shard.get(&id).map(|mark| Mark {
            since: mark.since.into(),
            until: mark.until,
        })
    }

    /// Revokes a session. Returns true if it was not revoked before.
    pub(super) fn revoke_session(&self, id: SessionId, until: u32, now: u64) -> bool {
        self.insert_session(id, until, now, |replacing| replacing.is_revoked = true)
    }

    /// Applies a session's entry that was read from the store.
    pub(super) fn session_was_read(&self, id: SessionId, until: u32, now: u64) -> bool {
        self.insert_session(id, until, now, |replacing| {
            replacing.reads = replacing.reads.saturating_add(1);
            replacing.is_revoked |= replacing.reads > replacing.attempts;
        })
    }

    /// Records that entries are about to be appended.
    pub(super) fn appending(&self, entries: &[RevocationEntry]) {
        let mut replacing = self.replacing();
        if replacing.is_empty() {
            return;
        }
        for entry in entries {
            if let Ok(Content::Session { id, .. }) = entry.content()
                && let Some(replacing) = replacing.get_mut(&id)
            {
                replacing.attempts = replacing.attempts.saturating_add(1);
            }
        }
    }

    /// Revokes a session that this response replaces with another id. Returns false if it is already
    /// revoked; then the response must not send the other one.
    pub(super) fn replace_session(&self, id: SessionId, until: u32, now: u64) -> bool {
        let mut shard = write(self.shard(id));
        let Entry::Vacant(vacant) = shard.entry(id) else {
            return false;
        };
        vacant.insert(SessionMark {
            until,
            since: seconds(now),
        });
        // Under the shard's lock, so that another revocation comes before or after both.
        self.replacing().insert(id, Replacing::default());
        true
    }

    /// Returns true if nobody else has revoked a [replaced](Self::replace_session) session.
    pub(super) fn is_only_replaced(&self, id: SessionId) -> bool {
        let replacing = self.replacing();
        replacing.get(&id).is_some_and(|it| !it.is_revoked)
    }

    /// Forgets that a session is being replaced.
    pub(super) fn end_replacement(&self, id: SessionId) {
        self.replacing().remove(&id);
    }

    /// Returns true if there are entries of groups.
    #[inline]
    pub(super) fn has_groups(&self) -> bool {
        self.group_count.load(Ordering::Acquire) > 0
    }

    /// Returns the newest entry of these groups that revokes a session with this proof.
    pub(super) fn revoking(&self, keys: &[GroupKey], proof: u64) -> Option<Mark> {
        let groups = read(&self.groups);
        let marks = keys.iter().filter_map(|key| groups.get(key));
        let revoking = marks.filter(|mark| mark.pending > 0 || mark.number > proof);
        revoking
            .map(|mark| Mark {
                since: mark.since.into(),
                until: mark.until,
            })
            .max_by_key(|mark| mark.since)
    }

    /// Returns true if one of these groups has an entry that was not read back.
    pub(super) fn is_pending(&self, keys: &[GroupKey]) -> bool {
        let groups = read(&self.groups);
        let mut marks = keys.iter().filter_map(|key| groups.get(key));
        marks.any(|mark| mark.pending > 0)
    }

    /// Revokes a group with an entry that has no number yet.
    pub(super) fn revoke_pending(&self, group: Group, until: u32, now: u64) {
        self.change_group(group, until, now, |mark| {
            mark.pending = mark.pending.saturating_add(1);
        });
    }

    /// Records the number that the store gave to a pending entry.
    pub(super) fn number_given(&self, key: GroupKey, number: u64) {
        self.highest_known.fetch_max(number, Ordering::AcqRel);
        let mut groups = write(&self.groups);
        let Some(mark) = groups.get_mut(&key) else {
            return;
        };
        if number <= self.highest_read() {
            mark.pending = mark.pending.saturating_sub(1);
        } else {
            mark.given.push(number);
        }
    }

    /// Forgets a pending entry that has run out.
    pub(super) fn pending_ran_out(&self, key: GroupKey) {
        if let Some(mark) = write(&self.groups).get_mut(&key) {
            mark.pending = mark.pending.saturating_sub(1);
        }
    }

    /// Applies an entry with a number that was read. Returns the group's highest number before it.
    pub(super) fn group_was_read(&self, group: Group, number: u64, until: u32, now: u64) -> u64 {
        let mut before = 0;
        self.change_group(group, until, now, |mark| {
            before = mark.number;
            mark.number = mark.number.max(number);
            if let Some(at) = mark.given.iter().position(|given| *given == number) {
                mark.given.swap_remove(at);
                mark.pending = mark.pending.saturating_sub(1);
            }
            // Under the lock, so that a number is given before or after.
            self.number_was_read(number);
        });
        before
    }

    /// Revokes a group with the next number, if there is no store to give one. Returns the number
    /// and the group's highest number before it.
    pub(super) fn revoke_with_next_number(
        &self,
        group: Group,
        until: u32,
        now: u64,
        time: SystemTime,
    ) -> (u64, u64) {
        let (mut number, mut before) = (0, 0);
        self.change_group(group, until, now, |mark| {
            // Under the lock, so that no two entries have the same.
            number = RevocationEntry::next_number(self.highest_known(), time);
            before = mark.number;
            mark.number = number;
            self.number_was_read(number);
        });
        (number, before)
    }

    /// Returns the highest number that was read, which proves that a login came after every entry up
    /// to it.
    pub(super) fn highest_read(&self) -> u64 {
        self.highest_read.load(Ordering::Acquire)
    }

    /// Returns the highest number that was read, or given to an own entry.
    pub(super) fn highest_known(&self) -> u64 {
        self.highest_known.load(Ordering::Acquire)
    }

    pub(super) fn number_was_read(&self, number: u64) {
        self.highest_known.fetch_max(number, Ordering::AcqRel);
        self.highest_read.fetch_max(number, Ordering::AcqRel);
    }

    /// Drops entries that no longer count.
    pub(super) fn sweep(&self, now_minutes: u32) {
        for shard in &self.sessions {
            write(shard).retain(|_, mark| mark.until > now_minutes);
        }
        let mut groups = write(&self.groups);
        groups.retain(|_, mark| mark.until > now_minutes || mark.pending > 0);
        self.group_count.store(groups.len(), Ordering::Release);
    }

    /// Returns the number of entries.
    pub(super) fn len(&self) -> usize {
        let sessions = self.sessions.iter().map(|shard| read(shard).len());
        sessions
            .fold(0, usize::saturating_add)
            .saturating_add(self.group_count.load(Ordering::Acquire))
    }

    /// Returns all entries, to append them again: a fence, then groups by number, then sessions.
    pub(super) fn entries(&self) -> Vec<RevocationEntry> {
        let highest = self.highest_known();
        let mut entries = Vec::new();
        if highest > 0 {
            entries.push(RevocationEntry::fence(highest));
        }
        let mut groups = Vec::new();
        for (key, mark) in &*read(&self.groups) {
            let group = Group {
                key: *key,
                is_type: mark.is_type,
            };
            let numbers = mark.given.iter().copied().chain([mark.number]);
            let numbers = numbers.filter(|number| *number > 0);
            groups.extend(numbers.map(|number| (number, group.entry(mark.until))));
        }
        groups.sort_unstable_by_key(|(number, _)| *number);
        let numbered = groups.into_iter();
        entries.extend(numbered.map(|(number, entry)| entry.with_number(number)));
        for shard in &self.sessions {
            let shard = read(shard);
            let sessions = shard.iter();
            entries.extend(sessions.map(|(id, mark)| RevocationEntry::of_session(*id, mark.until)));
        }
        entries
    }

    fn insert_session(
        &self,
        id: SessionId,
        until: u32,
        now: u64,
        if_replacing: impl FnOnce(&mut Replacing),
    ) -> bool {
        let mut shard = write(self.shard(id));
        match shard.entry(id) {
            Entry::Vacant(vacant) => {
                vacant.insert(SessionMark {
                    until,
                    since: seconds(now),
                });
                true
            }
            Entry::Occupied(mut occupied) => {
                let mark = occupied.get_mut();
                mark.until = mark.until.max(until);
                self.replacing().get_mut(&id).map(if_replacing);
                false
            }
        }
    }

    fn change_group(
        &self,
        group: Group,
        until: u32,
        now: u64,
        change: impl FnOnce(&mut GroupMark),
    ) {
        let mut groups = write(&self.groups);
        let mark = groups.entry(group.key).or_insert(GroupMark {
            is_type: group.is_type,
            number: 0,
            pending: 0,
            given: Vec::new(),
            until,
            since: 0,
        });
        let before = (mark.number, mark.pending);
        change(mark);
        mark.until = mark.until.max(until);
        if (mark.number, mark.pending) > before {
            mark.since = seconds(now);
        }
        self.group_count.store(groups.len(), Ordering::Release);
    }

    fn shard(&self, id: SessionId) -> &RwLock<HashMap<SessionId, SessionMark, BuildTakeBytes>> {
        let [first, ..] = id.as_bytes();
        let [shard, ..] = &self.sessions;
        // Ids are random.
        self.sessions
            .get(usize::from(*first) % SHARDS)
            .unwrap_or(shard)
    }

    fn replacing(&self) -> MutexGuard<'_, HashMap<SessionId, Replacing>> {
        self.replacing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing under the locks can panic, so a poisoned lock can be used.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// Seconds since 1970 in 32 bits, which last until 2106.
fn seconds(now: u64) -> u32 {
    u32::try_from(now).unwrap_or(u32::MAX)
}
