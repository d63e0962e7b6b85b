//! Errors of revocations.

use std::{error::Error, fmt};

/// Why a revocation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationError {
    /// No middleware and no [`bind`](crate::Revocations::bind) connected the session type with these
    /// revocations.
    NotRegistered {
        /// The name of the struct.
        session: &'static str,
    },
    /// The store did not confirm the entry within 250 milliseconds (`flush`: 2 seconds), or an earlier
    /// wait was in vain and the store has not accepted an entry since.
    ///
    /// This process refuses the sessions from now on, and goes on trying to record the entry. After
    /// `revoke_others` it does neither.
    NotRecorded,
    /// The selector's value would not be written to a cookie, because it would not be read back
    /// unchanged.
    Value {
        /// The name of the struct.
        session: &'static str,
    },
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRegistered { session } => write!(
                f,
                "session `{session}` has no revocations; call `.revocations(…)` on the builder of \
                 its middleware, or `Revocations::bind`"
            ),
            Self::NotRecorded => {
                f.write_str("the revocation store did not confirm the revocation in time")
            }
            Self::Value { session } => write!(
                f,
                "the selector's value cannot be stored in a field of session `{session}`"
            ),
        }
    }
}

impl Error for RevocationError {}
