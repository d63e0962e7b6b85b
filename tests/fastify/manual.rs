//! `SUITE.md` names a test for each test of the Node package.

use std::{fs, path::Path};

const SUITE: &str = include_str!("SUITE.md");

/// Rows of the table: the case, and its test here or the reason why there is none.
fn rows() -> Vec<(String, &'static str)> {
    let (_, table) = SUITE.split_once("| Case | What | Here |\n").unwrap();
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split(" | ");
        let case = cells.next().unwrap().trim().replace('`', "");
        (case, cells.nth(1).unwrap().trim())
    })
    .collect()
}

fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *all += &fs::read_to_string(&path).unwrap();
        }
    }
}

#[test]
fn every_row_of_the_suite_table_names_a_test_or_a_reason() {
    let mut tests = String::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fastify"),
        &mut tests,
    );
    let rows = rows();
    // `interop/suite.rs` counts the cases of each file.
    assert_eq!(rows.len(), 49);
    for (case, here) in rows {
        if let Some(reason) = here.strip_prefix("cannot exist: ") {
            assert!(reason.len() > 20, "{case}: {reason}");
            continue;
        }
        let names: Vec<&str> = here.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{case} names no test");
        for name in names {
            assert!(
                tests.contains(&format!("#[test]\nfn {name}()")),
                "{case}: no test {name}"
            );
        }
    }
}
