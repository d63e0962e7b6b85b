//! A process whose thread and store a test plays, step by step.

use std::{fmt, sync::Arc, time::Instant};

use super::{
    Appended, Handle, RevocationEntry, Revocations, builder::RevocationsBuilder, shared::Shared,
};

/// A process without a thread: the test takes what it would append, and gives it what it would read.
pub struct Process {
    revocations: Revocations,
}

impl Process {
    /// Makes a process with these settings.
    #[must_use]
    pub fn new(builder: RevocationsBuilder) -> Self {
        let (settings, clock) = builder.into_parts();
        let handle = Handle {
            shared: Arc::new(Shared::new(settings, clock)),
            _worker: None,
        };
        let process = Self {
            revocations: Revocations(Arc::new(handle)),
        };
        process.hear();
        process
    }

    /// Returns the process's revocations.
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Returns the queued entries, oldest first.
    #[must_use]
    pub fn queued(&self) -> Vec<RevocationEntry> {
        let (_, entries) = self.shared().queue.batch();
        self.shared().replica.appending(&entries);
        entries
    }

    /// Removes the first queued entries. `stored` are those entries as the store has them.
    pub fn recorded(&self, stored: &[RevocationEntry]) {
        let (tickets, entries) = self.shared().queue.batch();
        self.shared()
            .recorded(&tickets, &entries, &Appended::of(stored));
    }

    /// Gives the process an entry that it would read.
    pub fn read(&self, entry: &RevocationEntry) {
        self.shared().entry_was_read(entry);
        self.hear();
    }

    /// Appends the entries of `revoke_others` with `store`, as the thread does.
    pub fn append_once(&self, mut store: impl FnMut(RevocationEntry) -> RevocationEntry) {
        for once in self.shared().queue.take_once() {
            let stored = store(once.entry);
            once.reply(Ok(Appended::of([&stored])));
        }
    }

    /// Returns the highest number that the process knows.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.shared().replica.highest_known()
    }

    /// Makes the list as fresh as the clock.
    pub fn hear(&self) {
        let shared = self.shared();
        shared.freshness.heard(Instant::now(), shared.now());
    }

    /// Drops entries that no longer count.
    pub fn sweep(&self) {
        self.shared().tick();
    }

    fn shared(&self) -> &Shared {
        &self.revocations.0.shared
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}
