//! Values that never move: a read stays valid, a write adds a version.
//!
//! A reader gets a plain reference into the current version, and the version stays where it is
//! until the request's cell goes away. A writer changes a draft under a short lock; the next reader
//! freezes the draft into a version of its own. So nothing that a handler holds changes under it,
//! and no guard is needed.
//!
//! A draft holds the fields that were written and no others, until somebody reads: only then are
//! the others copied. A request that writes and reads no more, as most do, copies nothing: what it
//! stores is read in two [`Layers`].
//!
//! The user's code (copying, comparing, defaults, dropping) never runs under the lock: what it makes
//! is made first and used only if it is still wanted.

use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use super::SecureSession;
use crate::schema::{field_set::FieldSet, layers::Layers};

/// How many versions the first chunk holds; each further chunk holds twice as many.
const FIRST_CHUNK: usize = 4;

/// With 2^32 versions in one request memory has ended long ago.
const CHUNKS: usize = 30;

/// The bit of the stamp that tells that no version is the value as it is now; the version to begin
/// with stands above it.
const UNREAD: usize = 1;

/// A value in all its versions, and a state `S` that changes with it under the same lock.
pub(crate) struct History<'a, T, S> {
    /// Version 0, as it was loaded.
    first: &'a T,
    versions: &'a Versions<T, S>,
}

/// The versions of a value behind the first, which stands elsewhere: where nothing is written there
/// are none.
pub(crate) struct Versions<T, S> {
    /// Version 1 in place, as many requests write once and read once more.
    second: OnceLock<Version<T>>,
    later: OnceLock<Box<Chunks<T>>>,
    /// The current version and [`UNREAD`], for readers that find it whole.
    stamp: AtomicUsize,
    guarded: Mutex<Guarded<T, S>>,
}

/// Versions 2 and on. Chunks of doubling size, as a vector would move its content and a chain is
/// slow to walk and overflows the stack when dropped.
type Chunks<T> = [OnceLock<Box<[OnceLock<Version<T>>]>>; CHUNKS];

/// A value with some of its fields; the others are those of the version before.
struct Version<T> {
    value: T,
    fields: FieldSet,
}

struct Guarded<T, S> {
    draft: Option<Version<T>>,
    version: usize,
    state: S,
}

/// What versions are made of.
pub(crate) trait Parted: Sized {
    /// A value that fields are written to, whatever it holds.
    fn blank() -> Self;

    fn copy(&self) -> Self;

    /// Swaps a field between two values; runs no code of the user's.
    fn swap(&mut self, other: &mut Self, field: usize);

    /// Every field.
    fn fields() -> FieldSet;
}

impl<T: SecureSession> Parted for T {
    fn blank() -> Self {
        T::defaults()
    }

    fn copy(&self) -> Self {
        self.__copy()
    }

    fn swap(&mut self, other: &mut Self, field: usize) {
        self.__swap(other, field);
    }

    fn fields() -> FieldSet {
        FieldSet::all::<T>()
    }
}

impl<T: Parted> Version<T> {
    fn blank() -> Self {
        Self {
            value: T::blank(),
            fields: FieldSet::EMPTY,
        }
    }

    fn whole(value: T) -> Self {
        Self {
            value,
            fields: T::fields(),
        }
    }

    fn is_whole(&self) -> bool {
        self.fields == T::fields()
    }
}

