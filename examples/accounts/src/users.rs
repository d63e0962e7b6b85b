//! The table of users, in SQLite.
//!
//! SQLite blocks its thread, and so does hashing a password. Both run in actix-web's pool of threads
//! for blocking work, so that a worker keeps serving other requests.

use std::{
    error, fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::{HttpResponse, ResponseError, error::BlockingError, web};
use argon2::password_hash;
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use crate::passwords::Passwords;

/// `AUTOINCREMENT`, so that the id of a deleted user is never given to another one: sessions contain
/// the id.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE NOT NULL,
    email TEXT NOT NULL,
    password TEXT NOT NULL
)";

const EXAMPLES: [(&str, &str); 2] = [("ada", "correct horse"), ("grace", "battery staple")];

/// What pages show of a user. The password stays in the database.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) email: String,
}

/// A handle of the table of users. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Users(Arc<Store>);

struct Store {
    connection: Mutex<Connection>,
    passwords: Passwords,
}

impl Users {
    /// Creates the table if there is none, and the two example users if it is empty.
    ///
    /// It blocks; call it before the server starts.
    pub(crate) fn open(
        mut connection: Connection,
        passwords: Passwords,
    ) -> Result<Self, UsersError> {
        connection.execute_batch(TABLE)?;
        let transaction = connection.transaction()?;
        let has_users: bool =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM users)", (), |row| row.get(0))?;
        if !has_users {
            for (name, password) in EXAMPLES {
                let email = format!("{name}@example.com");
                transaction.execute(
                    "INSERT INTO users (name, email, password) VALUES (?1, ?2, ?3)",
                    (name, email, passwords.hash(password)?),
                )?;
            }
        }
        transaction.commit()?;
        Ok(Self(Arc::new(Store {
            connection: Mutex::new(connection),
            passwords,
        })))
    }

    /// Returns the account with this id, if there is one.
    pub(crate) async fn account(&self, id: u64) -> Result<Option<Account>, UsersError> {
        self.run(move |store| {
            let account = store.connection().query_row(
                "SELECT name, email FROM users WHERE id = ?1",
                [id],
                |row| {
                    Ok(Account {
                        name: row.get(0)?,
                        email: row.get(1)?,
                    })
                },
            );
            Ok(account.optional()?)
        })
        .await
    }

    /// Returns the id of the user with this name and password, if there is one.
    pub(crate) async fn by_password(
        &self,
        name: String,
        password: String,
    ) -> Result<Option<u64>, UsersError> {
        self.run(move |store| {
            let query = "SELECT id, password FROM users WHERE name = ?1";
            store.verify(query, name, &password)
        })
        .await
    }

    /// Returns true if it is the password of the user with this id.
    pub(crate) async fn has_password(&self, id: u64, password: String) -> Result<bool, UsersError> {
        self.run(move |store| {
            let query = "SELECT id, password FROM users WHERE id = ?1";
            Ok(store.verify(query, id, &password)?.is_some())
        })
        .await
    }

    pub(crate) async fn set_email(&self, id: u64, email: String) -> Result<(), UsersError> {
        self.run(move |store| {
            let update = "UPDATE users SET email = ?2 WHERE id = ?1";
            store.connection().execute(update, (id, email))?;
            Ok(())
        })
        .await
    }

    /// Runs blocking work on another thread.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, UsersError> + Send + 'static,
    ) -> Result<T, UsersError> {
        let store = Arc::clone(&self.0);
        web::block(move || work(&store)).await?
    }
}

