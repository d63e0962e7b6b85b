//! `derive-key`, and passphrases instead of keys.

use serde_json::Value;

use crate::support::{call, file};

const PASSPHRASE: &str = "averylogphrasebiggerthanthirtytwochars";

#[test]
fn derived_keys_match_the_recorded_ones() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/fastify.json")).expect("JSON");
    let derivations = recorded["derivations"].as_array().expect("a list");
    assert!(!derivations.is_empty());
    for entry in derivations {
        let text = |name: &str| entry[name].as_str().expect(name);
        let expected = format!("{}\n", text("key_hex"));
        // The line end of a file is not part of the passphrase.
        let input = format!("{}\n", text("secret"));
        let (option, salt) = match entry["salt_text"].as_str() {
            Some(salt) => ("derive-key --salt-text", salt),
            None => ("derive-key --salt-base64", text("salt_b64")),
        };
        let key = call(option).with(salt).stdin(&input).run();
        assert_eq!(key.text(), expected, "{}", text("name"));
    }
}

#[test]
fn default_salt_must_be_requested() {
    let key = call("derive-key --fastify-default-salt --env KEYS")
        .stdin(PASSPHRASE)
        .run();
    assert_eq!(
        key.text(),
        "KEYS=b26d7bb1252a79d7f24e1af3ba192dda3fb33e965905edcff87493ace649b67e\n"
    );
    let without = call("derive-key").stdin(PASSPHRASE).run().trouble();
    assert!(without.contains("needs a salt"), "{without}");
    let two = call("derive-key --fastify-default-salt --salt-text")
        .with("0123456789abcdef")
        .stdin(PASSPHRASE)
        .run()
        .trouble();
    assert!(two.contains("one salt"), "{two}");
}

#[test]
fn invalid_passphrases_and_salts_are_reported_without_content() {
    let marked = format!("\u{feff}{PASSPHRASE}");
    let utf16 = PASSPHRASE.encode_utf16().flat_map(u16::to_le_bytes);
    let utf16: Vec<u8> = utf16.collect();
    let cases: [(&[u8], &str); 5] = [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (&PASSPHRASE.as_bytes()[..31], "31"),
        (marked.as_bytes(), "byte-order mark"),
        (&utf16, "UTF-16"),
    ];
    for (input, what) in cases {
        let derive = call("derive-key --fastify-default-salt").stdin(input);
        let trouble = derive.run().trouble();
        assert!(trouble.contains(what), "{trouble}");
        assert!(!trouble.contains(&PASSPHRASE[..10]), "{trouble}");
    }
    for (option, salt) in [
        ("--salt-base64", ""),
        ("--salt-base64", "AAAA"),
        ("--salt-base64", "not base64!!"),
        ("--salt-base64", "AAAAAAAAAAAAAAAAAAAAAAA="),
        ("--salt-text", "12345678901234567"),
    ] {
        let derive = call("derive-key").with(option).with(salt);
        let trouble = derive.stdin(PASSPHRASE).run().trouble();
        assert!(trouble.contains(option), "{trouble}");
    }
}

#[test]
fn passphrase_encrypts_decrypts_and_signs() {
    let path = file("passphrase", format!("{PASSPHRASE}\r\n"));
    let seal = "seal --format fastify --name session --now 1800000000 --signed \
                --fastify-default-salt --passphrase-file";
    let sealed = call(seal).with(&path).stdin(r#"{"a":1}"#).run().text();
    let inspect = "inspect --json --format fastify --name session --now 1800000000 --signed \
                   --salt-base64 mq9hDxBVDbspDR6nLfFT1g== --passphrase-file";
    let object = call(inspect).with(&path).stdin(&sealed).run().json();
    assert_eq!(
        (&object["opens"], &object["data"]["a"]),
        (&true.into(), &1.into())
    );
    // The same key alone signs with another secret.
    let key = "b26d7bb1252a79d7f24e1af3ba192dda3fb33e965905edcff87493ace649b67e";
    let shown = call("inspect --format fastify --name session --now 1800000000 --signed")
        .keys(key)
        .stdin(&sealed)
        .run()
        .refusal();
    assert!(
        shown.contains("signature was made with another secret"),
        "{shown}"
    );
    let missing = call("inspect --fastify-default-salt --passphrase-file no/such/file").run();
    assert!(
        missing
            .trouble()
            .contains("passphrase file `no/such/file` cannot be read")
    );
}
