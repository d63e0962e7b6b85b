//! Versions of a value: references stay valid, and writes add versions.
//!
//! A reader gets a plain reference to the latest version, which does not move until the request's
//! cell is dropped. A writer changes a draft under a short lock; the next reader freezes the draft
//! into a version. So values that a handler holds references to never change, and no guard is
//! needed.
//!
//! User code (copying, comparing, defaults, dropping) never runs under the lock: a copy is made
//! first, and only used if it is still current.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::SecureSession;

/// The size of the first chunk, in versions. Each further chunk is twice as large.
const FIRST_CHUNK: usize = 4;

/// Memory runs out long before 2^32 versions.
const CHUNKS: usize = 30;

/// Set in `latest` while a draft exists. The other bits hold the latest version number.
const HAS_DRAFT: usize = 1;

/// A value with all its versions, and the request state `S`, which changes under the same lock.
pub(crate) struct History<'a, T, S> {
    /// Version 0, as it was loaded.
    first: &'a T,
    versions: &'a Versions<T, S>,
}

/// The versions of a value after the first, which is stored by the caller.
pub(crate) struct Versions<T, S> {
    /// Version 1, stored inline because many requests write once and then read.
    second: OnceLock<Arc<T>>,
    later: OnceLock<Box<Chunks<T>>>,
    /// The latest version number and [`HAS_DRAFT`]. Only changed under the lock.
    latest: AtomicUsize,
    inner: Mutex<Inner<T, S>>,
}

/// Versions 2 and later, in chunks of doubling size. A vector would move its contents; a linked
/// list would be slow to traverse and would overflow the stack when dropped.
type Chunks<T> = [OnceLock<Box<[OnceLock<Arc<T>>]>>; CHUNKS];

struct Inner<T, S> {
    /// Shared while it is read without being frozen into a version.
    draft: Option<Arc<T>>,
    state: S,
}

/// The current value, which may be a draft.
#[derive(Debug)]
pub enum Current<'a, T> {
    #[doc(hidden)]
    Version(&'a T),
    #[doc(hidden)]
    Draft(Arc<T>),
}

impl<T> Deref for Current<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Version(value) => value,
            Self::Draft(value) => value,
        }
    }
}

/// A value that can be copied to make versions.
pub(crate) trait Copied: Sized {
    fn copy(&self) -> Self;
}

impl<T: SecureSession> Copied for T {
    fn copy(&self) -> Self {
        self.__copy()
    }
}

impl<T, S> Versions<T, S> {
    #[inline]
    pub(crate) fn new(state: S) -> Self {
        Self {
            second: OnceLock::new(),
            later: OnceLock::new(),
            latest: AtomicUsize::new(0),
            inner: Mutex::new(Inner { draft: None, state }),
        }
    }

    /// Reads or changes only the state. The same rules apply as for [`write`](History::write).
    #[inline]
    pub(crate) fn state<R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        change(&mut self.lock().state)
    }

    /// Locks the draft and the state. Nothing that may panic runs under the lock, so a poisoned
    /// lock can be used.
    fn lock(&self) -> MutexGuard<'_, Inner<T, S>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn latest(&self) -> usize {
        self.latest.load(Ordering::Acquire) >> 1
    }

    /// Sets the latest version number. Must only be called under the lock.
    fn set_latest(&self, version: usize, has_draft: bool) {
        let draft = if has_draft { HAS_DRAFT } else { 0 };
        self.latest.store(version << 1 | draft, Ordering::Release);
    }
}

impl<T, S> Clone for History<'_, T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S> Copy for History<'_, T, S> {}

impl<'a, T: Copied, S> History<'a, T, S> {
    /// Combines the first version with the others. `first` must be the same each time.
    pub(crate) fn new(first: &'a T, versions: &'a Versions<T, S>) -> Self {
        Self { first, versions }
    }

