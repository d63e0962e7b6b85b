//! The tables and their queries. Every function blocks.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};

use super::{
    error::{Failure, Problem, SqliteError},
    file::{Identity, Location},
};
use crate::revocation::{
    entry::{EARLIEST_MINUTES, MAX_MINUTES, RevocationEntry},
    store::{Page, Position},
};

/// Distinguishes our files from those of other programs: "SSRV".
const APPLICATION_ID: i32 = 0x5353_5256;

/// The version of the tables.
const SCHEMA: u32 = 1;

const TABLES: &str = "
    CREATE TABLE entries (
        -- Never reused, so that positions stay valid.
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        -- Appending an entry again changes nothing.
        entry BLOB NOT NULL UNIQUE CHECK (length(entry) = 32),
        -- In minutes since 1970; NULL for no end.
        until INTEGER
    ) STRICT;
    CREATE INDEX entries_by_end ON entries (until) WHERE until IS NOT NULL;
    -- The highest number that any entry ever had.
    CREATE TABLE highest (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
    INSERT INTO highest VALUES (1, 0);
    PRAGMA application_id = 0x53535256;
    PRAGMA user_version = 1;
";

/// The maximum number of entries in a page.
const PAGE: u16 = 1000;

/// The maximum number of entries to delete in one transaction, so that others do not wait long.
const PIECE: u16 = 500;

/// How long an entry that has run out is kept, in minutes: clocks may differ.
const KEPT: u32 = 15;

/// How often to try for a lock, a millisecond apart. SQLite's own pauses grow, so a waiting process
/// would starve next to one that appends without pause.
const TRIES: i32 = 2000;

/// A connection to the file, which is opened again if the file is replaced.
pub(super) struct Database {
    location: Location,
    max_pages: Option<u32>,
    open: Option<Open>,
}

struct Open {
    connection: Connection,
    identity: Identity,
    /// Different for each time that this process opens a file.
    opening: u64,
}

impl Database {
    pub(super) fn open(path: &Path, max_pages: Option<u32>) -> Result<Self, SqliteError> {
        let mut database = Self {
            location: Location::new(path)?,
            max_pages,
            open: None,
        };
        database.current()?;
        Ok(database)
    }

    /// Returns entries after a position.
    pub(super) fn page(&mut self, after: &Position, now: SystemTime) -> Result<Page, Failure> {
        let open = self.current()?;
        let opening = open.opening;
        let last = match Last::read(after) {
            // The file was replaced since.
            Some(last) if last.opening != opening => return Err(Failure::Lost),
            Some(last) => last,
            None => Last::start(opening),
        };
        let found = page(&mut open.connection, &last, now);
        found.map_err(|err| self.failed(err))?.ok_or(Failure::Lost)
    }

    /// Appends entries, and returns them as they were stored.
    pub(super) fn append(
        &mut self,
        entries: &[RevocationEntry],
        now: SystemTime,
    ) -> Result<Vec<RevocationEntry>, Failure> {
        let open = self.current()?;
        let identity = open.identity;
        let stored = append(&mut open.connection, entries, now);
        let stored = stored.map_err(|err| self.failed(err))?;
        // Entries in a file that is gone are not stored.
        if self.location.identity().ok() != Some(identity) {
            return Err(self.location.error(Problem::Replaced).into());
        }
        Ok(stored)
    }

    /// Deletes some entries that have run out. Returns true if there are no more.
    pub(super) fn sweep(&mut self, now: SystemTime) -> Result<bool, Failure> {
        let swept = sweep(&mut self.current()?.connection, now);
        swept.map_err(|err| self.failed(err))
    }

    /// Returns the connection to the file that is at the path now.
    fn current(&mut self) -> Result<&mut Open, SqliteError> {
        let identity = self.location.identity().ok();
        let open = self.open.take();
        let open = open.filter(|open| identity == Some(open.identity));
        let open = match open {
            Some(open) => open,
            None => Open::new(&self.location, self.max_pages)?,
        };
        Ok(self.open.insert(open))
    }

    fn failed(&mut self, problem: Problem) -> Failure {
        if matches!(problem, Problem::Replaced) {
            self.open = None;
        }
        self.location.error(problem).into()
    }
}

impl Open {
    fn new(location: &Location, max_pages: Option<u32>) -> Result<Self, SqliteError> {
        static OPENINGS: AtomicU64 = AtomicU64::new(0);
        /// Closing a new file releases all locks that the process has on it, such as those of another
        /// connection that is being opened.
        static CREATING: Mutex<()> = Mutex::new(());
        let creating = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
        let (path, identity) = location.create()?;
        let connection = connect(&path, max_pages).map_err(|problem| location.error(problem))?;
        drop(creating);
        // Otherwise the identity would be that of another file.
        if location.identity().ok() != Some(identity) {
            return Err(location.error(Problem::Replaced));
        }
        Ok(Self {
            connection,
            identity,
            opening: OPENINGS.fetch_add(1, Ordering::Relaxed),
        })
    }
}

fn connect(path: &Path, max_pages: Option<u32>) -> Result<Connection, Problem> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(wait_for_lock as fn(i32) -> bool))?;
    // SQLite opens a file that it cannot write for reading.
    if connection.is_readonly("main")? {
        return Err(Problem::ReadOnly);
    }
    // First, because a file of another program must not be changed. In a transaction, because another
    // process may be creating the tables.
    let transaction = connection.transaction()?;
    let has_tables = has_tables(&transaction)?;
    drop(transaction);
    let mode = connection.pragma_update_and_check(None, "journal_mode", "TRUNCATE", |row| {
        row.get::<_, String>(0)
    })?;
    if mode == "wal" {
        return Err(Problem::WriteAheadLog);
    }
    // Each transaction is on the disk before it counts.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS needs it for that.
    connection.pragma_update(None, "fullfsync", true)?;
    if let Some(max_pages) = max_pages {
        connection.pragma_update(None, "max_page_count", max_pages)?;
    }
    if !has_tables {
        create_tables(&mut connection)?;
    }
    check_writable(&mut connection)?;
    Ok(connection)
}

