//! How a session came to be.

use std::fmt;

use crate::error::RejectReason;

/// How the session of a request came to be.
///
/// # Examples
///
/// "Your session has expired", said once. A cookie that does not open is left alone until something
/// is written, so the origin stays [`Expired`](Self::Expired) on every page; `destroy` removes the
/// cookie. A persistent cookie is dropped by the browser when its session ends, and comes back as
/// [`New`](Self::New).
///
/// ```
/// use actix_web::{HttpResponse, get};
/// use secure_session::{SessionOrigin, SecureSession, Session};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// #[get("/account")]
/// async fn account(auth: Session<Auth>) -> HttpResponse {
///     match (auth.user_id(), auth.info().origin()) {
///         (Some(id), _) => HttpResponse::Ok().body(format!("account {id}")),
///         (None, SessionOrigin::Expired) => {
///             auth.destroy();
///             HttpResponse::Unauthorized().body("your session has expired, please log in")
///         }
///         (None, _) => HttpResponse::Unauthorized().body("please log in"),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionOrigin {
    /// A cookie came that was a session once, and a limit has passed.
    Expired,
    /// No cookie came.
    New,
    /// A cookie came that does not open; [`SessionInfo::reason`](super::SessionInfo::reason) tells why.
    Rejected,
    /// The session is that of the cookie.
    Restored,
}

impl fmt::Display for SessionOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::New => "new",
            Self::Rejected => "rejected",
            Self::Restored => "restored",
        })
    }
}

impl SessionOrigin {
    pub(crate) fn of(failure: Option<RejectReason>) -> Self {
        match failure {
            None => Self::Restored,
            Some(RejectReason::Absent) => Self::New,
            Some(RejectReason::Expired(_)) => Self::Expired,
            Some(
                RejectReason::Malformed
                | RejectReason::UnknownKey
                | RejectReason::Forged
                | RejectReason::NewerBuild
                | RejectReason::Schema,
            ) => Self::Rejected,
        }
    }
}
