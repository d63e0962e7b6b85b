//! Why a request failed.

use std::{error, fmt};

use actix_web::{HttpResponse, ResponseError, error::BlockingError};
use argon2::password_hash;
use secure_session::RevocationError;

/// Why a request failed. The log has the reason, the response is an empty 500.
#[derive(Debug)]
pub(crate) enum AppError {
    Database(rusqlite::Error),
    Password(password_hash::Error),
    Revocation(RevocationError),
    /// The threads for blocking work are gone.
    Stopped(BlockingError),
    /// The thread of the devices is gone.
    DevicesStopped,
    NotRegistered,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(err) => write!(f, "the database: {err}"),
            Self::Password(err) => write!(f, "the hash of a password: {err}"),
            Self::Revocation(err) => err.fmt(f),
            Self::Stopped(err) => err.fmt(f),
            Self::DevicesStopped => f.write_str("the thread of the devices has stopped"),
            Self::NotRegistered => {
                f.write_str("no table of users; pass `Data<Users>` to `App::app_data`")
            }
        }
    }
}

impl error::Error for AppError {}

impl From<rusqlite::Error> for AppError {
    fn from(err: rusqlite::Error) -> Self {
        Self::Database(err)
    }
}

impl From<password_hash::Error> for AppError {
    fn from(err: password_hash::Error) -> Self {
        Self::Password(err)
    }
}

impl From<RevocationError> for AppError {
    fn from(err: RevocationError) -> Self {
        Self::Revocation(err)
    }
}

impl From<BlockingError> for AppError {
    fn from(err: BlockingError) -> Self {
        Self::Stopped(err)
    }
}

impl ResponseError for AppError {
    fn error_response(&self) -> HttpResponse {
        tracing::error!(error = %self, "a request failed");
        HttpResponse::InternalServerError().finish()
    }
}
