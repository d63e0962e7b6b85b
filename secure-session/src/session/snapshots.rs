//! Values that never move: a read stays valid, a write adds a version.
//!
//! A reader gets a plain reference into the current version, and the version stays where it is
//! until the request's slot goes away. A writer changes a draft under a short lock; the next reader
//! freezes the draft into a version of its own. So nothing that a handler holds changes under it,
//! and no guard is needed.
//!
//! The user's code (copying, comparing, dropping) never runs under the lock: a copy is made first
//! and used only if it is still current.

use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// How many versions the first chunk holds; each further chunk holds twice as many.
const FIRST_CHUNK: usize = 4;

/// With 2^32 versions in one request memory has ended long ago.
const CHUNKS: usize = 30;

/// The bit of the stamp that tells of a draft; the version stands above it.
const HAS_DRAFT: usize = 1;

/// The versions of a value, and a state `S` that changes with it under the same lock.
pub(crate) struct Snapshots<T, S> {
    /// Version 0, as it was loaded.
    first: T,
    /// Version 1 in place, as many requests write once and read once more.
    second: OnceLock<T>,
    later: OnceLock<Box<Chunks<T>>>,
    /// The current version and [`HAS_DRAFT`], for readers that find no draft.
    stamp: AtomicUsize,
    guarded: Mutex<Guarded<T, S>>,
}

/// Versions 2 and on. Chunks of doubling size, as a vector would move its content and a chain is
/// slow to walk and overflows the stack when dropped.
type Chunks<T> = [OnceLock<Box<[OnceLock<T>]>>; CHUNKS];

struct Guarded<T, S> {
    draft: Option<T>,
    version: usize,
    state: S,
}

impl<T, S> Snapshots<T, S> {
    pub(crate) fn new(first: T, state: S) -> Self {
        Self {
            first,
            second: OnceLock::new(),
            later: OnceLock::new(),
            stamp: AtomicUsize::new(0),
            guarded: Mutex::new(Guarded {
                draft: None,
                version: 0,
                state,
            }),
        }
    }

    /// The value as it was loaded.
    pub(crate) fn first(&self) -> &T {
        &self.first
    }

    /// The value as it is now.
    pub(crate) fn read(&self) -> &T {
        let stamp = self.stamp.load(Ordering::Acquire);
        if stamp & HAS_DRAFT == 0 {
            self.version(stamp >> 1)
        } else {
            self.freeze()
        }
    }

    /// Changes the value and the state together.
    ///
    /// `change` runs under the lock, so it must be no code of the user's, and it gives back what
    /// the user's code would have to drop. `copy` runs outside, once unless other writers and
    /// readers come between.
    pub(crate) fn write<R>(
        &self,
        copy: fn(&T) -> T,
        change: impl FnOnce(&mut T, &mut S) -> R,
    ) -> R {
        let mut spare: Option<(usize, T)> = None;
        loop {
            let mut guarded = self.lock();
            if guarded.draft.is_none() {
                let current = guarded.version;
                match spare.take() {
                    Some((version, value)) if version == current => guarded.draft = Some(value),
                    stale => {
                        drop(guarded);
                        drop(stale);
                        spare = Some((current, copy(self.version(current))));
                        continue;
                    }
                }
            }
            let Guarded {
                draft,
                version,
                state,
            } = &mut *guarded;
            if let Some(draft) = draft {
                let changed = change(draft, state);
                self.stamp
                    .store(*version << 1 | HAS_DRAFT, Ordering::Release);
                return changed;
            }
        }
    }

    /// Puts a whole new value in place if `change` of the state agrees.
    ///
    /// Gives back the value that is to be dropped: the draft it replaced, or the new value itself.
    pub(crate) fn replace(
        &self,
        value: T,
        change: impl FnOnce(&mut S) -> bool,
    ) -> (bool, Option<T>) {
        let mut guarded = self.lock();
        if !change(&mut guarded.state) {
            return (false, Some(value));
        }
        let former = guarded.draft.replace(value);
        self.stamp
            .store(guarded.version << 1 | HAS_DRAFT, Ordering::Release);
        (true, former)
    }

    /// Reads or changes the state alone; the same rules as for [`write`](Self::write).
    pub(crate) fn state<R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        change(&mut self.lock().state)
    }

    #[cold]
    fn freeze(&self) -> &T {
        let mut guarded = self.lock();
        if let Some(draft) = guarded.draft.take() {
            let next = guarded.version.saturating_add(1);
            match self.place(next) {
                Some(place) => {
                    let value = place.get_or_init(|| draft);
                    guarded.version = next;
                    self.stamp.store(next << 1, Ordering::Release);
                    return value;
                }
                // No room, see `CHUNKS`: the draft is stored all the same, only not read.
                None => guarded.draft = Some(draft),
            }
        }
        self.version(guarded.version)
    }

    /// A version that was frozen. There is none that is not; the first one stands in for it.
    fn version(&self, version: usize) -> &T {
        let frozen = match version {
            0 => None,
            1 => self.second.get(),
            later => self.later.get().and_then(|chunks| {
                let (chunk, offset) = position(later);
                chunks.get(chunk)?.get()?.get(offset)?.get()
            }),
        };
        frozen.unwrap_or(&self.first)
    }

    /// The place of a version, made if need be; only called under the lock.
    fn place(&self, version: usize) -> Option<&OnceLock<T>> {
        if version == 1 {
            return Some(&self.second);
        }
        let (chunk, offset) = position(version);
        let chunks = self
            .later
            .get_or_init(|| Box::new([const { OnceLock::new() }; CHUNKS]));
        chunks
            .get(chunk)?
            .get_or_init(|| {
                let places = FIRST_CHUNK << chunk;
                (0..places).map(|_| OnceLock::new()).collect()
            })
            .get(offset)
    }

    /// Nothing that may panic runs under the lock, so a poisoned one is sound.
    fn lock(&self) -> MutexGuard<'_, Guarded<T, S>> {
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The chunk of a version from 2 on, and its place there.
fn position(version: usize) -> (usize, usize) {
    let index = version.saturating_sub(2);
    // Chunk k holds the indices from FIRST_CHUNK * (2^k - 1) on.
    let chunk = (index / FIRST_CHUNK).saturating_add(1).ilog2();
    let before = (FIRST_CHUNK << chunk).saturating_sub(FIRST_CHUNK);
    (chunk as usize, index.saturating_sub(before))
}

