//! The two sessions.

use std::time::Duration;

use secure_session::{SecureSession, Session};
use serde::{Deserialize, Serialize};

pub(crate) const A_DAY: Duration = Duration::from_secs(86_400);

/// Who is signed in: until the browser is closed, half an hour without a request, or half a day; or
/// for a month, if the login is to be remembered.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth", idle = "30m", absolute = "12h")]
pub(crate) struct Auth {
    #[session(identity)]
    pub(crate) user_id: Option<u64>,
}

/// What the browser prefers, whoever uses it: neither a login nor a logout touches it.
///
/// `None` is "not chosen": with a default in its place, choosing just that would be no change and
/// not be stored.
#[derive(SecureSession)]
#[session(cookie = "__Host-prefs", idle = "none", absolute = "400d", persistent)]
pub(crate) struct Prefs {
    #[session(copy, lenient)]
    pub(crate) theme: Option<Theme>,
    #[session(copy, lenient)]
    pub(crate) language: Option<Language>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    #[default]
    Light,
    Dark,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    #[default]
    En,
    De,
}

/// Preferences that are used do not end: moves the end to 400 days from now, once a month at most.
pub(crate) fn keep(prefs: &Session<Prefs>) {
    let left = prefs.info().expires_in();
    if left.is_some_and(|left| left < 370 * A_DAY) {
        prefs.remember_for(400 * A_DAY);
    }
}
