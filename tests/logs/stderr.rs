//! Mistakes that a developer makes before the first subscriber is installed.

use std::{env, process::Command};

use log::{LevelFilter, Log, Metadata, Record};

use crate::situations;
use actix_secure_session_tests::logs::Logs;

/// In the other process: the subscriber to use.
const LISTENER: &str = "TEST_LISTENER";

struct Logger;

impl Log for Logger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, _: &Record<'_>) {}

    fn flush(&self) {}
}

/// Whether a situation must not install a subscriber, because this process has the one to test.
pub(crate) fn has_own_listener() -> bool {
    env::var_os(LISTENER).is_some()
}

/// Errors of several kinds, twice each.
fn make_mistakes() {
    for _ in 0..2 {
        situations::no_middleware();
        situations::not_registered();
        situations::too_large();
        situations::late_write();
    }
}

/// Runs this test in another process, where it makes the mistakes, and returns the standard error.
fn printed_with(listener: &str) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("stderr::errors_without_a_subscriber_are_printed_once")
        .env(LISTENER, listener)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn errors_without_a_subscriber_are_printed_once() {
    match env::var(LISTENER).as_deref() {
        Ok("none") => return make_mistakes(),
        Ok("subscriber") => {
            tracing::subscriber::set_global_default(Logs::default()).unwrap();
            return make_mistakes();
        }
        Ok("logger") => {
            log::set_logger(&Logger).unwrap();
            log::set_max_level(LevelFilter::Error);
            return make_mistakes();
        }
        _ => {}
    }
    let printed = printed_with("none");
    for event in [
        "session.no_middleware",
        "session.not_registered",
        "session.not_stored",
    ] {
        assert_eq!(printed.matches(event).count(), 1, "{event}: {printed}");
    }
    assert_eq!(
        printed.matches("ERROR secure_session").count(),
        3,
        "{printed}"
    );
    assert!(
        printed.contains(".session::<logs::situations::Forgotten>()"),
        "{printed}"
    );
    assert!(printed.contains("largest fields: `name`"), "{printed}");
    assert!(!printed_with("subscriber").contains("secure_session"));
    assert!(!printed_with("logger").contains("secure_session"));
}
