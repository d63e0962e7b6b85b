//! What is revoked, in memory: each process holds the whole list.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::entry::{GroupKey, RevocationEntry};
use crate::payload::SessionId;

/// Readers of different shards never wait for each other.
const SHARDS: usize = 16;

/// The revoked sessions and groups.
#[derive(Default)]
pub(super) struct Replica {
    sessions: [RwLock<HashMap<SessionId, SessionMark>>; SHARDS],
    groups: RwLock<HashMap<GroupKey, GroupMark>>,
    /// The length of `groups`, so that without any, no field is hashed.
    group_count: AtomicUsize,
    /// The highest number that was read, or given to an own entry.
    highest: AtomicU64,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GroupMark {
    is_type: bool,
    number: u64,
    /// The entries of this process that have no number yet. They count as above every number.
    unnumbered: u32,
    until: u32,
    since: u32,
}

/// A session that this process replaces with another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Replacing {
    /// The entry was read from the store. It is our own, once.
    was_read: bool,
    /// Somebody else revoked the session, too.
    is_revoked: bool,
}

/// The newest entry of some groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Newest {
    pub(crate) number: u64,
    /// There is an entry without a number, which is above every number.
    pub(crate) has_unnumbered: bool,
    /// When this process learned of the newest entry, in seconds since 1970.
    pub(crate) since: u64,
}

impl Newest {
    /// Returns true if it revokes a session that was proven at `proof`.
    pub(crate) fn revokes(&self, proof: u64) -> bool {
        self.has_unnumbered || self.number > proof
    }
}

impl Replica {
    /// Returns when this process learned that a session is revoked, in seconds since 1970.
    pub(super) fn revoked_since(&self, id: SessionId) -> Option<u64> {
        let shard = read(self.shard(id));
        shard.get(&id).map(|mark| mark.since.into())
    }

    /// Revokes a session. Returns true if it was not revoked before.
    pub(super) fn revoke_session(&self, id: SessionId, until: u32, now: u64) -> bool {
        self.insert_session(id, until, now, |replacing| replacing.is_revoked = true)
    }

    /// Applies a session's entry that was read from the store.
    pub(super) fn session_was_read(&self, id: SessionId, until: u32, now: u64) -> bool {
        self.insert_session(id, until, now, |replacing| {
            // The first is our own.
            replacing.is_revoked |= replacing.was_read;
            replacing.was_read = true;
        })
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

    /// Returns the newest entry of these groups.
    pub(super) fn newest(&self, keys: &[GroupKey]) -> Option<Newest> {
        let groups = read(&self.groups);
        let marks = keys.iter().filter_map(|key| groups.get(key));
        marks
            .map(|mark| Newest {
                number: mark.number,
                has_unnumbered: mark.unnumbered > 0,
                since: mark.since.into(),
            })
            .reduce(|one, other| Newest {
                number: one.number.max(other.number),
                has_unnumbered: one.has_unnumbered || other.has_unnumbered,
                since: one.since.max(other.since),
            })
    }

    /// Revokes a group with an entry that has no number yet.
    pub(super) fn revoke_unnumbered(&self, key: GroupKey, is_type: bool, until: u32, now: u64) {
        self.change_group(key, is_type, until, now, |mark| {
            mark.unnumbered = mark.unnumbered.saturating_add(1);
        });
    }

    /// Sets the number of an entry that had none.
    pub(super) fn number_given(&self, key: GroupKey, number: u64) {
        self.raise_highest(number);
        let mut groups = write(&self.groups);
        if let Some(mark) = groups.get_mut(&key) {
            mark.unnumbered = mark.unnumbered.saturating_sub(1);
            mark.number = mark.number.max(number);
        }
    }

    /// Applies an entry with a number. Returns the group's highest number before it.
    pub(super) fn revoke_group(
        &self,
        key: GroupKey,
        is_type: bool,
        number: u64,
        until: u32,
        now: u64,
    ) -> u64 {
        self.raise_highest(number);
        let mut before = 0;
        self.change_group(key, is_type, until, now, |mark| {
            before = mark.number;
            mark.number = mark.number.max(number);
        });
        before
    }

    /// Returns the highest number that was read, or given to an own entry.
    pub(super) fn highest(&self) -> u64 {
        self.highest.load(Ordering::Acquire)
    }

    pub(super) fn raise_highest(&self, number: u64) {
        self.highest.fetch_max(number, Ordering::AcqRel);
    }

    /// Drops entries that no longer count.
    pub(super) fn sweep(&self, now_minutes: u32) {
        for shard in &self.sessions {
            write(shard).retain(|_, mark| mark.until > now_minutes);
        }
        let mut groups = write(&self.groups);
        groups.retain(|_, mark| mark.until > now_minutes || mark.unnumbered > 0);
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
        let highest = self.highest();
        let mut entries = Vec::new();
        if highest > 0 {
            entries.push(RevocationEntry::fence(highest));
        }
        let mut groups: Vec<_> = {
            let groups = read(&self.groups);
            let numbered = groups.iter().filter(|(_, mark)| mark.number > 0);
            numbered.map(|(key, mark)| (*key, *mark)).collect()
        };
        groups.sort_unstable_by_key(|(_, mark)| mark.number);
        entries.extend(groups.into_iter().map(|(key, mark)| {
            let entry = if mark.is_type {
                RevocationEntry::of_type(key, mark.until)
            } else {
                RevocationEntry::of_group(key, mark.until)
            };
            entry.with_number(mark.number)
        }));
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
        key: GroupKey,
        is_type: bool,
        until: u32,
        now: u64,
        change: impl FnOnce(&mut GroupMark),
    ) {
        let mut groups = write(&self.groups);
        let mark = groups.entry(key).or_insert(GroupMark {
            is_type,
            number: 0,
            unnumbered: 0,
            until,
            since: 0,
        });
        let before = (mark.number, mark.unnumbered);
        change(mark);
        mark.until = mark.until.max(until);
        if (mark.number, mark.unnumbered) != before {
            mark.since = seconds(now);
        }
        self.group_count.store(groups.len(), Ordering::Release);
    }

    fn shard(&self, id: SessionId) -> &RwLock<HashMap<SessionId, SessionMark>> {
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
