//! Compile errors are part of the interface: each is compared with the agreed text.
//!
//! `TRYBUILD=overwrite cargo test -p actix-secure-session-tests --test ui` rewrites the texts. Read
//! each one before you commit it, and check that it helps its reader.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// The derive's own messages, which are the same with every compiler.
#[test]
fn mistakes_are_reported_in_our_own_words() {
    trybuild::TestCases::new().compile_fail("ui/own/*/*.rs");
}

/// The compiler detects missing bounds; the location and the notes are ours. The rest is the
/// wording of one compiler, so the test does not run with others.
#[rustversion::attr(stable(1.95), test)]
#[rustversion::attr(
    not(stable(1.95)),
    expect(dead_code, reason = "another compiler's words")
)]
fn missing_bounds_are_answered_under_the_type() {
    trybuild::TestCases::new().compile_fail("ui/rustc/*.rs");
}

#[test]
fn every_expected_text_belongs_to_a_case() {
    let mut orphans = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    collect_orphans(&root, &mut orphans).expect("the folder can be read");
    assert!(orphans.is_empty(), "no case for {orphans:#?}");
}

fn collect_orphans(folder: &Path, orphans: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect_orphans(&path, orphans)?;
        } else if path.extension() == Some(OsStr::new("stderr"))
            && !path.with_extension("rs").exists()
        {
            orphans.push(path);
        }
    }
    Ok(())
}
