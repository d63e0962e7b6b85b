//! `--revocations` and `REVOCATIONS`: which store is opened, and which is refused.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use crate::support::{Call, KEY, Outcome, call, fastify_cookie, native_cookie, with_key};

/// The commands that need a store.
const COMMANDS: [&str; 2] = ["entries", "revoke --name a --where b=1"];

fn assert_refused(outcome: Outcome, parts: &[&str]) {
    let trouble = outcome.trouble();
    for part in parts {
        assert!(trouble.contains(part), "{part:?} in {trouble}");
    }
}

#[test]
fn store_is_required_unless_inspecting() {
    for command in COMMANDS {
        let refused = call(command).run();
        assert_refused(refused, &["`--revocations` is required", "`REVOCATIONS`"]);
    }
}

#[test]
fn other_kinds_of_stores_are_refused_by_option_and_variable() {
    let what = "must be `sqlite:PATH`";
    let inspect = "inspect --name a";
    for (store, what) in [
        ("", what),
        ("sqlite", what),
        ("sqlite:", what),
        ("SQLITE:a", what),
        ("redis://:s3cr3t@127.0.0.1/", what),
        ("a.db", what),
        (
            "memory",
            "a list in memory cannot be read by other programs; set it to `sqlite:PATH`",
        ),
    ] {
        for command in COMMANDS.into_iter().chain([inspect]) {
            let given = |call: Call<'_>| call.keys(KEY).run();
            let by_option = given(call(command).with("--revocations").with(store));
            assert!(!by_option.stderr.contains("s3cr3t"), "{by_option:?}");
            assert_refused(by_option, &["`--revocations`", what]);
            if (command, store) == (inspect, "memory") {
                continue;
            }
            let by_variable = given(call(command).revocations(store));
            assert!(!by_variable.stderr.contains("s3cr3t"), "{by_variable:?}");
            assert_refused(by_variable, &["environment variable `REVOCATIONS`", what]);
        }
    }
}

#[test]
fn variable_that_is_not_utf8_is_refused() {
    let refused = call("entries").revocations(OsStr::from_bytes(b"sqlite:\xff"));
    assert_refused(refused.run(), &["`REVOCATIONS` is not UTF-8"]);
}

#[test]
fn inspect_without_an_option_ignores_a_list_in_memory() {
    let inspect = "inspect --name __Host-auth --now 1800000000";
    let cookie = native_cookie();
    let shown = with_key(inspect, &cookie).text();
    let with_list = call(inspect).keys(KEY).stdin(&cookie).revocations("memory");
    assert_eq!(with_list.run().text(), shown);
}

#[test]
fn option_for_the_store_is_refused_in_the_fastify_format() {
    let refused = call("inspect --format fastify --revocations sqlite:a").keys(KEY);
    let what = "`--revocations` does not exist in the fastify format; remove it";
    assert_refused(refused.run(), &[what]);
}

#[test]
fn fastify_cookies_are_inspected_without_the_store() {
    let inspect = "inspect --format fastify --now 1800000000";
    let cookie = fastify_cookie();
    let shown = with_key(inspect, &cookie).text();
    let with_store = call(inspect).keys(KEY).stdin(&cookie);
    assert_eq!(
        with_store.revocations("sqlite:no/such/file").run().text(),
        shown
    );
}

#[cfg(not(feature = "sqlite"))]
#[test]
fn sqlite_without_its_feature_says_how_to_build_the_command() {
    for command in COMMANDS {
        let refused = call(command).revocations("sqlite:a.db").run();
        assert_refused(
            refused,
            &[
                "built without SQLite",
                "cargo install actix-secure-session-cli --features sqlite",
            ],
        );
    }
}

#[cfg(feature = "sqlite")]
mod files {
    use std::{fs, path::Path};

    use super::*;
    use crate::support::file;

    #[test]
    fn missing_file_is_an_error_and_is_not_created() {
        let path = file("no-store.db", "");
        fs::remove_file(&path).expect("the file is there");
        let store = format!("sqlite:{path}");
        for command in COMMANDS.into_iter().chain(["inspect --name __Host-auth"]) {
            let call = call(command).revocations(&store).keys(KEY);
            let refused = call.stdin(&native_cookie()).run();
            assert_refused(
                refused,
                &["no-store.db` cannot be opened", "check the path"],
            );
            assert!(!Path::new(&path).exists());
        }
    }

    #[test]
    fn files_that_are_not_stores_are_refused() {
        let folder = env!("CARGO_TARGET_TMPDIR").to_owned();
        for (path, what) in [
            (file("empty.db", ""), "is empty; check the path"),
            (
                file("text.db", "x".repeat(8192)),
                "is not an SQLite database",
            ),
            (folder, "is not a file"),
        ] {
            let before = fs::read(&path).ok();
            for command in COMMANDS {
                let refused = call(command).revocations(&format!("sqlite:{path}")).run();
                assert_eq!(refused.stderr.matches(&path).count(), 1, "{refused:?}");
                let file = format!("secure-session: revocation store: the file `{path}` {what}");
                assert_refused(refused, &[&file]);
            }
            assert_eq!(fs::read(&path).ok(), before);
        }
    }
}
