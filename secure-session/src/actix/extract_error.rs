//! The error of the extractor, and the responses to errors.

use std::{error::Error, fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header::RETRY_AFTER},
};

use super::cross_origin;
#[cfg(feature = "revocation")]
use crate::revocation::RevocationError;
use crate::{error::EncodeError, policy::CookieOptionsError};

/// The error for a session that is not available in a request. The client sees an empty response.
///
/// An `Option<Session<T>>` is `None` instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtractError {
    /// Another origin sent the request, and it can change something
    /// ([`CrossOrigin`](crate::policy::CrossOrigin)). The response is a 403. The log names the
    /// cause (`session.cross_origin`).
    CrossOrigin {
        /// The name of the struct.
        session: &'static str,
    },
    /// The session is revocable, and the list of revoked sessions is too old to check it, or a user
    /// signs in whose sessions were revoked just now. The response is a 503 with `Retry-After`.
    Unavailable {
        /// The name of the struct.
        session: &'static str,
        /// When the client may try again, in whole seconds.
        retry_after: Duration,
    },
    /// No middleware around the route has the type. The response is a 500. The log names the
    /// missing call.
    NotRegistered {
        /// The name of the struct.
        session: &'static str,
    },
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrossOrigin { session } => write!(
                f,
                "session `{session}` is not available to requests from other origins"
            ),
            Self::NotRegistered { session } => {
                write!(f, "session `{session}` is not registered for this route")
            }
            Self::Unavailable { session, .. } => write!(
                f,
                "session `{session}` is not available now, because the revocation store is behind"
            ),
        }
    }
}

impl Error for ExtractError {}

macro_rules! empty_500 {
    ($($error:ty),*) => {
        $(
            /// An empty 500, so that clients learn nothing about the error.
            impl ResponseError for $error {
                fn error_response(&self) -> HttpResponse {
                    HttpResponse::InternalServerError().finish()
                }
            }
        )*
    };
}

empty_500!(CookieOptionsError, EncodeError);

/// An empty 503 with `Retry-After` if the store did not confirm, else an empty 500.
#[cfg(feature = "revocation")]
impl ResponseError for RevocationError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotRecorded => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotRegistered { .. } | Self::Value { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if *self == Self::NotRecorded {
            response.insert_header((RETRY_AFTER, 5));
        }
        response.finish()
    }
}

/// An empty response, so that clients learn nothing about the error.
impl ResponseError for ExtractError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::CrossOrigin { .. } => StatusCode::FORBIDDEN,
            Self::NotRegistered { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::CrossOrigin { .. } => cross_origin::refused(),
            Self::NotRegistered { .. } => HttpResponse::InternalServerError().finish(),
            Self::Unavailable { retry_after, .. } => HttpResponse::ServiceUnavailable()
                .insert_header((RETRY_AFTER, retry_after.as_secs()))
                .finish(),
        }
    }
}
