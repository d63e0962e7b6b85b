//! A store that fails on demand.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use super::MemoryStore;
use crate::revocation::{
    Appended, Page, Position, RevocationEntry, RevocationStore, RevocationStoreError, StoreFuture,
};

/// A [`MemoryStore`] that fails on demand, to test what an application does then. Clones share it.
///
/// # Examples
///
/// ```
/// use secure_session::{Revocations, test_util::FaultyStore};
///
/// # actix_web::rt::System::new().block_on(async {
/// let store = FaultyStore::new();
/// let revocations = Revocations::with_store(store.clone()).await?;
/// store.fail_appends(true);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct FaultyStore(Arc<Inside>);

#[derive(Default)]
struct Inside {
    store: MemoryStore,
    faults: Mutex<Faults>,
    changed: Notify,
}

#[derive(Clone, Copy, Default)]
struct Faults {
    appends_fail: bool,
    reads_fail: bool,
    reads_are_held: bool,
    append_delay: Duration,
}

impl FaultyStore {
    /// Makes an empty store without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a store whose entries are in this one.
    #[must_use]
    pub fn with(store: MemoryStore) -> Self {
        Self(Arc::new(Inside {
            store,
            ..Inside::default()
        }))
    }

    /// Returns the store with the entries.
    #[must_use]
    pub fn store(&self) -> &MemoryStore {
        &self.0.store
    }

    /// Sets whether appends fail. They then store nothing.
    pub fn fail_appends(&self, fail: bool) {
        self.change(|faults| faults.appends_fail = fail);
    }

    /// Sets whether reads fail, also one that waits.
    pub fn fail_reads(&self, fail: bool) {
        self.change(|faults| faults.reads_fail = fail);
    }

    /// Sets whether both fail, as if the store could not be reached.
    pub fn fail(&self, fail: bool) {
        self.change(|faults| {
            faults.appends_fail = fail;
            faults.reads_fail = fail;
        });
    }

    /// Sets whether readers see no new entries, although reads succeed.
    pub fn hold_reads(&self, hold: bool) {
        self.change(|faults| faults.reads_are_held = hold);
    }

    /// Sets how long an append takes.
    pub fn delay_appends(&self, delay: Duration) {
        self.change(|faults| faults.append_delay = delay);
    }

    /// Removes all entries.
    pub fn forget(&self) {
        self.0.store.clear();
    }

    fn change(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.lock());
        self.0.changed.notify_waiters();
    }

    fn faults(&self) -> Faults {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Faults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RevocationStore for FaultyStore {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            sleep(self.faults().append_delay).await;
            if self.faults().appends_fail {
                return Err(RevocationStoreError::unavailable("appends fail"));
            }
            self.0.store.append(entries).await
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let changed = self.0.changed.notified();
            let faults = self.faults();
            if faults.reads_fail {
                return Err(RevocationStoreError::unavailable("reads fail"));
            }
            let nothing = || Page {
                entries: Vec::new(),
                position: after.clone(),
                is_last: true,
            };
            if faults.reads_are_held {
                drop(timeout(wait, changed).await);
                return Ok(nothing());
            }
            tokio::select! {
                page = self.0.store.read(after, wait) => page,
                () = changed => Ok(nothing()),
            }
        })
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").finish_non_exhaustive()
    }
}
