//! The store in an SQLite file: restarts, several processes, and files that are replaced or damaged.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process, thread,
    time::{Duration, Instant},
};

use actix_secure_session_tests::{T0, app::block_on};
use actix_web::rt::time::sleep;
use rusqlite::{Connection, backup::Backup};
use secure_session::{
    Position, RevocationEntry, RevocationError, RevocationState, RevocationStore,
    RevocationStoreError, Revocations, SqliteStore,
    test_util::{StoreState, TestClock, store_conformance},
};

use super::support::{Auth, AuthSelector, Site};

/// Then an entry of today is deleted: `remember`, `max_staleness`, and twice a margin of 15 minutes for
/// clocks that differ, rounded up.
const LIFE: u64 = 30 * 24 * 3600 + (2 + 15 + 15 + 1) * 60;

/// A folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.join(format!("sqlite-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.join("revocations.db")
    }

    /// A connection of another program.
    fn sqlite(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A process that uses the file.
fn process(path: &Path, clock: &TestClock) -> Site {
    let revocations = Revocations::builder().clock(clock).sqlite(path).unwrap();
    Site::of(clock, &revocations)
}

fn state_text(site: &Site) -> String {
    format!("{:?}", site.revocations.state())
}

async fn until(site: &Site, what: &str, mut is_so: impl FnMut(&Site) -> bool) {
    let start = Instant::now();
    while !is_so(site) {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{what}: {}",
            state_text(site)
        );
        sleep(Duration::from_millis(5)).await;
    }
}

async fn until_live(site: &Site) {
    until(site, "live", |site| {
        let state = site.revocations.state();
        matches!(state, RevocationState::Live { queued: 0, .. })
    })
    .await;
}

/// Waits until the store has what was revoked. A disk that stalls may take longer than the call waits.
async fn stored(site: &Site, revoked: Result<(), RevocationError>) {
    assert!(matches!(
        revoked,
        Ok(()) | Err(RevocationError::NotRecorded)
    ));
    until_live(site).await;
}

/// The cookie of a user who signs in once the process has read its own entries.
async fn later_login(site: &Site, user_id: u64) -> String {
    let mut cookie = None;
    until(site, "a login", |site| {
        cookie = site.sign_in_as(user_id);
        cookie.is_some()
    })
    .await;
    cookie.unwrap()
}

async fn until_behind(site: &Site) {
    until(site, "behind", |site| {
        !matches!(site.revocations.state(), RevocationState::Live { .. })
    })
    .await;
}

fn log_out(site: &Site, cookie: &str) {
    let request = site.request(cookie);
    request.session().destroy();
    assert!(request.finish().is_removed());
}

#[test]
fn sqlite_store_conforms() {
    for how in ["rows are deleted", "the file is deleted", "the file is new"] {
        block_on(store_conformance(|state| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let path = folder.join(format!("sqlite-conforms-{}.db", process::id()));
            if state == StoreState::New {
                let _ = fs::remove_file(&path);
            }
            if state == StoreState::Emptied {
                match how {
                    "rows are deleted" => {
                        let sqlite = Connection::open(&path).unwrap();
                        sqlite.execute("DELETE FROM entries", []).unwrap();
                        sqlite.execute("UPDATE highest SET number = 0", []).unwrap();
                    }
                    "the file is deleted" => fs::remove_file(&path).unwrap(),
                    _ => {
                        drop(SqliteStore::open(path.with_extension("new")).unwrap());
                        fs::rename(path.with_extension("new"), &path).unwrap();
                    }
                }
            }
            async move { SqliteStore::open(path).unwrap() }
        }));
    }
}

