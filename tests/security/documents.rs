//! Statements of the documents, and the absence of secrets in the sources.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use actix_secure_session_tests::{ada, app::Server};
use secure_session::policy::Lifetime;

use crate::support::forge::{Forge, hex};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// Paragraphs, list items and table rows, each as one line in lower case.
fn blocks(document: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in read(document).lines() {
        let text = line.trim_start();
        let begins = text.is_empty() || text.starts_with(['-', '|', '#']);
        if begins {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(' ');
            block.push_str(&text.to_lowercase());
        }
    }
    blocks
}

fn missing<'a>(document: &str, lines: &[&'a [&'a str]]) -> Vec<&'a [&'a str]> {
    let blocks = blocks(document);
    let says = |line: &[&str]| {
        let all = |block: &String| line.iter().all(|word| block.contains(word));
        blocks.iter().any(all)
    };
    lines.iter().copied().filter(|line| !says(line)).collect()
}

/// C70: the threat model lists everything that is not guaranteed, and the README states what a
/// newcomer would otherwise find out too late.
#[test]
fn documents_list_everything_that_is_not_guaranteed() {
    let policy: [&[&str]; 23] = [
        &["secure", "tls", "hsts"],
        &["__host-", "subdomain", "genuine"],
        &["overflow"],
        &["port"],
        &["script", "browser"],
        &["detect", "device"],
        &["copied", "limits"],
        &["key", "forward secrecy"],
        &["passphrase", "offline"],
        &["earlier", "balances", "one-time"],
        &["last", "logout"],
        &["refresh", "logout"],
        &["csrf", "get that changes"],
        &["cross_origin", "allow"],
        &["neither", "origin"],
        &["denial of service", "volum"],
        &["fastify", "purpose"],
        &["2^53", "surrogate"],
        &["length", "padding", "compress"],
        &["version control"],
        &["clock"],
        &["side channel"],
        &["quantum"],
    ];
    let readme: [&[&str]; 5] = [
        &["copied", "limit"],
        &["earlier cookie"],
        &["csrf"],
        &["last", "logout"],
        &["passphrase", "offline"],
    ];
    for (document, lines) in [("SECURITY.md", &policy[..]), ("README.md", &readme[..])] {
        let missing = missing(document, lines);
        assert!(missing.is_empty(), "not in {document}: {missing:#?}");
    }
    let headings = blocks("SECURITY.md");
    let mut headings = headings.iter().filter(|block| block.starts_with(" #"));
    assert!(headings.any(|heading| heading.contains("threat model")));
}

/// C70: the README's table of assurance levels contains the limits of the presets.
#[test]
fn readme_has_the_table_of_assurance_levels() {
    let rows = [
        ("aal1", Lifetime::aal1()),
        ("aal2", Lifetime::aal2()),
        ("aal3", Lifetime::aal3()),
    ];
    let blocks = blocks("README.md");
    for (preset, lifetime) in rows {
        let limits = [lifetime.idle().unwrap(), lifetime.absolute()].map(in_words);
        let mut table = blocks.iter().filter(|block| block.starts_with(" |"));
        let row = table.find(|row| row.contains(preset));
        let row = row.unwrap_or_else(|| panic!("README.md has no row of a table for {preset}"));
        assert!(
            limits.iter().all(|limit| row.contains(limit)),
            "{limits:?}: {row}"
        );
    }
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 86_400, seconds / 3600, seconds / 60) {
        (days @ 1.., ..) => format!("{days} days"),
        (_, hours @ 1.., _) => format!("{hours} hours"),
        (.., minutes) => format!("{minutes} minutes"),
    }
}

/// C40, C70: as documented, an earlier or copied cookie restores an earlier state, after a change
/// and after the logout, and a writer with it stores the session again.
#[test]
fn earlier_cookie_opens_after_a_change_and_after_the_logout() {
    let server = Server::default();
    let earlier = server.cookie(&ada());
    let answer = server.auth(&earlier, |auth| auth.set_visits(0));
    assert_eq!(server.stored(&answer).unwrap().visits, 0);
    let answer = server.auth(&earlier, |auth| auth.destroy());
    assert!(answer.cookie("__Host-auth").unwrap().is_removal());
    let answer = server.auth(&earlier, |auth| auth.update_visits(|visits| *visits += 1));
    let stored = server.stored(&answer).unwrap();
    assert_eq!((stored.user_id, stored.visits), (Some(7), 6));
}

/// Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The source without its test module and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether a text could be a key as `KeyRing` reads it, or 16 bytes or more of a hexadecimal key.
fn looks_like_a_secret(text: &str) -> bool {
    let hex = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    let mixed = text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
        && text.bytes().any(|byte| byte.is_ascii_lowercase());
    let padded = (22..=24).contains(&text.len()) && text.ends_with("==");
    let base64 = ((43..=44).contains(&text.len()) || padded) && text.bytes().all(is_base64);
    hex || (base64 && mixed)
}

/// The words that a secret would consist of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || "+/-_=".contains(character);
    text.split(move |character| !is_part(character))
}

/// Arrays of 16 numbers or more, as written in the code.
fn long_arrays(code: &str) -> usize {
    let inner = code
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split(']').next());
    let is_number = |text: &str| {
        let text = text.trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    inner
        .filter(|list| list.split(',').filter(|part| is_number(part)).count() >= 16)
        .count()
}

/// C50: the library contains no default key, passphrase or salt, except the salt of the Node
/// package under its name.
#[test]
fn sources_contain_no_key_passphrase_or_salt() {
    let mut scanned = 0;
    for folder in ["secure-session/src", "secure-session-derive/src"] {
        for path in sources(&root().join(folder)) {
            let code = code(&path);
            let found: Vec<&str> = words(&code)
                .filter(|word| looks_like_a_secret(word))
                .collect();
            assert!(found.is_empty(), "{}: {found:?}", path.display());
            let is_passphrase = path.ends_with("key/passphrase.rs");
            assert_eq!(
                long_arrays(&code),
                usize::from(is_passphrase),
                "{}",
                path.display()
            );
            scanned += 1;
        }
    }
    assert!(scanned > 50, "only {scanned} files");
    let passphrase = code(&root().join("secure-session/src/key/passphrase.rs"));
    let (before, after) = passphrase.split_once("0x9a, 0xaf").unwrap();
    assert!(before.contains("pub const fn fastify_default() -> Self"));
    assert!(!after.split_once("fn ").unwrap().0.contains("[0x"));
}

/// C49, C50: no document shows a key that a reader could paste. The description of the format shows
/// only those of the published vectors, which it must name.
#[test]
fn documents_show_no_usable_key() {
    let vectors = read("tests/vectors/native-v1.json");
    // The page derives the session key of the first vector step by step.
    let counting: Vec<u8> = (1..=32).collect();
    let derived = hex(&Forge::of(&counting, "__Host-auth").session_key());
    let mut documents = vec![PathBuf::from("README.md"), PathBuf::from("SECURITY.md")];
    for entry in fs::read_dir(root().join("secure-session/src/manual")).unwrap() {
        documents.push(entry.unwrap().path());
    }
    for document in documents {
        let text = read(&document);
        for word in words(&text) {
            let is_key = word.parse::<secure_session::KeyRing>().is_ok();
            let is_vector = vectors.contains(word) || word == derived;
            let is_vector = is_vector && document.ends_with("format.md");
            let is_usable = is_key && looks_like_a_secret(word) && !is_vector;
            assert!(!is_usable, "{}: {word}", document.display());
        }
    }
}

/// The scan above finds what it looks for.
#[test]
fn scan_for_secrets_finds_keys_and_salts() {
    let planted = [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "AgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICE=",
        "mq9hDxBVDbspDR6nLfFT1g==",
    ];
    for text in planted {
        let line = format!("const KEY: &str = \"{text}\";");
        assert!(words(&line).any(looks_like_a_secret), "{text}");
    }
    let list: Vec<String> = (0..16).map(|byte| byte.to_string()).collect();
    assert_eq!(long_arrays(&format!("[{}]", list.join(", "))), 1);
    assert_eq!(long_arrays(&format!("[{}]", list[..15].join(", "))), 0);
}
