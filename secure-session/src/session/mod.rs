//! What a handler holds: reads, writes, and the verbs of a session's life.

mod cell;
pub(crate) mod compare;
mod handle;
mod info;
mod into_option;
mod origin;
mod outcome;
mod state;
mod versions;

use std::{fmt, ops::Deref, sync::Arc, time::Duration};

pub(crate) use self::{
    cell::SessionCell,
    outcome::{ErasedCell, ResponseEffects, SetCookie},
};
pub use self::{handle::Handle, info::SessionInfo, into_option::IntoOption, origin::SessionOrigin};

use crate::{
    cookie::rules::MAX_LIFETIME_SECONDS,
    log::event_once,
    policy::{CookieOptions, CookieOptionsError},
    schema::{Native, SessionData, field_set::FieldSet, layers::Layers},
};

/// A struct that is kept in a cookie; implemented by `#[derive(SecureSession)]` and by nothing
/// else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session",
    label = "does not derive `SecureSession`",
    note = "write `#[derive(SecureSession)]` above the struct; enums, tuple structs and other types cannot be sessions"
)]
pub trait SecureSession: SessionData {
    /// The generated getters and setters, which [`Session`] derefs to.
    type Accessors: Accessors<Self>;

    /// Returns the value of a session that has never been stored: each field's default.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::SecureSession;
    ///
    /// #[derive(SecureSession)]
    /// struct Prefs {
    ///     theme: Option<String>,
    ///     #[session(default = 20)]
    ///     page_size: u32,
    /// }
    ///
    /// assert_eq!(Prefs::defaults().theme, None);
    /// assert_eq!(Prefs::defaults().page_size, 20);
    /// ```
    #[must_use]
    fn defaults() -> Self {
        Self::__fresh()
    }
}

/// What the generated accessors of a session have in common.
///
/// [`Session`](crate::Session) derefs to them, and they deref to the struct.
pub trait Accessors<T>: Deref<Target = T> + Send + Sync + 'static {
    #[doc(hidden)]
    fn __new(handle: Handle<T>) -> Self;

    #[doc(hidden)]
    fn __handle(&self) -> &Handle<T>;
}