#[test]
fn revoked_sessions_stay_revoked_over_restarts() {
    block_on(async {
        let folder = Folder::new("restart");
        let clock = TestClock::at(T0);
        let site = process(&folder.path(), &clock);
        let [ended, living, of_group] = [(); 3].map(|()| site.signed_in());
        log_out(&site, &ended);
        let tenant = AuthSelector::Tenant("south".to_owned());
        stored(&site, site.revocations.revoke_all(tenant).await).await;
        drop(site);

        let site = process(&folder.path(), &clock);
        assert!(!site.accepts(&ended));
        assert!(site.accepts(&living) && site.accepts(&of_group));
        let tenant = AuthSelector::Tenant("north".to_owned());
        stored(&site, site.revocations.revoke_all(tenant).await).await;
        let later = later_login(&site, 42).await;
        drop(site);

        let site = process(&folder.path(), &clock);
        assert!(!site.accepts(&of_group) && !site.accepts(&living));
        assert!(site.accepts(&later));
    });
}

#[test]
fn processes_with_one_file_share_what_was_ended() {
    block_on(async {
        let folder = Folder::new("share");
        let clock = TestClock::at(T0);
        let (here, there) = (
            process(&folder.path(), &clock),
            process(&folder.path(), &clock),
        );
        let [single, living, of_user] = [(); 3].map(|()| here.signed_in());
        let ended = {
            let request = there.request(&single);
            request.session().ended()
        };
        log_out(&here, &single);
        ended.await;
        assert!(!there.accepts(&single) && there.accepts(&living));

        let user = AuthSelector::UserId(42);
        stored(&there, there.revocations.revoke_all(user).await).await;
        until(&here, "revoke_all", |here| !here.accepts(&of_user)).await;
        let later = here.signed_in();
        until(&there, "later login", |there| there.accepts(&later)).await;
    });
}

/// What happens to the file while a process runs.
#[derive(Debug, Clone, Copy)]
enum Event {
    Deleted,
    DeletedWithJournal,
    ReplacedByAnEmptyFile,
    ReplacedByAnOlderCopy,
    OverwrittenByAnOlderCopy,
    OverwrittenByNothing,
    OverwrittenByJunkForAWhile,
    MigratedByANewerVersionForAWhile,
    ReplacedByANewerStoreForAWhile,
    ReplacedByAnotherDatabaseForAWhile,
    RestoredBySqlite,
    RestoredBySqliteAndWrittenTo,
    RowsDeleted,
    FolderMovedAwayAndBack,
    SymbolicLinkChanged,
}

impl Event {
    const ALL: [Self; 15] = [
        Self::Deleted,
        Self::DeletedWithJournal,
        Self::ReplacedByAnEmptyFile,
        Self::ReplacedByAnOlderCopy,
        Self::OverwrittenByAnOlderCopy,
        Self::OverwrittenByNothing,
        Self::OverwrittenByJunkForAWhile,
        Self::MigratedByANewerVersionForAWhile,
        Self::ReplacedByANewerStoreForAWhile,
        Self::ReplacedByAnotherDatabaseForAWhile,
        Self::RestoredBySqlite,
        Self::RestoredBySqliteAndWrittenTo,
        Self::RowsDeleted,
        Self::FolderMovedAwayAndBack,
        Self::SymbolicLinkChanged,
    ];

