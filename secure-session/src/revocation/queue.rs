//! Entries that the store does not have yet.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, oneshot};

use super::{
    entry::RevocationEntry,
    store::{Appended, RevocationStoreError},
};

/// The most entries that are appended together.
const BATCH: usize = 500;

/// The queue of one process.
#[derive(Default)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    /// Something was added.
    pub(super) added: Notify,
}

#[derive(Default)]
struct Inside {
    /// Entries that are tried until the store has them, oldest first.
    entries: VecDeque<Queued>,
    /// Entries that are tried once.
    once: VecDeque<Once>,
    /// The number of entries that were ever added.
    added: u64,
    /// Nobody appends them any longer.
    is_closed: bool,
}

struct Queued {
    ticket: Ticket,
    entry: RevocationEntry,
    /// Those who wait for it.
    waiting: Vec<oneshot::Sender<()>>,
}

/// An entry that is tried once, because it must not revoke anything later.
pub(super) struct Once {
    pub(super) entry: RevocationEntry,
    reply: oneshot::Sender<u64>,
}

/// An entry in the queue, to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

impl Queue {
    /// Adds an entry, which is tried until the store has it.
    pub(super) fn push(&self, entry: RevocationEntry) -> Ticket {
        let mut inside = self.inside();
        inside.added = inside.added.saturating_add(1);
        let ticket = Ticket(inside.added);
        inside.entries.push_back(Queued {
            ticket,
            entry,
            waiting: Vec::new(),
        });
        drop(inside);
        self.added.notify_one();
        ticket
    }

    /// Adds an entry that is tried once. The receiver returns its number.
    pub(super) fn push_once(&self, entry: RevocationEntry) -> oneshot::Receiver<u64> {
        let (reply, receiver) = oneshot::channel();
        let mut inside = self.inside();
        if !inside.is_closed {
            inside.once.push_back(Once { entry, reply });
        }
        drop(inside);
        self.added.notify_one();
        receiver
    }

    /// Returns a receiver that returns when the store has the entry, or nobody appends it any
    /// longer. `None` if the store has it.
    pub(super) fn recorded(&self, ticket: Ticket) -> Option<oneshot::Receiver<()>> {
        let mut inside = self.inside();
        let is_closed = inside.is_closed;
        let found = inside
            .entries
            .binary_search_by_key(&ticket, |queued| queued.ticket);
        let index = found.ok()?;
        let queued = inside.entries.get_mut(index)?;
        let (sender, receiver) = oneshot::channel();
        if !is_closed {
            queued.waiting.push(sender);
        }
        Some(receiver)
    }

    /// Returns the ticket of the newest entry.
    pub(super) fn newest(&self) -> Option<Ticket> {
        self.inside().entries.back().map(|queued| queued.ticket)
    }

    /// Returns the oldest entries.
    pub(super) fn batch(&self) -> Vec<RevocationEntry> {
        let inside = self.inside();
        let entries = inside.entries.iter().take(BATCH);
        entries.map(|queued| queued.entry).collect()
    }

    /// Removes the oldest entries, which the store has now.
    pub(super) fn remove(&self, count: usize) {
        let mut inside = self.inside();
        let count = count.min(inside.entries.len());
        let recorded: Vec<_> = inside.entries.drain(..count).collect();
        drop(inside);
        for sender in recorded.into_iter().flat_map(|queued| queued.waiting) {
            // The receiver may be gone.
            let _ = sender.send(());
        }
    }

    /// Takes the entries that are tried once.
    pub(super) fn take_once(&self) -> VecDeque<Once> {
        std::mem::take(&mut self.inside().once)
    }

    /// Ends all waiting, because nobody appends entries any longer.
    pub(super) fn close(&self) {
        let mut inside = self.inside();
        inside.is_closed = true;
        inside.once.clear();
        for queued in &mut inside.entries {
            queued.waiting.clear();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.inside().entries.len()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Once {
    /// Returns true if nobody waits for it any longer.
    pub(super) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    /// Sends the number that the store gave. Without one, the caller is woken all the same.
    pub(super) fn reply(self, appended: Result<Appended, RevocationStoreError>) {
        let numbers = appended.map(|appended| appended.numbers);
        if let Some(number) = numbers
            .ok()
            .and_then(|numbers| numbers.first().copied().flatten())
        {
            let _ = self.reply.send(number);
        }
    }
}