/// A session of type `T`: a cheap handle that reads and writes through `&self`.
///
/// It is `Send + Sync + 'static` and cheap to clone. Extractors, guards, middleware and the handler
/// of one request may all hold it at once, and see the same session. The getters and setters that
/// the derive generates are its methods, and so are the struct's own.
///
/// - A getter returns a plain reference that stays valid: a write makes a new version and changes
///   nothing that somebody holds.
/// - The first read, write or verb opens the session. A session that is only extracted costs next
///   to nothing.
/// - Storing a value that is equal to the one stored is no change, and so is storing a field's
///   default where nothing was stored.
/// - After the response head has gone the session is closed: reads work, a write changes nothing
///   and logs an error.
///
/// # Security
///
/// The client holds the cookie: until the session ends it can bring back any earlier state of it.
/// Keep no balances, counters of attempts or one-time tokens here.
///
/// # Examples
///
/// ```
/// use actix_web::{HttpResponse, Responder, get, post, web};
/// use secure_session::{SecureSession, Session};
///
/// #[derive(SecureSession)]
/// struct Auth {
///     user_id: Option<u64>,
///     name: String,
/// }
///
/// impl Auth {
///     fn is_signed_in(&self) -> bool {
///         self.user_id.is_some()
///     }
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Login {
///     name: String,
/// }
///
/// #[post("/login")]
/// async fn login(auth: Session<Auth>, form: web::Form<Login>) -> impl Responder {
///     auth.sign_in();
///     auth.set_user_id(42);
///     auth.set_name(&form.name);
///     HttpResponse::NoContent()
/// }
///
/// #[get("/")]
/// async fn index(auth: Session<Auth>) -> impl Responder {
///     if auth.is_signed_in() {
///         format!("welcome, {}", auth.name())
///     } else {
///         "please log in".to_owned()
///     }
/// }
/// ```
pub struct Session<T: SecureSession> {
    accessors: T::Accessors,
}

impl<T: SecureSession> Session<T> {
    pub(crate) fn new(slot: Arc<SessionCell<T>>) -> Self {
        Self {
            accessors: T::Accessors::__new(Handle::new(slot)),
        }
    }

    /// Gives a copy of the whole value.
    #[doc(alias = "data")]
    #[must_use]
    pub fn snapshot(&self) -> T {
        self.handle().get().__copy()
    }

    /// Puts a whole new value in place; the session's id and clocks stay.
    pub fn replace(&self, value: T) {
        self.slot().replace(value, |state| {
            state.write(FieldSet::all::<T>());
        });
    }

    /// Runs `change` on a copy of the value and then sets each field that it changed.
    ///
    /// Inside, reads of the session see the state before. Writes to other fields stay; for the same
    /// field the closure's value wins, as it ends last. A closure that panics changes nothing. A
    /// field of a type without `PartialEq` counts as changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{SecureSession, Session};
    /// # #[derive(SecureSession)]
    /// # struct Auth { name: String, visits: u32 }
    /// # fn handler(auth: Session<Auth>) {
    /// auth.update(|auth| {
    ///     auth.visits += 1;
    ///     auth.name.push('!');
    /// });
    /// # }
    /// ```
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let before = self.handle().get();
        let mut after = before.__copy();
        let result = change(&mut after);
        let changed = Layers::one(&after).differing(before, FieldSet::all::<T>());
        let changed = changed.without(self.slot().open().untouched(changed, before, &after));
        if changed != FieldSet::EMPTY {
            self.slot().write(changed, |value| {
                for field in changed.positions() {
                    value.__swap(&mut after, field);
                }
            });
        }
        result
    }

    /// Restarts the idle clock; the cookie is sent.
    pub fn touch(&self) {
        self.slot().report_verb("touch");
        self.slot().record(state::RequestState::touch);
    }

    /// Gives the session a new id and puts all fields but the `keep` ones back to their defaults;
    /// the absolute clock is kept. (In the fastify format there is neither, and the time of issue
    /// is now.)
    ///
    /// Members that the struct does not know are dropped, and nobody counts as authenticated any
    /// more ([`SessionInfo::authenticated_within`]). An end set by `remember_for` stays.
    pub fn regenerate(&self) {
        let keep = FieldSet::kept::<T>();
        let verb = state::RequestState::regenerate;
        self.slot().reset("regenerate", keep, verb);
    }

    /// As [`regenerate`](Self::regenerate), keeping exactly the listed fields.
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
        let verb = state::RequestState::regenerate;
        self.slot().reset("regenerate_keeping", keep, verb);
    }

    /// Ends the session: the cookie is removed, with the attributes configured now, and reads give
    /// the defaults.
    ///
    /// A write after it begins a new session; the last operation wins, with one `Set-Cookie`.
    ///
    /// # Security
    ///
    /// A copy of the cookie stays valid until its limits: there is no store to strike it from.
    #[doc(alias = "delete")]
    #[doc(alias = "logout")]
    #[doc(alias = "purge")]
    pub fn destroy(&self) {
        self.slot().report_verb("destroy");
        self.slot().replace(T::defaults(), |state| {
            state.destroy(FieldSet::all::<T>());
        });
    }

    /// Sets attributes of the cookie for this response only, over the configured ones.
    ///
    /// Calls add up, and the last word on each attribute counts. Alone it sends nothing.
    ///
    /// # Errors
    ///
    /// [`CookieOptionsError`] for attributes that browsers would refuse (by the rules of the
    /// builder), for a `max_age` of zero or beyond the end of the session. The call then has no
    /// effect.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{SecureSession, Session, policy::CookieOptionsError};
    /// # use std::time::Duration;
    /// # #[derive(SecureSession)]
    /// # struct Auth { name: String }
    /// # fn handler(auth: Session<Auth>) -> Result<(), CookieOptionsError> {
    /// auth.cookie_options(|cookie| cookie.max_age(Duration::from_secs(600)))?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "options")]
    pub fn cookie_options(
        &self,
        change: impl FnOnce(CookieOptions) -> CookieOptions,
    ) -> Result<(), CookieOptionsError> {
        let slot = self.slot();
        let (policy, now) = (slot.codec().policy(), slot.codec().time_to_write());
        let (options, times) = slot.open().state(|state| {
            let times = state.times(&policy.limits, true, now);
            (state.options().clone(), times)
        });
        let options = change(options);
        options.check(policy, policy.limits.left(&times, now))?;
        let options = Box::new(options);
        slot.record(|state| state.set_options(options));
        Ok(())
    }

    /// Keeps this request from counting as activity: polling and pings need not keep a session
    /// alive.
    ///
    /// The idle clock stays where it is, unless `touch`, `sign_in` or `reauthenticate` is called.
    pub fn without_activity(&self) {
        self.slot().report_verb("without_activity");
        self.slot().record(state::RequestState::without_activity);
    }

    /// Gives the facts: id, times, origin, what was changed.
    #[must_use]
    pub fn info(&self) -> SessionInfo<'_, T> {
        SessionInfo::new(self.slot())
    }

    fn handle(&self) -> &Handle<T> {
        self.accessors.__handle()
    }

    fn slot(&self) -> &SessionCell<T> {
        self.handle().slot()
    }
}

