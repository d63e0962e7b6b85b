//! Where the library does otherwise, on purpose: one row for each entry of the file that is no
//! `must`, with what happens here, shown.

mod settings;
mod transitions;
mod vectors;

use std::collections::BTreeSet;

use crate::file::{Level, recorded};

struct Quirk {
    /// `v:` vectors, `t:` transitions, `k:` key inputs.
    entry: &'static str,
    /// What the library does.
    here: &'static str,
    shown_by: fn(),
}

const fn quirk(entry: &'static str, here: &'static str, shown_by: fn()) -> Quirk {
    Quirk {
        entry,
        here,
        shown_by,
    }
}

#[rustfmt::skip]
const QUIRKS: [Quirk; 28] = [
    quirk("v:long-value", "longer than browsers keep: neither read nor written", vectors::long_value),
    quirk("v:lone-surrogate", "fits no field; as a member that no field names it is kept", vectors::lone_surrogate),
    quirk("v:clock-behind", "a time more than a minute ahead is no session", vectors::clock_behind),
    quirk("v:junk-inside-cipher", "base64 is read strictly", vectors::junk_inside_cipher),
    quirk("v:wire-quoted", "quotes are no base64", vectors::wire_quoted),
    quirk("v:signed-but-unsigned-arrives", "where a signature is asked for it is needed", vectors::signed_but_unsigned_arrives),
    quirk("v:signed-and-rotated", "the signature of every key is tried", vectors::signed_and_rotated),
    quirk("v:integer-beyond-double", "64-bit integers are exact", vectors::integer_beyond_double),
    quirk("v:timestamp-missing", "no session, unless the option for migration is on", vectors::timestamp_missing),
    quirk("v:plaintext-not-json", "no session, and no failure", vectors::plaintext_not_json),
    quirk("v:plaintext-null", "no session, and no failure", vectors::plaintext_null),
    quirk("t:set-same-value", "an equal value is no change", transitions::set_same_value),
    quirk("t:set-null", "`None` is left out; null reads as `None`", transitions::set_null),
    quirk("t:delete-then-set", "the last operation wins: a new session", transitions::delete_then_set),
    quirk("t:regenerate-given-text", "names are fields; a text is no list of them", transitions::regenerate_given_text),
    quirk("t:no-timestamp-read", "no session", transitions::no_timestamp_read),
    quirk("t:no-timestamp-set", "a new session, unless the option for migration is on", transitions::no_timestamp_set),
    quirk("t:no-timestamp-rotate", "no session, unless the option for migration is on", transitions::no_timestamp_rotate),
    quirk("t:set-timestamp-by-hand", "no field can have the name, and no `rest` member", transitions::set_timestamp_by_hand),
    quirk("t:handler-fails-after-set", "the same: a change is sent with an error response", transitions::handler_fails_after_set),
    quirk("t:all-attributes", "all but `Expires` and `Priority`", transitions::all_attributes),
    quirk("t:max-age-zero", "removal has a verb of its own", transitions::max_age_zero),
    quirk("t:options-twice", "calls add up", transitions::options_twice),
    quirk("t:options-null", "each attribute is set back by itself", transitions::options_null),
    quirk("t:options-http-only-null", "an override unsets nothing that it does not name", transitions::options_http_only_null),
    quirk("t:signed-delete", "a removal is empty", transitions::signed_delete),
    quirk("k:list-wrong-second", "each key is checked when it is made", settings::list_wrong_second),
    quirk("k:key-and-secret", "a ring is made of keys; a passphrase is checked by itself", settings::key_and_secret),
];

#[test]
fn every_quirk_of_the_file_is_done_otherwise_or_decided_on() {
    for quirk in &QUIRKS {
        println!("{}: {}", quirk.entry, quirk.here);
        (quirk.shown_by)();
    }
}

#[test]
fn every_entry_of_the_file_is_a_must_or_stands_in_the_table() {
    let file = recorded();
    let vectors = file
        .vectors
        .iter()
        .map(|entry| ("v", &entry.name, entry.level));
    let transitions = file
        .transitions
        .iter()
        .map(|entry| ("t", &entry.name, entry.level));
    let inputs = file
        .key_inputs
        .iter()
        .map(|entry| ("k", &entry.name, entry.level));
    let all = vectors.chain(transitions).chain(inputs);
    let quirks = all.filter(|(.., level)| *level == Level::Quirk);
    let recorded: BTreeSet<String> = quirks
        .map(|(kind, name, _)| format!("{kind}:{name}"))
        .collect();
    let listed: BTreeSet<String> = QUIRKS.iter().map(|quirk| quirk.entry.to_owned()).collect();
    assert_eq!(recorded, listed);
    assert_eq!(listed.len(), QUIRKS.len(), "none stands twice");
}

#[test]
fn the_table_in_the_manual_has_every_quirk() {
    let manual = include_str!("../../../secure-session/src/manual/coming_from_node.md");
    for quirk in &QUIRKS {
        let entry = format!("`{}`", quirk.entry);
        assert!(manual.contains(&entry), "{entry} is not in the manual");
    }
}
