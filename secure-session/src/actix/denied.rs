//! Why a request is denied.

use std::{error::Error, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, VARY, WWW_AUTHENTICATE},
    },
};

use super::extract_error::ExtractError;
use crate::{error::EncodeError, session::SessionOrigin};

/// The request headers that the response depends on.
pub(super) const VARIES_BY: &str = "Cookie, Sec-Fetch-Mode, Accept, HX-Request";

/// Why a request is denied: the error of guards, and what
/// [`denied`](crate::SessionMiddlewareBuilder::denied) receives.
///
/// The middleware responds to it: see [`SessionGuard`](trait@crate::SessionGuard#responses).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// Nobody is signed in.
    NotSignedIn {
        /// Whether a session has expired or was revoked.
        origin: SessionOrigin,
    },
    /// The user is signed in, but must confirm the password again.
    Stale {
        /// How long a confirmation counts.
        confirmed_within: Duration,
    },
    /// The user is signed in, but the guard's `when` returned false.
    Forbidden,
    /// The session is not available: an empty 403, 500 or 503.
    Session(ExtractError),
    /// The session cannot be stored: an empty 500.
    NotStored(EncodeError),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSignedIn { origin } => write!(f, "nobody is signed in (session: {origin})"),
            Self::Stale { confirmed_within } => write!(
                f,
                "the password was not confirmed within {} seconds",
                confirmed_within.as_secs()
            ),
            Self::Forbidden => f.write_str("the user may not do this"),
            Self::Session(err) => err.fmt(f),
            Self::NotStored(err) => err.fmt(f),
        }
    }
}

impl Error for Denied {}

impl From<ExtractError> for Denied {
    fn from(err: ExtractError) -> Self {
        Self::Session(err)
    }
}

/// The response for applications. With the middleware around the route, it depends on the request.
impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. } | Self::Stale { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Session(err) => err.status_code(),
            Self::NotStored(err) => err.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::NotSignedIn { .. } | Self::Stale { .. } | Self::Forbidden => {
                for_applications(self)
            }
            Self::Session(err) => err.error_response(),
            Self::NotStored(err) => err.error_response(),
        }
    }
}

/// Returns the response for applications and scripts: JSON with the reason.
pub(super) fn for_applications(denied: &Denied) -> HttpResponse {
    let mut response = HttpResponse::build(denied.status_code());
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((VARY, VARIES_BY));
    if denied.status_code() == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Cookie"));
    }
    match reason(denied) {
        Some(body) => response.content_type("application/json").body(body),
        None => response.finish(),
    }
}

/// Returns the JSON of the reason.
fn reason(denied: &Denied) -> Option<String> {
    Some(match denied {
        Denied::NotSignedIn {
            origin: SessionOrigin::Expired,
        } => r#"{"error":"session_expired"}"#.to_owned(),
        Denied::NotSignedIn {
            origin: SessionOrigin::Revoked,
        } => r#"{"error":"session_revoked"}"#.to_owned(),
        Denied::NotSignedIn { .. } => r#"{"error":"not_signed_in"}"#.to_owned(),
        Denied::Stale { confirmed_within } => format!(
            r#"{{"error":"confirmation_required","within":{}}}"#,
            confirmed_within.as_secs()
        ),
        Denied::Forbidden => r#"{"error":"forbidden"}"#.to_owned(),
        Denied::Session(_) | Denied::NotStored(_) => return None,
    })
}
