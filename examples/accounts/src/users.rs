//! The table of users, in SQLite.
//!
//! SQLite blocks its thread, and so does hashing a password. Both run in actix-web's pool of threads
//! for blocking work, so that a worker keeps serving other requests.

use std::sync::Arc;

use actix_web::web;
use rusqlite::{OptionalExtension as _, ToSql};

use crate::{database::Database, error::AppError, passwords::Passwords};

/// Name, password, and whether the user is an administrator.
const EXAMPLES: [(&str, &str, bool); 2] = [
    ("ada", "correct horse", true),
    ("grace", "battery staple", false),
];

/// What pages show of a user. The password stays in the database.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) is_admin: bool,
}

/// What administrators see of a user.
pub(crate) struct Summary {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) is_admin: bool,
    pub(crate) is_blocked: bool,
}

/// A handle of the table of users. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Users(Arc<Store>);

struct Store {
    database: Database,
    passwords: Passwords,
}

impl Users {
    /// Creates the two example users if the table is empty.
    ///
    /// It blocks; call it before the server starts.
    pub(crate) fn open(database: Database, passwords: Passwords) -> Result<Self, AppError> {
        let mut connection = database.connection();
        let transaction = connection.transaction()?;
        let has_users: bool =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM users)", (), |row| row.get(0))?;
        if !has_users {
            for (name, password, is_admin) in EXAMPLES {
                let email = format!("{name}@example.com");
                transaction.execute(
                    "INSERT INTO users (name, email, password, is_admin) VALUES (?1, ?2, ?3, ?4)",
                    (name, email, passwords.hash(password)?, is_admin),
                )?;
            }
        }
        transaction.commit()?;
        drop(connection);
        Ok(Self(Arc::new(Store {
            database,
            passwords,
        })))
    }

    /// Returns the account with this id, if there is one and it is not blocked.
    ///
    /// Revoking a blocked user's sessions is not enough: a login may be on its way, and revocations
    /// in memory are forgotten when the program stops.
    pub(crate) async fn account(&self, id: u64) -> Result<Option<Account>, AppError> {
        self.run(move |store| {
            let account = store.database.connection().query_row(
                "SELECT name, email, is_admin FROM users WHERE id = ?1 AND NOT blocked",
                [id],
                |row| {
                    Ok(Account {
                        name: row.get(0)?,
                        email: row.get(1)?,
                        is_admin: row.get(2)?,
                    })
                },
            );
            Ok(account.optional()?)
        })
        .await
    }

    /// Returns the id of the user with this name and password, if there is one and it is not
    /// blocked.
    pub(crate) async fn by_password(
        &self,
        name: String,
        password: String,
    ) -> Result<Option<u64>, AppError> {
        self.run(move |store| {
            let query = "SELECT id, password FROM users WHERE name = ?1 AND NOT blocked";
            store.verify(query, name, &password)
        })
        .await
    }

    /// Returns true if it is the password of the user with this id.
    pub(crate) async fn has_password(&self, id: u64, password: String) -> Result<bool, AppError> {
        self.run(move |store| {
            let query = "SELECT id, password FROM users WHERE id = ?1";
            Ok(store.verify(query, id, &password)?.is_some())
        })
        .await
    }

    pub(crate) async fn set_email(&self, id: u64, email: String) -> Result<(), AppError> {
        self.run(move |store| {
            let update = "UPDATE users SET email = ?2 WHERE id = ?1";
            store.database.connection().execute(update, (id, email))?;
            Ok(())
        })
        .await
    }

    pub(crate) async fn set_password(&self, id: u64, password: String) -> Result<(), AppError> {
        self.run(move |store| {
            let hash = store.passwords.hash(&password)?;
            let update = "UPDATE users SET password = ?2 WHERE id = ?1";
            store.database.connection().execute(update, (id, hash))?;
            Ok(())
        })
        .await
    }

    /// Blocks a user. Returns false for an administrator, so that nobody locks all of them out, and
    /// if there is no such user.
    pub(crate) async fn block(&self, id: u64) -> Result<bool, AppError> {
        self.run(move |store| {
            let update = "UPDATE users SET blocked = 1 WHERE id = ?1 AND NOT is_admin";
            Ok(store.database.connection().execute(update, [id])? == 1)
        })
        .await
    }

    pub(crate) async fn all(&self) -> Result<Vec<Summary>, AppError> {
        self.run(|store| {
            let connection = store.database.connection();
            let query = "SELECT id, name, is_admin, blocked FROM users ORDER BY id";
            let mut statement = connection.prepare(query)?;
            let users = statement.query_map((), |row| {
                Ok(Summary {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    is_admin: row.get(2)?,
                    is_blocked: row.get(3)?,
                })
            })?;
            Ok(users.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// Runs blocking work on another thread.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
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
    ) -> Result<Option<u64>, AppError> {
        let user: Option<(u64, String)> = self
            .database
            .connection()
            .query_row(query, [key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        // The connection is free again, so that others don't wait for the hash.
        let (id, hash) = user.unzip();
        let is_right = self.passwords.verify(password, hash.as_deref())?;
        Ok(id.filter(|_| is_right))
    }
}

#[cfg(test)]
impl Users {
    /// Runs SQL of a test.
    pub(crate) fn execute(&self, sql: &str) {
        self.0.database.connection().execute_batch(sql).unwrap();
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn open(connection: Connection) -> Users {
        let database = Database::open(connection).unwrap();
        Users::open(database, Passwords::cheap()).unwrap()
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
        let hashes: u64 = (users.0.database.connection())
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