impl<T, S> Versions<T, S> {
    #[inline]
    pub(crate) fn new(state: S) -> Self {
        Self {
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

    /// Reads or changes the state alone; the same rules as for [`write`](History::write).
    #[inline]
    pub(crate) fn state<R>(&self, change: impl FnOnce(&mut S) -> R) -> R {
        change(&mut self.lock().state)
    }

    /// Nothing that may panic runs under the lock, so a poisoned one is sound.
    fn lock(&self) -> MutexGuard<'_, Guarded<T, S>> {
        self.guarded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, S> Clone for History<'_, T, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, S> Copy for History<'_, T, S> {}

impl<'a, T: Parted, S> History<'a, T, S> {
    /// `first` must be the same each time.
    pub(crate) fn new(first: &'a T, versions: &'a Versions<T, S>) -> Self {
        Self { first, versions }
    }

    /// The value as it is now.
    pub(crate) fn read(self) -> &'a T {
        let stamp = self.versions.stamp.load(Ordering::Acquire);
        if stamp & UNREAD == 0 {
            self.value(stamp >> 1)
        } else {
            self.freeze()
        }
    }

    /// The value as it is now, for somebody who looks at one field after the other.
    pub(crate) fn layers(self) -> Layers<'a, T> {
        let stamp = self.versions.stamp.load(Ordering::Acquire);
        if stamp & UNREAD == 0 {
            Layers::one(self.value(stamp >> 1))
        } else {
            self.freeze_layers()
        }
    }

    /// Changes fields of the value and the state together, if `change` agrees.
    ///
    /// `change` runs under the lock, so it must be no code of the user's, and it keeps what the
    /// user's code would have to drop. The value that it gets may be a blank one: fields are put
    /// into it, never looked at.
    pub(crate) fn write(
        self,
        fields: FieldSet,
        change: impl FnOnce(&mut T, &mut S) -> bool,
    ) -> bool {
        // Mostly there is no draft yet, or there is one: the lock need not be taken twice.
        let has_draft = self.versions.stamp.load(Ordering::Acquire) & UNREAD != 0;
        let mut blank = (!has_draft).then(Version::blank);
        loop {
            let mut guarded = self.versions.lock();
            let Guarded {
                draft,
                version,
                state,
            } = &mut *guarded;
            if draft.is_none() {
                *draft = blank.take();
            }
            if let Some(draft) = draft {
                let changed = change(&mut draft.value, state);
                if changed {
                    draft.fields = draft.fields.with(fields);
                    self.versions
                        .stamp
                        .store(*version << 1 | UNREAD, Ordering::Release);
                }
                return changed;
            }
            drop(guarded);
            blank = Some(Version::blank());
        }
    }

    /// As [`write`](Self::write), with a value that has every field as it is now.
    pub(crate) fn write_whole(self, change: impl FnOnce(&mut T, &mut S) -> bool) -> bool {
        self.with_whole(true, |guarded| {
            let Guarded {
                draft,
                version,
                state,
            } = guarded;
            let changed = (draft.as_mut()).is_some_and(|draft| change(&mut draft.value, state));
            if changed {
                self.versions
                    .stamp
                    .store(*version << 1 | UNREAD, Ordering::Release);
            }
            changed
        })
    }

    /// Puts a whole new value in place if `change` of the state agrees.
    ///
    /// Gives back the value that is to be dropped: the draft it replaced, or the new value itself.
    pub(crate) fn replace(
        self,
        value: T,
        change: impl FnOnce(&mut S) -> bool,
    ) -> (bool, Option<T>) {
        let mut guarded = self.versions.lock();
        if !change(&mut guarded.state) {
            return (false, Some(value));
        }
        let former = guarded.draft.replace(Version::whole(value));
        self.versions
            .stamp
            .store(guarded.version << 1 | UNREAD, Ordering::Release);
        (true, former.map(|draft| draft.value))
    }

    #[cold]
    fn freeze(self) -> &'a T {
        self.with_whole(false, |guarded| {
            self.freeze_draft(guarded);
            self.value(guarded.version)
        })
    }

