//! Text and JSON for standard output, without characters that a terminal would interpret.

use std::fmt::Write as _;

use serde_json::Value;

/// A line of a report: what it is about, and the fact.
pub(crate) fn line(what: &str, text: &str) -> String {
    format!("{what:<14}{text}")
}

/// An object of JSON texts.
pub(crate) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, text)| format!("{}:{text}", Value::from(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Escapes everything in JSON that a terminal would interpret or hide, because the session's owner
/// chose some of it.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) {
            printable.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(printable, "\\u{unit:04x}");
            }
        }
    }
    printable
}

fn is_harmless(character: char) -> bool {
    let is_quoting = matches!(character, '\'' | '"' | '\\');
    // The standard library treats these blanks as letters and symbols, as Unicode does.
    let is_blank = matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    );
    !is_blank && (is_quoting || character.escape_debug().len() == 1)
}
