//! The thread that talks to the store, so that neither a blocked worker nor a client that hangs up
//! stops it.

use std::{
    collections::VecDeque,
    error::Error as _,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Builder,
    sync::{Notify, oneshot},
    time::{sleep, timeout},
};
use tracing::{
    dispatcher,
    field::{DisplayValue, display},
    subscriber::NoSubscriber,
};

use super::{
    entry::{Content, RevocationEntry},
    queue::Once,
    shared::Shared,
    store::{Appended, Position, RevocationStore, RevocationStoreError},
};
use crate::{escape::Escaped, log::event};

/// How long a read waits for an entry.
const READ_WAIT: Duration = Duration::from_secs(1);

/// A store that takes longer is tried again.
const ATTEMPT: Duration = Duration::from_secs(5);

/// The pauses after a failure.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How often expired entries and sessions are looked for.
const TICK: Duration = Duration::from_millis(250);

/// Entries that are appended together after a loss.
const PIECE: usize = 500;

/// The last entries are appended for this long.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Is sent a message when the list is complete, or cannot be read.
pub(super) type Loaded = oneshot::Sender<Result<(), RevocationStoreError>>;

/// Ends the thread when it is dropped.
pub(super) struct Worker {
    stop: Arc<Notify>,
    ended: Mutex<mpsc::Receiver<()>>,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start(
        shared: &Arc<Shared>,
        store: Option<Arc<dyn RevocationStore>>,
        loaded: Loaded,
    ) -> Self {
        let stop = Arc::new(Notify::new());
        // Closed when the thread ends.
        let (alive, ended) = mpsc::channel();
        let (shared_there, stopped) = (Arc::clone(shared), Arc::clone(&stop));
        // The thread logs to where the caller does, if that is not where the whole process does.
        let dispatch = dispatcher::get_default(Clone::clone);
        let dispatch = (!dispatch.is::<NoSubscriber>()).then_some(dispatch);
        let run = move || {
            let _logs = dispatch.as_ref().map(dispatcher::set_default);
            let shared = shared_there;
            // The system may lack resources for it.
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(work_until(&shared, store, loaded, &stopped));
            }
            shared.close();
            drop::<mpsc::Sender<()>>(alive);
        };
        let name = "secure-session-revocations".to_owned();
        if thread::Builder::new().name(name).spawn(run).is_err() {
            shared.close();
            event!(
                error,
                "revocations.no_thread",
                "the thread of the revocations could not be started, so the store is not reached; \
                 check the limits of the process"
            );
        }
        Self {
            stop,
            ended: Mutex::new(ended),
        }
    }
}

impl Drop for Worker {
    /// Waits while queued entries are appended.
    fn drop(&mut self) {
        self.stop.notify_one();
        // Nothing is sent: the channel is closed, or the store blocks the thread.
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(LAST_WAIT.saturating_mul(2));
    }
}

async fn work_until(
    shared: &Shared,
    store: Option<Arc<dyn RevocationStore>>,
    loaded: Loaded,
    stopped: &Notify,
) {
    let Some(store) = store else {
        drop(loaded.send(Ok(())));
        tokio::select! {
            () = tick(shared) => {}
            () = stopped.notified() => {}
        }
        return;
    };
    tokio::select! {
        () = work(shared, &*store, loaded) => {}
        () = stopped.notified() => {}
    }
    // A store that panics now ends only the thread.
    drop(timeout(LAST_WAIT, append_all(shared, &*store)).await);
}

async fn work(shared: &Shared, store: &dyn RevocationStore, loaded: Loaded) {
    let mut loaded = Some(loaded);
    tokio::join!(
        tick(shared),
        shared.timers.run(),
        restarted("append", || append(shared, store)),
        restarted("read", || follow(shared, store, loaded.take())),
    );
}

/// Starts `task` again if it panics, which a store may do.
async fn restarted<F: Future<Output = ()>>(name: &'static str, mut task: impl FnMut() -> F) {
    loop {
        let mut task = pin!(task());
        poll_fn(|context| {
            let poll = AssertUnwindSafe(|| task.as_mut().poll(context));
            catch_unwind(poll).unwrap_or(Poll::Ready(()))
        })
        .await;
        event!(
            error,
            "revocations.store_panicked",
            task = name,
            "the revocation store panicked; it is tried again"
        );
        sleep(LONGEST_PAUSE).await;
    }
}

async fn tick(shared: &Shared) {
    loop {
        sleep(TICK).await;
        shared.tick();
    }
}