    /// As [`freeze`](Self::freeze), without a copy of the fields that were not written.
    #[cold]
    fn freeze_layers(self) -> Layers<'a, T> {
        let mut guarded = self.versions.lock();
        // There are two layers at most.
        if guarded.draft.is_some() && !self.is_whole(guarded.version) {
            drop(guarded);
            return Layers::one(self.freeze());
        }
        self.freeze_draft(&mut guarded);
        self.layers_of(guarded.version)
    }

    /// Makes the draft a version, if there is one.
    fn freeze_draft(self, guarded: &mut Guarded<T, S>) {
        let next = guarded.version.saturating_add(1);
        let Some(draft) = guarded.draft.take() else {
            return;
        };
        let Some(place) = self.place(next) else {
            // No room, see `CHUNKS`: nobody reads the draft.
            guarded.draft = Some(draft);
            return;
        };
        let unread = if draft.is_whole() { 0 } else { UNREAD };
        place.get_or_init(|| draft);
        guarded.version = next;
        self.versions
            .stamp
            .store(next << 1 | unread, Ordering::Release);
    }

    /// Runs `work` under the lock with a draft that has every field; with none if the version says
    /// it all, unless one is to be made.
    fn with_whole<R>(self, make: bool, work: impl FnOnce(&mut Guarded<T, S>) -> R) -> R {
        let mut copy: Option<(usize, T)> = None;
        let mut left = None;
        loop {
            let mut guarded = self.versions.lock();
            let version = guarded.version;
            let is_whole = match &guarded.draft {
                Some(draft) => draft.is_whole(),
                None => !make && self.is_whole(version),
            };
            if !is_whole {
                match copy.take() {
                    Some((of, copy)) if of == version => left = guarded.complete(copy),
                    stale => {
                        drop(guarded);
                        drop(stale);
                        copy = Some((version, self.copy_of(version)));
                        continue;
                    }
                }
            }
            let result = work(&mut guarded);
            drop(guarded);
            drop(left);
            return result;
        }
    }

    /// A copy of a version, with every field.
    fn copy_of(self, version: usize) -> T {
        let layers = self.layers_of(version);
        let mut copy = layers.under().copy();
        if let Some((over, fields)) = layers.over() {
            let mut over = over.copy();
            for field in fields.positions() {
                copy.swap(&mut over, field);
            }
        }
        copy
    }

    fn layers_of(self, version: usize) -> Layers<'a, T> {
        match self.frozen(version) {
            None => Layers::one(self.first),
            Some(frozen) if frozen.is_whole() => Layers::one(&frozen.value),
            Some(frozen) => {
                let under = self.value(version.saturating_sub(1));
                Layers::new(under, &frozen.value, frozen.fields)
            }
        }
    }

    fn is_whole(self, version: usize) -> bool {
        self.frozen(version).is_none_or(Version::is_whole)
    }

    fn value(self, version: usize) -> &'a T {
        let frozen = self.frozen(version);
        frozen.map_or(self.first, |frozen| &frozen.value)
    }

    /// A version that was frozen; `None` stands for the first one.
    fn frozen(self, version: usize) -> Option<&'a Version<T>> {
        match version {
            0 => None,
            1 => self.versions.second.get(),
            later => {
                let (chunk, offset) = position(later);
                let chunk = self.versions.later.get()?.get(chunk)?;
                chunk.get()?.get(offset)?.get()
            }
        }
    }

    /// The place of a version, made if need be; only called under the lock.
    fn place(self, version: usize) -> Option<&'a OnceLock<Version<T>>> {
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

impl<T: Parted, S> Guarded<T, S> {
    /// Gives the draft every field, with those that it lacks from a copy of the version. What is
    /// left over is to be dropped outside the lock.
    fn complete(&mut self, mut copy: T) -> Option<Version<T>> {
        if let Some(draft) = &mut self.draft {
            for field in draft.fields.positions() {
                copy.swap(&mut draft.value, field);
            }
        }
        self.draft.replace(Version::whole(copy))
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
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::AtomicU64,
        thread,
    };

    use super::*;

    /// Miri is some hundred times slower.
    const ROUNDS: u64 = if cfg!(miri) { 60 } else { 50_000 };

    /// A number that no test writes, so that it shows when it is read.
    const BLANK: u64 = u64::MAX;

    /// Two fields; what a copy does besides is up to the test.
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

    impl<C: OnCopy> Parted for Pair<C> {
        fn blank() -> Self {
            pair(BLANK, BLANK)
        }

        fn copy(&self) -> Self {
            self.on_copy.copied();
            pair(self.left, self.right)
        }

