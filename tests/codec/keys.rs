//! Keys from the outside: files, an application's other key.

use std::{env, fs};

use actix_secure_session_tests::{Auth, ada, key, key_bytes};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secure_session::{Key, KeyProblem, KeyRing, codec::Codec};

fn opens_with(ring: KeyRing, key: &Key) -> bool {
    let text = Codec::<Auth>::builder(key.clone())
        .build()
        .trivial_keys()
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
fn a_file_may_hold_text_keys_with_any_line_ends_or_one_raw_key() {
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

#[test]
fn an_applications_cookie_key_gives_the_same_session_key_each_time() {
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
