//! What a guard decided about a request, for the response.

/// The attributes of a guard.
#[derive(Debug, Clone, Copy)]
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

/// A denial of a request, for the response.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    pub(super) verdict: Verdict,
    pub(super) rules: GuardRules,
    /// The name of the session's cookie.
    pub(super) cookie: String,
}
