//! Errors of the file, in sentences that say what to do.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use crate::escape::Escaped;

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Entries after the position are gone.
    Lost,
    Sqlite(SqliteError),
}

impl From<SqliteError> for Failure {
    fn from(err: SqliteError) -> Self {
        Self::Sqlite(err)
    }
}

/// What is wrong with a file.
#[derive(Debug)]
pub(super) struct SqliteError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
pub(super) enum Problem {
    /// The name of the file system.
    NetworkFileSystem(&'static str),
    /// The file system's kind, or the file itself, cannot be determined.
    Inaccessible(io::Error),
    /// A folder, or a device.
    NotAFile,
    ReadOnly,
    /// Another program's database.
    OtherDatabase,
    /// The schema's version.
    NewerVersion(u32),
    /// Another program uses the file with a write-ahead log.
    WriteAheadLog,
    /// The file at the path is another one now.
    Replaced,
    Sqlite(rusqlite::Error),
}

impl SqliteError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            problem,
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(err: rusqlite::Error) -> Self {
        match err.sqlite_error().map(|err| err.extended_code) {
            // `SQLITE_READONLY_DBMOVED`
            Some(1032) => Self::Replaced,
            _ => Self::Sqlite(err),
        }
    }
}

impl fmt::Display for SqliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file `{}` ", Escaped(self.path.to_string_lossy()))?;
        match &self.problem {
            Problem::NetworkFileSystem(name) => write!(
                f,
                "is on a network file system ({name}), where locks are not reliable; choose a path on \
                 a local disk, or a store for several machines"
            ),
            Problem::Inaccessible(err) => write!(f, "cannot be opened: {err}"),
            Problem::NotAFile => f.write_str("is not a file; add a name for it to the path"),
            Problem::ReadOnly => f.write_str(
                "cannot be written; check the permissions of the file and of its folder, and whether \
                 the disk is mounted read-only",
            ),
            Problem::OtherDatabase => f.write_str(
                "is an SQLite database, but not a store of revocations; choose another path",
            ),
            Problem::NewerVersion(version) => write!(
                f,
                "was written by a newer version of this library (schema {version}); update this \
                 program"
            ),
            Problem::WriteAheadLog => f.write_str(
                "is in use by another program, with a write-ahead log; stop that program",
            ),
            Problem::Replaced => f.write_str("was replaced meanwhile; it is opened again"),
            Problem::Sqlite(err) => write_sqlite(f, err),
        }
    }
}

fn write_sqlite(f: &mut fmt::Formatter<'_>, err: &rusqlite::Error) -> fmt::Result {
    let text = match err.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "is not an SQLite database; choose another path",
        Some(ErrorCode::DatabaseCorrupt) => {
            "is damaged; move it away, and the running processes write what they know to a new one"
        }
        Some(ErrorCode::CannotOpen) => {
            "cannot be opened; check the permissions of the file and of its folder"
        }
        Some(ErrorCode::DiskFull) => "cannot be written, because the disk is full",
        Some(ErrorCode::ReadOnly) => "cannot be written, because it is read-only",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "has been locked by another process for two seconds"
        }
        _ => return write!(f, "cannot be used: {}", Escaped(err.to_string())),
    };
    f.write_str(text)
}

impl Error for SqliteError {}
