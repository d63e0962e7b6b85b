//! Parses pages of the manual.

use std::collections::{BTreeMap, BTreeSet};

use actix_secure_session_tests::logs::Logs;

/// The table of events.
pub(crate) const LOGS: &str = include_str!("../../secure-session/src/manual/logs.md");

/// The page on symptoms.
pub(crate) const TROUBLESHOOTING: &str =
    include_str!("../../secure-session/src/manual/troubleshooting.md");

/// The page on key rotation.
pub(crate) const KEYS: &str = include_str!("../../secure-session/src/manual/keys_and_rotation.md");

/// The sections of a page: heading and text.
pub(crate) fn sections(page: &'static str) -> BTreeMap<&'static str, &'static str> {
    let sections = page.split("\n# ").skip(1);
    sections
        .filter_map(|section| section.split_once('\n'))
        .collect()
}

/// The log lines that a section shows. A continued line is indented.
fn lines(section: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for block in section.split("```text\n").skip(1) {
        let (block, _) = block.split_once("```").expect("the block ends");
        for line in block.lines() {
            match line.strip_prefix("    ") {
                Some(rest) => {
                    let line = lines.last_mut().expect("a line that goes on");
                    line.push(' ');
                    line.push_str(rest.trim_start());
                }
                None => lines.push(line.to_owned()),
            }
        }
    }
    lines
}

/// Whether a line matches the page; `…` stands for anything.
fn matches(line: &str, shown: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Asserts that the log contains every line that the section shows.
pub(crate) fn expect_lines(page: &'static str, heading: &str, logs: &Logs) {
    let sections = sections(page);
    let section = sections.get(heading);
    let section = section.unwrap_or_else(|| panic!("no section `{heading}`"));
    let shown = lines(section);
    assert!(!shown.is_empty(), "`{heading}` shows no line of the log");
    for shown in shown {
        let events = logs.events();
        let found = events.iter().any(|event| matches(&event.line, &shown));
        let all: Vec<_> = events.into_iter().map(|event| event.line).collect();
        assert!(
            found,
            "`{heading}` shows\n{shown}\nand the log is\n{}",
            all.join("\n")
        );
    }
}

/// Names of events in a text: `session.…` in backquotes, or `event="session.…"`.
pub(crate) fn names(text: &str) -> BTreeSet<String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let quotes = [('`', '`'), ('"', '"')];
    let names = quotes.into_iter().flat_map(|(begin, end)| {
        let begin = format!("{begin}session.");
        let parts: Vec<&str> = text.split(begin.as_str()).skip(1).collect();
        parts.into_iter().filter_map(move |part| {
            let (name, _) = part.split_once(end)?;
            (!name.is_empty() && name.chars().all(is_name)).then(|| format!("session.{name}"))
        })
    });
    names.collect()
}
