//! The test of a store.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "it is a test, and small numbers are added"
)]

use std::{
    collections::HashSet,
    future::{Future, poll_fn},
    task::Poll,
    time::{Duration, SystemTime},
};

use tokio::time::timeout;

use crate::{
    payload::SessionId,
    revocation::{Page, Position, RevocationEntry, RevocationStore, RevocationStoreError},
};

/// What the store is that [`store_conformance`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreState {
    /// A new store without entries.
    New,
    /// The last store, opened again, as another process does.
    Reopened,
    /// The last store, opened again after its entries were removed, such as by another program.
    Emptied,
}

/// The number of appends that are open at once.
const WRITERS: usize = 8;

/// The appends of each writer.
const APPENDS: usize = 25;

/// No method of a store may take longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks that a [`RevocationStore`] keeps its promises: entries are read as they were appended, in
/// one order for all readers, also if several are appended at once; numbers rise, also after the
/// store is opened again or emptied, and if the clock is set back; lost entries are noticed.
///
/// `make` opens the store in the given state. Entries are appended many times, so use a store that
/// is only for this test.
///
/// # Panics
///
/// If the store breaks a promise, or returns an error.
///
/// # Examples
///
/// ```
/// use secure_session::test_util::{MemoryStore, StoreState, store_conformance};
///
/// # actix_web::rt::System::new().block_on(async {
/// let mut store = MemoryStore::new();
/// store_conformance(move |state| {
///     match state {
///         StoreState::New => store = MemoryStore::new(),
///         StoreState::Emptied => store.clear(),
///         _ => {}
///     }
///     let store = store.clone();
///     async move { store }
/// })
/// .await;
/// # });
/// ```
pub async fn store_conformance<S, F>(mut make: impl FnMut(StoreState) -> F)
where
    S: RevocationStore,
    F: Future<Output = S>,
{
    let store = make(StoreState::New).await;
    empty_store_waits(&store).await;
    entries_are_read_in_order(&store).await;
    entries_may_be_repeated(&store).await;
    let highest = appends_at_once_are_all_read(&store).await;

    let reopened = make(StoreState::Reopened).await;
    let all = read_all(&store, Position::START).await;
    let again = read_all(&reopened, Position::START).await;
    assert!(
        all.0 == again.0,
        "a store that is opened again must have the same entries"
    );
    let (_, position) = all;
    let mut highest = number_is_above(&reopened, highest, "after the store is opened again").await;

    // A process that knows a higher number says so with a fence: its clock, or that of another
    // process, was an hour ahead.
    let ahead = SystemTime::now().checked_add(Duration::from_secs(3600));
    let ahead = RevocationEntry::next_number(highest, ahead.unwrap_or(SystemTime::UNIX_EPOCH));
    append(&store, &[RevocationEntry::fence(ahead)]).await;
    highest = number_is_above(
        &store,
        ahead,
        "after a fence, such as if the clock is set back",
    )
    .await;

    let emptied = make(StoreState::Emptied).await;
    let read = timeout(PATIENCE, emptied.read(&position, Duration::ZERO)).await;
    assert!(
        matches!(read, Ok(Err(RevocationStoreError::Lost))),
        "reading after a position whose entries are gone must return `Lost`"
    );
    append(&emptied, &[RevocationEntry::fence(highest)]).await;
    number_is_above(&emptied, highest, "after the store was emptied and fenced").await;
}

async fn empty_store_waits<S: RevocationStore>(store: &S) {
    let wait = Duration::from_millis(50);
    let page = read(store, &Position::START, wait).await;
    assert!(page.entries.is_empty(), "a new store must have no entries");
}

async fn entries_are_read_in_order<S: RevocationStore>(store: &S) {
    let (_, start) = read_all(store, Position::START).await;
    let group = RevocationEntry::of_group([1; 16], u32::MAX);
    let kind = RevocationEntry::of_type([2; 16], u32::MAX);
    let entries = [session(0), group, session(1), kind];
    let numbers = append(store, &entries).await;
    let [None, Some(first), None, Some(second)] = numbers[..] else {
        panic!("`append` must return a number for each entry that needs one, and no other");
    };
    assert!(first != 0 && first < second, "numbers must rise");
    let (read, position) = read_all(store, start).await;
    let expected = [
        session(0),
        group.with_number(first),
        session(1),
        kind.with_number(second),
    ];
    assert!(
        read == expected,
        "entries must be read as they were appended, with their numbers"
    );
    let page = timeout(PATIENCE, async {
        let wait = Duration::from_secs(5);
        let (page, ()) = tokio::join!(store.read(&position, wait), async {
            append(store, &[session(2)]).await;
        });
        page
    });
    let page = page
        .await
        .expect("a read must return when an entry arrives");
    let page = page.expect("a read must not fail");
    let (rest, _) = if page.entries.is_empty() {
        read_all(store, position).await
    } else {
        (page.entries, position)
    };
    assert!(
        rest == [session(2)],
        "a waiting read must return the entry that arrives"
    );
}

