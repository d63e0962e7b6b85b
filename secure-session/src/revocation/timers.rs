//! Deadlines on the thread of revocations, because callers may have no runtime with timers.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, oneshot},
    time::sleep,
};

/// How long a caller waits for the store.
pub(crate) const STORE_WAIT: Duration = Duration::from_millis(250);

/// Timers of [`STORE_WAIT`].
#[derive(Default)]
pub(super) struct Timers {
    inside: Mutex<Inside>,
    started: Notify,
}

#[derive(Default)]
struct Inside {
    /// All are as long, so the first ends first.
    timers: VecDeque<(Instant, oneshot::Sender<()>)>,
    is_closed: bool,
}

impl Timers {
    /// Starts a timer. The receiver returns when it is over, or nobody runs timers.
    pub(super) fn start(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let now = Instant::now();
        let end = now.checked_add(STORE_WAIT).unwrap_or(now);
        let mut inside = self.inside();
        if !inside.is_closed {
            inside.timers.push_back((end, sender));
        }
        drop(inside);
        self.started.notify_one();
        receiver
    }

    pub(super) async fn run(&self) {
        loop {
            match self.end_some(Instant::now()) {
                None => self.started.notified().await,
                Some(next) => sleep(next.saturating_duration_since(Instant::now())).await,
            }
        }
    }

    /// Ends all timers, and all that will be started.
    pub(super) fn close(&self) {
        let mut inside = self.inside();
        inside.is_closed = true;
        let timers = std::mem::take(&mut inside.timers);
        drop(inside);
        drop(timers);
    }

    /// Ends the timers that are over, and returns the end of the next.
    fn end_some(&self, now: Instant) -> Option<Instant> {
        let mut inside = self.inside();
        let is_over =
            |(end, sender): &(Instant, oneshot::Sender<()>)| *end <= now || sender.is_closed();
        let mut over = Vec::new();
        while inside.timers.front().is_some_and(is_over) {
            over.extend(inside.timers.pop_front());
        }
        let next = inside.timers.front().map(|(end, _)| *end);
        // Dropping the senders wakes foreign code, which must not run under the lock.
        drop(inside);
        drop(over);
        next
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
