//! Every event is in the manual's table, and everything in the table is an event.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use actix_secure_session_tests::logs::Logs;

use crate::{page, revocation, situations};

/// Situations that together log every event. A new event needs a situation and a row in the manual.
const SITUATIONS: &[fn() -> Logs] = &[
    situations::another_struct,
    situations::ephemeral_key,
    situations::expired_in_request,
    situations::guarded_login,
    situations::remove_legacy_cookie,
    situations::identity_without_sign_in,
    situations::key_file_writable,
    situations::key_per_worker,
    situations::late_write,
    situations::lenient_field_of_another_type,
    situations::many_versions,
    situations::migrated,
    situations::near_the_limit,
    situations::nested_under_one_key,
    situations::nested_under_one_name,
    situations::no_cookie,
    situations::no_middleware,
    situations::no_random_bytes,
    situations::node_with_another_key,
    situations::not_migrated,
    situations::not_refreshed,
    situations::not_registered,
    situations::old_key,
    situations::opened,
    situations::opened_after_response,
    situations::overridden,
    situations::plain_http,
    situations::post_from_another_site,
    situations::post_of_an_old_client,
    situations::post_through_a_proxy,
    situations::post_to_a_same_origin_route,
    situations::post_with_a_null_origin,
    situations::post_with_repeated_headers,
    situations::refreshed,
    situations::registered,
    situations::remembered_before_sign_in,
    situations::remembered_for_years,
    situations::setters_before_sign_in,
    situations::several_cookies,
    situations::stored,
    situations::taken_over,
    situations::too_large,
    situations::verbs,
    revocation::event_panicked,
    revocation::migrated_and_revocable,
    revocation::revocations_per_worker,
    revocation::revoked_in_request,
    revocation::revoked_itself,
    revocation::store_fails,
    revocation::store_panics,
    revocation::written_after_revocation,
    || situations::over_http("shop.example"),
    || situations::over_http("localhost:8080"),
];

/// A value that was validated before, and a system without threads: no test can cause them.
const CANNOT_COME: [&str; 2] = ["session.header_invalid", "revocations.no_thread"];

/// Logged at `warn` the first time and later at `debug`; the situations above cause only the first.
const FIRST_AT_WARN: [&str; 11] = [
    "session.cookie_overridden",
    "session.cross_origin",
    "session.discarded_writes",
    "session.field_reset",
    "session.identity_without_sign_in",
    "session.near_limit",
    "session.schema_not_migrated",
    "session.opened_after_response",
    "session.remember_for_clamped",
    "session.revoked_itself",
    "session.schema_mismatch",
];

/// A row of the table.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row {
    levels: BTreeSet<String>,
    fields: BTreeSet<String>,
}

fn documented() -> BTreeMap<String, Row> {
    let rows = page::LOGS
        .lines()
        .filter(|line| line.starts_with("| `session.") || line.starts_with("| `revocations."));
    let mut all = BTreeMap::new();
    for line in rows {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, levels, fields, means, to_do] = cells[..] else {
            panic!("five cells: {line}");
        };
        assert!(!means.is_empty() && !to_do.is_empty(), "{line}");
        let levels = ["error", "warn", "info", "debug", "trace"]
            .into_iter()
            .filter(|level| levels.split([',', ' ']).any(|word| word == *level));
        let row = Row {
            levels: levels.map(str::to_owned).collect(),
            fields: quoted(fields),
        };
        let name = name.trim_matches('`').to_owned();
        assert!(all.insert(name, row).is_none(), "twice: {line}");
    }
    all
}

fn quoted(cell: &str) -> BTreeSet<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

#[test]
fn events_match_the_table_of_the_manual() {
    let mut seen: BTreeMap<String, Row> = BTreeMap::new();
    for event in SITUATIONS.iter().flat_map(|run| run().events()) {
        assert_eq!(event.field("event"), Some(event.name), "{}", event.line);
        let is_named = event.field("session").or(event.field("session_type"));
        // Some concern no session, or none of them in particular.
        let of_all = [
            "session.cross_origin",
            "session.ephemeral_key",
            "session.key_file_writable",
            "session.plain_http",
        ];
        let is_of_all = of_all.contains(&event.name) || event.name.starts_with("revocations.");
        assert!(is_named.is_some() || is_of_all, "{}", event.line);
        let row = seen.entry(event.name.to_owned()).or_default();
        row.levels.insert(event.level.to_string().to_lowercase());
        let fields = event.fields.iter().map(|(name, _)| (*name).to_owned());
        row.fields.extend(fields.filter(|name| name != "event"));
    }
    for name in FIRST_AT_WARN {
        let row = seen.get_mut(name).unwrap();
        assert!(row.levels.contains("warn"), "{name}");
        row.levels.insert("debug".to_owned());
    }
    let mut documented = documented();
    for name in CANNOT_COME {
        let never = documented.remove(name).expect("a row for it, too");
        assert!(never.levels.contains("error"));
    }
    for (name, row) in &seen {
        assert_eq!(Some(row), documented.get(name), "{name}: code and manual");
    }
    let names = |rows: &BTreeMap<String, Row>| rows.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&seen), names(&documented));
}

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The command line writes to its streams and logs nothing.
            if !path.ends_with("bin") {
                files(&path, all);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push(path);
        }
    }
}

/// The library's sources without comments, except `events.rs`, which defines the macros.
fn sources() -> String {
    let mut all = Vec::new();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    files(&tests.join("../secure-session/src"), &mut all);
    assert!(all.len() > 40, "only {} files", all.len());
    all.retain(|path| !path.ends_with("src/log.rs"));
    let text = all.iter().map(|path| fs::read_to_string(path).unwrap());
    let text: String = text.collect();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The names after the first argument of each call of a macro.
fn named_in(text: &str, call: &str) -> BTreeSet<String> {
    let calls = text.split(call).skip(1);
    let names = calls.map(|call| {
        let name = call.split(',').nth(1).unwrap_or_default().trim();
        let name = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        name.expect("a name behind the first argument").to_owned()
    });
    names.collect()
}

#[test]
fn every_logged_event_has_a_name_that_the_manual_lists() {
    let text = sources();
    for level in ["trace", "debug", "info", "warn", "error", "event"] {
        let call = format!("tracing::{level}!");
        assert!(!text.contains(&call), "{call} has no name; write `event!`");
    }
    let (always, first) = (named_in(&text, " event!("), named_in(&text, "event_once!("));
    let printed = named_in(&text, " event_or_stderr!(");
    assert_eq!(first, FIRST_AT_WARN.map(str::to_owned).into());
    let written: BTreeSet<String> = [always, first, printed].into_iter().flatten().collect();
    let documented: BTreeSet<String> = documented().into_keys().collect();
    assert_eq!(written, documented);
}

#[test]
fn every_event_named_in_a_page_exists() {
    let documented = documented();
    let pages = [
        page::LOGS,
        page::TROUBLESHOOTING,
        page::KEYS,
        include_str!("../../secure-session/src/lib.rs"),
        include_str!("../../README.md"),
    ];
    for name in pages.into_iter().flat_map(page::names) {
        assert!(documented.contains_key(&name), "{name}");
    }
}
