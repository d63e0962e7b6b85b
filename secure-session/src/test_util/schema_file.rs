//! Records the shapes of a session in a file, to detect incompatible changes before they are
//! deployed.

mod limits;
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

/// The variable that adds a new shape to the file if it is `1`.
const BLESS: &str = "BLESS_SESSIONS";

/// Asserts that sessions of all earlier shapes of the struct, as recorded in a file, still open and
/// lose no data.
///
/// Commit the file with the application's tests. A relative path is relative to the directory of
/// the package's `Cargo.toml`. Run the test once with `BLESS_SESSIONS=1` to create the file. Each
/// recorded shape contains the members of its `samples` as they were stored.
///
/// If the struct has a new shape that is compatible with all earlier ones, the test fails until you
/// run it with `BLESS_SESSIONS=1` again, which records the new shape. Recorded shapes are never
/// changed. You can delete an entry by hand once the last cookie of that shape has expired.
///
/// The samples are values as the application stores them. They must not contain secrets, because
/// they are written to the file. Together they must have a value for each field: a field that is
/// `None` or an empty list in all samples cannot be checked.
///
/// # Security
///
/// The assertion also reports new fields and aliases whose names may already be in the
/// [`rest`](macro@crate::SecureSession#rest) field of earlier sessions: if visitors choose names
/// there, they control such a value.
///
/// # Detected changes
///
/// The assertion detects fields that were removed, renamed or retyped, members that were lost
/// inside a field's value, a lowered version, and a changed `cookie`, `purpose` or `format`
/// attribute. It does not detect values that still open but have another meaning, and it does not
/// check the values that `migrate` produces.
///
/// Of a [revocable](macro@crate::SecureSession#revocable) session, it also detects other limits in the
/// attributes (`idle`, `absolute`, `remember`): raising one can make a session valid again that was
/// revoked.
///
/// Each field is written again from its type, as by a setter, so the assertion also reports members
/// that only a request that writes the field would lose.
///
/// # Panics
///
/// - If an earlier session would be rejected or lose a member. The text says what to write to keep
///   it.
/// - If there is a new shape, or no file.
/// - If the limits of a revocable session differ from the recorded ones.
/// - If the samples have no value for a field.
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
/// # assert!(text.contains("shape 1: no field reads `uid` (a number)\n"), "{text}");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// If `user_id` was called `uid` in an earlier build:
///
/// ```text
/// `Auth` is incompatible with sessions of earlier builds, recorded in tests/auth.session.json:
///
/// shape 1: no field reads `uid` (a number)
///     if `user_id` replaces it: `#[session(alias = "uid")]` on `user_id`
///     if it was removed: `#[session(forget = "uid")]` on `Auth`
///     if its value moves elsewhere: `#[session(version = 1, migrate = …)]` on `Auth`
/// ```
#[expect(clippy::panic, reason = "a failed assertion panics")]
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

/// Checks everything. The error is the text of the panic.
fn check<T: SecureSession>(path: &Path, samples: &[T], bless: bool) -> Result<(), String> {
    let name = T::SCHEMA.type_name;
    let shown = Escaped(path.to_string_lossy());
    let mut current = Shape::of(samples)?;
    let recorded = read(path)?;
    // Without a `rest` field, the application has chosen all names.
    if !current.has_rest && !recorded.as_ref().is_some_and(Recorded::has_rest) {
        current.aliases.clear();
    }
    let Some(recorded) = recorded else {
        if bless {
            return write(path, &Recorded::first::<T>(&current));
        }
        return Err(format!(
            "there is no file {shown} with the recorded shapes of `{name}`\nrun the test once with \
             {BLESS}=1 to create it, and commit it"
        ));
    };
    let mut problems = recorded.moved::<T>();
    problems.extend(trial::problems::<T>(&recorded, &current));
    if !problems.is_empty() {
        return Err(format!(
            "`{name}` is incompatible with sessions of earlier builds, recorded in {shown}:\n\n{}",
            problems.join("\n\n")
        ));
    }
    let limits_news = recorded.limits_news::<T>();
    let is_known = recorded.shapes.iter().any(|shape| shape.is_like(&current));
    if is_known && limits_news.is_none() {
        return Ok(());
    }
    if bless {
        let recorded = recorded.with_limits::<T>();
        return if is_known {
            write(path, &recorded)
        } else {
            write(path, &recorded.with(&current))
        };
    }
    if let Some(news) = limits_news {
        return Err(format!(
            "the limits of the revocable session `{name}` differ from those in {shown}: {news}\nrun \
             the test once with {BLESS}=1 to record them, and commit the file"
        ));
    }
    Err(format!(
        "`{name}` has a new shape, compatible with all earlier ones in {shown}: {}\n{}run the test \
         once with {BLESS}=1 to record it, and commit the file",
        recorded.news(&current),
        warning_of_rest(&recorded.taken_from_rest(&current))
    ))
}

/// Returns a warning about new names that may already be in the `rest` field of earlier sessions.
fn warning_of_rest(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", Escaped(name)))
        .collect();
    format!(
        "\n{} may already be in earlier sessions, as a member of the `rest` field\n    if visitors \
         choose names there, they control its value: use another name, or remove the member in \
         `migrate`\n\n",
        names.join(", ")
    )
}

/// Reads the file. Returns `None` if it doesn't exist.
fn read(path: &Path) -> Result<Option<Recorded>, String> {
    let shown = Escaped(path.to_string_lossy());
    match fs::read_to_string(in_package(path)) {
        Ok(text) => match Recorded::parse(&text) {
            Some(recorded) => Ok(Some(recorded)),
            None => Err(format!(
                "{shown} does not contain the shapes of a session; restore the committed file"
            )),
        },
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(format!("{shown} cannot be read: {err}")),
    }
}

/// Writes the file. Creates its directory, because a package with tests only in `src` has no
/// `tests`.
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

/// Returns a path in the package under test. Cargo also sets the variable when tests run.
fn in_package(path: &Path) -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.unwrap_or_default().join(path)
}

#[cfg(test)]
mod tests;
