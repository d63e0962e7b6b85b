//! Arguments: what is asked for, what is refused, and what never stands there.

use std::io::Write as _;

use crate::support::{KEY, OTHER_KEY, call};

#[test]
fn help_and_version_go_to_standard_output() {
    for (arguments, part) in [
        ("help", "Commands:"),
        ("--help", "Commands:"),
        ("-h", "Commands:"),
        ("keygen --help", "--base64"),
        ("derive-key -h", "--fastify-default-salt"),
        ("inspect --help", "--redact"),
        ("seal --help", "--format"),
        ("--version", "secure-session "),
        ("-V", "secure-session "),
    ] {
        let text = call(arguments).run().text();
        assert!(text.contains(part), "{arguments}: {text}");
        assert!(text.ends_with('\n'));
        assert!(text.lines().all(|line| line.len() <= 100), "{arguments}");
    }
}

#[test]
fn every_option_of_the_help_exists() {
    for command in ["keygen", "derive-key", "inspect", "seal"] {
        let help = call(command).with("--help").run().text();
        let options = help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        for option in options.filter(|word| word.starts_with("--")) {
            let (_, _, stderr) = call(command).with(option).run_raw();
            let stderr = String::from_utf8(stderr).expect("UTF-8");
            assert!(!stderr.contains("unknown"), "{command} {option}: {stderr}");
        }
    }
}

#[test]
fn what_cannot_be_understood_names_the_help() {
    for (arguments, part, hint) in [
        ("", "expected a command", "`secure-session --help`"),
        (
            "frobnicate",
            "expected a command",
            "`secure-session --help`",
        ),
        (
            "keygen --frobnicate",
            "unknown option `--frobnicate`",
            "`secure-session keygen --help`",
        ),
        (
            "inspect -x",
            "unknown option `-x`",
            "`secure-session inspect --help`",
        ),
        ("inspect --name", "`--name` needs a value", "inspect --help"),
        (
            "inspect --name --json",
            "`--name` needs a value",
            "inspect --help",
        ),
        (
            "inspect --json=1",
            "`--json` takes no value",
            "inspect --help",
        ),
        (
            "inspect --format express",
            "`native` or `fastify`",
            "inspect --help",
        ),
        (
            "inspect --now yesterday",
            "seconds since 1970",
            "inspect --help",
        ),
        (
            "inspect --idle soon",
            "such as `30m`, or `none`",
            "inspect --help",
        ),
        (
            "inspect --absolute none",
            "every session has an end",
            "inspect --help",
        ),
        ("seal --idle 30m", "unknown option `--idle`", "seal --help"),
        (
            "inspect --format native --signed",
            "does not exist in the native format",
            "--help",
        ),
        (
            "inspect --format fastify --purpose a",
            "does not exist in the fastify format",
            "--help",
        ),
        (
            "inspect --format fastify --absolute 1h",
            "does not exist",
            "--help",
        ),
        (
            "inspect --format fastify --idle none",
            "does not exist",
            "--help",
        ),
    ] {
        let trouble = call(arguments).keys(KEY).run().trouble();
        assert!(trouble.contains(part), "{arguments}: {trouble}");
        assert!(trouble.contains(hint), "{arguments}: {trouble}");
    }
}

#[test]
fn limits_that_contradict_each_other_are_refused_by_the_rules_of_the_library() {
    for limits in ["--idle 2h --absolute 1h", "--absolute 500d", "--idle 13h"] {
        let arguments = format!("inspect --format native --name a {limits}");
        let trouble = call(&arguments).keys(KEY).stdin("a=1").run().trouble();
        assert!(trouble.contains("session `a`"), "{trouble}");
    }
}

#[test]
fn keys_and_passphrases_are_no_arguments_and_are_not_repeated() {
    let attached = format!("--key={OTHER_KEY}");
    let flag = format!("--json={OTHER_KEY}");
    let inspect = || call("inspect --name a").keys(KEY);
    for outcome in [
        call(OTHER_KEY).run(),
        inspect().with(OTHER_KEY).run(),
        inspect().with("--key").with(OTHER_KEY).run(),
        inspect().with(&attached).run(),
        inspect().with(&flag).run(),
        inspect().with("--passphrase").with(OTHER_KEY).run(),
        inspect().with("--format").with(OTHER_KEY).run(),
        inspect().with("--salt-base64").with(OTHER_KEY).run(),
        inspect().with("--idle").with(OTHER_KEY).run(),
        inspect().with("--now").with(OTHER_KEY).run(),
        call("keygen").with(OTHER_KEY).run(),
        call("derive-key --fastify-default-salt")
            .with(OTHER_KEY)
            .run(),
    ] {
        let trouble = outcome.trouble();
        assert!(!trouble.contains(&OTHER_KEY[..16]), "{trouble}");
        assert!(!trouble.contains(&KEY[..16]), "{trouble}");
    }
    let refused = inspect().with("--key").with(OTHER_KEY).run().trouble();
    assert!(
        refused.contains("the shell's history keeps them"),
        "{refused}"
    );
}

#[test]
fn a_reader_that_goes_away_is_trouble_and_no_panic() {
    let mut child = call("inspect --json --name a")
        .keys(KEY)
        .command()
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"a=1").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        stderr.contains("standard output cannot be written"),
        "{stderr}"
    );
}
