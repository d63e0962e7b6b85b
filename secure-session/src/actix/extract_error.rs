//! The error of the extractor, and the responses to errors.

use std::{error::Error, fmt};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};

use super::cross_origin;
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

/// An empty response, so that clients learn nothing about the error.
impl ResponseError for ExtractError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::CrossOrigin { .. } => StatusCode::FORBIDDEN,
            Self::NotRegistered { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::CrossOrigin { .. } => cross_origin::refused(),
            Self::NotRegistered { .. } => HttpResponse::InternalServerError().finish(),
        }
    }
}
