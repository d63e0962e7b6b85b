//! The two sessions, and the application's methods and guards for them.

#[cfg(test)]
mod tests;

use secure_session::{EncodeError, SecureSession, Session, SessionGuard};
use serde::{Deserialize, Serialize};

/// The signed-in user. The session ends with the browser, after half an hour without a request, or
/// after twelve hours. A logout also ends copies of its cookie.
// `Serialize` is for `/state`; sessions do not need it.
#[derive(SecureSession, Serialize)]
#[session(
    cookie = "__Host-auth",
    idle = "30m",
    absolute = "12h",
    revocable,
    remember = "30d"
)]
pub(crate) struct Auth {
    /// The signed-in user, if any.
    #[session(identity)]
    user_id: Option<u64>,
    /// The user's name for the greeting.
    #[session(public)]
    name: String,
    /// The user's roles, such as `admin`.
    roles: Vec<String>,
    /// Logins since the last logout: the only field that survives the next login.
    #[session(keep)]
    visits: u32,
}

/// Methods of the struct can be called on `Session<Auth>`.
impl Auth {
    pub(crate) fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

/// The browser's preferences, which outlive the browser and every login.
#[derive(SecureSession, Serialize)]
#[session(cookie = "__Host-prefs", idle = "none", absolute = "365d", persistent)]
pub(crate) struct Prefs {
    /// The chosen theme; `None` for the browser's default.
    #[session(copy)]
    theme: Option<Theme>,
    /// The items of the basket, in the order they were added.
    basket: Vec<String>,
    /// Shown once, on the next page.
    #[session(copy)]
    notice: Option<Notice>,
}

/// How the pages look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    Dark,
    Light,
}

/// A notice for the next page. The text is in `pages.rs`, so that the cookie stays small.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    BasketFull,
    LoggedOut,
    SessionExpired,
    SessionRevoked,
}

/// The signed-in user. A handler that takes one is called only for signed-in users.
///
/// Others are redirected to the login, and return to the page after it.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
pub(crate) struct SignedIn {
    pub(crate) user_id: u64,
    #[guard(session)]
    pub(crate) auth: Session<Auth>,
}

/// An administrator.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login", when = Auth::is_admin)]
pub(crate) struct Admin {
    pub(crate) user_id: u64,
    #[guard(session)]
    pub(crate) auth: Session<Auth>,
}

/// A user who logged in or confirmed it in the last five minutes.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login", within = "5m", confirm = "/confirm")]
pub(crate) struct Confirmed {
    pub(crate) user_id: u64,
}

/// The maximum size of the preferences' cookie in bytes. Browsers keep 4096; this leaves room for a
/// notice and stays below the 80 % at which the library warns.
const PREFS_BYTES: usize = 3000;

/// Adds an item to the basket, or sets a notice that the basket is full.
///
/// # Errors
///
/// Returns [`EncodeError`] if the session cannot be stored for a reason other than its size.
pub(crate) fn add_to_basket(
    prefs: &Session<Prefs>,
    item: impl Into<String>,
) -> Result<(), EncodeError> {
    let before = prefs.basket(); // does not change with the writes below
    prefs.update_basket(|basket| basket.push(item.into()));
    if prefs.info().encoded_len()? > PREFS_BYTES {
        prefs.set_basket(before.to_vec());
        prefs.set_notice(Notice::BasketFull);
    }
    Ok(())
}
