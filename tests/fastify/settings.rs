//! Passphrases, keys and signatures.

use std::{
    env, fs, process,
    sync::atomic::{AtomicUsize, Ordering},
};

use actix_secure_session_tests as tests;
use secure_session::{
    ConfigError, IntoKeyRing, Key, KeyError, KeyRing, RejectReason, Salt,
    codec::Codec,
    policy::{FastifyMigration, Signing, SigningAlgorithm},
    test_util::{TestClock, TestSession},
};
use serde_json::Value;

use crate::{
    file::{KeyInput, Level, recorded},
    support::{Nothing, derived, is_key, key, nonce, percent_decoded},
};

#[test]
fn every_recorded_passphrase_derives_the_key_of_libsodium() {
    let mut texts = 0;
    for derivation in &recorded().derivations {
        let name = &derivation.name;
        let key = derived(&derivation.secret, &derivation.salt_b64);
        assert!(is_key(&key, &derivation.key_hex), "{name}");
        assert!(!is_key(&key, &"5a".repeat(32)), "{name}: and no other");
        // Deriving a key takes a second, so the other forms of a salt are compared as salts.
        let salt = Salt::from_base64(&derivation.salt_b64).unwrap();
        if let Some(text) = &derivation.salt_text {
            assert_eq!(Salt::from_text(text).unwrap(), salt, "{name}");
            texts += 1;
        }
        let is_default = ["default-salt", "utf8-secret"].contains(&name.as_str());
        assert_eq!(Salt::fastify_default() == salt, is_default, "{name}");
    }
    assert_eq!((recorded().derivations.len(), texts), (5, 2));
}

/// The setting here that matches one of the Node package; `Err` if it is rejected.
pub(crate) fn ring(input: &KeyInput) -> Result<KeyRing, KeyError> {
    match (&input.options.get("key"), input.options.get("secret")) {
        // Text is read from a variable or a file; both ignore a line ending.
        (Some(Value::String(text)), _) if text.ends_with('\n') => from_file(text),
        (Some(Value::String(text)), _) => Key::from_base64(text).map(KeyRing::new),
        (Some(Value::Array(texts)), _) => {
            let texts = texts.iter().map(|text| text.as_str().unwrap());
            let keys: Result<Vec<Key>, KeyError> = texts.map(Key::from_base64).collect();
            keys.and_then(KeyRing::from_keys)
        }
        (None, Some(secret)) => {
            let salt = match input.options.get("salt") {
                Some(salt) => Salt::from_text(salt.as_str().unwrap())?,
                None => Salt::fastify_default(),
            };
            Key::from_passphrase(secret.as_str().unwrap(), &salt).map(KeyRing::new)
        }
        // A builder takes a ring, so there is always one. An application reads it.
        (None, None) => KeyRing::from_env("NO_SUCH_VARIABLE_OF_THE_TESTS"),
        (Some(other), _) => panic!("{other} is no key"),
    }
}

fn from_file(text: &str) -> Result<KeyRing, KeyError> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = env::temp_dir().join(format!("secure-session-{}-{number}", process::id()));
    fs::write(&path, text).unwrap();
    let ring = KeyRing::from_file(&path);
    fs::remove_file(&path).unwrap();
    ring
}