fn wait_for_lock(tries: i32) -> bool {
    sleep(Duration::from_millis(1));
    tries < TRIES
}

/// Returns false for an empty file.
fn has_tables(connection: &Connection) -> Result<bool, Problem> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    if application == i64::from(APPLICATION_ID) {
        return match u32::try_from(version) {
            Ok(SCHEMA) => Ok(true),
            Ok(newer) if newer > SCHEMA => Err(Problem::NewerVersion(newer)),
            _ => Err(Problem::OtherDatabase),
        };
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema)";
    let has_others = connection.query_row(sql, [], |row| row.get(0))?;
    if has_others || application != 0 || version != 0 {
        return Err(Problem::OtherDatabase);
    }
    Ok(false)
}

/// Checks that the tables have not changed since the file was opened, such as by a newer version of
/// this library.
fn check_tables(connection: &Connection) -> Result<(), Problem> {
    if has_tables(connection)? {
        Ok(())
    } else {
        Err(Problem::Replaced)
    }
}

fn create_tables(connection: &mut Connection) -> Result<(), Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if !has_tables(&transaction)? {
        transaction.execute_batch(TABLES)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Checks that the journal can be created. A full disk may have room later.
fn check_writable(connection: &mut Connection) -> Result<(), Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Rolled back. SQLite writes nothing if nothing changes.
    match transaction.execute("REPLACE INTO highest VALUES (1, -1)", []) {
        Err(err) if err.sqlite_error_code() == Some(ErrorCode::DiskFull) => Ok(()),
        Err(err) if err.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            Err(Problem::ReadOnly)
        }
        Err(err) => Err(err.into()),
        Ok(_) => Ok(transaction.rollback()?),
    }
}

/// The last row that a reader has read.
struct Last {
    opening: u64,
    /// 0 before the first row.
    id: i64,
    entry: [u8; RevocationEntry::LEN],
}

impl Last {
    fn start(opening: u64) -> Self {
        Self {
            opening,
            id: 0,
            entry: [0; RevocationEntry::LEN],
        }
    }

    fn read(position: &Position) -> Option<Self> {
        let (opening, rest) = position.as_bytes().split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (entry, _) = rest.split_first_chunk()?;
        Some(Self {
            opening: u64::from_be_bytes(*opening),
            id: i64::from_be_bytes(*id),
            entry: *entry,
        })
    }

