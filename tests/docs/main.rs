//! The texts beside the code say what is so.

mod lifecycle;

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

/// Names in backticks with so many words are those of tests.
const WORDS_OF_A_TEST: usize = 5;

#[test]
fn every_test_that_the_manual_names_exists() {
    let mut tests = String::new();
    sources(&root().join("tests"), &mut tests);
    sources(&root().join("secure-session"), &mut tests);
    let mut named = 0;
    for page in [
        "cookies_and_browsers",
        "lifecycle",
        "several_sessions",
        "threats",
    ] {
        let text = read(&format!("secure-session/src/manual/{page}.md"));
        for name in text.split('`').filter(|word| {
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            word.chars().all(is_name) && word.split('_').count() >= WORDS_OF_A_TEST
        }) {
            let is_test = tests.contains(&format!("fn {name}("));
            assert!(is_test, "{page}: {name} is no test");
            named += 1;
        }
    }
    assert!(named > 40, "the pages are read: {named}");
}

#[test]
fn the_manual_lists_each_of_its_pages() {
    let index = read("secure-session/src/manual/mod.rs");
    let modules = index
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(" {}"));
    let mut pages = 0;
    for page in modules {
        assert!(
            index.contains(&format!("- [`{page}`]")),
            "{page} is not in the reading order"
        );
        pages += 1;
    }
    assert!(pages > 9, "the modules are read");
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