    /// Returns the latest version, or `None` while there is a draft.
    #[inline]
    pub(crate) fn read(self) -> Option<&'a T> {
        let latest = self.versions.latest.load(Ordering::Acquire);
        (latest & HAS_DRAFT == 0).then(|| self.value(latest >> 1))
    }

    /// Freezes the draft into a version, if there is one. Returns the latest version, and its
    /// number if it is new.
    #[cold]
    pub(crate) fn freeze(self) -> (&'a T, Option<usize>) {
        let mut inner = self.versions.lock();
        let version = self.versions.latest();
        let next = version.saturating_add(1);
        let Some(draft) = inner.draft.take() else {
            return (self.value(version), None);
        };
        let Some(place) = self.place(next) else {
            // No room left (see `CHUNKS`); readers get the version before.
            inner.draft = Some(draft);
            return (self.value(version), None);
        };
        let value = place.get_or_init(|| draft);
        self.versions.set_latest(next, false);
        (value, Some(next))
    }

    /// Returns the current value without making a version of it.
    pub(crate) fn current(self) -> Current<'a, T> {
        if let Some(value) = self.read() {
            return Current::Version(value);
        }
        let inner = self.versions.lock();
        match &inner.draft {
            Some(draft) => Current::Draft(Arc::clone(draft)),
            None => Current::Version(self.value(self.versions.latest())),
        }
    }

    /// Changes the value and the state together, unless `change` returns false.
    ///
    /// `change` runs under the lock, so it must not be user code, and it must not drop user values.
    pub(crate) fn write(self, change: impl FnOnce(&mut T, &mut S) -> bool) -> bool {
        // The first write always needs a copy. Making it here takes the lock once instead of twice.
        let mut copy = (self.read()).map(|value| (Current::Version(value), Arc::new(value.copy())));
        loop {
            let mut guard = self.versions.lock();
            let Inner { draft, state } = &mut *guard;
            let version = self.versions.latest();
            if let Some(value) = draft.as_mut().and_then(Arc::get_mut) {
                return change(value, state);
            }
            let is_current = |base: &Current<'a, T>| match (base, &*draft) {
                (Current::Draft(base), Some(draft)) => Arc::ptr_eq(base, draft),
                (Current::Version(base), None) => std::ptr::eq(*base, self.value(version)),
                _ => false,
            };
            match copy.take() {
                Some((base, mut value)) if is_current(&base) => {
                    // The copy is not shared.
                    let changed =
                        Arc::get_mut(&mut value).is_some_and(|value| change(value, state));
                    let to_drop = if changed {
                        self.versions.set_latest(version, true);
                        draft.replace(value)
                    } else {
                        Some(value)
                    };
                    drop(guard);
                    drop((base, to_drop));
                    return changed;
                }
                stale => {
                    let base = match draft {
                        Some(draft) => Current::Draft(Arc::clone(draft)),
                        None => Current::Version(self.value(version)),
                    };
                    drop(guard);
                    drop(stale);
                    let value = Arc::new(base.copy());
                    copy = Some((base, value));
                }
            }
        }
    }

    /// Replaces the whole value, unless `change` returns false.
    pub(crate) fn replace(self, value: T, change: impl FnOnce(&mut S) -> bool) -> bool {
        let value = Arc::new(value);
        let mut inner = self.versions.lock();
        let changed = change(&mut inner.state);
        let to_drop = if changed {
            self.versions.set_latest(self.versions.latest(), true);
            inner.draft.replace(value)
        } else {
            Some(value)
        };
        drop(inner);
        drop(to_drop);
        changed
    }

    fn value(self, version: usize) -> &'a T {
        let frozen = match version {
            0 => None,
            1 => self.versions.second.get(),
            later => self.later(later),
        };
        frozen.map_or(self.first, AsRef::as_ref)
    }

    fn later(self, version: usize) -> Option<&'a Arc<T>> {
        let (chunk, offset) = position(version);
        let chunk = self.versions.later.get()?.get(chunk)?;
        chunk.get()?.get(offset)?.get()
    }

    /// Returns the slot of a version, allocating it if needed. Must only be called under the lock.
    fn place(self, version: usize) -> Option<&'a OnceLock<Arc<T>>> {
        if version == 1 {
            return Some(&self.versions.second);
        }
        let (chunk, offset) = position(version);
        let chunks = self
            .versions
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
}