/// What only the native format has: an id and two clocks.
impl<T: SecureSession<Format = Native>> Session<T> {
    /// Begins the session of a user who has just been authenticated; what a login handler calls
    /// first.
    ///
    /// A new id, all fields but the `keep` ones back to their defaults, both clocks restarted, and
    /// no end of an earlier [`remember_for`](Self::remember_for): nothing of the person before is
    /// left.
    ///
    /// # Security
    ///
    /// Call it before the setters and `remember_for`: it takes back what the request did before.
    /// Without it a visitor's session from before the login lives on,
    /// and somebody who planted it shares the login (session fixation).
    #[doc(alias = "renew")]
    pub fn sign_in(&self) {
        let now = self.slot().codec().now();
        let keep = FieldSet::kept::<T>();
        let slot = self.slot();
        slot.reset("sign_in", keep, |state| state.sign_in(now));
    }

    /// Notes that the user's password was confirmed again: a new id, all data kept, both clocks
    /// restarted.
    ///
    /// [`SessionInfo::authenticated_within`] counts from here. An end set by
    /// [`remember_for`](Self::remember_for) stays, in place of both clocks.
    #[doc(alias = "renew")]
    pub fn reauthenticate(&self) {
        let now = self.slot().codec().now();
        self.slot().report_verb("reauthenticate");
        self.slot().record(|state| state.reauthenticate(now));
    }

    /// Gives this login an end of its own, in place of both limits, and a cookie that outlives the
    /// browser.
    ///
    /// The end is kept by later writes, new ids and change of keys; `sign_in` and `destroy` end
    /// it. Times are cut to whole seconds, and to between one second and 400 days, with a warning
    /// in the log.
    pub fn remember_for(&self, time: Duration) {
        let codec = self.slot().codec();
        let seconds = time.as_secs().clamp(1, MAX_LIFETIME_SECONDS);
        if seconds != time.as_secs() {
            event_once!(
                codec.log_state().remember_cut,
                "session.remember_cut",
                session = codec.cookie_name(),
                asked = time.as_secs(),
                given = seconds,
                "remember_for takes between one second and 400 days"
            );
        }
        let end = codec.now().saturating_add(seconds);
        self.slot().report_verb("remember_for");
        self.slot().record(|state| state.remember_until(end));
    }
}

impl<T: SecureSession> Deref for Session<T> {
    type Target = T::Accessors;

    fn deref(&self) -> &T::Accessors {
        &self.accessors
    }
}

impl<T: SecureSession> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self {
            accessors: T::Accessors::__new(self.handle().clone()),
        }
    }
}

impl<T: SecureSession> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session<{}>(..)", T::SCHEMA.type_name)
    }
}
