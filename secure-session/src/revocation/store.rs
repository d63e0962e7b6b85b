//! What a backend must do.

use std::{error::Error, fmt, future::Future, pin::Pin, time::Duration};

use super::entry::RevocationEntry;

/// The future of a [`RevocationStore`]'s method.
pub type StoreFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, RevocationStoreError>> + Send + 'a>>;

/// A backend that keeps the list of revoked sessions: a log of entries that all processes read.
///
/// Methods run on a thread of the library, in a tokio runtime with timers and I/O. They must not
/// block. Each may be dropped before it is done, and called again.
///
/// `test_util::store_conformance` (feature `test-util`) checks a backend.
pub trait RevocationStore: Send + Sync + 'static {
    /// Appends entries, in this order.
    ///
    /// An entry that [needs a number](RevocationEntry::needs_number) gets one, which must be higher
    /// than every number in the store: see [`RevocationEntry::next_number`]. The same entries may be
    /// appended again.
    ///
    /// # Errors
    ///
    /// If the store may not have them. `Ok` means that the store has them as safely as it keeps
    /// anything.
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended>;

    /// Returns entries after `after`, oldest first. If there are none, waits up to `wait` for one to
    /// arrive, then returns an empty page.
    ///
    /// An entry must not become visible after a reader has passed its position.
    ///
    /// # Errors
    ///
    /// [`RevocationStoreError::Lost`] if entries after this position are gone.
    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page>;
}

/// A position in a store, whose bytes only the store understands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position(Vec<u8>);

impl Position {
    /// The position before the first entry.
    pub const START: Self = Self(Vec::new());

    /// Makes a position from bytes that the store understands. Empty bytes are [`START`](Self::START).
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes of the position.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The result of [`RevocationStore::append`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Appended {
    pub(super) numbers: Vec<Option<u64>>,
}

impl Appended {
    /// Makes the result from the number of each entry, in order, or `None` for an entry that has
    /// none.
    #[must_use]
    pub fn new(numbers: Vec<Option<u64>>) -> Self {
        Self { numbers }
    }

    /// Makes the result from the entries as they were stored, with their numbers.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a RevocationEntry>) -> Self {
        let entries = entries.into_iter();
        Self::new(entries.map(RevocationEntry::number).collect())
    }

    /// Returns the number of each entry, in order.
    #[must_use]
    pub fn numbers(&self) -> &[Option<u64>] {
        &self.numbers
    }
}

/// The result of [`RevocationStore::read`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries, oldest first.
    pub entries: Vec<RevocationEntry>,
    /// The position after them.
    pub position: Position,
    /// There was nothing after them when they were read. Until a page says so, the list is not
    /// current.
    pub is_last: bool,
}

/// Why a store could not do something.
#[derive(Debug)]
#[non_exhaustive]
pub enum RevocationStoreError {
    /// Entries after the position are gone, because the store was emptied, replaced or restored from
    /// a backup. The process appends the entries that it holds and reads from the start.
    Lost,
    /// The store cannot be reached, or refused. It is tried again.
    Unavailable(Box<dyn Error + Send + Sync>),
}

impl RevocationStoreError {
    /// Makes an [`Unavailable`](Self::Unavailable) from an error or a text.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl fmt::Display for RevocationStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost => f.write_str("the revocation store lost entries"),
            Self::Unavailable(_) => f.write_str("the revocation store is not available"),
        }
    }
}

impl Error for RevocationStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lost => None,
            Self::Unavailable(source) => Some(source.as_ref()),
        }
    }
}
