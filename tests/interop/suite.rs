//! The installed package has the tests and the README that the manual and `SUITE.md` refer to.

use std::{collections::BTreeMap, fs, path::PathBuf};

const SUITE: &str = include_str!("../fastify/SUITE.md");

fn package() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.join("interop/node_modules/@fastify/secure-session")
}

#[test]
fn installed_suite_has_the_cases_of_the_table() {
    let mut installed = BTreeMap::new();
    for entry in fs::read_dir(package().join("test")).unwrap() {
        let path = entry.unwrap().path();
        let cases = fs::read_to_string(&path).unwrap();
        let cases = cases
            .lines()
            .filter(|line| line.starts_with("test("))
            .count();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        installed.insert(file, cases);
    }
    let mut listed = BTreeMap::new();
    for row in SUITE.lines().filter_map(|line| line.strip_prefix("| `")) {
        if let Some((file, _)) = row
            .split_once("` ")
            .filter(|(file, _)| file.ends_with(".test.js"))
        {
            *listed.entry(file.to_owned()).or_insert(0) += 1;
        }
    }
    assert_eq!(installed, listed);
}

#[test]
fn every_section_of_the_readme_is_in_the_table() {
    let readme = fs::read_to_string(package().join("README.md")).unwrap();
    let headings = readme.lines().filter(|line| line.starts_with("##"));
    let headings = headings.map(|line| line.trim_start_matches(['#', ' ']));
    let mut seen = 0;
    for heading in headings.filter(|heading| *heading != "License") {
        // In brackets it only names the options.
        let title = heading.split(" (").next().unwrap_or(heading);
        assert!(SUITE.contains(&format!("\n| {title} | ")), "{title}");
        seen += 1;
    }
    assert_eq!(seen, 12);
}
