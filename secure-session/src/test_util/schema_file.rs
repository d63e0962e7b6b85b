//! A file of the shapes that a session has had, so that a change that would lose something is
//! noticed before it is deployed.

mod recorded;
mod shape;
mod trial;

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::schema_file::{recorded::Recorded, shape::Shape};
use crate::{escape::Escaped, session::SecureSession};

/// Set to `1`, a new shape is added to the file.
const BLESS: &str = "BLESS_SESSIONS";

/// Asserts that sessions of every earlier shape of the struct, as recorded in a file, still open
/// and lose nothing.
///
/// The file belongs to the application's tests and is committed with them; a relative path begins
/// at the folder of the package's `Cargo.toml`. Running the test once with `BLESS_SESSIONS=1` makes
/// it, and its folder. Each of its shapes holds the members that the `samples` of its time were
/// stored as. When the struct has a new shape and takes over all earlier ones, the test fails until
/// the new one is added, by `BLESS_SESSIONS=1` again. Shapes on file are never changed. An entry may
/// be deleted by hand when the last cookie of its time has ended.
///
/// The samples are values as the application stores them, and no secrets: they go into the file.
/// Together they show each field with a value: what is `None` or an empty list in all of them
/// cannot be watched.
///
/// # Security
///
/// It says when a field or an alias has a name that earlier sessions may have in their
/// [`rest`](macro@crate::SecureSession#rest) field: where visitors choose names, the value is theirs.
///
/// # What it notices
///
/// It notices fields that were removed, renamed or given another type, members lost from types
/// inside a field, a version that was lowered, and another `cookie`, `purpose` or `format` in the attributes. It does
/// not notice what opens and means something else, and it does not look at what `migrate` makes of
/// the values.
///
/// # Panics
///
/// When an earlier session would be refused or lose a member, with what to write to keep it; when
/// there is a new shape, or no file; when the samples do not show a field.
///
/// # Examples
///
/// ```
/// use secure_session::{SecureSession, test_util::assert_schema_stable};
///
/// #[derive(SecureSession)]
/// struct Auth {
///     user_id: Option<u64>,
///     name: String,
/// }
///
/// # /*
/// #[test]
/// # */
/// fn sessions_of_earlier_builds_open() {
///     let signed_in = Auth { user_id: Some(7), name: "Ada".into() };
///     assert_schema_stable("tests/auth.session.json", [signed_in]);
/// }
/// # let folder = std::env::temp_dir().join(format!("schema-file-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("auth.session.json");
/// # std::fs::write(&file, r#"{
/// #   "session": "Auth", "cookie": "__Host-auth", "purpose": "", "format": "native",
/// #   "shapes": [
/// #     {"version": 0, "fields": ["uid"], "samples": [{"uid": 7}]}
/// #   ]
/// # }"#)?;
/// # let auth = Auth { user_id: Some(7), name: "Ada".into() };
/// # let refused = std::panic::catch_unwind(|| assert_schema_stable(&file, [auth])).unwrap_err();
/// # let text = refused.downcast::<String>().unwrap();
/// # assert!(text.contains("shape 1: no field reads `uid` (a number) any more"), "{text}");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// After `user_id` was called `uid` in an earlier build:
///
/// ```text
/// `Auth` does not take over sessions of earlier builds, by tests/auth.session.json:
///
/// shape 1: no field reads `uid` (a number) any more
///     if `user_id` takes its place: `#[session(alias = "uid")]` on `user_id`
///     if it is gone: `#[session(forget = "uid")]` on `Auth`
///     if its value goes elsewhere: `#[session(version = 1, migrate = …)]` on `Auth`
/// ```
/// Every field is written anew from its type, as a setter would do it. A request that does not write
/// the field keeps the members that this loses.
#[expect(clippy::panic, reason = "the answer of an assertion")]
#[track_caller]
pub fn assert_schema_stable<T: SecureSession>(
    path: impl AsRef<Path>,
    samples: impl IntoIterator<Item = T>,
) {
    let samples: Vec<T> = samples.into_iter().collect();
    let bless = env::var_os(BLESS).is_some_and(|value| value == "1");
    if let Err(text) = check(path.as_ref(), &samples, bless) {
        panic!("{text}");
    }
}

/// The whole assertion; the error is what a developer reads.
fn check<T: SecureSession>(path: &Path, samples: &[T], bless: bool) -> Result<(), String> {
    let name = T::SCHEMA.type_name;
    let shown = Escaped(path.to_string_lossy());
    let mut current = Shape::of(samples)?;
    let recorded = read(path)?;
    // Without a `rest` field nobody but the application has chosen a name.
    if !current.has_rest && !recorded.as_ref().is_some_and(Recorded::has_rest) {
        current.aliases.clear();
    }
    let Some(recorded) = recorded else {
        if bless {
            return write(path, &Recorded::first::<T>(&current));
        }
        return Err(format!(
            "there is no {shown}, which holds the shapes of `{name}`\nrun the test once with \
             {BLESS}=1 to make it, and commit it"
        ));
    };
    let mut problems = recorded.moved::<T>();
    problems.extend(trial::problems::<T>(&recorded, &current));
    if !problems.is_empty() {
        return Err(format!(
            "`{name}` does not take over sessions of earlier builds, by {shown}:\n\n{}",
            problems.join("\n\n")
        ));
    }
    if recorded.shapes.iter().any(|shape| shape.is_like(&current)) {
        return Ok(());
    }
    if bless {
        return write(path, &recorded.with(&current));
    }
    Err(format!(
        "`{name}` has a new shape and takes over all earlier ones of {shown}: {}\n{}run the test \
         once with {BLESS}=1 to add it, and commit that",
        recorded.news(&current),
        warning_of_rest(&recorded.taken_from_rest(&current))
    ))
}

/// What a value that a visitor has put under a new name would do.
fn warning_of_rest(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", Escaped(name)))
        .collect();
    format!(
        "\n{} may be in earlier sessions already, as a member of the `rest` field\n    if visitors \
         choose names there, the value is theirs: use another name, or remove the member in \
         `migrate`\n\n",
        names.join(", ")
    )
}

/// `None` if there is no such file.
fn read(path: &Path) -> Result<Option<Recorded>, String> {
    let shown = Escaped(path.to_string_lossy());
    match fs::read_to_string(in_package(path)) {
        Ok(text) => match Recorded::parse(&text) {
            Some(recorded) => Ok(Some(recorded)),
            None => Err(format!(
                "{shown} does not hold the shapes of a session; put it back as it was committed"
            )),
        },
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(format!("{shown} cannot be read: {err}")),
    }
}

/// A package whose tests all stand in `src` has no folder `tests` yet.
fn write(path: &Path, recorded: &Recorded) -> Result<(), String> {
    let file = in_package(path);
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(&file, recorded.text()))
        .map_err(|err| {
            format!(
                "{} cannot be written: {err}",
                Escaped(path.to_string_lossy())
            )
        })
}

/// Cargo tells where the package under test lies, also when its tests run.
fn in_package(path: &Path) -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.unwrap_or_default().join(path)
}

#[cfg(test)]
mod tests;