        fn swap(&mut self, other: &mut Self, field: usize) {
            match field {
                0 => std::mem::swap(&mut self.left, &mut other.left),
                _ => std::mem::swap(&mut self.right, &mut other.right),
            }
        }

        fn fields() -> FieldSet {
            FieldSet::from_positions([0, 1])
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
        let fields = FieldSet::one(0);
        assert!(pairs.all().write(fields, |draft, _| {
            draft.left = number;
            true
        }));
    }

    fn set_right<C: OnCopy>(pairs: &Pairs<C>, number: u64) {
        let fields = FieldSet::one(1);
        assert!(pairs.all().write(fields, |draft, _| {
            draft.right = number;
            true
        }));
    }

    fn add<C: OnCopy>(pairs: &Pairs<C>, number: u64) {
        assert!(pairs.all().write_whole(|draft, state| {
            draft.left += number;
            *state += 1;
            true
        }));
    }

    fn fields<C: OnCopy>(pair: &Pair<C>) -> (u64, u64) {
        (pair.left, pair.right)
    }

    fn layered<C: OnCopy>(pairs: &Pairs<C>) -> (u64, u64) {
        let layers = pairs.all().layers();
        (layers.with(0).left, layers.with(1).right)
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
        let pairs: Pairs = pairs();
        let mut held = vec![pairs.all().read()];
        for number in 1..ROUNDS / 10 {
            set_left(&pairs, number);
            held.push(pairs.all().read());
        }
        for (number, value) in (0..).zip(held) {
            assert_eq!(fields(value), (number, 0));
        }
    }

    #[test]
    fn reads_without_a_write_between_give_one_version() {
        let pairs: Pairs = pairs();
        set_left(&pairs, 1);
        assert!(std::ptr::eq(pairs.all().read(), pairs.all().read()));
        set_left(&pairs, 2);
        pairs.all().layers();
        assert!(std::ptr::eq(pairs.all().read(), pairs.all().read()));
    }

    #[test]
    fn a_field_that_was_not_written_is_that_of_the_version_before() {
        let pairs: Pairs = pairs();
        set_left(&pairs, 1);
        assert_eq!(fields(pairs.all().read()), (1, 0));
        set_right(&pairs, 2);
        assert_eq!(fields(pairs.all().read()), (1, 2));
        set_left(&pairs, 3);
        set_left(&pairs, 4);
        set_right(&pairs, 5);
        assert_eq!(fields(pairs.all().read()), (4, 5));
        add(&pairs, 6);
        assert_eq!(fields(pairs.all().read()), (10, 5));
        set_right(&pairs, 7);
        add(&pairs, 8);
        assert_eq!(fields(pairs.all().read()), (18, 7));
    }

    /// Each order in which seven writes, reads and looks at the layers can come.
    #[test]
    fn layers_and_reads_agree_in_every_order() {
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
                    'R' => assert_eq!(fields(pairs.all().read()), expected, "{steps}"),
                    _ => assert_eq!(layered(&pairs), expected, "{steps}"),
                }
            }
            assert_eq!(layered(&pairs), expected, "{steps}");
            assert_eq!(fields(pairs.all().read()), expected, "{steps}");
            assert_eq!(fields(pairs.all().first), (0, 0), "{steps}");
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
    fn writes_without_a_read_between_cost_no_copy_and_a_read_behind_them_costs_one() {
        let pairs: Pairs<Counted> = pairs();
        for number in 1..10 {
            set_left(&pairs, number);
        }
        assert_eq!((layered(&pairs), COPIES.get()), ((9, 0), 0));
        assert_eq!((layered(&pairs), COPIES.get()), ((9, 0), 0));

        // The version before is a layer itself.
        set_left(&pairs, 10);
        assert_eq!((fields(pairs.all().read()), COPIES.get()), ((10, 0), 2));
        for number in 11..20 {
            set_right(&pairs, number);
        }
        assert_eq!((fields(pairs.all().read()), COPIES.get()), ((10, 19), 3));
        assert_eq!((layered(&pairs), COPIES.get()), ((10, 19), 3));
    }

