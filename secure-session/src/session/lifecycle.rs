//! The lifecycle methods of a session: login, logout, new ids, clocks.

use std::time::Duration;

use super::{SecureSession, Session, state::RequestState};
use crate::{
    cookie::rules::MAX_LIFETIME_SECONDS,
    log::event_once,
    schema::{Format as _, FormatKind, Native, field_set::FieldSet},
};

impl<T: SecureSession> Session<T> {
    /// Restarts the idle clock and sends the cookie.
    pub fn touch(&self) {
        self.cell().report_method("touch");
        self.cell().record(RequestState::touch);
    }

    /// Draws a new id and resets all fields but the `keep` ones to their defaults.
    ///
    /// The absolute clock runs on, and so does the time set by `remember_for`. Members that the
    /// struct does not know are dropped, and the session no longer counts as authenticated
    /// ([`SessionInfo::authenticated_within`](super::SessionInfo::authenticated_within)). In the
    /// fastify format there is no id and no absolute clock; the time of issue is now.
    pub fn regenerate(&self) {
        let keep = FieldSet::kept::<T>();
        self.cell().reset("regenerate", keep, regenerate::<T>);
    }

    /// Does the same as [`regenerate`](Self::regenerate), but keeps exactly the listed fields.
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
    /// The removal has the attributes that are configured now. A write after it begins a new
    /// session; the last operation wins, with one `Set-Cookie`.
    ///
    /// # Security
    ///
    /// A copy of the cookie stays valid until it expires, as there is no store to delete it from.
    #[doc(alias = "delete")]
    #[doc(alias = "logout")]
    #[doc(alias = "purge")]
    pub fn destroy(&self) {
        self.cell().report_method("destroy");
        self.cell().replace(T::defaults(), |state| {
            state.destroy(FieldSet::all::<T>());
        });
    }

    /// Keeps this request from counting as activity, so that polling does not keep a session alive.
    ///
    /// The idle clock does not restart, unless `touch`, `sign_in` or `reauthenticate` is called.
    pub fn without_activity(&self) {
        self.cell().report_method("without_activity");
        self.cell().record(RequestState::without_activity);
    }
}

/// Methods of the native format, which has an id and two clocks.
impl<T: SecureSession<Format = Native>> Session<T> {
    /// Begins the session of a user who has just been authenticated. Call it first in a login
    /// handler.
    ///
    /// Draws a new id, resets all fields but the `keep` ones to their defaults, restarts both clocks
    /// and drops the time set by an earlier [`remember_for`](Self::remember_for).
    ///
    /// # Security
    ///
    /// Call it before the setters and `remember_for`, as it undoes what the request did before.
    /// Without it the visitor's session from before the login lives on, and an attacker who planted
    /// it shares the login (session fixation).
    #[doc(alias = "renew")]
    pub fn sign_in(&self) {
        let now = self.cell().time().seconds();
        let keep = FieldSet::kept::<T>();
        let cell = self.cell();
        cell.reset("sign_in", keep, |state| state.sign_in(now));
    }

    /// Records that the user has just authenticated again: draws a new id and restarts both clocks.
    ///
    /// All fields stay.
    /// [`SessionInfo::authenticated_within`](super::SessionInfo::authenticated_within) counts from
    /// here. A time set by [`remember_for`](Self::remember_for) stays in force.
    #[doc(alias = "renew")]
    pub fn reauthenticate(&self) {
        let now = self.cell().time().seconds();
        self.cell().report_method("reauthenticate");
        self.cell().record(|state| state.reauthenticate(now));
    }

    /// Lets this login last for `time` instead of both limits, in a cookie that outlives the browser.
    ///
    /// Later writes, new ids and key rotation keep it; `sign_in` and `destroy` drop it. The time is
    /// cut to whole seconds and to between one second and 400 days, with a warning in the log.
    pub fn remember_for(&self, time: Duration) {
        let codec = self.cell().codec();
        let seconds = time.as_secs().clamp(1, MAX_LIFETIME_SECONDS);
        if seconds != time.as_secs() {
            event_once!(
                codec.log_state().remember_for_clamped,
                "session.remember_for_clamped",
                session = codec.cookie_name(),
                requested = time.as_secs(),
                used = seconds,
                "remember_for takes between one second and 400 days"
            );
        }
        let end = self.cell().time().seconds().saturating_add(seconds);
        self.cell().report_method("remember_for");
        self.cell().record(|state| state.remember_until(end));
    }
}

/// In the fastify format this is what a login calls, as `sign_in` is in the native one.
fn regenerate<T: SecureSession>(state: &mut RequestState) {
    state.regenerate();
    if T::Format::KIND != FormatKind::Native {
        state.end_login();
    }
}
