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
    waiting: Vec<oneshot::Sender<Option<u64>>>,
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

    /// Returns a receiver that returns the entry's number when the store has the entry, or closes if
    /// nobody appends it any longer. `None` if the store has it.
    pub(super) fn recorded(&self, ticket: Ticket) -> Option<oneshot::Receiver<Option<u64>>> {
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
    pub(super) fn batch(&self) -> (Vec<Ticket>, Vec<RevocationEntry>) {
        let inside = self.inside();
        let entries = inside.entries.iter().take(BATCH);
        entries.map(|queued| (queued.ticket, queued.entry)).unzip()
    }

    /// Removes entries that the store has now, with the numbers that it gave.
    pub(super) fn remove(&self, recorded: &[(Ticket, Option<u64>)]) {
        let number_of = |ticket: &Ticket| {
            let found = recorded.binary_search_by_key(ticket, |(ticket, _)| *ticket);
            found.ok().and_then(|index| recorded.get(index))
        };
        let mut inside = self.inside();
        let mut waiting = Vec::new();
        inside.entries.retain_mut(|queued| {
            let Some((_, number)) = number_of(&queued.ticket) else {
                return true;
            };
            let senders = queued.waiting.drain(..);
            waiting.extend(senders.map(|sender| (sender, *number)));
            false
        });
        // Sending wakes foreign code, which must not run under the lock.
        drop(inside);
        for (sender, number) in waiting {
            // The receiver may be gone.
            let _ = sender.send(number);
        }
    }

    /// Removes entries that no longer count.
    pub(super) fn take_run_out(&self, now_minutes: u32) -> Vec<RevocationEntry> {
        let mut inside = self.inside();
        let (run_out, entries) = std::mem::take(&mut inside.entries)
            .into_iter()
            .partition::<VecDeque<_>, _>(|queued| queued.entry.has_run_out(now_minutes));
        inside.entries = entries;
        drop(inside);
        run_out.into_iter().map(|queued| queued.entry).collect()
    }

    /// Takes the entries that are tried once.
    pub(super) fn take_once(&self) -> VecDeque<Once> {
        std::mem::take(&mut self.inside().once)
    }

    /// Ends all waiting, because nobody appends entries any longer.
    pub(super) fn close(&self) {
        let mut inside = self.inside();
        inside.is_closed = true;
        let once = std::mem::take(&mut inside.once);
        let entries = inside.entries.iter_mut();
        let waiting: Vec<_> = entries
            .flat_map(|queued| queued.waiting.drain(..))
            .collect();
        // Dropping them wakes foreign code, which must not run under the lock.
        drop(inside);
        drop((once, waiting));
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
