//! The list of revoked sessions, which every process holds, and the store that it is read from.
//!
//! Only what was revoked and has not expired must be known. That is little, so each process holds
//! all of it (the *replica*), and no request waits for the store to be checked.

mod binding;
mod builder;
mod ended;
mod entry;
mod error;
mod event;
mod freshness;
mod hasher;
mod key;
#[cfg(feature = "test-util")]
pub(crate) mod manual;
mod queue;
mod read_back;
mod replica;
mod shared;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;
mod store;
mod timers;
mod type_revocations;
mod waiters;
mod worker;

use std::{any::TypeId, fmt, sync::Arc};

#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
pub(crate) use self::{
    binding::GroupKeys,
    entry::{Group, MAX_MINUTES},
    event::report as report_event,
    key::TypeNames,
    queue::Ticket,
    read_back::ReadEntry,
    timers::STORE_WAIT,
    type_revocations::{Revoked, TypeRevocations},
    waiters::WaitedFor,
};
pub use self::{
    builder::RevocationsBuilder,
    ended::SessionEnded,
    entry::{Content, GroupKey, RevocationEntry, Skipped},
    error::RevocationError,
    event::{EndReason, SessionEvent},
    state::{RevocationCounters, RevocationState},
    store::{Appended, Page, Position, RevocationStore, RevocationStoreError, StoreFuture},
    waiters::Ended,
};

use self::{
    binding::Binding,
    read_back::ReadBack,
    shared::{Settings, Shared},
    worker::{Loaded, Worker},
};
use crate::{policy::Limits, schema::SessionData, time::Clock};

/// `flush` waits this many times [`STORE_WAIT`].
const FLUSH_WAITS: u32 = 8;

/// The revocations of an application: the list of revoked sessions and its store.
///
/// Make it once, before `HttpServer::new`, and give it to the builder of the middleware and, for
/// handlers that revoke, to `web::Data`. It is cheap to clone. When the last clone is dropped, what
/// the store does not have yet is appended, for up to two seconds.
///
/// # Security
///
/// A revocation counts in this process when the method that revokes returns, and in other processes
/// once they have read it from the store. See the page [`revocation`](crate::manual::revocation) of
/// the manual for what is guaranteed and when.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, Revocations, SecureSession, SessionMiddleware};
///
/// #[derive(SecureSession)]
/// #[session(revocable)]
/// struct Auth {
///     #[session(identity)]
///     user_id: Option<u64>,
/// }
///
/// let revocations = Revocations::in_memory();
/// let sessions = SessionMiddleware::builder(Key::generate()?)
///     .revocations(&revocations)
///     .session::<Auth>()
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Revocations(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    /// Dropped with the last clone. `None` if a test plays the thread.
    _worker: Option<Worker>,
}

