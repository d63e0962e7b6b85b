//! The texts beside the code say what is so.

use std::{fs, path::Path};

fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

fn read(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// All Rust sources below a folder, one after the other.
fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            *all += &fs::read_to_string(&path).unwrap_or_default();
        }
    }
}

#[test]
fn every_test_that_the_readme_names_exists() {
    let readme = read("README.md");
    let mut tests = String::new();
    sources(&root().join("tests"), &mut tests);
    let (_, table) = readme.split_once("| Here | Shown by |").unwrap_or_default();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut named = 0;
    for row in rows {
        let shown_by = row.rsplit('|').nth(1).unwrap_or_default();
        for name in shown_by.split('`').skip(1).step_by(2) {
            let is_folder = root().join("tests").join(name).is_dir();
            // A function, or a row of a table of tests.
            let is_test = [format!("fn {name}("), format!("    {name}: |")]
                .iter()
                .any(|start| tests.contains(start));
            assert!(is_folder || is_test, "{name} is no test");
            named += 1;
        }
    }
    assert!(named > 8, "the table is read");
}

#[test]
fn every_verb_of_the_readmes_table_is_documented_in_the_handle() {
    let handle = read("secure-session/src/session/mod.rs");
    let readme = read("README.md");
    let (_, table) = readme.split_once("| Call | Effect |").unwrap_or_default();
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 11);
    for row in rows {
        let verb: String = row
            .chars()
            .skip_while(|character| *character != '`')
            .skip(1)
            .take_while(|character| character.is_ascii_lowercase() || *character == '_')
            .collect();
        assert!(handle.contains(&format!("pub fn {verb}")), "{verb}");
    }
}
