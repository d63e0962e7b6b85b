//! The thread that talks to the store, so that neither a blocked worker nor a client that hangs up
//! stops it.

use std::{
    error::Error as _,
    future::{Future, poll_fn},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Builder,
    sync::Notify,
    task::yield_now,
    time::{sleep, timeout},
};
use tracing::{
    dispatcher,
    field::{DisplayValue, display},
    subscriber::NoSubscriber,
};

use super::{
    entry::RevocationEntry,
    queue::Once,
    shared::Shared,
    store::{Appended, Page, Position, RevocationStore, RevocationStoreError},
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

/// Is called when the list is complete, or cannot be read.
pub(super) type Loaded = Box<dyn FnOnce(Result<(), RevocationStoreError>) + Send>;

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
            let shared = Closing(shared_there);
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime.block_on(work_until(&shared.0, store, loaded, &stopped)),
                // The system lacks resources for it.
                Err(err) => report_no_thread(&err),
            }
            drop(shared);
            drop::<mpsc::Sender<()>>(alive);
        };
        let name = "secure-session-revocations".to_owned();
        if let Err(err) = thread::Builder::new().name(name).spawn(run) {
            shared.close();
            report_no_thread(&err);
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

/// Ends all waiting when the thread ends, also by a panic.
struct Closing(Arc<Shared>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn report_no_thread(err: &io::Error) {
    event!(
        error,
        "revocations.no_thread",
        %err,
        "the thread of the revocations could not be started, so the store is not reached; check the \
         limits of the process"
    );
}

async fn work_until(
    shared: &Shared,
    store: Option<Arc<dyn RevocationStore>>,
    loaded: Loaded,
    stopped: &Notify,
) {
    let Some(store) = store else {
        loaded(Ok(()));
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
        for once in shared.queue.take_once() {
            append_once(shared, store, once).await;
        }
        let (tickets, entries) = shared.queue.batch();
        if entries.is_empty() {
            return true;
        }
        match append_entries(shared, store, &entries).await {
            Ok(appended) => shared.recorded(&tickets, &entries, &appended),
            Err(err) => {
                report_append_failure(shared, &err);
                return false;
            }
        }
    }
}

async fn append_once(shared: &Shared, store: &dyn RevocationStore, once: Once) {
    if once.is_abandoned() {
        return;
    }
    let appended = append_entries(shared, store, &[once.entry]).await;
    if appended.is_ok() {
        shared.append_succeeded();
    }
    once.reply(appended);
}

/// Appends entries, and makes sure that their numbers are above those that this process knows.
async fn append_entries(
    shared: &Shared,
    store: &dyn RevocationStore,
    entries: &[RevocationEntry],
) -> Result<Appended, RevocationStoreError> {
    let highest = shared.replica.highest_known();
    let mut appended = append_to(shared, store, entries).await?;
    let is_low = |entry: &RevocationEntry, number: &Option<u64>| {
        entry.needs_number() && number.is_none_or(|number| number <= highest)
    };
    let pairs = entries.iter().zip(&appended.numbers);
    let low: Vec<_> = pairs
        .filter(|(entry, number)| is_low(entry, number))
        .map(|(entry, _)| *entry)
        .collect();
    if low.is_empty() {
        return Ok(appended);
    }
    // The store was replaced by an older one.
    append_to(shared, store, &[RevocationEntry::fence(highest)]).await?;
    let again = append_to(shared, store, &low).await?;
    let mut numbers = low.iter().zip(again.numbers);
    for (entry, number) in entries.iter().zip(&mut appended.numbers) {
        if is_low(entry, number) {
            let (entry, again) = numbers.next().ok_or_else(wrong_numbers)?;
            if is_low(entry, &again) {
                return Err(RevocationStoreError::unavailable(
                    "the store's numbers do not rise",
                ));
            }
            *number = again;
        }
    }
    Ok(appended)
}

async fn append_to(
    shared: &Shared,
    store: &dyn RevocationStore,
    entries: &[RevocationEntry],
) -> Result<Appended, RevocationStoreError> {
    shared.replica.appending(entries);
    let appended = attempt(store.append(entries)).await?;
    if appended.numbers.len() == entries.len() {
        Ok(appended)
    } else {
        Err(wrong_numbers())
    }
}

fn wrong_numbers() -> RevocationStoreError {
    RevocationStoreError::unavailable(
        "the store returned another number of numbers than it was given entries",
    )
}

/// Reads entries as they arrive, from the start.
async fn follow(shared: &Shared, store: &dyn RevocationStore, mut loaded: Option<Loaded>) {
    let mut position = Position::START;
    let mut pause = SHORTEST_PAUSE;
    let mut last_page = Instant::now();
    let mut is_complete = false;
    loop {
        let read = if shared.is_lost() {
            repair(shared, store).await
        } else {
            attempt(store.read(&position, read_wait(shared, is_complete))).await
        };
        match read {
            Ok(page) => {
                (pause, last_page) = (SHORTEST_PAUSE, Instant::now());
                for entry in &page.entries {
                    shared.entry_was_read(entry);
                }
                position = page.position;
                is_complete = page.is_last;
                if is_complete {
                    report_heard(shared);
                    if let Some(loaded) = loaded.take() {
                        report_loaded(shared);
                        loaded(Ok(()));
                    }
                }
                // A store that is always ready must not starve the other tasks.
                if page.entries.is_empty() {
                    sleep(Duration::from_millis(1)).await;
                } else {
                    yield_now().await;
                }
            }
            Err(err) => {
                is_complete = false;
                if matches!(err, RevocationStoreError::Lost) {
                    shared.set_lost(true);
                }
                report_failure(shared, &err);
                if last_page.elapsed() >= ATTEMPT
                    && let Some(loaded) = loaded.take()
                {
                    loaded(Err(err));
                }
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Returns how long a read waits for an entry: not at all until the list is complete, and less than
/// `max_staleness`, or the list of a quiet store would become stale.
fn read_wait(shared: &Shared, is_complete: bool) -> Duration {
    let longest = shared.settings.max_staleness.map(|max| max.div_f32(4.0));
    let wait = longest.map_or(READ_WAIT, |longest| READ_WAIT.min(longest));
    if is_complete { wait } else { Duration::ZERO }
}

/// Appends all entries that this process holds to a store that lost them. Returns the first page of the
/// store.
async fn repair(
    shared: &Shared,
    store: &dyn RevocationStore,
) -> Result<Page, RevocationStoreError> {
    // First, so that what is lost during the repair is noticed at the position after the page.
    let page = attempt(store.read(&Position::START, Duration::ZERO)).await?;
    let entries = shared.replica.entries();
    for piece in entries.chunks(PIECE) {
        append_to(shared, store, piece).await?;
    }
    shared.set_lost(false);
    event!(
        warn,
        "revocations.restored",
        entries = entries.len(),
        "the revocation store lost entries; this process appended those that it holds"
    );
    Ok(page)
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

fn report_loaded(shared: &Shared) {
    event!(
        info,
        "revocations.loaded",
        entries = shared.replica.len(),
        "the list of revoked sessions was read"
    );
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
