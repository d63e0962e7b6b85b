//! The reasons for rejecting a cookie.

use std::{error::Error, fmt};

/// The reason why a cookie did not open.
///
/// [`SessionInfo::reason`](crate::SessionInfo::reason), the log and
/// [`Codec::open`](crate::codec::Codec::open) use the same reasons. Clients never see them: for
/// every reason, the response is the same as without a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectReason {
    /// There is no cookie of this name.
    Absent,
    /// Authentic, but past its idle or absolute limit.
    Expired(ExpiryLimit),
    /// The value names one of our keys but does not authenticate: it was altered, or encrypted for
    /// another session.
    Forged,
    /// Not in the format: wrong length, alphabet or version. Or authentic, but its content is not a
    /// session.
    Malformed,
    /// Authentic, but a newer version of this library encrypted it with an extension that this
    /// version must not ignore. The cookie is kept, so that servers with the newer version can
    /// still open it.
    NewerBuild,
    /// Authentic, but it was revoked: by a logout, a later login, or a method of `Revocations`.
    Revoked,
    /// Authentic, but a field does not fit the struct, or the struct's `migrate` function rejected
    /// an older version.
    Schema,
    /// Authentic, but the list of revoked sessions is too old to say whether it was revoked. Only
    /// [`Codec::open`](crate::codec::Codec::open) returns it; a request gets a 503.
    Unchecked,
    /// No key of the ring encrypted it for this session: a retired key, another cookie name,
    /// application or purpose, or junk.
    UnknownKey,
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::Expired(ExpiryLimit::Absolute) => "expired (absolute limit)",
            Self::Expired(ExpiryLimit::Idle) => "expired (idle limit)",
            Self::Forged => "forged",
            Self::Malformed => "malformed",
            Self::NewerBuild => "newer-build",
            Self::Revoked => "revoked",
            Self::Schema => "schema",
            Self::Unchecked => "unchecked",
            Self::UnknownKey => "unknown-key",
        })
    }
}

impl Error for RejectReason {}

impl RejectReason {
    /// Returns true for an authentic session whose place the client's older cookies must not take.
    pub(crate) fn was_a_session(self) -> bool {
        match self {
            Self::Expired(_) | Self::NewerBuild | Self::Revoked | Self::Unchecked => true,
            Self::Absent | Self::Malformed | Self::UnknownKey | Self::Forged | Self::Schema => {
                false
            }
        }
    }
}

/// One of a session's two time limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiryLimit {
    /// Counted from sign-in, or set by [`remember_for`](crate::Session::remember_for). Activity
    /// does not extend it.
    Absolute,
    /// Counted from the last activity.
    Idle,
}