/// Appends entries as they are queued.
async fn append(shared: &Shared, store: &dyn RevocationStore) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let is_done = append_all(shared, store).await;
        if is_done {
            pause = SHORTEST_PAUSE;
            shared.queue.added.notified().await;
        } else {
            // Entries that are tried once do not wait for the others.
            drop(timeout(pause, shared.queue.added.notified()).await);
            sleep(SHORTEST_PAUSE).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

/// Appends what is queued. Returns false if the store failed.
async fn append_all(shared: &Shared, store: &dyn RevocationStore) -> bool {
    loop {
        let once = shared.queue.take_once();
        append_once(shared, store, once).await;
        let batch = shared.queue.batch();
        if batch.is_empty() {
            return true;
        }
        match append_entries(shared, store, &batch).await {
            Ok(appended) => {
                for (entry, number) in batch.iter().zip(&appended.numbers) {
                    if let (Ok(Content::Group { key, .. }), Some(number)) =
                        (entry.content(), *number)
                    {
                        shared.replica.number_given(key, number);
                    }
                }
                shared.recorded(batch.len());
            }
            Err(err) => {
                report_append_failure(shared, &err);
                return false;
            }
        }
    }
}

async fn append_once(shared: &Shared, store: &dyn RevocationStore, once: VecDeque<Once>) {
    for once in once {
        if once.is_abandoned() {
            continue;
        }
        let appended = append_entries(shared, store, &[once.entry]).await;
        once.reply(appended);
    }
}

/// Appends entries, and makes sure that their numbers are above those that this process knows.
async fn append_entries(
    shared: &Shared,
    store: &dyn RevocationStore,
    entries: &[RevocationEntry],
) -> Result<Appended, RevocationStoreError> {
    let highest = shared.replica.highest();
    let appended = attempt(store.append(entries)).await?;
    if appended.numbers.len() != entries.len() {
        return Err(RevocationStoreError::unavailable(
            "the store returned another number of numbers than it was given entries",
        ));
    }
    if is_above(&appended, entries, highest) {
        return Ok(appended);
    }
    // The store was replaced by an older one.
    attempt(store.append(&[RevocationEntry::fence(highest)])).await?;
    let appended = attempt(store.append(entries)).await?;
    if is_above(&appended, entries, highest) {
        return Ok(appended);
    }
    Err(RevocationStoreError::unavailable(
        "the store's numbers do not rise",
    ))
}

/// Returns true if each entry that needed a number has one above `highest`.
fn is_above(appended: &Appended, entries: &[RevocationEntry], highest: u64) -> bool {
    let mut pairs = entries.iter().zip(&appended.numbers);
    pairs.all(|(entry, number)| !entry.needs_number() || number.is_some_and(|it| it > highest))
}

/// Reads entries as they arrive, from the start.
async fn follow(shared: &Shared, store: &dyn RevocationStore, mut loaded: Option<Loaded>) {
    let mut last_page = Instant::now();
    let mut position = Position::START;
    let mut pause = SHORTEST_PAUSE;
    let mut is_complete = false;
    loop {
        // At first, an empty page means that the list is complete.
        let wait = if is_complete {
            READ_WAIT
        } else {
            Duration::ZERO
        };
        match attempt(store.read(&position, wait)).await {
            Ok(page) => {
                pause = SHORTEST_PAUSE;
                last_page = Instant::now();
                for entry in &page.entries {
                    shared.entry_was_read(entry);
                }
                is_complete |= page.entries.is_empty();
                position = page.position;
                if is_complete {
                    report_heard(shared);
                    if let Some(loaded) = loaded.take() {
                        drop(loaded.send(Ok(())));
                    }
                }
            }
            Err(RevocationStoreError::Lost) => {
                report_failure(shared, &RevocationStoreError::Lost);
                (position, is_complete) = (Position::START, false);
                if let Err(err) = repair(shared, store).await {
                    report_failure(shared, &err);
                    pause = paused(pause).await;
                }
            }
            Err(err) => {
                report_failure(shared, &err);
                if last_page.elapsed() >= ATTEMPT
                    && let Some(loaded) = loaded.take()
                {
                    drop(loaded.send(Err(err)));
                }
                pause = paused(pause).await;
            }
        }
    }
}

async fn paused(pause: Duration) -> Duration {
    sleep(pause).await;
    pause.saturating_mul(2).min(LONGEST_PAUSE)
}

/// Appends all entries that this process holds to a store that lost them.
async fn repair(shared: &Shared, store: &dyn RevocationStore) -> Result<(), RevocationStoreError> {
    let entries = shared.replica.entries();
    for piece in entries.chunks(PIECE) {
        attempt(store.append(piece)).await?;
    }
    event!(
        warn,
        "revocations.restored",
        entries = entries.len(),
        "the revocation store lost entries; this process appended those that it holds"
    );
    Ok(())
}

async fn attempt<T>(
    future: impl Future<Output = Result<T, RevocationStoreError>>,
) -> Result<T, RevocationStoreError> {
    match timeout(ATTEMPT, future).await {
        Ok(result) => result,
        Err(_) => Err(RevocationStoreError::unavailable(
            "the store did not respond within 5 seconds",
        )),
    }
}

fn report_heard(shared: &Shared) {
    if shared.freshness.heard(Instant::now(), shared.now()) {
        event!(
            info,
            "revocations.live",
            "the revocation store can be reached again"
        );
    }
}

fn report_append_failure(shared: &Shared, err: &RevocationStoreError) {
    if shared.append_failed() {
        event!(
            warn,
            "revocations.append_failed",
            %err,
            source = source_of(err),
            "the revocation store does not accept entries; this process refuses the sessions that \
             they revoke, and goes on trying"
        );
    }
}

/// Returns the text of the cause, which is not ours.
fn source_of(err: &RevocationStoreError) -> Option<DisplayValue<Escaped<String>>> {
    let source = err.source().map(ToString::to_string);
    source.map(|text| display(Escaped(text)))
}

fn report_failure(shared: &Shared, err: &RevocationStoreError) {
    if shared.freshness.failed() {
        event!(
            warn,
            "revocations.behind",
            %err,
            source = source_of(err),
            "the revocation store failed; sessions are checked against the last known list, and \
             after `max_staleness` requests with a session get a 503"
        );
    }
}
