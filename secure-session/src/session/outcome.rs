//! Decides once what happens to the cookie of a session at the end of a request.

use super::state::RequestState;
use crate::{
    payload::SessionId,
    policy::{Limits, Times},
};

/// What happens to the cookie of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing is sent.
    Keep,
    Remove,
    Send(Sending),
    /// Nothing is sent, as the session has expired since the request began; a change is lost.
    Expired {
        change_is_lost: bool,
    },
}

/// A session that is to be sealed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) reason: SendReason,
    /// The time at which it is sent.
    pub(super) now: u64,
    /// `None` for a new one.
    pub(super) id: Option<SessionId>,
    pub(super) times: Times,
    pub(super) authenticated: Option<u64>,
    pub(super) schema_version: u32,
}

/// Why a session is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SendReason {
    /// The request changed it. If it cannot be stored, the response is a 500.
    Changed,
    /// Its cookie was sealed with an old key, or has an old format. If it cannot be stored, the
    /// old cookie stays.
    Resealed,
    /// Its idle clock restarts. If it cannot be stored, the old cookie stays.
    Refreshed,
}

/// What the decision depends on besides the state.
pub(super) struct Circumstances<'a> {
    pub(super) limits: &'a Limits,
    /// A value differs from that of the client's cookie, or from the defaults if it has none.
    pub(super) changed: bool,
    /// The cookie is to be sent again because of its key or format.
    pub(super) reseal: bool,
    /// The time of the request. A refresh is due by this time, so that a request which sends nothing
    /// reads the clock once.
    pub(super) request_time: u64,
}

impl Outcome {
    /// Decides what happens. `now` is only called if the session is sent: it returns the time of an
    /// activity, and the time of sealing.
    pub(super) fn decide(
        state: &RequestState,
        circumstances: &Circumstances<'_>,
        now: impl FnOnce() -> (u64, u64),
    ) -> Self {
        let &Circumstances {
            limits,
            changed,
            reseal,
            request_time,
        } = circumstances;
        let has_other_id = state.is_stored() && state.has_new_id();
        let reason = if state.must_send() || changed || has_other_id {
            SendReason::Changed
        } else if state.is_destroyed() {
            return Self::Remove;
        } else if state.is_stored() && reseal {
            SendReason::Resealed
        } else if state.is_stored() && state.refresh_is_due(limits, request_time) {
            SendReason::Refreshed
        } else {
            return Self::Keep;
        };
        let (activity, sealing) = now();
        let times = state.times(limits, changed, activity);
        if limits.passed(&times, sealing).is_some() {
            return if state.is_destroyed() {
                Self::Remove
            } else {
                Self::Expired {
                    change_is_lost: reason.is_required(),
                }
            };
        }
        Self::Send(Sending {
            reason,
            // The Node package rounds its times up.
            now: sealing.max(activity),
            id: state.id(),
            times,
            authenticated: state.authenticated(),
            schema_version: state.schema_version(),
        })
    }
}

impl SendReason {
    /// Whether the response must fail if the session cannot be stored.
    pub(super) fn is_required(self) -> bool {
        self == Self::Changed
    }
}
