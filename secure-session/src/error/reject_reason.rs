//! Why a cookie was rejected.

use std::{error::Error, fmt};

/// Why a cookie did not open.
///
/// The same reasons serve [`SessionInfo::reason`](crate::SessionInfo::reason), the log and
/// [`Codec::open`](crate::codec::Codec::open). A client never sees them: whatever the reason, the
/// response is the one for no cookie at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectReason {
    /// There is no cookie of this name.
    Absent,
    /// It authenticates, but a limit has passed.
    Expired(ExpiryLimit),
    /// The key is ours, but the value does not authenticate: it was altered, or sealed for another
    /// session.
    Forged,
    /// It is not in the format: wrong length, alphabet or version; or it authenticates, but its
    /// content is not a session.
    Malformed,
    /// It authenticates, but a newer version of this library sealed it with an extension that this
    /// version must not ignore. The cookie is kept, so it opens again where the newer version runs.
    NewerBuild,
    /// It authenticates, but a field does not fit the struct, or the struct's `migrate` refused an
    /// older version.
    Schema,
    /// No key of the ring has sealed it for this session: a retired key, another cookie name,
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
            Self::Schema => "schema",
            Self::UnknownKey => "unknown-key",
        })
    }
}

impl Error for RejectReason {}

impl RejectReason {
    /// Returns true for a session that is authentic and was replaced by nothing: the client's older
    /// cookies must not take its place.
    pub(crate) fn was_a_session(self) -> bool {
        match self {
            Self::Expired(_) | Self::NewerBuild => true,
            Self::Absent | Self::Malformed | Self::UnknownKey | Self::Forged | Self::Schema => {
                false
            }
        }
    }
}

/// The two limits of a session's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiryLimit {
    /// Counted from sign-in, or the end set by
    /// [`remember_for`](crate::Session::remember_for); activity does not move it.
    Absolute,
    /// Counted from the last activity.
    Idle,
}
