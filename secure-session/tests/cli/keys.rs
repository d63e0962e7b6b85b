//! Keys from files and from the environment, good and bad.

use crate::support::{KEY, NOW, OTHER_KEY, call, file, native_cookie};

fn inspect_with_file(path: &str) -> crate::support::Outcome {
    let cookie = native_cookie();
    call("inspect --json --name __Host-auth --now")
        .with(NOW)
        .with("--key-file")
        .with(path)
        .stdin(&cookie)
        .run()
}

#[test]
fn good_key_files_open() {
    let raw: Vec<u8> = (1..=32).collect();
    for (name, bytes) in [
        ("good-plain", KEY.as_bytes().to_vec()),
        ("good-line-end", format!("{KEY}\n").into_bytes()),
        (
            "good-line-end-of-windows",
            format!("{KEY}\r\n").into_bytes(),
        ),
        ("good-two", format!("{OTHER_KEY}\n{KEY}\n").into_bytes()),
        ("good-raw", raw),
    ] {
        let object = inspect_with_file(&file(name, bytes)).json();
        assert_eq!(object["opens"], true, "{name}");
        assert_eq!(object["key_index"], u8::from(name == "good-two"), "{name}");
    }
}

#[test]
fn bad_key_files_are_told_by_what_is_wrong_and_never_by_content() {
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &str| {
        let text = format!("{mark}{KEY}\n");
        text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
    };
    let short = &KEY[..62];
    for (name, bytes, what) in [
        (
            "bad-mark",
            format!("\u{feff}{KEY}").into_bytes(),
            "byte-order mark",
        ),
        (
            "bad-utf16-le",
            utf16(u16::to_le_bytes, "\u{feff}"),
            "UTF-16",
        ),
        (
            "bad-utf16-be",
            utf16(u16::to_be_bytes, "\u{feff}"),
            "UTF-16",
        ),
        (
            "bad-utf16-without-mark",
            utf16(u16::to_le_bytes, ""),
            "UTF-16",
        ),
        ("bad-empty", Vec::new(), "holds no key"),
        ("bad-blank", b"\n".to_vec(), "holds no key"),
        ("bad-short", short.as_bytes().to_vec(), "has 62 characters"),
        (
            "bad-second",
            format!("{KEY},{short}").into_bytes(),
            "key 2 of",
        ),
        (
            "bad-twice",
            format!("{KEY},{KEY}").into_bytes(),
            "is the same as key 1",
        ),
        (
            "bad-bytes",
            vec![200; 31],
            "neither UTF-8 text nor a raw key",
        ),
    ] {
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
}

#[test]
fn a_file_that_is_not_there_is_named_with_the_cause() {
    let trouble = inspect_with_file("no/such/file").trouble();
    assert!(
        trouble.contains("key file `no/such/file` cannot be read: "),
        "{trouble}"
    );
}

#[test]
fn keys_of_the_environment_are_read_and_their_mistakes_told() {
    let cookie = native_cookie();
    let inspect = || call("inspect --json --name __Host-auth --now 1800000000").stdin(&cookie);
    let both = format!("{OTHER_KEY},{KEY}");
    assert_eq!(inspect().keys(&both).run().json()["key_index"], 1);
    let unset = inspect().run().trouble();
    assert!(
        unset.contains("environment variable `SESSION_KEYS` is not set"),
        "{unset}"
    );
    assert!(unset.contains("openssl rand -hex 32"), "{unset}");
    let empty = inspect().keys("").run().trouble();
    assert!(empty.contains("holds no key"), "{empty}");
    let half = inspect().keys(&KEY[..32]).run().trouble();
    assert!(half.contains("has 32 characters"), "{half}");
    assert!(!half.contains(&KEY[..16]), "{half}");
    let other = inspect()
        .keys(KEY)
        .with("--key-env")
        .with("NO_SUCH_KEYS")
        .run();
    assert!(other.trouble().contains("`NO_SUCH_KEYS` is not set"));
}

#[test]
fn keys_have_one_source() {
    for arguments in [
        "inspect --name a --key-env A --key-file b",
        "inspect --name a --key-file a --passphrase-file b",
    ] {
        let trouble = call(arguments).keys(KEY).run().trouble();
        assert!(trouble.contains("exclude each other"), "{trouble}");
    }
    let alone = call("inspect --name a --fastify-default-salt")
        .keys(KEY)
        .run();
    assert!(alone.trouble().contains("goes with `--passphrase-file`"));
    let without = call("inspect --name a --passphrase-file a").keys(KEY).run();
    assert!(without.trouble().contains("needs a salt"));
}

#[test]
fn a_key_that_repeats_one_byte_is_good_for_looking_into_old_cookies() {
    let zeros = "00".repeat(32);
    let sealed = call("seal --name a --now 1800000000")
        .keys(&zeros)
        .stdin("{}")
        .run()
        .text();
    let object = call("inspect --json --name a --now 1800000000")
        .keys(&zeros)
        .stdin(&sealed)
        .run()
        .json();
    assert_eq!(object["opens"], true);
}
