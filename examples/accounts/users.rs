//! A stand-in for the application's table of users.
//!
//! The passwords are plain text because this is an example. An application stores and compares
//! hashes, made with argon2id or another password hash.

use std::sync::{PoisonError, RwLock};

#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) email: String,
    password: &'static str,
}

impl Account {
    pub(crate) fn has_password(&self, password: &str) -> bool {
        self.password == password
    }
}

pub(crate) struct Users(RwLock<Vec<Account>>);

impl Default for Users {
    fn default() -> Self {
        let account = |id, name, password| Account {
            id,
            name,
            email: format!("{name}@example.com"),
            password,
        };
        Self(RwLock::new(vec![
            account(1, "ada", "correct horse"),
            account(2, "grace", "battery staple"),
        ]))
    }
}

impl Users {
    pub(crate) fn by_id(&self, id: u64) -> Option<Account> {
        self.find(|account| account.id == id)
    }

    pub(crate) fn by_password(&self, name: &str, password: &str) -> Option<Account> {
        self.find(|account| account.name == name && account.has_password(password))
    }

    pub(crate) fn set_email(&self, id: u64, email: String) {
        let mut accounts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.iter_mut().find(|account| account.id == id) {
            account.email = email;
        }
    }

    fn find(&self, is_it: impl Fn(&Account) -> bool) -> Option<Account> {
        let accounts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().find(|account| is_it(account)).cloned()
    }
}
