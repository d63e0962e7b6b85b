//! A store in an SQLite file, which the processes of one machine share.
//!
//! The file has a rollback journal and no write-ahead log. Both are paired with the file by name, so
//! SQLite applies those of an old file to one that replaces it. A log is there all the time, and would
//! damage each file that is restored under a running application; a journal has content only
//! during a commit.

mod database;
mod error;
mod file;

use std::{
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    sync::{Mutex, Notify},
    task::{spawn, spawn_blocking},
    time::timeout,
};

use self::{
    database::Database,
    error::{Failure, SqliteError},
};
use super::{
    entry::RevocationEntry,
    store::{Appended, Page, Position, RevocationStore, RevocationStoreError, StoreFuture},
};
use crate::time::Clock;

/// How often to look for entries of other processes.
const POLL: Duration = Duration::from_millis(100);

/// How often to look for expired entries, in seconds.
const SWEEP: u64 = 60;

/// A [`RevocationStore`] in an SQLite file on a local disk (feature `sqlite`): for the processes of
/// one machine. It keeps revocations when they restart.
///
/// [`Revocations::sqlite`](crate::Revocations::sqlite) opens it and reads it.
///
/// # Security
///
/// A new file can be read and written only by its owner (mode 0600). Everyone who can write to it
/// can end sessions, and make ended sessions valid again. The page
/// [`revocation`](crate::manual::revocation#sqlite) of the manual says what the file reveals, and how
/// to back it up and restore it.
///
/// # Examples
///
/// ```
/// use secure_session::{Revocations, SqliteStore};
///
/// # actix_web::rt::System::new().block_on(async {
/// # let folder = std::env::temp_dir().join(format!("secure-session-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("store.db");
/// let revocations = Revocations::with_store(SqliteStore::open(path)?).await?;
/// # drop(revocations);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct SqliteStore(Arc<Inside>);

struct Inside {
    clock: Clock,
    /// Reads do not wait for appends that wait for a lock.
    reader: Arc<Mutex<Database>>,
    writer: Arc<Mutex<Database>>,
    /// This process has appended entries.
    appended: Notify,
    /// When all entries that had run out were deleted, in seconds since 1970.
    swept_at: AtomicU64,
    is_sweeping: AtomicBool,
}

impl SqliteStore {
    /// Opens a file, or creates it in an existing folder.
    ///
    /// Waits up to two seconds for each lock that another process has.
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError::Unavailable`] if the file cannot be read and written, is on a network
    /// file system, is not a store of revocations, or was written by a newer version of this library.
    /// The source says which.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RevocationStoreError> {
        Self::open_with(path.as_ref(), Clock::System, None)
    }

    /// For tests only: opens a file with the test's clock. The file may have at most `max_pages` pages
    /// of 4,096 bytes; beyond that, the disk counts as full.
    ///
    /// # Errors
    ///
    /// Like [`open`](Self::open).
    #[cfg(feature = "test-util")]
    pub fn open_at(
        path: impl AsRef<Path>,
        clock: &crate::time::TestClock,
        max_pages: Option<u32>,
    ) -> Result<Self, RevocationStoreError> {
        Self::open_with(path.as_ref(), clock.clock(), max_pages)
    }

    pub(super) fn open_with(
        path: &Path,
        clock: Clock,
        max_pages: Option<u32>,
    ) -> Result<Self, RevocationStoreError> {
        let open =
            || Database::open(path, max_pages).map(|database| Arc::new(Mutex::new(database)));
        Ok(Self(Arc::new(Inside {
            clock,
            reader: open()?,
            writer: open()?,
            appended: Notify::new(),
            swept_at: AtomicU64::new(0),
            is_sweeping: AtomicBool::new(false),
        })))
    }

    async fn page(&self, after: &Position) -> Result<Page, RevocationStoreError> {
        let mut reader = Arc::clone(&self.0.reader).lock_owned().await;
        let (after, now) = (after.clone(), self.now());
        unblocked(move || reader.page(&after, now)).await
    }

    /// Deletes some entries that have run out, if none were looked for in the last minute. Nobody
    /// waits for it.
    fn sweep_if_due(&self) {
        let (now, seconds) = (self.now(), self.0.clock.read().seconds());
        let swept_at = self.0.swept_at.load(Ordering::Relaxed);
        if swept_at.abs_diff(seconds) < SWEEP || self.0.is_sweeping.swap(true, Ordering::Relaxed) {
            return;
        }
        let store = self.clone();
        drop(spawn(async move {
            let mut writer = Arc::clone(&store.0.writer).lock_owned().await;
            // An append reports what is wrong.
            if let Ok(true) = unblocked(move || writer.sweep(now)).await {
                store.0.swept_at.store(seconds, Ordering::Relaxed);
            }
            store.0.is_sweeping.store(false, Ordering::Relaxed);
        }));
    }

    fn now(&self) -> SystemTime {
        self.0.clock.read().system_time()
    }
}

impl RevocationStore for SqliteStore {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            let mut writer = Arc::clone(&self.0.writer).lock_owned().await;
            let (entries, now) = (entries.to_vec(), self.now());
            let stored = unblocked(move || writer.append(&entries, now)).await?;
            self.0.appended.notify_waiters();
            Ok(Appended::of(&stored))
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let began = Instant::now();
            loop {
                let appended = self.0.appended.notified();
                let page = self.page(after).await?;
                self.sweep_if_due();
                let left = wait.saturating_sub(began.elapsed());
                if !page.entries.is_empty() || left.is_zero() {
                    return Ok(page);
                }
                drop(timeout(left.min(POLL), appended).await);
            }
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// Runs work that blocks on a thread for it.
async fn unblocked<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, RevocationStoreError> {
    match spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(err) => Err(RevocationStoreError::unavailable(err)),
    }
}

impl From<Failure> for RevocationStoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lost => Self::Lost,
            Failure::Sqlite(err) => err.into(),
        }
    }
}

impl From<SqliteError> for RevocationStoreError {
    fn from(err: SqliteError) -> Self {
        Self::unavailable(err)
    }
}
