//! Arguments: help, errors, and secrets, which are never arguments.

use std::io::Write as _;

use crate::support::{Call, KEY, OTHER_KEY, Outcome, call, with_key};

const COMMANDS: [&str; 6] = [
    "keygen",
    "derive-key",
    "inspect",
    "seal",
    "entries",
    "revoke",
];

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
        ("entries --help", "Entries contain no names"),
        ("revoke --help", "--everyone"),
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
    for command in COMMANDS {
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
fn invalid_arguments_point_to_the_help() {
    for (arguments, part) in [
        ("", "expected a command"),
        ("frobnicate", "expected a command"),
        ("keygen --frobnicate", "unknown option `--frobnicate`"),
        ("inspect -x", "unknown option `-x`"),
        ("inspect --name", "`--name` needs a value"),
        ("inspect --name --json", "`--name` needs a value"),
        ("inspect --json=1", "`--json` takes no value"),
        ("inspect --format express", "`native` or `fastify`"),
        ("inspect --now yesterday", "seconds since 1970"),
        ("inspect --idle soon", "such as `30m`, or `none`"),
        ("inspect --absolute none", "every session expires"),
        ("seal --idle 30m", "unknown option `--idle`"),
        ("inspect --format native --signed", "does not exist"),
        ("inspect --format fastify --purpose a", "does not exist"),
        ("inspect --format fastify --absolute 1h", "does not exist"),
        ("inspect --format fastify --idle none", "does not exist"),
    ] {
        let trouble = with_key(arguments, "").trouble();
        assert!(trouble.contains(part), "{arguments}: {trouble}");
        let (command, _) = arguments.split_once(' ').unwrap_or_default();
        let help = format!("secure-session {command} --help`").replace("  ", " ");
        assert!(trouble.contains(&help), "{arguments}: {trouble}");
    }
}

#[test]
fn contradictory_limits_are_rejected() {
    for limits in ["--idle 2h --absolute 1h", "--absolute 500d", "--idle 13h"] {
        let arguments = format!("inspect --format native --name a {limits}");
        let trouble = with_key(&arguments, "a=1").trouble();
        assert!(trouble.contains("session `a`"), "{trouble}");
    }
}

#[test]
fn keys_and_passphrases_in_arguments_are_rejected_and_not_repeated() {
    for arguments in [
        "",
        "inspect --name a",
        "inspect --name a --key",
        "inspect --name a --passphrase",
        "inspect --name a --format",
        "inspect --name a --salt-base64",
        "inspect --name a --idle",
        "inspect --name a --now",
        "inspect --name a --revocations",
        "entries",
        "entries --revocations",
        "revoke --name a",
        "revoke --name a --where",
        "revoke --name a --until",
        "keygen",
        "derive-key --fastify-default-salt",
    ] {
        refuse_key(call(arguments).with(OTHER_KEY));
    }
    refuse_key(call("inspect").with(&format!("--key={OTHER_KEY}")));
    refuse_key(call("inspect").with(&format!("--json={OTHER_KEY}")));
    let refused = call("inspect --key").with(OTHER_KEY).run().trouble();
    let why = "the shell's history keeps them";
    assert!(refused.contains(why), "{refused}");
}

/// A call whose arguments hold [`OTHER_KEY`] fails without repeating it.
fn refuse_key(call: Call<'_>) {
    let trouble = call.keys(KEY).run().trouble();
    assert!(!trouble.contains(&OTHER_KEY[..16]), "{trouble}");
    assert!(!trouble.contains(&KEY[..16]), "{trouble}");
}

#[test]
fn closed_stdout_is_an_error_not_a_panic() {
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

/// A terminal would interpret some of this, and a log would show the rest as a separate line.
const DIRTY: &str = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\r\nforged";

#[test]
fn arguments_are_never_printed_raw() {
    let options = [
        "--name",
        "--application",
        "--purpose",
        "--format",
        "--now",
        "--idle",
        "--absolute",
        "--key-env",
        "--key-file",
        "--passphrase-file",
        "--salt-text",
        "--salt-base64",
        "--json",
        "--revocations",
        "--where",
        "--until",
        DIRTY,
    ];
    for command in COMMANDS {
        for option in options.into_iter().chain(["--from", "--env"]) {
            assert_clean(call(command).keys(KEY).with(option).with(DIRTY).run());
        }
        let unknown = [
            format!("--{DIRTY}"),
            format!("--{DIRTY}=1"),
            format!("-{DIRTY}"),
        ];
        for argument in &unknown {
            assert_clean(call(command).keys(KEY).with(argument).run());
        }
    }
    assert_clean(call("").with(DIRTY).run());
    let header = format!("Cookie: {}=1\n", DIRTY.replace("\r\n", ""));
    for name in ["inspect", "inspect --name a", "inspect --format fastify"] {
        assert_clean(call(name).keys(KEY).stdin(&header).run());
    }
}

fn assert_clean(outcome: Outcome) {
    let printed = [outcome.stdout, outcome.stderr].concat();
    let interpreted = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!printed.contains(interpreted), "{printed:?}");
    assert!(!printed.contains("\nforged"), "{printed:?}");
}
