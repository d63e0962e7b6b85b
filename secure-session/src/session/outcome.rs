//! Decides what happens to a session's cookie at the end of a request.

use super::state::RequestState;
use crate::{
    payload::SessionId,
    policy::{Limits, Times},
};

/// What happens to a session's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing is sent.
    Keep,
    Remove,
    Send(Sending),
    /// Nothing is sent, because the session expired during the request.
    Expired {
        change_is_lost: bool,
    },
}

/// A session to encrypt and send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sending {
    pub(super) reason: SendReason,
    /// The time at which it is sent.
    pub(super) now: u64,
    /// `None` for a new id.
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
    /// Its cookie has an old key or an old format. If it cannot be stored, the previous cookie is
    /// kept.
    Resealed,
    /// Its idle clock restarts. If it cannot be stored, the previous cookie is kept.
    Refreshed,
}

/// The input of the decision besides the state.
pub(super) struct Circumstances<'a> {
    pub(super) limits: &'a Limits,
    /// A value differs from the client's cookie, or from the defaults if there is none.
    pub(super) changed: bool,
    /// The cookie must be sent again because of its key or format.
    pub(super) reseal: bool,
    /// The time of the request. It decides whether a refresh is due, so that a request that sends
    /// nothing reads the clock only once.
    pub(super) request_time: u64,
}

impl Outcome {
    /// Decides what happens. `now` returns the time of activity and the time of encryption; it is
    /// only called if the session may be sent.
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
            // In the fastify format, the time of activity may be rounded up.
            now: sealing.max(activity),
            id: state.id(),
            times,
            authenticated: state.authenticated(),
            schema_version: state.schema_version(),
        })
    }
}

impl SendReason {
    /// Returns true if the response must fail when the session cannot be stored.
    pub(super) fn is_required(self) -> bool {
        self == Self::Changed
    }
}
