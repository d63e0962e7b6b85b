//! What guards decided about a request, for the response.

use std::any::TypeId;

/// The attributes of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub struct GuardRules {
    /// The name of the struct.
    pub name: &'static str,
    pub login: Option<&'static str>,
    pub confirm: Option<&'static str>,
    /// In seconds.
    pub within: Option<u64>,
}

/// Why a session does not allow a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Verdict {
    NotSignedIn,
    Forbidden,
    Stale,
}

/// A guard that a request asked for, and its decision. The response depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GuardUse {
    /// `None` if the guard let the request in.
    pub(super) verdict: Option<Verdict>,
    pub(super) rules: &'static GuardRules,
    /// The session type.
    pub(super) session: TypeId,
}
