//! The documents agree with the code.

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

/// All Rust sources below a folder, concatenated.
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

/// A name in backticks with at least this many words is a test.
const WORDS_OF_A_TEST: usize = 5;

/// `tests/CHECKS.md` names files, and tests or steps in them as `file::name`.
#[test]
fn checks_name_tests_and_steps_that_exist() {
    let rows = read("tests/CHECKS.md");
    let rows = rows.lines().filter(|line| line.starts_with("| C"));
    let mut count = 0;
    for name in rows.flat_map(|row| row.split('`').skip(1).step_by(2)) {
        // Attributes and values in the second column.
        if !name.contains('/') || name.contains(' ') && !name.starts_with(".ci/") {
            continue;
        }
        count += 1;
        let (path, item) = name.split_once("::").unwrap_or((name, ""));
        let is_from_the_root = path.starts_with(".ci/") || path.starts_with("secure-session");
        let text = read(&if is_from_the_root {
            path.to_owned()
        } else {
            format!("tests/{path}")
        });
        let spellings = [
            format!("fn {item}("),
            format!("step \"{item}\""),
            // A row of a table of tests.
            format!("    {item}: "),
        ];
        let is_there = item.is_empty() || spellings.iter().any(|one| text.contains(one));
        assert!(is_there, "tests/CHECKS.md: {name} does not exist");
    }
    assert!(count > 50, "only {count} names were found");
}

#[test]
fn tests_named_in_the_documents_exist() {
    let mut tests = String::new();
    sources(&root().join("tests"), &mut tests);
    sources(&root().join("secure-session"), &mut tests);
    for page in [
        "README.md",
        "secure-session/src/manual/cookies_and_browsers.md",
        "secure-session/src/manual/lifecycle.md",
        "secure-session/src/manual/several_sessions.md",
        "secure-session/src/manual/threats.md",
    ] {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        for name in read(page).split('`') {
            if name.chars().all(is_name) && name.split('_').count() >= WORDS_OF_A_TEST {
                assert!(
                    tests.contains(&format!("fn {name}(")),
                    "{page}: {name} is not a test"
                );
            }
        }
    }
}