impl Revocations {
    /// Keeps revocations in this process only. They are gone when it ends: then, revoked sessions
    /// are valid again until they expire.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::builder().in_memory()
    }

    /// Keeps revocations in an SQLite file on a local disk, for the processes of one machine (feature
    /// `sqlite`). Blocks until the whole list has been read, so call it before the server starts. The
    /// file is created if it does not exist.
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError`] if [`SqliteStore::open`] fails or the file is not read within 5
    /// seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::Revocations;
    ///
    /// # let folder = std::env::temp_dir().join(format!("secure-session-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("revocations.db");
    /// let revocations = Revocations::sqlite(path)?; // such as "/var/lib/shop/revocations.db"
    /// # drop(revocations);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "sqlite")]
    pub fn sqlite(path: impl AsRef<std::path::Path>) -> Result<Self, RevocationStoreError> {
        Self::builder().sqlite(path)
    }

    /// Keeps revocations in a store of your own. Returns once the whole list was read.
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError`] if the store is not read within 5 seconds.
    pub async fn with_store(store: impl RevocationStore) -> Result<Self, RevocationStoreError> {
        Self::builder().with_store(store).await
    }

    /// Makes a builder, to change the defaults.
    pub fn builder() -> RevocationsBuilder {
        RevocationsBuilder::default()
    }

    /// Returns the state, for readiness checks and metrics.
    #[must_use]
    pub fn state(&self) -> RevocationState {
        let shared = self.inner();
        let (queued, counters) = (shared.queue.len(), shared.counters());
        let since = shared.freshness.failed_since();
        match since.filter(|_| !shared.settings.is_local) {
            Some(since) if shared.is_stale() => RevocationState::Refusing {
                since,
                queued,
                counters,
            },
            Some(since) => RevocationState::Behind {
                since,
                queued,
                counters,
            },
            None => RevocationState::Live {
                entries: shared.replica.len(),
                lag: shared.staleness(),
                queued,
                counters,
            },
        }
    }

    /// Waits until the store has every entry of this process, at most 2 seconds.
    ///
    /// Call it before the process stops, after the server.
    ///
    /// # Errors
    ///
    /// [`RevocationError::NotRecorded`] if the store does not have them then.
    pub fn flush(&self) -> impl Future<Output = Result<(), RevocationError>> + Send + use<> {
        let shared = self.shared();
        async move {
            let newest = shared.queue.newest();
            let Some(mut recorded) = newest.and_then(|ticket| shared.queue.recorded(ticket)) else {
                return Ok(());
            };
            for _ in 0..FLUSH_WAITS {
                tokio::select! {
                    biased;
                    result = &mut recorded => {
                        return result.map(drop).map_err(|_| RevocationError::NotRecorded);
                    }
                    _ = shared.timers.start() => {}
                }
            }
            Err(RevocationError::NotRecorded)
        }
    }

    fn new(
        settings: Settings,
        clock: Option<Clock>,
        store: Option<Arc<dyn RevocationStore>>,
        loaded: Loaded,
    ) -> Self {
        let shared = Arc::new(Shared::new(settings, clock));
        let worker = Worker::start(&shared, store, loaded);
        let handle = Handle {
            shared,
            _worker: Some(worker),
        };
        Self(Arc::new(handle))
    }

    /// Connects a session type. Returns `None` if it is connected with other names or limits.
    pub(crate) fn connect<T: SessionData>(
        &self,
        names: TypeNames,
        limits: &Limits,
        clock: &Clock,
    ) -> Option<TypeRevocations> {
        let shared = self.inner();
        let counts_idle = shared.settings.max_staleness.is_some();
        let binding = Binding::new::<T>(names, limits.longest_unsealed(counts_idle));
        shared.follow(clock);
        shared.report_in_memory();
        let mut bindings = shared.bindings();
        let known = bindings.entry(TypeId::of::<T>());
        let known = known.or_insert_with(|| Arc::new(binding.clone()));
        if !known.is_same(&binding) {
            // Nobody uses the other one, such as after a `build()` that failed.
            if Arc::strong_count(known) > 1 {
                return None;
            }
            *known = Arc::new(binding);
        }
        Some(TypeRevocations::new(self.clone(), Arc::clone(known)))
    }

    /// Returns the revocations of a type, if it is connected.
    pub(crate) fn of_type<T: SessionData>(&self) -> Option<TypeRevocations> {
        let binding = self.inner().bindings().get(&TypeId::of::<T>()).cloned();
        binding.map(|binding| TypeRevocations::new(self.clone(), binding))
    }

    /// Waits until the store has an entry, at most [`STORE_WAIT`].
    ///
    /// # Errors
    ///
    /// [`RevocationError::NotRecorded`]. The entry is still tried.
    pub(crate) fn recorded(
        &self,
        ticket: Option<Ticket>,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<> {
        let shared = self.shared();
        let waiting = ticket.and_then(|ticket| shared.queue.recorded(ticket));
        let waiting = waiting.map(|recorded| (recorded, shared.timers.start()));
        async move {
            let Some((recorded, timer)) = waiting else {
                return Ok(());
            };
            if shared.is_slow() {
                return Err(RevocationError::NotRecorded);
            }
            let is_recorded = tokio::select! {
                biased;
                result = recorded => result.is_ok(),
                _ = timer => false,
            };
            shared.waited(is_recorded)
        }
    }

    /// Counts a response that is sent before the store has what it revokes. Returns true for the
    /// first since an append succeeded.
    pub(crate) fn count_not_recorded(&self) -> bool {
        self.inner().count_not_recorded()
    }

    /// Revokes a group, and waits until the store has the entry and this process has read it, so that
    /// a login afterwards is known to be later.
    ///
    /// # Errors
    ///
    /// [`RevocationError::NotRecorded`] if the store does not have it in time.
    pub(crate) fn revoke_group(
        &self,
        revocations: &TypeRevocations,
        group: Group,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<> {
        let shared = self.shared();
        let recorded = self.recorded(revocations.revoke_group(group));
        let mut timer = shared.timers.start();
        async move {
            recorded.await?;
            loop {
                // Created before the question, so that no entry is missed.
                let read = shared.group_read.notified();
                if !shared.replica.is_pending(&[group.key]) {
                    return Ok(());
                }
                tokio::select! {
                    biased;
                    () = read => {}
                    // The store has it. A login into the group is refused until it is read.
                    _ = &mut timer => return Ok(()),
                }
            }
        }
    }

    /// Revokes a group with an entry that is tried once, and waits until it was read.
    ///
    /// # Errors
    ///
    /// [`RevocationError::NotRecorded`] after [`STORE_WAIT`].
    pub(crate) async fn revoke_once(
        &self,
        group: Group,
        life: u64,
    ) -> Result<ReadEntry, RevocationError> {
        let shared = self.inner();
        let now = shared.now().seconds();
        let until = shared.until(life, now);
        if shared.settings.is_local {
            return Ok(shared.revoke_group_here(group, until, now));
        }
        let timer = shared.timers.start();
        let watching = ReadBack::watch(&shared.read_back, group.key);
        let append = async {
            let number = shared.queue.push_once(group.entry(until)).await.ok()?;
            watching.number(number).await.ok()
        };
        let read = tokio::select! {
            biased;
            read = append => read,
            _ = timer => None,
        };
        shared.waited(read.is_some())?;
        read.ok_or(RevocationError::NotRecorded)
    }

    fn inner(&self) -> &Shared {
        &self.0.shared
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.0.shared)
    }
}

impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revocations").finish_non_exhaustive()
    }
}
