//! What reads and writes cost: copies and allocations, counted.

use std::{
    cell::Cell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use allocation_counter::measure;
use secure_session::{SecureSession, Session};
use serde::{Deserialize, Serialize};

use super::in_handler;

static CLONES: AtomicU64 = AtomicU64::new(0);

/// Counts how often it is copied.
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

/// Copies of the struct for so many alternating writes and reads.
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
fn alternating_writes_and_reads_cost_one_copy_each_and_few_allocations() {
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
    // A chunk for every doubling, and nothing for a value that owns no memory.
    let (fewer, more) = (allocations(50_000), allocations(100_000));
    assert!(fewer < 20, "{fewer}");
    assert_eq!(more, fewer + 1);
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
    assert_eq!(count.get(), (0, 0));
}
