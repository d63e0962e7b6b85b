//! `--redact` shows names and sizes, but no content of a session.

use crate::support::{KEY, with_key};

const OBJECT: &str = r#"{"email":"ada@example.com","token":"s3cr3t","roles":["admin"],"pin":9137}"#;
const CONTENT: [&str; 5] = ["ada@", "example.com", "s3cr3t", "admin", "9137"];

#[test]
fn redact_shows_names_and_sizes_without_values() {
    for (seal, inspect) in [
        ("seal --name a --now 1800000000", "inspect --name a"),
        (
            "seal --format fastify --name a --now 1800000000",
            "inspect --format fastify --name a",
        ),
    ] {
        let value = with_key(seal, OBJECT).text();
        let value = value.trim_end();
        let inspect = |options: &str| with_key(&format!("{inspect} {options}"), value);
        let id = inspect("--json --now 1800000000").json()["id"].clone();

        let shown = inspect("--redact --now 1800000000");
        assert!(shown.stdout.contains("\"email\": 17 bytes\n"), "{shown:?}");
        assert!(shown.stdout.contains("\"pin\": 4 bytes\n"), "{shown:?}");
        let object = inspect("--redact --json --now 1800000000");
        assert!(object.stdout.contains(r#""sizes":{"#), "{object:?}");

        let outcomes = [
            shown,
            object,
            inspect("--redact --now 1900000000"),
            inspect("--redact --json --now 1900000000"),
            inspect("--redact --now 1700000000"),
            inspect("--redact --json --now 1700000000"),
        ];
        for outcome in outcomes {
            let all = [outcome.stdout, outcome.stderr].concat();
            for part in CONTENT.into_iter().chain(id.as_str()) {
                assert!(!all.contains(part), "{part} in {all}");
            }
            assert!(!all.contains(&value[..20]), "{all}");
            assert!(!all.contains(&KEY[..16]), "{all}");
        }
    }
}

#[test]
fn redact_reports_a_session_without_members() {
    let value = with_key("seal --name a --now 1800000000", "{}").text();
    let shown = with_key("inspect --redact --name a --now 1800000000", &value);
    assert!(shown.text().ends_with("\nno members\n"));
}

#[test]
fn output_never_repeats_the_cookie() {
    let value = with_key("seal --name a --now 1800000000", OBJECT).text();
    let value = value.trim_end();
    let altered = format!("{}*", &value[..60]);
    for (arguments, input) in [
        ("inspect --name a --now 1800000000", value),
        ("inspect --name b --now 1800000000", value),
        ("inspect --name a --now 1900000000", value),
        ("inspect --json --name a --now 1800000000", value),
        ("inspect --name a", &value[..50]),
        ("inspect --name a", &altered),
    ] {
        let outcome = with_key(arguments, input);
        let all = [outcome.stdout, outcome.stderr].concat();
        assert!(!all.contains(&value[..20]), "{all}");
        assert!(!all.contains(&KEY[..16]), "{all}");
    }
}