    #[test]
    fn a_whole_new_value_needs_no_copy() {
        let pairs: Pairs<Counted> = pairs();
        let replaced = |value, agrees| {
            let (done, to_drop) = pairs.all().replace(value, |_| agrees);
            (done, to_drop.as_ref().map(fields))
        };
        assert_eq!(replaced(pair(7, 7), true), (true, None));
        assert_eq!(replaced(pair(8, 8), true), (true, Some((7, 7))));
        assert_eq!(replaced(pair(9, 9), false), (false, Some((9, 9))));
        set_left(&pairs, 10);
        assert_eq!(layered(&pairs), (10, 8));
        assert_eq!(fields(pairs.all().read()), (10, 8));
        assert_eq!((fields(pairs.all().first), COPIES.get()), ((0, 0), 0));
    }

    #[test]
    fn a_write_that_is_refused_changes_nothing() {
        let pairs: Pairs = pairs();
        let refused = |draft: &mut Pair, _: &mut u32| {
            draft.left = 7;
            false
        };
        assert!(!pairs.all().write(FieldSet::one(0), refused));
        assert_eq!(
            (layered(&pairs), fields(pairs.all().read())),
            ((0, 0), (0, 0))
        );
        set_right(&pairs, 1);
        assert!(!pairs.all().write(FieldSet::one(0), refused));
        assert_eq!(layered(&pairs), (0, 1));
        assert_eq!(fields(pairs.all().read()), (0, 1));
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
    fn a_copy_that_panics_changes_nothing() {
        let pairs: Pairs<Panicking> = pairs();
        set_right(&pairs, 1);
        PANICS.set(true);
        let read = catch_unwind(AssertUnwindSafe(|| fields(pairs.all().read())));
        let written = catch_unwind(AssertUnwindSafe(|| add(&pairs, 2)));
        assert!(read.is_err() && written.is_err());
        PANICS.set(false);
        assert_eq!(
            (layered(&pairs), pairs.versions.state(|state| *state)),
            ((0, 1), 0)
        );
        add(&pairs, 3);
        assert_eq!(
            (
                fields(pairs.all().read()),
                pairs.versions.state(|state| *state)
            ),
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
                assert_eq!(pairs.all().read().left, 10);
                set_right(pairs, 20);
            }
        }
    }

    #[test]
    fn a_copy_that_reads_and_writes_meets_no_lock() {
        let pairs = MEDDLED.get_or_init(pairs);
        add(pairs, 1);
        assert_eq!(fields(pairs.all().read()), (11, 20));
    }

    #[test]
    fn threads_that_add_lose_nothing() {
        let pairs: Pairs = pairs();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS / 10 {
                        add(&pairs, 1);
                        let first = pairs.all().read().left;
                        assert!(pairs.all().read().left >= first);
                    }
                });
            }
        });
        let expected = 4 * (ROUNDS / 10);
        assert_eq!(fields(pairs.all().read()), (expected, 0));
        assert_eq!(u64::from(pairs.versions.state(|state| *state)), expected);
    }

    #[test]
    fn threads_that_write_a_field_each_lose_none() {
        let pairs: Pairs = pairs();
        let highest = AtomicU64::new(0);
        thread::scope(|scope| {
            let write = |set: fn(&Pairs, u64), get: fn(&Pair) -> u64| {
                for number in 1..=ROUNDS / 10 {
                    set(&pairs, number);
                    let layers = pairs.all().layers();
                    let seen = (layers.with(0).left, layers.with(1).right);
                    assert!(seen.0 != BLANK && seen.1 != BLANK);
                    assert_eq!(get(pairs.all().read()), number);
                    highest.fetch_max(number, Ordering::Relaxed);
                }
            };
            scope.spawn(move || write(set_left, |pair| pair.left));
            scope.spawn(move || write(set_right, |pair| pair.right));
        });
        let last = highest.into_inner();
        assert_eq!(fields(pairs.all().read()), (last, last));
    }
}
