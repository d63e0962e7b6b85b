//! Makes [`Revocations`].

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{
    Revocations,
    shared::Settings,
    store::{RevocationStore, RevocationStoreError},
};
use crate::time::Clock;

/// Changes the defaults of [`Revocations`].
///
/// # Examples
///
/// ```
/// use secure_session::Revocations;
/// use std::time::Duration;
///
/// let revocations = Revocations::builder()
///     .max_staleness(Duration::from_secs(60))
///     .in_memory();
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `in_memory` or `with_store`"]
pub struct RevocationsBuilder {
    settings: Settings,
    clock: Option<Clock>,
}

impl RevocationsBuilder {
    /// Sets how long sessions are checked against the last known list while the store cannot be
    /// reached. Then, requests with a session get a 503. Default: 2 minutes.
    ///
    /// `None` never refuses requests. Entries are then kept until the absolute limit, which makes
    /// the list longer.
    ///
    /// # Security
    ///
    /// A process that cannot reach the store does not learn of revocations for this long. Every
    /// process needs the same value.
    pub fn max_staleness(mut self, max: impl Into<Option<Duration>>) -> Self {
        self.settings.max_staleness = max.into();
        self
    }

    /// Sets the number of entries for which memory is planned. Default: 8 million.
    ///
    /// The log warns at 80 %. Nothing is dropped beyond it.
    pub fn max_entries(mut self, max: usize) -> Self {
        self.settings.max_entries = max;
        self
    }

    /// For tests only: replaces the system clock with a clock that the test controls. Default: the
    /// clock of the first middleware.
    #[cfg(feature = "test-util")]
    pub fn clock(mut self, clock: &crate::time::TestClock) -> Self {
        self.clock = Some(clock.clock());
        self
    }

    #[cfg(feature = "test-util")]
    pub(super) fn into_parts(self) -> (Settings, Option<Clock>) {
        (self.settings, self.clock)
    }

    /// Keeps revocations in this process only, like [`Revocations::in_memory`].
    #[must_use]
    pub fn in_memory(mut self) -> Revocations {
        self.settings.is_local = true;
        Revocations::new(self.settings, self.clock, None, Box::new(drop))
    }

    /// Keeps revocations in an SQLite file, like [`Revocations::sqlite`].
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError`] if [`SqliteStore::open`](crate::SqliteStore::open) fails or the file
    /// is not read within 5 seconds.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(
        self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<Revocations, RevocationStoreError> {
        let clock = self.clock.clone().unwrap_or_default();
        let store = super::SqliteStore::open_with(path.as_ref(), clock, None)?;
        let (loaded, is_loaded) = std::sync::mpsc::channel();
        let loaded = Box::new(move |result| drop(loaded.send(result)));
        let store = Some(Arc::new(store) as Arc<dyn RevocationStore>);
        let revocations = Revocations::new(self.settings, self.clock, store, loaded);
        is_loaded.recv().map_err(|_| no_thread())??;
        Ok(revocations)
    }

    /// Keeps revocations in a store of your own, like [`Revocations::with_store`].
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError`] if the store is not read within 5 seconds.
    pub async fn with_store(
        self,
        store: impl RevocationStore,
    ) -> Result<Revocations, RevocationStoreError> {
        let (loaded, is_loaded) = oneshot::channel();
        let loaded = Box::new(move |result| drop(loaded.send(result)));
        let store = Some(Arc::new(store) as Arc<dyn RevocationStore>);
        let revocations = Revocations::new(self.settings, self.clock, store, loaded);
        is_loaded.await.map_err(|_| no_thread())??;
        Ok(revocations)
    }
}

fn no_thread() -> RevocationStoreError {
    RevocationStoreError::unavailable("the thread could not be started")
}

impl Default for RevocationsBuilder {
    fn default() -> Self {
        Self {
            settings: Settings {
                max_staleness: Some(Duration::from_secs(120)),
                max_entries: 8_000_000,
                is_local: false,
            },
            clock: None,
        }
    }
}
