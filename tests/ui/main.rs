//! Compile errors are part of the interface: each is compared with the text that was agreed on.
//!
//! `TRYBUILD=overwrite cargo test -p actix-secure-session-tests --test ui` writes the texts anew;
//! read each one before it is committed, and ask whether you would thank for it.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// The derive's own messages, which are the same with every compiler.
#[test]
fn mistakes_are_answered_in_our_words() {
    trybuild::TestCases::new().compile_fail("ui/own/*/*.rs");
}

/// Missing bounds are found by the compiler; where it points and what it adds is ours. The rest is
/// the wording of one compiler, and with another one there is no such test.
#[rustversion::attr(stable(1.95), test)]
#[rustversion::attr(
    not(stable(1.95)),
    expect(dead_code, reason = "another compiler's words")
)]
fn missing_bounds_are_answered_under_the_type() {
    trybuild::TestCases::new().compile_fail("ui/rustc/*.rs");
}

#[test]
fn every_text_belongs_to_a_case() {
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
