//! What a handler holds: a session's values, its cookie's attributes, and `info()`.

mod accessors;
mod cell;
pub(crate) mod compare;
mod effects;
mod events;
mod info;
mod into_option;
mod lifecycle;
mod origin;
pub(crate) mod other_libraries;
mod outcome;
mod state;
mod versions;

use std::{fmt, ops::Deref, sync::Arc};

pub use self::{
    accessors::Handle, info::SessionInfo, into_option::IntoOption, origin::SessionOrigin,
};
pub(crate) use self::{
    cell::SessionCell,
    effects::{ErasedCell, ResponseEffects, SetCookieHeader},
};

use crate::{
    policy::{CookieOptions, CookieOptionsError},
    schema::{SessionData, field_set::FieldSet},
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
    pub(crate) fn new(cell: Arc<SessionCell<T>>) -> Self {
        Self {
            accessors: T::Accessors::__new(Handle::new(cell)),
        }
    }

    /// Gives a copy of the whole value.
    #[doc(alias = "data")]
    #[must_use]
    pub fn snapshot(&self) -> T {
        self.cell().open().current().__copy()
    }

    /// Puts a whole new value in place; the session's id and clocks stay.
    pub fn replace(&self, value: T) {
        let before = self.cell().open().current();
        let all = FieldSet::all::<T>();
        let written = all.difference(self.cell().open().untouched(all, &before, &value));
        drop(before);
        self.cell().replace(value, |state| state.write(written));
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
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let before = self.cell().open().current();
        let mut after = before.__copy();
        change(&mut after);
        let changed = FieldSet::all::<T>().differing(&after, &*before);
        let changed = changed.difference(self.cell().open().untouched(changed, &before, &after));
        drop(before);
        if changed != FieldSet::EMPTY {
            self.cell().write(changed, |value| {
                for field in changed.positions() {
                    value.__swap(&mut after, field);
                }
            });
        }
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
        let cell = self.cell();
        let (policy, now) = (cell.codec().policy(), cell.codec().time_to_write());
        let (options, times) = cell.open().state(|state| {
            let times = state.times(&policy.limits, true, now);
            (state.options().clone(), times)
        });
        let options = change(options);
        options.check(policy, policy.limits.left(&times, now))?;
        let options = Box::new(options);
        cell.record(|state| state.set_options(options));
        Ok(())
    }

    /// Gives the facts: id, times, origin, what was changed.
    #[must_use]
    pub fn info(&self) -> SessionInfo<'_, T> {
        SessionInfo::new(self.cell())
    }

    fn handle(&self) -> &Handle<T> {
        self.accessors.__handle()
    }

    fn cell(&self) -> &SessionCell<T> {
        self.handle().cell()
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