/// Returns the chunk of a version (2 or later) and its index in the chunk.
fn position(version: usize) -> (usize, usize) {
    let index = version.saturating_sub(2);
    // Chunk k starts at the index FIRST_CHUNK * (2^k - 1).
    let chunk = (index / FIRST_CHUNK).saturating_add(1).ilog2();
    let before = (FIRST_CHUNK << chunk).saturating_sub(FIRST_CHUNK);
    (chunk as usize, index.saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::AtomicU64,
        thread,
    };

    use super::*;

    /// Fewer rounds under Miri, which is a few hundred times slower.
    const ROUNDS: u64 = if cfg!(miri) { 60 } else { 50_000 };

    /// Two fields. `on_copy` runs when the pair is copied.
    #[derive(Debug, PartialEq)]
    struct Pair<C = Plain> {
        left: u64,
        right: u64,
        on_copy: C,
    }

    trait OnCopy: Default {
        fn copied(&self) {}
    }

    #[derive(Debug, Default, PartialEq)]
    struct Plain;

    impl OnCopy for Plain {}

    impl<C: OnCopy> Copied for Pair<C> {
        fn copy(&self) -> Self {
            self.on_copy.copied();
            pair(self.left, self.right)
        }
    }

    fn pair<C: OnCopy>(left: u64, right: u64) -> Pair<C> {
        Pair {
            left,
            right,
            on_copy: C::default(),
        }
    }

    struct Pairs<C = Plain> {
        first: Pair<C>,
        versions: Versions<Pair<C>, u32>,
    }

    impl<C: OnCopy> Pairs<C> {
        fn all(&self) -> History<'_, Pair<C>, u32> {
            History::new(&self.first, &self.versions)
        }
    }

    fn pairs<C: OnCopy>() -> Pairs<C> {
        Pairs {
            first: pair(0, 0),
            versions: Versions::new(0),
        }
    }

    fn set_left<C: OnCopy>(pairs: &Pairs<C>, number: u64) {
        assert!(pairs.all().write(|draft, _| {
            draft.left = number;
            true
        }));
    }

    fn set_right<C: OnCopy>(pairs: &Pairs<C>, number: u64) {
        assert!(pairs.all().write(|draft, _| {
            draft.right = number;
            true
        }));
    }

    fn add<C: OnCopy>(pairs: &Pairs<C>, number: u64) {
        assert!(pairs.all().write(|draft, state| {
            draft.left += number;
            *state += 1;
            true
        }));
    }

    fn read<C: OnCopy>(pairs: &Pairs<C>) -> &Pair<C> {
        match pairs.all().read() {
            Some(value) => value,
            None => pairs.all().freeze().0,
        }
    }

    fn fields<C: OnCopy>(pair: &Pair<C>) -> (u64, u64) {
        (pair.left, pair.right)
    }

    fn current<C: OnCopy>(pairs: &Pairs<C>) -> (u64, u64) {
        fields(&pairs.all().current())
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
    fn reference_from_before_a_write_reads_the_old_value() {
        let pairs: Pairs = pairs();
        let mut held = vec![read(&pairs)];
        for number in 1..ROUNDS / 10 {
            set_left(&pairs, number);
            held.push(read(&pairs));
        }
        for (number, value) in (0..).zip(held) {
            assert_eq!(fields(value), (number, 0));
        }
    }

    #[test]
    fn reads_without_a_write_between_share_a_version() {
        let pairs: Pairs = pairs();
        set_left(&pairs, 1);
        assert!(std::ptr::eq(read(&pairs), read(&pairs)));
        set_left(&pairs, 2);
        pairs.all().current();
        assert!(std::ptr::eq(read(&pairs), read(&pairs)));
    }

    #[test]
    fn unwritten_field_keeps_its_previous_value() {
        let pairs: Pairs = pairs();
        set_left(&pairs, 1);
        assert_eq!(fields(read(&pairs)), (1, 0));
        set_right(&pairs, 2);
        assert_eq!(fields(read(&pairs)), (1, 2));
        set_left(&pairs, 3);
        set_left(&pairs, 4);
        set_right(&pairs, 5);
        assert_eq!(fields(read(&pairs)), (4, 5));
        add(&pairs, 6);
        assert_eq!(fields(read(&pairs)), (10, 5));
        set_right(&pairs, 7);
        add(&pairs, 8);
        assert_eq!(fields(read(&pairs)), (18, 7));
    }

    /// Tries every order of seven writes, reads and looks at the current value.
    #[test]
    fn current_value_and_reads_agree_in_every_order() {
        const STEPS: [char; 5] = ['l', 'r', 'a', 'R', 'L'];
        let length = if cfg!(miri) { 4 } else { 7 };
        for mut order in 0..STEPS.len().pow(length) {
            let pairs: Pairs = pairs();
            let (mut expected, mut steps) = ((0, 0), String::new());
            for number in 1..=u64::from(length) {
                let step = STEPS[order % STEPS.len()];
                order /= STEPS.len();
                steps.push(step);
                match step {
                    'l' => {
                        set_left(&pairs, number);
                        expected.0 = number;
                    }
                    'r' => {
                        set_right(&pairs, number);
                        expected.1 = number;
                    }
                    'a' => {
                        add(&pairs, number);
                        expected.0 += number;
                    }
                    'R' => assert_eq!(fields(read(&pairs)), expected, "{steps}"),
                    _ => assert_eq!(current(&pairs), expected, "{steps}"),
                }
            }
            assert_eq!(current(&pairs), expected, "{steps}");
            assert_eq!(fields(read(&pairs)), expected, "{steps}");
            assert_eq!(fields(&pairs.first), (0, 0), "{steps}");
        }
    }

    #[derive(Debug, Default)]
    struct Counted;

    thread_local! {
        static COPIES: Cell<u32> = const { Cell::new(0) };
    }

    impl OnCopy for Counted {
        fn copied(&self) {
            COPIES.set(COPIES.get() + 1);
        }
    }

    #[test]
    fn consecutive_writes_copy_once_and_a_read_copies_nothing() {
        let pairs: Pairs<Counted> = pairs();
        for number in 1..10 {
            set_left(&pairs, number);
            assert_eq!(current(&pairs), (number, 0));
        }
        assert_eq!((fields(read(&pairs)), COPIES.get()), ((9, 0), 1));
        assert_eq!((fields(read(&pairs)), COPIES.get()), ((9, 0), 1));
        set_right(&pairs, 10);
        assert_eq!((fields(read(&pairs)), COPIES.get()), ((9, 10), 2));
    }

    #[test]
    fn writes_without_reads_between_keep_no_version() {
        let pairs: Pairs = pairs();
        for number in 1..1000 {
            let value = fields(&pairs.all().current());
            set_left(&pairs, value.0 + number);
        }
        assert_eq!(pairs.all().freeze().1, Some(1));
        assert_eq!(pairs.all().freeze().1, None);
    }

    #[test]
    fn draft_that_is_being_read_does_not_change() {
        let pairs: Pairs<Counted> = pairs();
        set_left(&pairs, 1);
        let held = pairs.all().current();
        set_left(&pairs, 2);
        set_right(&pairs, 3);
        assert_eq!((fields(&held), current(&pairs)), ((1, 0), (2, 3)));
        assert_eq!(COPIES.get(), 2);
    }

    #[test]
    fn replacing_the_value_needs_no_copy() {
        let pairs: Pairs<Counted> = pairs();
        assert!(pairs.all().replace(pair(7, 7), |_| true));
        assert!(pairs.all().replace(pair(8, 8), |_| true));
        assert!(!pairs.all().replace(pair(9, 9), |_| false));
        set_left(&pairs, 10);
        assert_eq!(fields(read(&pairs)), (10, 8));
        assert_eq!((fields(&pairs.first), COPIES.get()), ((0, 0), 0));
    }

    #[test]
    fn refused_write_changes_nothing() {
        let pairs: Pairs = pairs();
        let refuse = |_: &mut Pair, _: &mut u32| false;
        assert!(!pairs.all().write(refuse));
        assert!(pairs.all().read().is_some(), "there is no draft");
        set_right(&pairs, 1);
        assert!(!pairs.all().write(refuse));
        assert_eq!(fields(read(&pairs)), (0, 1));
    }

    #[derive(Debug, Default)]
    struct Panicking;

    thread_local! {
        static PANICS: Cell<bool> = const { Cell::new(false) };
    }

    impl OnCopy for Panicking {
        fn copied(&self) {
            assert!(!PANICS.get(), "planted");
        }
    }

    #[test]
    fn panicking_copy_changes_nothing() {
        let pairs: Pairs<Panicking> = pairs();
        set_right(&pairs, 1);
        read(&pairs);
        PANICS.set(true);
        let written = catch_unwind(AssertUnwindSafe(|| add(&pairs, 2)));
        assert!(written.is_err());
        PANICS.set(false);
        assert_eq!(
            (current(&pairs), pairs.versions.state(|state| *state)),
            ((0, 1), 0)
        );
        add(&pairs, 3);
        assert_eq!(
            (fields(read(&pairs)), pairs.versions.state(|state| *state)),
            ((3, 1), 1)
        );
    }

    #[derive(Debug, Default)]
    struct Meddling;

    static MEDDLED: OnceLock<Pairs<Meddling>> = OnceLock::new();

    impl OnCopy for Meddling {
        fn copied(&self) {
            thread_local! {
                static INNER: Cell<bool> = const { Cell::new(false) };
            }
            let pairs = MEDDLED.get().unwrap();
            if !INNER.replace(true) {
                add(pairs, 10);
                assert_eq!(read(pairs).left, 10);
                set_right(pairs, 20);
            }
        }
    }

    #[test]
    fn copy_that_reads_and_writes_does_not_deadlock() {
        let pairs = MEDDLED.get_or_init(pairs);
        add(pairs, 1);
        assert_eq!(fields(read(pairs)), (11, 20));
    }

    #[test]
    fn concurrent_additions_are_not_lost() {
        let pairs: Pairs = pairs();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS / 10 {
                        add(&pairs, 1);
                        let first = read(&pairs).left;
                        assert!(read(&pairs).left >= first);
                    }
                });
            }
        });
        let expected = 4 * (ROUNDS / 10);
        assert_eq!(fields(read(&pairs)), (expected, 0));
        assert_eq!(u64::from(pairs.versions.state(|state| *state)), expected);
    }

    #[test]
    fn concurrent_writes_to_different_fields_are_not_lost() {
        let pairs: Pairs = pairs();
        let highest = AtomicU64::new(0);
        thread::scope(|scope| {
            let write = |set: fn(&Pairs, u64), get: fn(&Pair) -> u64| {
                for number in 1..=ROUNDS / 10 {
                    set(&pairs, number);
                    assert_eq!(get(&pairs.all().current()), number);
                    assert_eq!(get(read(&pairs)), number);
                    highest.fetch_max(number, Ordering::Relaxed);
                }
            };
            scope.spawn(move || write(set_left, |pair| pair.left));
            scope.spawn(move || write(set_right, |pair| pair.right));
        });
        let last = highest.into_inner();
        assert_eq!(fields(read(&pairs)), (last, last));
    }
}
