//! The frozen vectors of entries, keys and numbers, made by an independent program.

use std::time::{Duration, UNIX_EPOCH};

use secure_session::{
    __private::revocation::{content, entry, group_key},
    RevocationEntry,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    entries: Vec<Entry>,
    keys: Vec<GroupKey>,
    numbers: Vec<NextNumber>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    hex: String,
    kind: String,
    id: Option<String>,
    key: Option<String>,
    number: Option<String>,
    until: Option<u32>,
}

#[derive(Deserialize)]
struct GroupKey {
    application: String,
    name: String,
    purpose: String,
    field: String,
    text: String,
    key: String,
}

#[derive(Deserialize)]
struct NextNumber {
    highest: String,
    millis: u64,
    number: String,
}

fn vectors() -> Vectors {
    let text = include_str!("../vectors/revocation-v1.json");
    serde_json::from_str(text).unwrap()
}

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    assert_eq!(hex.len(), 2 * N, "{hex}");
    std::array::from_fn(|index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).unwrap())
}

#[test]
fn entries_are_read_and_written_as_in_the_vectors() {
    let entries = vectors().entries;
    assert!(entries.len() > 80);
    for expected in entries {
        let name = &expected.name;
        let stored = RevocationEntry::from_bytes(bytes(&expected.hex));
        let id = expected.id.or(expected.key).map(|hex| bytes::<16>(&hex));
        let number = expected.number.map_or(0, |number| number.parse().unwrap());
        let until = expected.until.unwrap_or_default();
        let (kind, found_id, found_number, found_until) = content(&stored);
        assert_eq!(kind, expected.kind, "{name}");
        assert_eq!(
            (found_id, found_number, found_until),
            (id, number, until),
            "{name}"
        );
        let expires_at = (expected.until)
            .map(|minutes| UNIX_EPOCH + Duration::from_secs(60 * u64::from(minutes)));
        assert_eq!(stored.expires_at(), expires_at, "{name}");
        let numbered = matches!(kind, "group" | "type" | "fence").then_some(number);
        assert_eq!(stored.number(), numbered, "{name}");
        assert_eq!(stored.needs_number(), numbered == Some(0), "{name}");
        if let Some(written) = entry(kind, id.unwrap_or_default(), number, until) {
            assert!(written == stored, "{name}");
        }
    }
}

#[test]
fn keys_of_groups_are_those_of_the_vectors() {
    let keys = vectors().keys;
    assert!(keys.len() >= 12);
    for expected in keys {
        let GroupKey {
            application,
            name,
            purpose,
            field,
            text,
            key,
        } = expected;
        let found = group_key(&application, &name, &purpose, &field, &text);
        assert_eq!(found, bytes(&key), "{field} {text}");
    }
}

#[test]
fn numbers_are_those_of_the_vectors() {
    let numbers = vectors().numbers;
    assert!(numbers.len() >= 8);
    for expected in numbers {
        let now = UNIX_EPOCH + Duration::from_millis(expected.millis);
        let number = RevocationEntry::next_number(expected.highest.parse().unwrap(), now);
        assert_eq!(number.to_string(), expected.number, "{}", expected.millis);
    }
}
