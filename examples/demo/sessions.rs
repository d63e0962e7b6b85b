//! The two sessions, and what the application knows to do with them.

#[cfg(test)]
mod tests;

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode,
};
use secure_session::{EncodeError, SecureSession, Session, SessionExt};
use serde::{Deserialize, Serialize};

use crate::routes::see_other;

/// Who is signed in. It ends with the browser, after half an hour without a request, or after
/// twelve hours.
// `Serialize` is for `/state`; the session itself does not need it.
#[derive(SecureSession, Serialize)]
#[session(cookie = "__Host-auth", idle = "30m", absolute = "12h")]
pub(crate) struct Auth {
    /// The signed-in user; nobody, if there is none.
    #[session(identity)]
    user_id: Option<u64>,
    /// The user's name, as the page greets with it.
    name: String,
    /// What the user may do; `admin` is one.
    roles: Vec<String>,
    /// Logins since the last logout: the one field that stays when the next person logs in.
    #[session(keep)]
    visits: u32,
}

/// Methods of the struct are methods of `Session<Auth>`, too.
impl Auth {
    pub(crate) fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

/// What the browser prefers, whoever uses it. It outlives the browser and every login.
#[derive(SecureSession, Serialize)]
#[session(cookie = "__Host-prefs", idle = "none", absolute = "365d", persistent)]
pub(crate) struct Prefs {
    /// The theme that was chosen; the browser's own if none was.
    #[session(copy)]
    theme: Option<Theme>,
    /// What was put into the basket, in that order.
    basket: Vec<String>,
    /// To be shown on the next page, once.
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

/// What the next page has to say; the words are in `pages.rs`, so the cookie stays small.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Notice {
    BasketFull,
    LoggedOut,
    SessionExpired,
}

/// The signed-in user: a handler that takes one is not called for anybody else.
///
/// Who is not signed in is sent to the first page.
pub(crate) struct SignedIn {
    pub(crate) user_id: u64,
    pub(crate) auth: Session<Auth>,
}

impl SignedIn {
    fn of(request: &HttpRequest) -> Result<Self, actix_web::Error> {
        let auth = request.session::<Auth>()?;
        let user_id = auth.user_id().ok_or(NotSignedIn)?;
        Ok(Self { user_id, auth })
    }
}

impl FromRequest for SignedIn {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Nobody is signed in.
#[derive(Debug)]
struct NotSignedIn;

impl std::fmt::Display for NotSignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody is signed in")
    }
}

impl ResponseError for NotSignedIn {
    fn status_code(&self) -> StatusCode {
        StatusCode::SEE_OTHER
    }

    fn error_response(&self) -> HttpResponse {
        see_other("/")
    }
}

/// The most bytes that the preferences' cookie may take. Browsers keep 4096; this leaves room for a
/// notice, and stays below the 80 % from which the library warns.
const PREFS_BYTES: usize = 3000;

/// Puts an item into the basket, or says on the next page that the basket is full.
///
/// # Errors
///
/// [`EncodeError`] for a session that cannot be stored, whatever its size.
pub(crate) fn add_to_basket(
    prefs: &Session<Prefs>,
    item: impl Into<String>,
) -> Result<(), EncodeError> {
    let before = prefs.basket(); // stays what it is, whatever is written below
    prefs.update_basket(|basket| basket.push(item.into()));
    if prefs.info().encoded_len()? > PREFS_BYTES {
        prefs.set_basket(before.to_vec());
        prefs.set_notice(Notice::BasketFull);
    }
    Ok(())
}
