//! The SQLite database: its tables, and one connection to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

/// Each step runs once; the database's `user_version` counts them. Databases have run these, so add
/// new ones at the end.
///
/// `AUTOINCREMENT`, so that the id of a deleted row is never given to another one: sessions contain
/// the id of a user, and pages that of a device. `IF NOT EXISTS`, because the first databases did
/// not count.
const STEPS: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT UNIQUE NOT NULL,
        email TEXT NOT NULL,
        password TEXT NOT NULL
    )",
    "ALTER TABLE users ADD COLUMN is_admin INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE users ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
    UPDATE users SET is_admin = 1 WHERE name = 'ada';
    CREATE TABLE devices (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session BLOB UNIQUE NOT NULL,
        user_id INTEGER NOT NULL,
        user_agent TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL
    );
    CREATE INDEX devices_of_a_user ON devices (user_id)",
];

/// A handle of the database. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Creates or updates the tables.
    pub(crate) fn open(mut connection: Connection) -> rusqlite::Result<Self> {
        let transaction = connection.transaction()?;
        let done: usize = transaction.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        for (step, number) in STEPS.iter().zip(1..).skip(done) {
            transaction.execute_batch(step)?;
            transaction.execute_batch(&format!("PRAGMA user_version = {number}"))?;
        }
        transaction.commit()?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Waits for the connection.
    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        // After a panic, the connection is usable: SQLite completes or reverts each statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_of_an_earlier_build_gets_the_new_columns() {
        let connection = Connection::open_in_memory().unwrap();
        let [users, _] = STEPS;
        connection.execute_batch(users).unwrap();
        let ada = "INSERT INTO users (name, email, password) VALUES ('ada', '', '')";
        connection.execute(ada, ()).unwrap();

        let database = Database::open(connection).unwrap();
        let query = "SELECT is_admin, blocked FROM users WHERE name = 'ada'";
        let columns: (bool, bool) = (database.connection())
            .query_row(query, (), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(columns, (true, false));
    }
}
