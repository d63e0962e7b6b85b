//! The lifecycle methods of a session: login, logout, new ids, clocks.

use std::time::Duration;

use super::{SecureSession, Session, state::RequestState};
#[cfg(feature = "revocation")]
use crate::revocation::EndReason;
use crate::{
    cookie::rules::MAX_LIFETIME_SECONDS,
    log::event_once,
    policy::RememberLimit,
    schema::{Format as _, FormatKind, Native, field_set::FieldSet},
};

impl<T: SecureSession> Session<T> {
    /// Restarts the idle clock and sends the cookie.
    pub fn touch(&self) {
        self.cell().report_method("touch");
        self.cell().record(RequestState::touch);
    }

    /// Draws a new id and resets all fields except the `keep` ones to their defaults.
    ///
    /// A [revocable](macro@crate::SecureSession#revocable) session keeps its id if somebody is signed
    /// in before and after; if nobody is afterwards, the session is revoked.
    ///
    /// The absolute clock and the time set by `remember_for` continue. Members that the struct does
    /// not know are dropped, and the session no longer counts as authenticated
    /// ([`SessionInfo::authenticated_within`](super::SessionInfo::authenticated_within)). The
    /// fastify format has no id and no absolute clock; there, the time of issue is set to now.
    pub fn regenerate(&self) {
        let keep = FieldSet::kept::<T>();
        self.cell().reset("regenerate", keep, regenerate::<T>);
    }

    /// Does the same as [`regenerate`](Self::regenerate), but keeps exactly the given fields.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{SecureSession, Session};
    /// # #[derive(SecureSession)]
    /// # struct Auth { name: String, visits: u32 }
    /// # fn handler(auth: Session<Auth>) {
    /// auth.regenerate_keeping(&[AuthField::Visits]);
    /// # }
    /// ```
    pub fn regenerate_keeping(&self, fields: &[T::Field]) {
        let keep = FieldSet::of(fields);
        self.cell()
            .reset("regenerate_keeping", keep, regenerate::<T>);
    }

    /// Ends the session: removes the cookie and resets all fields to their defaults.
    ///
    /// The removal uses the configured path, domain and other attributes. A later write starts a
    /// new session; the last operation wins, and only one `Set-Cookie` is sent.
    ///
    /// # Security
    ///
    /// A copy of the cookie stays valid until it expires, unless the session is
    /// [revocable](macro@crate::SecureSession#revocable): then every session that the request received
    /// in the cookie is revoked when this is called, even if the request fails later.
    #[doc(alias = "delete")]
    #[doc(alias = "logout")]
    #[doc(alias = "purge")]
    pub fn destroy(&self) {
        self.cell().report_method("destroy");
        #[cfg(feature = "revocation")]
        self.cell().revoke_received(EndReason::Destroyed);
        self.cell().replace(T::defaults(), |state| {
            state.destroy(FieldSet::all::<T>());
        });
    }

    /// Prevents this request from counting as activity, so that polling does not keep a session
    /// alive.
    ///
    /// The idle clock does not restart, unless `touch`, `sign_in` or `reauthenticate` is called. To
    /// except requests by path or header, see [`Activity`](crate::policy::Activity).
    pub fn without_activity(&self) {
        self.cell().report_method("without_activity");
        self.cell().record(RequestState::without_activity);
    }
}

/// Methods of the native format, which has an id and two clocks.
impl<T: SecureSession<Format = Native>> Session<T> {
    /// Starts the session of a user who has just authenticated. Call it first in a login handler.
    ///
    /// Draws a new id, resets all fields except the `keep` ones to their defaults, restarts both
    /// clocks and drops the time set by an earlier [`remember_for`](Self::remember_for).
    ///
    /// # Security
    ///
    /// Call it before the setters and `remember_for`, because it undoes earlier changes of the
    /// request. Without this call, the session from before the login continues, and an attacker who
    /// planted it shares the login (session fixation).
    #[doc(alias = "renew")]
    pub fn sign_in(&self) {
        let now = self.cell().time().seconds();
        let keep = FieldSet::kept::<T>();
        let cell = self.cell();
        #[cfg(feature = "revocation")]
        cell.revoke_received(EndReason::SignedIn);
        cell.reset("sign_in", keep, |state| {
            state.sign_in(now);
            #[cfg(feature = "revocation")]
            cell.note_sign_in(state);
        });
    }

    /// Records that the user has just authenticated again: draws a new id and restarts both clocks.
    ///
    /// All fields and a time set by [`remember_for`](Self::remember_for) are kept.
    /// [`SessionInfo::authenticated_within`](super::SessionInfo::authenticated_within) counts from
    /// this time.
    #[doc(alias = "renew")]
    pub fn reauthenticate(&self) {
        let now = self.cell().time().seconds();
        self.cell().report_method("reauthenticate");
        self.cell().record(|state| {
            state.reauthenticate(now);
            #[cfg(feature = "revocation")]
            state.note_proof(self.cell().proof_now());
        });
    }

    /// Makes this login last for `time` instead of both limits, in a cookie that survives closing
    /// the browser.
    ///
    /// Later writes, new ids and key rotation keep this time; `sign_in` and `destroy` drop it.
    ///
    /// `time` is rounded down to whole seconds. A time below one second or above 400 days is
    /// replaced by the nearest limit, with a warning in the log.
    ///
    /// In a [revocable](macro@crate::SecureSession#revocable) session, the longest time is that of
    /// the attribute `remember`. Without the attribute, it is the absolute limit, and both limits
    /// still apply.
    pub fn remember_for(&self, time: Duration) {
        let codec = self.cell().codec();
        let longest = match codec.policy().limits.remember {
            RememberLimit::None => MAX_LIFETIME_SECONDS,
            RememberLimit::AtMost(longest) => longest,
            RememberLimit::WithinLimits => {
                let absolute = codec.policy().limits.absolute;
                absolute.map_or(MAX_LIFETIME_SECONDS, |absolute| absolute)
            }
        };
        let seconds = time.as_secs().clamp(1, longest);
        if seconds != time.as_secs() {
            event_once!(
                codec.log_state().remember_for_clamped,
                "session.remember_for_clamped",
                session = codec.cookie_name(),
                requested = time.as_secs(),
                used = seconds,
                longest,
                "`remember_for` accepts one second to `longest`; using the nearest limit instead; for \
                 a revocable session, raise the limit with `remember`"
            );
        }
        let end = self.cell().time().seconds().saturating_add(seconds);
        self.cell().report_method("remember_for");
        self.cell().record(|state| state.remember_until(end));
    }
}

/// Regenerates the session. In the fastify format, this also ends the previous login, as `sign_in`
/// does in the native format.
fn regenerate<T: SecureSession>(state: &mut RequestState) {
    #[cfg(feature = "revocation")]
    if T::SCHEMA.revocable {
        return state.regenerate_revocable();
    }
    state.regenerate();
    if T::Format::KIND != FormatKind::Native {
        state.end_login();
    }
}