#[test]
fn every_recorded_key_setting_is_handled_as_by_the_node_package() {
    let inputs = recorded().key_inputs.iter();
    let mut seen = 0;
    for input in inputs.filter(|input| input.level == Level::Must) {
        let name = &input.name;
        let ring = ring(input);
        assert_eq!(ring.is_ok(), input.accepted, "{name}: {:?}", ring.err());
        if let Ok(ring) = ring {
            let theirs = sealed(key(input.key_hex.as_ref().unwrap()));
            assert!(reader(ring).open(theirs).is_ok(), "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 15);
}

fn reader(keys: impl IntoKeyRing) -> Codec<Nothing> {
    let codec = Codec::builder(keys).clock(&TestClock::at(1_700_000_000));
    codec.trivial_keys().build().unwrap()
}

/// A session without members under this key.
fn sealed(key: Key) -> String {
    reader(key).seal(&Nothing {}).unwrap()
}

fn signed_by(signing: Signing) -> Result<Codec<Nothing>, ConfigError> {
    Codec::builder(tests::key(1))
        .policy(|policy| policy.signed(signing))
        .clock(&TestClock::at(1_700_000_000))
        .build()
}

#[test]
fn session_signed_with_an_older_secret_opens_and_is_sent_again() {
    let sign = |secrets: &[&str]| signed_by(Signing::with_secrets(secrets)).unwrap();
    let (old, both, new) = (sign(&["old"]), sign(&["new", "old"]), sign(&["new"]));
    let by_old = old.seal(&Nothing {}).unwrap();
    let by_new = both.seal(&Nothing {}).unwrap();
    assert!(new.open(&by_new).is_ok(), "the first signs");
    assert!(both.open(&by_old).is_ok(), "all verify");
    assert_eq!(new.open(&by_old).unwrap_err(), RejectReason::Forged);
    assert_eq!(old.open(&by_new).unwrap_err(), RejectReason::Forged);
    for (text, is_sent) in [(&by_old, true), (&by_new, false)] {
        let session = TestSession::from_cookie_header(&both, format!("session={text}"));
        drop(session.session().snapshot());
        let response = session.finish();
        assert_eq!(response.is_stored(), is_sent);
        if let Some(sent) = response.set_cookie() {
            let value = sent.split(['=', ';']).nth(1).unwrap();
            assert!(new.open(value).is_ok());
        }
    }
}

#[test]
fn signing_algorithm_must_be_that_of_the_cookie_plugin() {
    let algorithms = [
        SigningAlgorithm::Sha256,
        SigningAlgorithm::Sha384,
        SigningAlgorithm::Sha512,
    ];
    let codec = |algorithm| signed_by(Signing::with_secret("secret").algorithm(algorithm)).unwrap();
    for sealed in algorithms {
        let text = codec(sealed).seal(&Nothing {}).unwrap();
        for opened in algorithms {
            let opens = codec(opened).open(&text).is_ok();
            assert_eq!(opens, sealed == opened, "{sealed:?}, {opened:?}");
        }
    }
}

#[test]
fn signing_without_a_valid_secret_is_rejected_at_build() {
    let many: Vec<String> = (0..17).map(|index| index.to_string()).collect();
    for (secrets, problem) in [
        (vec![], "`signed`: the signing has no secret"),
        (vec!["a", ""], "has an empty secret at position 2"),
        (
            many.iter().map(String::as_str).collect(),
            "has 17 secrets, but at most 16 are allowed",
        ),
    ] {
        let signing = || Signing::with_secrets(&secrets);
        let err = signed_by(signing()).unwrap_err().to_string();
        assert!(err.contains(problem), "{err}");
        let migration = FastifyMigration {
            signed: Some(signing()),
            ..FastifyMigration::new(tests::key(2))
        };
        let codec = Codec::<tests::Auth>::builder(tests::key(1));
        let codec = codec.policy(|policy| policy.migrate_from_fastify(migration));
        let err = codec.build().unwrap_err().to_string();
        assert!(err.contains(problem), "{err}");
    }
}

#[test]
fn every_recorded_signature_is_created_and_accepted() {
    for signature in &recorded().signing {
        let name = &signature.name;
        let nonce_b64 = signature.value.split_once(';').unwrap().1;
        let codec: Codec<Nothing> = Codec::builder(key(&signature.key_hex))
            .policy(|policy| policy.signed(Signing::with_session_key()))
            .clock(&TestClock::at(1_700_000_000))
            .random(nonce(nonce_b64))
            .trivial_keys()
            .build()
            .unwrap();
        let sealed = codec.seal(&Nothing {}).unwrap();
        assert_eq!(percent_decoded(&sealed), signature.signed_value, "{name}");
        assert!(codec.open(&signature.signed_value).is_ok(), "{name}");
        assert!(
            codec.open(&sealed).is_ok(),
            "{name}: as it stands in the header"
        );
        assert!(
            codec.open(&signature.value).is_err(),
            "{name}: without signature"
        );
        for end in 1..=43 {
            let mut altered = signature.signed_value.clone().into_bytes();
            let byte = altered.iter_mut().rev().nth(end - 1).unwrap();
            *byte = if *byte == b'A' { b'B' } else { b'A' };
            assert!(codec.open(&altered).is_err(), "{name}: {end} from the end");
        }
    }
    assert_eq!(recorded().signing.len(), 3);
}
