//! The session that is measured: six fields, 123 bytes as JSON.

use serde::{Deserialize, Serialize};

pub const USER_ID: u64 = 12_345_678;
pub const NAME: &str = "Ada Lovelace";
pub const EMAIL: &str = "ada.l@example.com";
pub const ROLES: [&str; 2] = ["admin", "editor"];
pub const THEME: &str = "dark";
pub const VISITS: u32 = 7;

/// Its JSON in a cookie.
pub const JSON: &str = r#"{"user_id":12345678,"name":"Ada Lovelace","email":"ada.l@example.com","roles":["admin","editor"],"theme":"dark","visits":7}"#;

const _: () = assert!(JSON.len() == 123);

/// The fields without a session library: the content that each contender's `/show` returns, and the
/// struct of the unavoidable parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: u64,
    pub name: String,
    pub email: String,
    pub roles: Vec<String>,
    pub theme: String,
    pub visits: u32,
}

/// The account of [`JSON`], with this number of visits.
pub fn account(visits: u32) -> Account {
    Account {
        user_id: USER_ID,
        name: NAME.to_owned(),
        email: EMAIL.to_owned(),
        roles: roles(),
        theme: THEME.to_owned(),
        visits,
    }
}

pub fn roles() -> Vec<String> {
    ROLES.map(str::to_owned).to_vec()
}
