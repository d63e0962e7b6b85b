//! The two sessions.

use std::time::Duration;

use secure_session::{SecureSession, Session};
use serde::{Deserialize, Serialize};

pub(crate) const A_DAY: Duration = Duration::from_secs(86_400);

/// The `absolute` limit of [`Auth`].
pub(crate) const HALF_A_DAY: Duration = Duration::from_secs(12 * 3600);

/// The `remember` of [`Auth`].
pub(crate) const A_MONTH: Duration = Duration::from_secs(30 * 86_400);

/// The signed-in user. The session ends with the browser, after half an hour without a request, or
/// after half a day. A remembered login lasts a month. Both can be revoked earlier.
#[derive(SecureSession)]
#[session(
    cookie = "__Host-auth",
    idle = "30m",
    absolute = "12h",
    revocable,
    remember = "30d"
)]
pub(crate) struct Auth {
    #[session(identity)]
    pub(crate) user_id: Option<u64>,
}

/// The browser's preferences, which logins and logouts do not change.
///
/// `None` means "not chosen". If the fields had defaults instead, choosing the default would not be
/// a change and would not be stored.
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

/// Extends preferences that are in use to 400 days from now, at most once a month.
pub(crate) fn keep(prefs: &Session<Prefs>) {
    let left = prefs.info().expires_in();
    if left.is_some_and(|left| left < 370 * A_DAY) {
        prefs.remember_for(400 * A_DAY);
    }
}
