//! Waits until an own entry was read from the store, after all entries before it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::entry::GroupKey;

/// The entries that somebody waits for.
#[derive(Default)]
pub(super) struct ReadBack(Mutex<Vec<Watch>>);

struct Watch {
    key: GroupKey,
    sender: Option<oneshot::Sender<ReadEntry>>,
    /// The entry's number, once the store gave one.
    number: Option<u64>,
    /// Entries of the group that were read since the watch began.
    read: Vec<ReadEntry>,
    id: u64,
}

/// An entry of a group that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadEntry {
    pub(crate) number: u64,
    /// The group's highest number before it.
    pub(crate) before: u64,
}

/// A watch of a group, until it is dropped.
pub(super) struct Watching {
    all: Arc<ReadBack>,
    watch: u64,
}

impl ReadBack {
    /// Begins to watch a group. Call it before the entry is appended.
    pub(super) fn watch(all: &Arc<Self>, key: GroupKey) -> Watching {
        let mut watches = all.watches();
        let last = watches.last().map_or(0, |watch| watch.id);
        let watch = last.wrapping_add(1);
        watches.push(Watch {
            key,
            sender: None,
            number: None,
            read: Vec::new(),
            id: watch,
        });
        Watching {
            all: Arc::clone(all),
            watch,
        }
    }

    pub(super) fn group_was_read(&self, key: GroupKey, entry: ReadEntry) {
        let mut waiting = Vec::new();
        let mut watches = self.watches();
        for watch in watches.iter_mut().filter(|watch| watch.key == key) {
            if watch.number == Some(entry.number) {
                waiting.extend(watch.sender.take());
            }
            watch.read.push(entry);
        }
        // Sending wakes foreign code, which must not run under the lock.
        drop(watches);
        for sender in waiting {
            let _ = sender.send(entry);
        }
    }

    fn watches(&self) -> MutexGuard<'_, Vec<Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Returns a receiver that returns when the entry with this number was read.
    pub(super) fn number(&self, number: u64) -> oneshot::Receiver<ReadEntry> {
        let (sender, receiver) = oneshot::channel();
        let mut watches = self.all.watches();
        let found = watches.iter_mut().find(|watch| watch.id == self.watch);
        if let Some(watch) = found {
            if let Some(entry) = watch.read.iter().find(|entry| entry.number == number) {
                let _ = sender.send(*entry);
            } else {
                (watch.number, watch.sender) = (Some(number), Some(sender));
            }
        }
        receiver
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let mut watches = self.all.watches();
        watches.retain(|watch| watch.id != self.watch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_watch_is_forgotten_and_the_others_go_on() {
        let all = Arc::new(ReadBack::default());
        let key = [1; 16];
        let [first, second] = [(); 2].map(|()| ReadBack::watch(&all, key));
        let mut read = second.number(7);
        drop(first);
        assert_eq!(all.watches().len(), 1);
        let entry = ReadEntry {
            number: 7,
            before: 3,
        };
        all.group_was_read(key, entry);
        assert_eq!(read.try_recv(), Ok(entry));
        drop(second);
        assert!(all.watches().is_empty());
    }
}