#[cfg(test)]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "copies of values are made from references, whatever the type"
)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::AtomicU64,
        thread,
    };

    use super::*;

    /// Miri is some hundred times slower.
    const ROUNDS: u64 = if cfg!(miri) { 60 } else { 50_000 };

    type Numbers = Snapshots<Vec<u64>, u32>;

    fn numbers() -> Numbers {
        Snapshots::new(vec![0], 0)
    }

    fn set(snapshots: &Numbers, number: u64) -> Vec<u64> {
        let mut value = vec![number];
        snapshots.write(Vec::clone, |draft, _| std::mem::swap(draft, &mut value));
        value
    }

    #[test]
    fn positions_fill_chunk_after_chunk() {
        let mut expected = (0, 0);
        for version in 2..10_000 {
            assert_eq!(position(version), expected, "{version}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }

    #[test]
    fn a_reference_taken_before_a_write_still_reads_the_old_value() {
        let snapshots = numbers();
        let mut held = vec![snapshots.read()];
        for number in 1..ROUNDS / 10 {
            set(&snapshots, number);
            held.push(snapshots.read());
        }
        for (number, value) in (0..).zip(held) {
            assert_eq!(value, &[number]);
        }
    }

    #[test]
    fn reads_without_a_write_between_give_one_version() {
        let snapshots = numbers();
        set(&snapshots, 1);
        assert!(std::ptr::eq(snapshots.read(), snapshots.read()));
    }

    #[test]
    fn writes_without_a_read_between_cost_one_copy() {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        fn counted(value: &u64) -> u64 {
            COPIES.fetch_add(1, Ordering::Relaxed);
            *value
        }
        let snapshots = Snapshots::new(0, ());
        for _ in 0..10 {
            snapshots.write(counted, |draft, ()| *draft += 1);
        }
        assert_eq!((*snapshots.read(), COPIES.load(Ordering::Relaxed)), (10, 1));
        snapshots.write(counted, |draft, ()| *draft += 1);
        assert_eq!((*snapshots.read(), COPIES.load(Ordering::Relaxed)), (11, 2));
    }

    #[test]
    fn a_whole_new_value_needs_no_copy() {
        let snapshots = numbers();
        let (done, former) = snapshots.replace(vec![7], |_| true);
        assert_eq!((done, former), (true, None));
        let (done, former) = snapshots.replace(vec![8], |_| true);
        assert_eq!((done, former), (true, Some(vec![7])));
        let (done, refused) = snapshots.replace(vec![9], |_| false);
        assert_eq!((done, refused), (false, Some(vec![9])));
        assert_eq!(snapshots.read(), &[8]);
        assert_eq!(snapshots.first(), &[0]);
    }

    #[test]
    fn a_copy_that_panics_changes_nothing() {
        let snapshots = Snapshots::new(1, 0);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            snapshots.write(|_| panic!("planted"), |draft, _| *draft = 2);
        }));
        assert!(panicked.is_err());
        assert_eq!(*snapshots.read(), 1);
        snapshots.write(|value| *value, |draft, state| (*draft, *state) = (3, 4));
        assert_eq!((*snapshots.read(), snapshots.state(|state| *state)), (3, 4));
    }

    #[test]
    fn a_copy_that_reads_and_writes_meets_no_lock() {
        thread_local! {
            static INNER: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
        }
        static SNAPSHOTS: OnceLock<Snapshots<u64, ()>> = OnceLock::new();
        fn meddling(value: &u64) -> u64 {
            let snapshots = SNAPSHOTS.get().unwrap();
            if !INNER.replace(true) {
                snapshots.write(meddling, |draft, ()| *draft += 10);
                assert_eq!(*snapshots.read(), 10);
            }
            *value
        }
        let snapshots = SNAPSHOTS.get_or_init(|| Snapshots::new(0, ()));
        snapshots.write(meddling, |draft, ()| *draft += 1);
        assert_eq!(*snapshots.read(), 11);
    }

    #[test]
    fn threads_that_add_lose_nothing() {
        let snapshots = Snapshots::new(0_u64, 0_u64);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS / 10 {
                        snapshots.write(u64::clone, |draft, state| {
                            *draft += 1;
                            *state += 1;
                        });
                        let first = *snapshots.read();
                        assert!(*snapshots.read() >= first);
                    }
                });
            }
        });
        let expected = 4 * (ROUNDS / 10);
        assert_eq!(*snapshots.read(), expected);
        assert_eq!(snapshots.state(|state| *state), expected);
    }
}