impl Store {
    /// Returns the id of the user that `query` finds, if the password is right.
    fn verify(
        &self,
        query: &str,
        key: impl ToSql,
        password: &str,
    ) -> Result<Option<u64>, UsersError> {
        let user: Option<(u64, String)> = self
            .connection()
            .query_row(query, [key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        // The connection is free again, so that others don't wait for the hash.
        let (id, hash) = user.unzip();
        let is_right = self.passwords.verify(password, hash.as_deref())?;
        Ok(id.filter(|_| is_right))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // After a panic, the connection is usable: SQLite completes or reverts each statement.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why the table of users cannot be used. The log has the reason, the response is an empty 500.
#[derive(Debug)]
pub(crate) enum UsersError {
    Database(rusqlite::Error),
    Password(password_hash::Error),
    /// The threads for blocking work are gone.
    Stopped(BlockingError),
    NotRegistered,
}

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(err) => write!(f, "the table of users: {err}"),
            Self::Password(err) => write!(f, "the hash of a password: {err}"),
            Self::Stopped(err) => err.fmt(f),
            Self::NotRegistered => {
                f.write_str("no table of users; pass `Data<Users>` to `App::app_data`")
            }
        }
    }
}

impl error::Error for UsersError {}

impl From<rusqlite::Error> for UsersError {
    fn from(err: rusqlite::Error) -> Self {
        Self::Database(err)
    }
}

impl From<password_hash::Error> for UsersError {
    fn from(err: password_hash::Error) -> Self {
        Self::Password(err)
    }
}

impl From<BlockingError> for UsersError {
    fn from(err: BlockingError) -> Self {
        Self::Stopped(err)
    }
}

impl ResponseError for UsersError {
    fn error_response(&self) -> HttpResponse {
        tracing::error!(error = %self, "a request failed");
        HttpResponse::InternalServerError().finish()
    }
}

#[cfg(test)]
impl Users {
    /// Runs SQL of a test.
    pub(crate) fn execute(&self, sql: &str) {
        self.0.connection().execute_batch(sql).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(connection: Connection) -> Users {
        Users::open(connection, Passwords::cheap()).unwrap()
    }

    fn in_memory() -> Users {
        open(Connection::open_in_memory().unwrap())
    }

    async fn id(users: &Users, name: &str, password: &str) -> Option<u64> {
        let found = users.by_password(name.to_owned(), password.to_owned());
        found.await.unwrap()
    }

    #[actix_web::test]
    async fn example_users_have_their_own_passwords() {
        let users = in_memory();
        assert_eq!(id(&users, "ada", "correct horse").await, Some(1));
        assert_eq!(id(&users, "grace", "battery staple").await, Some(2));
        assert_eq!(id(&users, "grace", "correct horse").await, None);
        assert_eq!(id(&users, "bob", "correct horse").await, None);
        for (id, expected) in [(1, true), (2, false), (3, false)] {
            let password = "correct horse".to_owned();
            assert_eq!(users.has_password(id, password).await.unwrap(), expected);
        }
    }

    #[test]
    fn passwords_are_stored_as_hashes() {
        let users = in_memory();
        let query = "SELECT count(*) FROM users WHERE password LIKE '$argon2id$v=19$%'";
        let hashes: u64 = (users.0.connection())
            .query_row(query, (), |row| row.get(0))
            .unwrap();
        assert_eq!(hashes, 2);
    }

    #[actix_web::test]
    async fn users_of_an_existing_database_are_kept() {
        // Both connections share one database, which lives as long as one of them.
        let uri = "file:users_of_an_existing_database?mode=memory&cache=shared";
        let before = open(Connection::open(uri).unwrap());
        let email = "ada@example.org".to_owned();
        before.set_email(1, email.clone()).await.unwrap();
        before.execute("DELETE FROM users WHERE name = 'grace'");

        let after = open(Connection::open(uri).unwrap());
        assert_eq!(after.account(1).await.unwrap().unwrap().email, email);
        assert!(after.account(2).await.unwrap().is_none());
    }

    #[actix_web::test]
    async fn id_of_a_deleted_user_is_not_given_again() {
        let users = in_memory();
        users.execute(
            "DELETE FROM users WHERE name = 'grace';
             INSERT INTO users (name, email, password) VALUES ('eve', '', '')",
        );
        assert!(users.account(2).await.unwrap().is_none());
        assert_eq!(users.account(3).await.unwrap().unwrap().name, "eve");
    }
}