    async fn happen(self, folder: &Folder, site: &Site) {
        let path = folder.path();
        let older = folder.0.join("older.db");
        match self {
            Self::Deleted => fs::remove_file(path).unwrap(),
            Self::DeletedWithJournal => {
                let _ = fs::remove_file(folder.0.join("revocations.db-journal"));
                fs::remove_file(path).unwrap();
            }
            Self::ReplacedByAnEmptyFile => {
                let new = folder.0.join("new.db");
                fs::write(&new, "").unwrap();
                fs::rename(new, path).unwrap();
            }
            Self::ReplacedByAnOlderCopy => fs::rename(older, path).unwrap(),
            Self::OverwrittenByAnOlderCopy => drop(fs::copy(older, path).unwrap()),
            Self::OverwrittenByNothing => fs::write(path, "").unwrap(),
            Self::MigratedByANewerVersionForAWhile => {
                let newer = folder.sqlite();
                newer.pragma_update(None, "user_version", 2).unwrap();
                until_behind(site).await;
                newer.pragma_update(None, "user_version", 1).unwrap();
            }
            Self::OverwrittenByJunkForAWhile => {
                fs::write(&path, "junk ".repeat(10_000)).unwrap();
                until_behind(site).await;
                fs::copy(older, path).unwrap();
            }
            Self::ReplacedByANewerStoreForAWhile => {
                let newer = Connection::open(&older).unwrap();
                newer.pragma_update(None, "user_version", 2).unwrap();
                drop(newer);
                fs::rename(older, &path).unwrap();
                until_behind(site).await;
                fs::remove_file(path).unwrap();
            }
            Self::ReplacedByAnotherDatabaseForAWhile => {
                let other = folder.0.join("other.db");
                let users = Connection::open(&other).unwrap();
                users.execute_batch("CREATE TABLE users (id)").unwrap();
                drop(users);
                fs::rename(other, &path).unwrap();
                until_behind(site).await;
                fs::remove_file(path).unwrap();
            }
            Self::RestoredBySqlite => restore(&Connection::open(older).unwrap(), folder),
            Self::RestoredBySqliteAndWrittenTo => {
                // Other rows have the numbers of those that the process has read.
                let older = Connection::open(older).unwrap();
                for _ in 0..5 {
                    let sql = "INSERT INTO entries (entry) VALUES (randomblob(32))";
                    older.execute(sql, []).unwrap();
                }
                restore(&older, folder);
            }
            Self::RowsDeleted => drop(folder.sqlite().execute("DELETE FROM entries", []).unwrap()),
            Self::FolderMovedAwayAndBack => {
                let away = folder.0.with_extension("away");
                fs::rename(&folder.0, &away).unwrap();
                until_behind(site).await;
                fs::rename(away, &folder.0).unwrap();
            }
            Self::SymbolicLinkChanged => {
                // SQLite knows the file by the name to which the link leads.
                let elsewhere = folder.0.join("elsewhere.db");
                let link = folder.0.join("link.db");
                std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
                fs::hard_link(&path, elsewhere).unwrap();
                fs::rename(link, &path).unwrap();
                let other = folder.0.join("other-link.db");
                std::os::unix::fs::symlink(older, &other).unwrap();
                fs::rename(other, path).unwrap();
            }
        }
    }
}

fn restore(backup: &Connection, folder: &Folder) {
    let mut sqlite = folder.sqlite();
    let backup = Backup::new(backup, &mut sqlite).unwrap();
    let pause = Duration::from_millis(1);
    backup.run_to_completion(100, pause, None).unwrap();
}

#[test]
fn ended_sessions_stay_ended_when_the_file_changes() {
    for event in Event::ALL {
        block_on(async {
            let folder = Folder::new(&format!("{event:?}"));
            let clock = TestClock::at(T0);
            let site = process(&folder.path(), &clock);
            let [first, before, after, living] = [(); 4].map(|()| site.signed_in());
            let of_user = site.signed_in_as(7);
            log_out(&site, &first);
            site.revocations.flush().await.unwrap();
            fs::copy(folder.path(), folder.0.join("older.db")).unwrap();
            log_out(&site, &before);
            let tenant = AuthSelector::Tenant("south".to_owned());
            stored(&site, site.revocations.revoke_all(tenant).await).await;

            event.happen(&folder, &site).await;
            // The first call may meet the file as it is replaced; it is tried again.
            log_out(&site, &after);
            let recorded = site.revocations.revoke_all(AuthSelector::UserId(7)).await;
            assert!(matches!(
                recorded,
                Ok(()) | Err(RevocationError::NotRecorded)
            ));
            for ended in [&first, &before, &after, &of_user] {
                assert!(!site.accepts(ended), "{event:?}");
            }
            until_live(&site).await;
            site.revocations.flush().await.unwrap();
            let later = later_login(&site, 7).await;

            // The running process was the backup.
            let restarted = process(&folder.path(), &clock);
            for ended in [&first, &before, &after, &of_user] {
                assert!(!restarted.accepts(ended), "{event:?}");
            }
            for alive in [&living, &later] {
                assert!(restarted.accepts(alive) && site.accepts(alive), "{event:?}");
            }
            log_out(&restarted, &later);
            until(&site, "the next entry", |site| !site.accepts(&later)).await;
        });
    }
}