async fn entries_may_be_repeated<S: RevocationStore>(store: &S) {
    let (_, start) = read_all(store, Position::START).await;
    let numbered = RevocationEntry::of_group([3; 16], u32::MAX);
    let number = append(store, &[numbered]).await[0].expect("a group has a number");
    let numbered = numbered.with_number(number);
    append(store, &[session(3), numbered]).await;
    append(store, &[session(3)]).await;
    let (read, _) = read_all(store, start).await;
    let has = |entry| read.contains(&entry);
    assert!(
        has(session(3)) && has(numbered),
        "entries that are appended again must keep their content and number"
    );
}

/// Returns the highest number.
async fn appends_at_once_are_all_read<S: RevocationStore>(store: &S) -> u64 {
    let (_, start) = read_all(store, Position::START).await;
    let count = WRITERS * APPENDS;
    let write = async {
        for append_number in 0..APPENDS {
            let entries: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let index = 100 + append_number * WRITERS + writer;
                    [
                        session(index),
                        RevocationEntry::of_group(key(index), u32::MAX),
                    ]
                })
                .collect();
            let appends = entries.iter().map(|pair| store.append(pair));
            for appended in join_all(appends).await {
                appended.expect("an append must not fail");
            }
        }
    };
    let follow = async {
        let (mut position, mut read_entries) = (start.clone(), Vec::new());
        while read_entries.len() < 2 * count {
            // A disk may be slow.
            let page = read(store, &position, PATIENCE / 2).await;
            if page.entries.is_empty() {
                break;
            }
            read_entries.extend(page.entries);
            position = page.position;
        }
        read_entries
    };
    let ((), followed) = tokio::join!(write, follow);
    let (read, _) = read_all(store, start.clone()).await;
    let distinct: HashSet<_> = read.iter().collect();
    assert_eq!(distinct.len(), 2 * count, "every entry must be stored once");
    assert!(
        followed == read,
        "a reader that follows must read the same entries in the same order: {} of {} were read; \
         an entry must not become visible after a reader has passed its position",
        followed.len(),
        read.len()
    );
    let numbers: Vec<_> = read.iter().filter_map(RevocationEntry::number).collect();
    assert!(
        numbers.is_sorted_by(|one, next| one < next),
        "numbers must rise in the order of reading"
    );
    numbers.into_iter().max().unwrap_or_default()
}

/// Returns the number of one more entry.
async fn number_is_above<S: RevocationStore>(store: &S, highest: u64, when: &str) -> u64 {
    let entry = RevocationEntry::of_type([9; 16], u32::MAX);
    let number = append(store, &[entry]).await[0].expect("a type has a number");
    assert!(number > highest, "numbers must rise {when}");
    number
}

async fn append<S: RevocationStore>(store: &S, entries: &[RevocationEntry]) -> Vec<Option<u64>> {
    let appended = timeout(PATIENCE, store.append(entries)).await;
    let appended = appended.expect("an append must not take 10 seconds");
    let numbers = appended
        .expect("an append must not fail")
        .numbers()
        .to_vec();
    assert_eq!(
        numbers.len(),
        entries.len(),
        "`append` must return a number for each entry"
    );
    numbers
}

async fn read<S: RevocationStore>(store: &S, after: &Position, wait: Duration) -> Page {
    let page = timeout(PATIENCE, store.read(after, wait)).await;
    let page = page.expect("a read must not take longer than it may wait");
    page.expect("a read must not fail")
}

async fn read_all<S: RevocationStore>(
    store: &S,
    mut position: Position,
) -> (Vec<RevocationEntry>, Position) {
    let mut entries = Vec::new();
    loop {
        let page = read(store, &position, Duration::ZERO).await;
        position = page.position;
        if page.entries.is_empty() {
            assert!(
                page.is_last,
                "a page after which there is nothing must say so"
            );
            return (entries, position);
        }
        entries.extend(page.entries);
    }
}

fn session(index: usize) -> RevocationEntry {
    RevocationEntry::of_session(SessionId::from_bytes(key(index)), u32::MAX)
}

fn key(index: usize) -> [u8; 16] {
    let mut key = [7; 16];
    key[..8].copy_from_slice(&(index as u64).to_be_bytes());
    key
}

/// Polls all futures together, so that all are open at once.
async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures
        .into_iter()
        .map(|future| (Box::pin(future), None))
        .collect();
    poll_fn(|context| {
        let mut is_pending = false;
        for (future, output) in futures.iter_mut().filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *output = Some(value),
                Poll::Pending => is_pending = true,
            }
        }
        if is_pending {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
    futures
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}
