//! Deliberate differences: one row for each entry of the file that is not a `must`, with a test of
//! the behaviour here.

mod settings;
mod transitions;
mod vectors;

use crate::file::{Level, recorded};

/// `v:` vectors, `t:` transitions, `k:` key inputs, each with a function that shows the library's
/// behaviour, which the manual describes.
#[rustfmt::skip]
const QUIRKS: [(&str, fn()); 28] = [
    ("v:long-value", vectors::long_value),
    ("v:lone-surrogate", vectors::lone_surrogate),
    ("v:clock-behind", vectors::clock_behind),
    ("v:junk-inside-cipher", || vectors::malformed("junk-inside-cipher")),
    ("v:wire-quoted", || vectors::malformed("wire-quoted")),
    ("v:signed-but-unsigned-arrives", vectors::signed_but_unsigned_arrives),
    ("v:signed-and-rotated", vectors::signed_and_rotated),
    ("v:integer-beyond-double", vectors::integer_beyond_double),
    ("v:timestamp-missing", vectors::timestamp_missing),
    ("v:plaintext-not-json", || vectors::malformed("plaintext-not-json")),
    ("v:plaintext-null", || vectors::malformed("plaintext-null")),
    ("t:set-same-value", transitions::set_same_value),
    ("t:set-null", transitions::set_null),
    ("t:delete-then-set", transitions::delete_then_set),
    ("t:regenerate-given-text", transitions::regenerate_given_text),
    ("t:no-timestamp-read", transitions::no_timestamp_read),
    ("t:no-timestamp-set", transitions::no_timestamp_set),
    ("t:no-timestamp-rotate", transitions::no_timestamp_rotate),
    ("t:set-timestamp-by-hand", transitions::set_timestamp_by_hand),
    ("t:handler-fails-after-set", transitions::handler_fails_after_set),
    ("t:all-attributes", transitions::all_attributes),
    ("t:max-age-zero", transitions::max_age_zero),
    ("t:options-twice", transitions::options_twice),
    ("t:options-null", transitions::options_null),
    ("t:options-http-only-null", transitions::options_http_only_null),
    ("t:signed-delete", transitions::signed_delete),
    ("k:list-wrong-second", settings::list_wrong_second),
    ("k:key-and-secret", settings::key_and_secret),
];

#[test]
fn every_quirk_of_the_file_differs_or_is_documented() {
    for (entry, show) in QUIRKS {
        println!("{entry}");
        show();
    }
}

#[test]
fn every_entry_of_the_file_is_a_must_or_in_the_table() {
    let file = recorded();
    let vectors = file.vectors.iter().map(|v| ("v", &v.name, v.level));
    let transitions = file.transitions.iter().map(|t| ("t", &t.name, t.level));
    let inputs = file.key_inputs.iter().map(|k| ("k", &k.name, k.level));
    let all = vectors.chain(transitions).chain(inputs);
    let quirks = all.filter(|(.., level)| *level == Level::Quirk);
    let mut recorded: Vec<String> = quirks
        .map(|(kind, name, _)| format!("{kind}:{name}"))
        .collect();
    let mut listed = QUIRKS.map(|(entry, _)| entry);
    recorded.sort_unstable();
    listed.sort_unstable();
    assert_eq!(recorded, listed);
}

#[test]
fn table_in_the_manual_has_every_quirk() {
    let manual = include_str!("../../../secure-session/src/manual/coming_from_node.md");
    for (entry, _) in QUIRKS {
        let entry = format!("`{entry}`");
        assert!(manual.contains(&entry), "{entry} is not in the manual");
    }
}
