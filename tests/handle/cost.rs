//! The cost of reads and writes: copies and allocations, counted.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use allocation_counter::measure;
use secure_session::{
    EncodeError, Key, SecureSession, Session, codec::Codec, test_util::TestSession,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::in_handler;

static CLONES: AtomicU64 = AtomicU64::new(0);

/// Counts its copies.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Counted(u64);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

#[derive(SecureSession)]
struct Session50 {
    counted: Counted,
    number: u64,
}

#[derive(SecureSession)]
struct Plain {
    number: u64,
    other: u32,
}

/// Copies of the struct for this number of alternating writes and reads.
fn clones(rounds: u64) -> u64 {
    let before = CLONES.load(Ordering::Relaxed);
    in_handler(move |session: &Session<Session50>| {
        for round in 1..=rounds {
            session.set_number(round);
            assert_eq!(session.number(), round);
        }
        assert_eq!(session.counted().0, 0);
    });
    CLONES.load(Ordering::Relaxed) - before
}

#[test]
fn alternating_writes_and_reads_cost_one_copy_each() {
    assert_eq!(clones(50_000), 50_000);
    assert_eq!(clones(100_000), 100_000);

    let allocations = |rounds: u64| {
        let count = Rc::new(Cell::new(0));
        let inner = Rc::clone(&count);
        in_handler(move |session: &Session<Plain>| {
            let info = measure(|| {
                for round in 1..=rounds {
                    session.set_number(round);
                    assert_eq!(session.number(), round);
                }
            });
            inner.set(info.count_total);
        });
        count.get()
    };
    // One for each version, and a chunk each time the number doubles.
    let (fewer, more) = (allocations(50_000), allocations(100_000));
    assert!(fewer < 50_020, "{fewer}");
    assert_eq!(more, fewer + 50_001);
}

#[test]
fn ten_setters_in_a_row_cost_one_copy_and_a_read_none() {
    let count = Rc::new(Cell::new((0, 0)));
    let inner = Rc::clone(&count);
    in_handler(move |session: &Session<Plain>| {
        assert_eq!(session.number(), 0);
        let writes = measure(|| {
            for number in 0..10 {
                session.set_number(number);
                session.set_other(7);
            }
        });
        let reads = measure(|| {
            assert_eq!(session.number(), 9);
            assert_eq!(session.other(), 7);
        });
        inner.set((writes.count_total, reads.count_total));
    });
    assert_eq!(count.get(), (1, 0));
}

#[derive(SecureSession)]
struct Growing {
    #[session(rest)]
    members: Map<String, Value>,
}

/// C82: the response is the 500 of a session that is too large.
#[test]
fn updates_in_a_loop_keep_no_version() {
    const MOST: u64 = 8 << 20;
    let codec = Codec::<Growing>::builder(Key::generate().unwrap());
    let request = TestSession::new(&codec.build().unwrap());
    let session = request.session();
    let failure = Cell::new(None);
    let taken = measure(|| {
        for number in 0..4000_u32 {
            session.update_members(|members| {
                members.insert(format!("{number:05}"), Value::from(number % 10));
            });
        }
        failure.set(request.finish().failure().cloned());
    });
    let Some(EncodeError::TooLarge { size, .. }) = failure.take() else {
        panic!("it fits");
    };
    assert!(size > 50_000, "{size}");
    assert!(taken.bytes_max <= MOST, "{}", taken.bytes_max);
}

/// C82: each version takes the value, 16 bytes for its counters, and at most 32 for its slot.
#[test]
fn alternating_writes_and_reads_use_the_memory_of_their_versions() {
    const ROUNDS: u64 = 100_000;
    let size = u64::try_from(size_of::<Plain>()).unwrap();
    let taken = Rc::new(Cell::new(0));
    let inner = Rc::clone(&taken);
    in_handler(move |session: &Session<Plain>| {
        let info = measure(|| {
            for round in 1..=ROUNDS {
                session.set_number(round);
                assert_eq!(session.number(), round);
            }
        });
        inner.set(info.bytes_max);
    });
    let most = ROUNDS * (size + 16 + 32) + 4096;
    assert!(taken.get() <= most, "{} of {most}", taken.get());
}