#[test]
fn replaced_file_is_a_loss_even_if_it_has_the_last_row_read() {
    block_on(async {
        let folder = Folder::new("loss");
        let store = SqliteStore::open(folder.path()).unwrap();
        let fences = [1, 2].map(|number: u64| {
            let mut bytes = [0; RevocationEntry::LEN];
            bytes[..2].copy_from_slice(&[1, 4]);
            bytes[2..10].copy_from_slice(&number.to_be_bytes());
            RevocationEntry::from_bytes(bytes)
        });
        store.append(&fences[..1]).await.unwrap();
        let page = store.read(&Position::START, Duration::ZERO).await.unwrap();
        assert!(page.entries == fences[..1]);
        let copy = folder.0.join("copy.db");
        fs::copy(folder.path(), &copy).unwrap();
        store.append(&fences[1..]).await.unwrap();
        fs::rename(copy, folder.path()).unwrap();
        let read = store.read(&page.position, Duration::ZERO).await;
        assert!(matches!(read, Err(RevocationStoreError::Lost)));
    });
}

#[test]
fn entries_that_are_gone_are_noticed_if_the_last_one_has_run_out() {
    block_on(async {
        let folder = Folder::new("gone");
        let clock = TestClock::at(T0);
        let store = SqliteStore::open_at(folder.path(), &clock, None).unwrap();
        let revocations = Revocations::builder().clock(&clock);
        let revocations = revocations.with_store(store.clone()).await.unwrap();
        let site = Site::of(&clock, &revocations);
        log_out(&site, &site.signed_in());
        revocations.flush().await.unwrap();
        let page = store.read(&Position::START, Duration::ZERO).await.unwrap();
        drop((site, revocations));

        clock.advance(Duration::from_secs(2 * LIFE));
        let read = store.read(&page.position, Duration::ZERO).await;
        assert!(read.unwrap().entries.is_empty());
        folder.sqlite().execute("DELETE FROM entries", []).unwrap();
        let read = store.read(&page.position, Duration::ZERO).await;
        assert!(matches!(read, Err(RevocationStoreError::Lost)));
    });
}

