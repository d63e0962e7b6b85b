//! Valid and invalid keys from files and the environment.

use crate::support::{KEY, NOW, OTHER_KEY, Outcome, call, file, native_cookie, with_key};

fn inspect_with_file(path: &str) -> Outcome {
    let cookie = native_cookie();
    let inspect = call("inspect --json --name __Host-auth --now").with(NOW);
    inspect.with("--key-file").with(path).stdin(&cookie).run()
}

#[test]
fn valid_key_files_are_read() {
    for (name, bytes) in [
        ("good-line-end", format!("{KEY}\r\n").into_bytes()),
        ("good-two", format!("{OTHER_KEY}\n{KEY}\n").into_bytes()),
        ("good-raw", (1..=32).collect()),
    ] {
        let object = inspect_with_file(&file(name, bytes)).json();
        assert_eq!(object["opens"], true, "{name}");
        assert_eq!(object["key_index"], u8::from(name == "good-two"), "{name}");
    }
}

#[test]
fn invalid_key_files_are_reported_without_content() {
    let text = format!("{KEY}\n");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let short = &KEY[..62];
    let second = format!("{KEY},{short}");
    let cases: [(&str, &[u8], &str); 5] = [
        ("bad-utf16", &utf16, "UTF-16"),
        ("bad-empty", b"\n", "contains no key"),
        ("bad-short", short.as_bytes(), "has 62 characters"),
        ("bad-second", second.as_bytes(), "key 2 of"),
        ("bad-bytes", &[200; 31], "neither UTF-8 text nor a raw key"),
    ];
    for (name, bytes, what) in cases {
        let path = file(name, bytes);
        for outcome in [
            inspect_with_file(&path),
            call("keygen --from").with(&path).run(),
        ] {
            let trouble = outcome.trouble();
            assert!(trouble.contains(what), "{name}: {trouble}");
            assert!(trouble.contains(name), "{name}: {trouble}");
            assert!(!trouble.contains(&KEY[..16]), "{name}: {trouble}");
        }
    }
    let trouble = inspect_with_file("no/such/file").trouble();
    let with_cause = "key file `no/such/file` cannot be read: ";
    assert!(trouble.contains(with_cause), "{trouble}");
}

#[test]
fn keys_are_read_from_the_environment_and_errors_are_reported() {
    let cookie = native_cookie();
    let inspect = || call("inspect --json --name __Host-auth --now 1800000000").stdin(&cookie);
    let both = format!("{OTHER_KEY},{KEY}");
    assert_eq!(inspect().keys(&both).run().json()["key_index"], 1);
    let unset = "environment variable `SESSION_KEYS` is not set";
    for (call, what) in [
        (inspect(), unset),
        (inspect(), "openssl rand -hex 32"),
        (inspect().keys(""), "contains no key"),
        (inspect().keys(&KEY[..32]), "has 32 characters"),
        (
            inspect().keys(KEY).with("--key-env").with("NO_SUCH_KEYS"),
            "`NO_SUCH_KEYS` is not set",
        ),
    ] {
        let trouble = call.run().trouble();
        assert!(trouble.contains(what), "{trouble}");
        assert!(!trouble.contains(&KEY[..16]), "{trouble}");
    }
}

#[test]
fn endless_key_and_passphrase_files_are_rejected() {
    let key_file = inspect_with_file("/dev/zero").trouble();
    assert!(key_file.contains("more than 65536 bytes"), "{key_file}");
    let inspect = call("inspect --name a --passphrase-file /dev/zero --fastify-default-salt");
    let passphrase_file = inspect.run().trouble();
    let what = "passphrase file `/dev/zero` has more than 1048576 bytes, so it is not a passphrase";
    assert!(passphrase_file.contains(what), "{passphrase_file}");
}

#[test]
fn several_key_sources_are_rejected() {
    for (options, what) in [
        ("--key-env A --key-file b", "cannot be combined"),
        ("--key-file a --passphrase-file b", "cannot be combined"),
        ("--fastify-default-salt", "needs `--passphrase-file`"),
        ("--passphrase-file a", "needs a salt"),
    ] {
        let trouble = with_key(&format!("inspect --name a {options}"), "").trouble();
        assert!(trouble.contains(what), "{trouble}");
    }
}

#[test]
fn trivial_key_is_accepted_to_inspect_old_cookies() {
    let zeros = "00".repeat(32);
    let seal = call("seal --name a --now 1800000000").keys(&zeros);
    let sealed = seal.stdin("{}").run().text();
    let inspect = call("inspect --json --name a --now 1800000000").keys(&zeros);
    assert_eq!(inspect.stdin(&sealed).run().json()["opens"], true);
}
