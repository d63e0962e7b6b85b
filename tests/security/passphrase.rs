//! Keys from a passphrase: derived once, off the executor, in bounded memory or not at all.

use std::{
    fs, panic,
    time::{Duration, Instant},
};

use actix_secure_session_tests::app::block_on;
use actix_web::rt;
use secure_session::{Key, KeyProblem, Salt};

use crate::support::child;

const PASSPHRASE: &str = "averylogphrasebiggerthanthirtytwochars";
const MIB: u64 = 1024 * 1024;

fn salt() -> Salt {
    Salt::from_text("mq9hDxBVDbspDR6n").unwrap()
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    let kibibytes = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    kibibytes.parse::<u64>().unwrap() * 1024
}

/// C52: deriving a key takes little more than 256 MiB, which is returned, while the executor
/// continues. The middleware takes the key, so no worker derives one.
#[test]
fn key_is_derived_in_bounded_memory_off_the_executor() {
    const NAME: &str = "passphrase::key_is_derived_in_bounded_memory_off_the_executor";
    if child::argument().is_none() {
        return child::run(NAME, "derive", "");
    }
    block_on(async {
        let before = status("VmRSS");
        let derived = Instant::now();
        let mut turns = 0;
        let deriving = rt::task::spawn_blocking(|| Key::from_passphrase(PASSPHRASE, &salt()));
        while !deriving.is_finished() {
            rt::time::sleep(Duration::from_millis(1)).await;
            turns += 1;
        }
        let took = derived.elapsed();
        deriving.await.unwrap().unwrap();
        // About one per millisecond; a derivation on the executor itself would leave one or none.
        assert!(turns >= 20, "the executor had {turns} turns in {took:?}");

        let peak = status("VmHWM").saturating_sub(before);
        assert!((256 * MIB..=288 * MIB).contains(&peak), "{peak} bytes");
        let left = status("VmRSS").saturating_sub(before);
        assert!(left < 32 * MIB, "{left} bytes were not given back");
    });
}

/// C52: without the memory there is an error that says so, but no abort, no panic and no weaker
/// key. With slightly more than the memory there is a key.
#[test]
fn key_derivation_without_enough_memory_is_an_error() {
    const NAME: &str = "passphrase::key_derivation_without_enough_memory_is_an_error";
    match child::argument().as_deref() {
        None => {
            child::run(NAME, "too little", "ulimit -v 131072;");
            child::run(NAME, "enough", "ulimit -v 524288;");
        }
        Some("too little") => {
            let derived = panic::catch_unwind(|| Key::from_passphrase(PASSPHRASE, &salt()));
            let err = derived.expect("no panic").unwrap_err();
            assert_eq!(err.problem(), &KeyProblem::NoMemory);
            assert!(err.to_string().contains("256 MiB"), "{err}");
            assert!(!format!("{err:?}").contains("avery"));
            // The process is alive and can do work that needs less.
            assert!(Key::generate().is_ok());
        }
        Some(_) => assert!(Key::from_passphrase(PASSPHRASE, &salt()).is_ok()),
    }
}