#[test]
fn processes_that_start_together_create_one_file() {
    for round in 0..20 {
        let folder = Folder::new(&format!("together-{round}"));
        let path = &folder.path();
        thread::scope(|scope| {
            let starts = [(); 4].map(|()| scope.spawn(|| SqliteStore::open(path)));
            for start in starts {
                start.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn file_and_journal_are_private() {
    block_on(async {
        let folder = Folder::new("private");
        let site = process(&folder.path(), &TestClock::at(T0));
        log_out(&site, &site.signed_in());
        site.revocations.flush().await.unwrap();
        let mut names = Vec::new();
        for file in fs::read_dir(&folder.0).unwrap() {
            let file = file.unwrap();
            names.push(file.file_name());
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
        }
        names.sort();
        assert_eq!(names, ["revocations.db", "revocations.db-journal"]);
    });
}

#[test]
fn file_that_is_not_a_store_is_an_error_with_a_reason() {
    let folder = Folder::new("errors");
    let path = folder.path();
    let error = || {
        let err = SqliteStore::open(&path).unwrap_err();
        std::error::Error::source(&err).unwrap().to_string()
    };

    fs::write(&path, "This is not a database. ".repeat(100)).unwrap();
    assert!(error().ends_with("is not an SQLite database; choose another path"));
    fs::remove_file(&path).unwrap();

    let others = folder.sqlite();
    others.pragma_update(None, "journal_mode", "WAL").unwrap();
    others.execute_batch("CREATE TABLE users (id)").unwrap();
    assert!(error().ends_with("but not a store of revocations; choose another path"));
    drop(others);
    let before = fs::read(&path).unwrap();
    assert!(error().ends_with("but not a store of revocations; choose another path"));
    assert!(fs::read(&path).unwrap() == before, "it must not be changed");
    fs::remove_file(&path).unwrap();

    drop(SqliteStore::open(&path).unwrap());
    let newer = folder.sqlite();
    newer.pragma_update(None, "user_version", 2).unwrap();
    assert!(error().ends_with(
        "was written by a newer version of this library (schema 2); update this program"
    ));
    newer.pragma_update(None, "user_version", 1).unwrap();
    newer.pragma_update(None, "journal_mode", "WAL").unwrap();
    newer
        .query_row("SELECT count(*) FROM entries", [], |_| Ok(()))
        .unwrap();
    let text = error();
    assert!(
        text.contains("write-ahead log") || text.contains("locked"),
        "{text}"
    );
    drop(newer);
    drop(SqliteStore::open(&path).unwrap());

    let locking = folder.sqlite();
    locking.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(error().ends_with("has been locked by another process for two seconds"));
    drop(locking);

    let missing = folder.0.join("no\u{1b}folder/revocations.db");
    let err = SqliteStore::open(&missing).unwrap_err();
    let text = std::error::Error::source(&err).unwrap().to_string();
    assert!(
        text.contains(r"no\u{1b}folder") && text.contains("cannot be opened: No such file"),
        "{text}"
    );
    assert!(SqliteStore::open("").is_err());
    let err = SqliteStore::open(&folder.0).unwrap_err();
    let text = std::error::Error::source(&err).unwrap().to_string();
    assert!(
        text.ends_with("is not a file; add a name for it to the path"),
        "{text}"
    );
}

#[test]
fn session_ended_on_a_full_disk_is_refused_and_stored_later() {
    block_on(async {
        let folder = Folder::new("full");
        let clock = TestClock::at(T0);
        let store = SqliteStore::open_at(folder.path(), &clock, Some(20)).unwrap();
        let revocations = Revocations::builder().clock(&clock);
        let revocations = revocations.with_store(store).await.unwrap();
        let full = Site::of(&clock, &revocations);
        let other = process(&folder.path(), &clock);
        let start = Instant::now();
        while revocations.flush().await.is_ok() {
            log_out(&full, &full.signed_in());
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "the file is never full"
            );
        }
        clock.advance(Duration::from_secs(LIFE - 20 * 60));
        let (last, living) = (full.signed_in(), full.signed_in());
        log_out(&full, &last);
        assert!(!full.accepts(&last));
        // The file can still be read.
        until(&full, "live", |site| {
            matches!(
                site.revocations.state(),
                RevocationState::Live { queued: 1.., .. }
            )
        })
        .await;

        // Entries that have run out are deleted, which makes room.
        clock.advance(Duration::from_secs(20 * 60));
        until_live(&full).await;
        until(&other, "the late entry", |other| !other.accepts(&last)).await;
        assert!(other.accepts(&living));
    });
}

#[test]
fn entries_that_ran_out_are_deleted_and_numbers_still_rise() {
    block_on(async {
        let folder = Folder::new("sweep");
        let clock = TestClock::at(T0);
        let site = process(&folder.path(), &clock);
        let everybody = || site.revocations.revoke_everyone::<Auth>();
        log_out(&site, &site.signed_in());
        clock.advance(Duration::from_secs(30 * 60));
        stored(&site, everybody().await).await;
        log_out(&site, &site.signed_in());
        site.revocations.flush().await.unwrap();
        let highest = || {
            let sqlite = folder.sqlite();
            let sql = "SELECT (SELECT number FROM highest), (SELECT count(*) FROM entries)";
            sqlite
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
        };
        let (before, count): (i64, u32) = highest();
        assert_eq!(count, 3);

        clock.advance(Duration::from_secs(LIFE - 30 * 60));
        until(&site, "the first is deleted", |_| highest().1 < 3).await;
        assert_eq!(highest().1, 2);
        clock.advance(Duration::from_secs(30 * 60));
        // The newest row stays, for readers that are at it.
        until(&site, "the second is deleted", |_| highest().1 == 1).await;
        // Back to the time of the first number.
        clock.set(T0);
        stored(&site, everybody().await).await;
        until_live(&site).await;
        assert!(highest().0 > before);
    });
}
