//! Handles in several threads at once.

use std::thread;

use secure_session::{SecureSession, Session};

use super::in_handler;

const THREADS: u32 = 8;
const CALLS: u32 = 20_000;

#[derive(SecureSession)]
struct Auth {
    #[session(keep)]
    visits: u64,
    name: String,
    roles: Vec<String>,
    theme: Option<String>,
}

/// xorshift, with a different seed for each thread.
struct Sequence(u32);

impl Sequence {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// Every write replaces all of `roles` with equal entries, so a mixed value is torn.
fn mix(auth: &Session<Auth>, seed: u32) {
    let mut sequence = Sequence(seed);
    let mut held: &[String] = auth.roles();
    for _ in 0..CALLS {
        let number = sequence.next();
        match number % 16 {
            0 => auth.set_roles(vec![number.to_string(); 3]),
            1 => auth.update_roles(|roles| roles.truncate(2)),
            2 => auth.set_name(number.to_string()),
            3 => auth.update(|auth| auth.visits = auth.visits.wrapping_add(1)),
            4 => auth.set_theme("dark"),
            5 => drop(auth.take_theme()),
            6 => held = auth.roles(),
            7 => auth.reauthenticate(),
            8 => auth.touch(),
            9 if number.is_multiple_of(5) => auth.regenerate(),
            10 if number.is_multiple_of(7) => auth.destroy(),
            11 => assert!(auth.info().changed_fields().len() <= 4),
            12 => drop(auth.clone()),
            _ => {
                let name = auth.name();
                assert!(name.is_empty() || name.parse::<u32>().is_ok());
            }
        }
        assert!(held.iter().all(|role| *role == held[0]));
    }
}

#[test]
fn mixed_calls_from_eight_threads_do_not_panic_or_deadlock() {
    let stored = in_handler(|auth: &Session<Auth>| {
        thread::scope(|scope| {
            for seed in 1..=THREADS {
                scope.spawn(move || mix(auth, seed));
            }
        });
        auth.set_name("end");
    });
    assert_eq!(stored.unwrap().name, "end");
}

#[test]
fn setters_of_different_fields_in_two_threads_lose_nothing() {
    let stored = in_handler(|auth: &Session<Auth>| {
        thread::scope(|scope| {
            scope.spawn(|| (1..=20_000).for_each(|number| auth.set_visits(number)));
            scope.spawn(|| {
                for number in 1..=20_000 {
                    auth.set_name(number.to_string());
                    assert_eq!(auth.name(), number.to_string());
                }
            });
        });
    });
    let stored = stored.unwrap();
    assert_eq!((stored.visits, stored.name.as_str()), (20_000, "20000"));
}

#[test]
fn two_threads_that_open_concurrently_see_one_session() {
    for _ in 0..200 {
        in_handler(|auth: &Session<Auth>| {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| assert_eq!(auth.visits(), 0));
                }
            });
            let other = auth.clone();
            let (one, two): (&Auth, &Auth) = (auth, &other);
            assert!(std::ptr::eq(one, two));
        });
    }
}
