//! Keys from files, and an application's key for other purposes.

use std::{env, fs, path::PathBuf};

use actix_secure_session_tests::{Auth, ada, key, key_bytes, logs::Logs};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secure_session::{Key, KeyProblem, KeyRing, codec::Codec};
use tracing::Level;

fn opens_with(ring: KeyRing, key: &Key) -> bool {
    let text = Codec::<Auth>::builder(key.clone())
        .trivial_keys()
        .build()
        .unwrap()
        .seal(&ada())
        .unwrap();
    Codec::<Auth>::builder(ring)
        .trivial_keys()
        .build()
        .unwrap()
        .open(text)
        .is_ok()
}

#[test]
fn key_file_contains_text_keys_with_any_line_endings_or_one_raw_key() {
    let path = env::temp_dir().join(format!("session-keys-{}", std::process::id()));
    let digits = key_bytes(1).map(|byte| format!("{byte:02x}"));
    let (hex, base64) = (digits.concat(), STANDARD.encode(key_bytes(2)));
    for (content, keys) in [
        (hex.as_bytes().to_vec(), 1),
        (format!("{hex}\n{base64}\n").into_bytes(), 2),
        (format!("{hex}\r\n{base64}\r\n").into_bytes(), 2),
        (key_bytes(1).to_vec(), 1),
    ] {
        fs::write(&path, &content).unwrap();
        let ring = KeyRing::from_file(&path).unwrap();
        assert!(opens_with(ring.clone(), &key(1)), "{content:?}");
        assert_eq!(opens_with(ring, &key(2)), keys == 2, "{content:?}");
    }
    fs::write(&path, format!("\u{feff}{hex}")).unwrap();
    let err = KeyRing::from_file(&path).unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::ByteOrderMark);
    assert!(err.to_string().contains(path.to_str().unwrap()), "{err}");
    fs::remove_file(path).unwrap();
}

/// Creates a file for one test, with this mode.
#[cfg(unix)]
fn file(name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let path = env::temp_dir().join(format!("{name}-{}", std::process::id()));
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn key_file_that_others_can_write_warns_once_per_call() {
    for (mode, warnings) in [
        (0o600, 0),
        (0o644, 0),
        (0o755, 0),
        (0o620, 1),
        (0o602, 1),
        (0o666, 1),
    ] {
        let path = file("key\u{1b}[31m", key_bytes(1), mode);
        for _ in 0..2 {
            let (ring, logs) = Logs::of(|| KeyRing::from_file(&path));
            assert!(ring.is_ok());
            let events = logs.named("session.key_file_writable");
            assert_eq!(events.len(), warnings, "{mode:o}");
            for event in events {
                assert_eq!(event.level, Level::WARN);
                assert_eq!(event.field("mode"), Some(format!("{mode:o}").as_str()));
                let path = event.field("path").unwrap();
                assert!(path.contains("key\\u{1b}[31m"), "{path}");
            }
        }
        fs::remove_file(path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn key_file_over_64_kib_is_rejected_and_endless_devices_too() {
    let digits = key_bytes(1).map(|byte| format!("{byte:02x}")).concat();
    for (len, accepted) in [(65_536, true), (65_537, false)] {
        let blanks = " ".repeat(len - digits.len());
        let path = file("long-key", digits.clone() + &blanks, 0o600);
        let ring = KeyRing::from_file(&path);
        assert_eq!(ring.is_ok(), accepted, "{len}: {:?}", ring.err());
        fs::remove_file(path).unwrap();
    }
    let err = KeyRing::from_file("/dev/zero").unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::FileTooLarge);
    assert_eq!(
        err.to_string(),
        "key file `/dev/zero` has more than 65536 bytes and isn't a list of keys; pass the path of \
         the key file"
    );
}

#[test]
fn application_cookie_key_always_derives_the_same_session_key() {
    use actix_web::cookie;
    let [one, two] = [[7; 64], [8; 64]];
    let from = |bytes: &[u8; 64]| Key::from(cookie::Key::from(bytes));
    assert!(opens_with(from(&one).into(), &from(&one)));
    assert!(!opens_with(from(&one).into(), &from(&two)));
    let raw_half = Key::from_bytes((0..32).collect::<Vec<u8>>()).unwrap();
    let counting: Vec<u8> = (0..64).collect();
    let derived = Key::from(cookie::Key::from(&counting));
    assert!(!opens_with(derived.into(), &raw_half));
}
