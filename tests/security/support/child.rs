//! Runs one test of this binary again, alone in its own process, on its main thread.

use std::{
    env,
    process::{Command, Output},
};

/// Marks a process as the child of a test.
const VARIABLE: &str = "SECURITY_CHECKS_CHILD";

/// The parent's message to this process, if it is a child.
pub(crate) fn argument() -> Option<String> {
    env::var(VARIABLE).ok()
}

/// Runs the test with this full name in a child, and fails unless it ran there and passed.
///
/// `limits` are shell commands that run first, such as `ulimit`.
pub(crate) fn run(test: &str, argument: &str, limits: &str) {
    let output = command(test, argument, limits).output().unwrap();
    check(test, &output);
}

/// The same, for a parent that continues meanwhile.
pub(crate) fn command(test: &str, argument: &str, limits: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!(r#"{limits} exec "$0" "$@""#))
        .arg(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(VARIABLE, argument);
    command
}

/// Fails unless the child ran its test and passed.
pub(crate) fn check(test: &str, output: &Output) {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    let passed = stdout.contains("1 passed; 0 failed");
    assert!(
        output.status.success() && passed,
        "{test}: {}\n{stdout}\n{stderr}",
        output.status
    );
}
