//! Keys as in a variable or a file.

use std::{cell::RefCell, fs, path::PathBuf};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use secure_session::{KeyError, KeyRing};

thread_local! {
    static FILE: RefCell<KeyFile> = RefCell::new(KeyFile::new());
}

/// A file for each thread.
struct KeyFile(PathBuf);

impl KeyFile {
    fn new() -> Self {
        let thread = format!("{:?}", std::thread::current().id());
        let digits: String = thread.chars().filter(char::is_ascii_digit).collect();
        let name = format!("hostile-keys-{}-{digits}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // The file may not exist yet.
        let _ = fs::remove_file(&self.0);
    }
}

/// Variables and files are read as documented, checked by an independent parser. No error contains
/// a part of a key.
pub(crate) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check(data, text.parse(), expected(text));
        // Checking the same through a file takes a hundred times as long.
        if data.len() != 32 {
            return;
        }
    }
    let of_file = (data.len() == 32).then(|| vec![data.to_vec()]);
    FILE.with_borrow(|file| {
        fs::write(&file.0, data).unwrap();
        check(data, KeyRing::from_file(&file.0), of_file);
    });
}

fn check(data: &[u8], ring: Result<KeyRing, KeyError>, expected: Option<Vec<Vec<u8>>>) {
    match ring {
        Ok(ring) => {
            let keys = ring.keys().map(|key| key.expose_secret().to_vec());
            let keys: Vec<Vec<u8>> = keys.collect();
            assert_eq!(Some(keys), expected);
        }
        Err(err) => {
            let shown = format!("{err} {err:?}");
            let parts = data.windows(20);
            let mut texts = parts.filter_map(|part| std::str::from_utf8(part).ok());
            assert!(!texts.any(|part| shown.contains(part)), "{shown}");
            let is_sound = expected.is_some_and(|keys| {
                let mut different = keys.clone();
                different.sort();
                different.dedup();
                different.len() == keys.len() && keys.len() <= KeyRing::MAX_KEYS
            });
            assert!(!is_sound, "{err}");
        }
    }
}

/// The keys in a text; `None` if one is invalid.
fn expected(text: &str) -> Option<Vec<Vec<u8>>> {
    const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];
    if text.contains('\u{feff}') {
        return None;
    }
    let mut keys = Vec::new();
    let text = text.trim_matches(BLANKS);
    for line in text.split('\n') {
        let line = line.trim_matches(BLANKS).trim_end_matches(',');
        for entry in line.split(',') {
            keys.push(one(entry.trim_matches(BLANKS))?);
        }
    }
    Some(keys)
}

fn one(entry: &str) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = match entry.len() {
        64 if entry.bytes().all(|byte| byte.is_ascii_hexdigit()) => (0..32)
            .map(|index| u8::from_str_radix(&entry[2 * index..2 * index + 2], 16).unwrap())
            .collect(),
        43 => (STANDARD_NO_PAD.decode(entry))
            .or(URL_SAFE_NO_PAD.decode(entry))
            .ok()?,
        44 => (STANDARD.decode(entry)).or(URL_SAFE.decode(entry)).ok()?,
        _ => return None,
    };
    (bytes.len() == 32).then_some(bytes)
}
