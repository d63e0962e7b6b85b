//! How a session came to be.

use std::fmt;

use crate::error::Reason;

/// How the session of a request came to be, so that an application can say "your session has
/// expired".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A cookie came that was a session once, and a limit has passed.
    Expired,
    /// No cookie came.
    New,
    /// A cookie came that does not open; [`Info::reason`](super::Info::reason) tells why.
    Rejected,
    /// The session is that of the cookie.
    Restored,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "expired",
            Self::New => "new",
            Self::Rejected => "rejected",
            Self::Restored => "restored",
        })
    }
}

impl Origin {
    pub(crate) fn of(failure: Option<Reason>) -> Self {
        match failure {
            None => Self::Restored,
            Some(Reason::Absent) => Self::New,
            Some(Reason::Expired(_)) => Self::Expired,
            Some(_) => Self::Rejected,
        }
    }
}
