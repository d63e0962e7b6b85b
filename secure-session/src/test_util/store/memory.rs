//! A store in memory.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::{
    revocation::{
        Appended, Page, Position, RevocationEntry, RevocationStore, RevocationStoreError,
        StoreFuture,
    },
    time::{Clock, TestClock},
};

/// The most entries that a page has.
const PAGE: usize = 1000;

/// A store of revocations in memory. Clones share it, so several
/// [`Revocations`](crate::Revocations) can use it as several processes would.
///
/// # Examples
///
/// ```
/// use secure_session::{Revocations, test_util::MemoryStore};
///
/// # actix_web::rt::System::new().block_on(async {
/// let store = MemoryStore::new();
/// let one = Revocations::with_store(store.clone()).await?;
/// let other = Revocations::with_store(store).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Inside>);

#[derive(Default)]
struct Inside {
    clock: Clock,
    log: Mutex<Log>,
    arrived: Notify,
}

#[derive(Default)]
struct Log {
    entries: Vec<RevocationEntry>,
    highest: u64,
    /// How often the store was emptied.
    emptied: u64,
}

impl MemoryStore {
    /// Makes an empty store, which uses the system clock.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty store, which uses this clock for its numbers.
    #[must_use]
    pub fn at(clock: &TestClock) -> Self {
        Self(Arc::new(Inside {
            clock: clock.clock(),
            ..Inside::default()
        }))
    }

    /// Removes all entries, as if the store had been replaced by an empty one.
    pub fn clear(&self) {
        let mut log = self.log();
        *log = Log {
            emptied: log.emptied.saturating_add(1),
            ..Log::default()
        };
        drop(log);
        self.0.arrived.notify_waiters();
    }

    /// Returns all entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<RevocationEntry> {
        self.log().entries.clone()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self, after: &Position) -> Result<Page, RevocationStoreError> {
        let log = self.log();
        let (emptied, read) = match after.as_bytes().split_first_chunk() {
            Some((emptied, read)) => (u64::from_be_bytes(*emptied), read_index(read)),
            None => (log.emptied, 0),
        };
        let rest = log.entries.get(read..);
        let rest = rest.filter(|_| emptied == log.emptied);
        let rest = rest.ok_or(RevocationStoreError::Lost)?;
        let entries: Vec<_> = rest.iter().take(PAGE).copied().collect();
        let is_last = entries.len() == rest.len();
        let read = read.saturating_add(entries.len()) as u64;
        let position = [log.emptied.to_be_bytes(), read.to_be_bytes()].concat();
        Ok(Page {
            entries,
            position: Position::new(position),
            is_last,
        })
    }
}

impl RevocationStore for MemoryStore {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            let mut log = self.log();
            let mut stored = Vec::with_capacity(entries.len());
            for entry in entries {
                let now = self.0.clock.read().system_time();
                let entry = entry.with_number(RevocationEntry::next_number(log.highest, now));
                log.highest = log.highest.max(entry.number().unwrap_or_default());
                log.entries.push(entry);
                stored.push(entry);
            }
            drop(log);
            self.0.arrived.notify_waiters();
            Ok(Appended::of(&stored))
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let arrived = self.0.arrived.notified();
            let page = self.page(after)?;
            if page.entries.is_empty() && timeout(wait, arrived).await.is_ok() {
                return self.page(after);
            }
            Ok(page)
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

fn read_index(bytes: &[u8]) -> usize {
    let index = bytes.try_into().map(u64::from_be_bytes);
    index
        .ok()
        .and_then(|index| usize::try_from(index).ok())
        .unwrap_or(usize::MAX)
}
