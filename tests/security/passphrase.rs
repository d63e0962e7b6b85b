//! Keys from a passphrase: once, off the executor, in bounded memory or not at all.

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

/// C52: a key is derived in 256 MiB and little more, which are given back, while the executor goes
/// on. The middleware takes the key, so no worker derives one.
#[test]
fn a_key_is_derived_in_bounded_memory_beside_the_executor() {
    const NAME: &str = "passphrase::a_key_is_derived_in_bounded_memory_beside_the_executor";
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
        // About one a millisecond; a derivation on the executor itself would leave one or none.
        assert!(turns >= 20, "the executor had {turns} turns in {took:?}");

        let peak = status("VmHWM").saturating_sub(before);
        assert!((256 * MIB..=288 * MIB).contains(&peak), "{peak} bytes");
        let left = status("VmRSS").saturating_sub(before);
        assert!(left < 32 * MIB, "{left} bytes were not given back");
    });
}

/// C52: without the memory there is an error that says so; no abort, no panic, no weaker key. With
/// a little more than the memory there is a key.
#[test]
fn without_the_memory_there_is_an_error_and_no_weaker_key() {
    const NAME: &str = "passphrase::without_the_memory_there_is_an_error_and_no_weaker_key";
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
            // The process lives and can do what needs less.
            assert!(Key::generate().is_ok());
        }
        Some(_) => assert!(Key::from_passphrase(PASSPHRASE, &salt()).is_ok()),
    }
}
