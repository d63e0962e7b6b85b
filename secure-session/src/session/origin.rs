//! The origin of a session.

use std::fmt;

use crate::error::RejectReason;

/// Whether a request's session is new, restored, expired, revoked or rejected.
///
/// # Examples
///
/// A notice that the session has expired, shown once. A cookie that does not open is kept until
/// something is written, so the origin is [`Expired`](Self::Expired) on every page until `destroy`
/// removes the cookie. Browsers drop a persistent cookie when its session expires; the origin is
/// then [`New`](Self::New).
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
    /// An authentic cookie was received, but its session is past a limit.
    Expired,
    /// No cookie was received.
    New,
    /// A cookie was received that does not open.
    /// [`SessionInfo::reason`](super::SessionInfo::reason) returns why.
    Rejected,
    /// The session was restored from a cookie.
    Restored,
    /// An authentic cookie was received, but its session was revoked.
    Revoked,
}

impl fmt::Display for SessionOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::New => "new",
            Self::Rejected => "rejected",
            Self::Restored => "restored",
            Self::Revoked => "revoked",
        })
    }
}

impl SessionOrigin {
    pub(crate) fn of(failure: Option<RejectReason>) -> Self {
        match failure {
            None => Self::Restored,
            Some(RejectReason::Absent) => Self::New,
            Some(RejectReason::Expired(_)) => Self::Expired,
            Some(RejectReason::Revoked) => Self::Revoked,
            Some(
                RejectReason::Malformed
                | RejectReason::UnknownKey
                | RejectReason::Forged
                | RejectReason::NewerBuild
                | RejectReason::Unchecked
                | RejectReason::Schema,
            ) => Self::Rejected,
        }
    }
}