    fn position(&self) -> Position {
        let (opening, id) = (self.opening.to_be_bytes(), self.id.to_be_bytes());
        Position::new([opening.as_slice(), &id, &self.entry].concat())
    }
}

/// Returns the entries after a row, or `None` if the row is gone.
fn page(
    connection: &mut Connection,
    last: &Last,
    now: SystemTime,
) -> Result<Option<Page>, Problem> {
    let transaction = connection.transaction()?;
    check_tables(&transaction)?;
    let sql = "SELECT id, entry FROM entries WHERE id >= ?1 ORDER BY id LIMIT ?2";
    let mut statement = transaction.prepare(sql)?;
    // The last row, a page, and one row to see whether there are more.
    let rows = statement.query_map((last.id, PAGE.saturating_add(2)), |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, [u8; RevocationEntry::LEN]>(1)?,
        ))
    })?;
    let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    if last.id != 0 {
        match rows.first() {
            Some((id, entry)) if *id == last.id => {
                if *entry != last.entry {
                    return Ok(None);
                }
                rows.remove(0);
            }
            // It was deleted because it had run out. Then there is a newer one.
            Some(_) if RevocationEntry::from_bytes(last.entry).has_run_out(minutes(now)) => {}
            _ => return Ok(None),
        }
    }
    let is_last = rows.len() <= usize::from(PAGE);
    rows.truncate(PAGE.into());
    let position = match rows.last() {
        Some((id, entry)) => Last {
            opening: last.opening,
            id: *id,
            entry: *entry,
        }
        .position(),
        None => last.position(),
    };
    let entries = rows.into_iter();
    Ok(Some(Page {
        entries: entries
            .map(|(_, entry)| RevocationEntry::from_bytes(entry))
            .collect(),
        position,
        is_last,
    }))
}

fn append(
    connection: &mut Connection,
    entries: &[RevocationEntry],
    now: SystemTime,
) -> Result<Vec<RevocationEntry>, Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check_tables(&transaction)?;
    let sql = "SELECT coalesce(max(number), 0) FROM highest";
    let before = transaction.query_row(sql, [], |row| row.get::<_, i64>(0))?;
    let mut highest = u64::try_from(before).unwrap_or(0);
    // A clock that was never set must not shorten entries.
    let latest = minutes(now).max(EARLIEST_MINUTES);
    let latest = latest.saturating_add(MAX_MINUTES);
    let sql = "INSERT INTO entries (entry, until) VALUES (?1, ?2) ON CONFLICT (entry) DO NOTHING";
    let mut insert = transaction.prepare(sql)?;
    let mut stored = Vec::with_capacity(entries.len());
    for entry in entries {
        let entry = entry.with_number(RevocationEntry::next_number(highest, now));
        highest = highest.max(entry.number().unwrap_or(0));
        let until = entry.until().map(|until| until.min(latest));
        insert.execute(params![entry.as_bytes(), until])?;
        stored.push(entry);
    }
    drop(insert);
    // Numbers are at most `i64::MAX`.
    let highest = i64::try_from(highest).unwrap_or(i64::MAX);
    if highest > before {
        transaction.execute("REPLACE INTO highest VALUES (1, ?1)", [highest])?;
    }
    transaction.commit()?;
    Ok(stored)
}

fn sweep(connection: &mut Connection, now: SystemTime) -> Result<bool, Problem> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check_tables(&transaction)?;
    // The newest row stays, so that a reader that is at it finds it again.
    let sql = "DELETE FROM entries WHERE id IN (
        SELECT id FROM entries WHERE until < ?1 AND id < (SELECT max(id) FROM entries) LIMIT ?2)";
    let end = minutes(now).saturating_sub(KEPT);
    let deleted = transaction.execute(sql, (end, PIECE))?;
    transaction.commit()?;
    Ok(deleted < usize::from(PIECE))
}

/// Returns the minutes since 1970.
fn minutes(now: SystemTime) -> u32 {
    let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since_1970.as_secs() / 60).unwrap_or(u32::MAX)
}
