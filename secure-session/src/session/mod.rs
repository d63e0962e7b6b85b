//! The session handle: values, lifecycle methods, cookie attributes and metadata.

mod accessors;
mod cell;
pub(crate) mod compare;
mod effects;
#[cfg(feature = "revocation")]
mod ending;
mod events;
mod info;
mod into_option;
#[cfg(feature = "revocation")]
mod last_look;
mod lifecycle;
mod origin;
pub(crate) mod other_libraries;
mod outcome;
#[cfg(feature = "revocation")]
mod revocable;
mod state;
mod versions;
mod view;

use std::{fmt, ops::Deref, sync::Arc};

#[cfg(feature = "revocation")]
pub(crate) use self::last_look::{Append, Unavailable};
#[cfg(feature = "revocation")]
pub use self::revocable::{RevocableSession, SessionSelector};
pub use self::{
    accessors::Handle,
    info::SessionInfo,
    into_option::IntoOption,
    origin::SessionOrigin,
    view::{PublicSession, SessionView},
};
pub(crate) use self::{
    cell::{RequestFacts, SessionCell},
    effects::{ErasedCell, ResponseEffects, SetCookieHeader},
};

use crate::{
    policy::{CookieOptions, CookieOptionsError},
    schema::{SessionData, field_set::FieldSet},
};

/// A struct that is stored in a cookie. Only `#[derive(SecureSession)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session",
    label = "does not derive `SecureSession`",
    note = "write `#[derive(SecureSession)]` on a struct with named fields; enums, tuple structs and other types cannot be sessions"
)]
pub trait SecureSession: SessionData {
    /// The generated getters and setters, to which [`Session`] dereferences.
    type Accessors: Accessors<Self>;

    /// Returns the value of a session that was never stored: the default of each field.
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

/// The generated accessors of a session.
///
/// [`Session`](crate::Session) dereferences to them, and they dereference to the struct.
pub trait Accessors<T>: Deref<Target = T> + Send + Sync + 'static {
    #[doc(hidden)]
    fn __new(handle: Handle<T>) -> Self;

    #[doc(hidden)]
    fn __handle(&self) -> &Handle<T>;
}

/// A handle to the session of type `T` in a request, which reads and writes through `&self`.
///
/// It is `Send + Sync + 'static` and cheap to clone. Extractors, guards, middleware and the handler
/// of a request can hold handles at the same time; all see the same session.
///
/// - Getters return plain references that stay valid: a write creates a new version and never
///   changes a value that you hold a reference to.
/// - The first read, write or lifecycle method decrypts the session. Extracting it costs almost
///   nothing.
/// - Setting a field to an equal value is not a change. Neither is setting a field to its default
///   if nothing was stored for it.
/// - After the response head has been sent, the session is closed: reads still work, but a write
///   has no effect and logs an error.
///
/// # Generated methods
///
/// `Session<Auth>` dereferences to the generated type `AuthAccessors`, so its methods can be called
/// on the session:
///
/// | Field | Getter | Setter | Also |
/// |---|---|---|---|
/// | `n: u32` and other primitives | `n() -> u32` | `set_n(u32)` | `update_n(\|v\| …)` |
/// | `name: String` | `name() -> &str` | `set_name(impl Into<String>)` | `update_name(\|s\| …)` |
/// | `items: Vec<F>` | `items() -> &[F]` | `set_items(impl IntoIterator<Item = F>)` | `clear_items()`, `update_items(\|v\| …)` |
/// | `x: Option<F>` | `x()`: `Option<F>` if `F` is `Copy`, `Option<&str>`, `Option<&[_]>`, else `Option<&F>` | `set_x(impl IntoOption<F>)` | `clear_x()`, `take_x() -> Option<F>`, `update_x(\|x\| …)` |
/// | any other type `F` | `x() -> &F` | `set_x(F)` | `update_x(\|x\| …)` |
///
/// The [derive macro](macro@crate::SecureSession#what-is-generated) documents them in full. The
/// accessors dereference to the struct, so its visible fields and methods are available, too.
///
/// # Security
///
/// The client holds the cookie: until the session expires, it can replay any earlier state. Do not
/// store balances, attempt counters or one-time tokens in a session.
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

    /// Returns a copy of the whole value.
    #[doc(alias = "data")]
    #[must_use]
    pub fn snapshot(&self) -> T {
        self.cell().open().current().__copy()
    }

    /// Replaces the whole value. The session's id and clocks do not change.
    pub fn replace(&self, value: T) {
        let before = self.cell().open().current();
        let all = FieldSet::all::<T>();
        let written = all.difference(self.cell().open().untouched(all, &before, &value));
        drop(before);
        let cell = self.cell();
        cell.replace(value, |state| {
            state.write(written);
            #[cfg(feature = "revocation")]
            cell.note_identity(written, state);
        });
    }

    /// Runs `change` on a copy of the value, then sets each field that it changed.
    ///
    /// Inside the closure, reads through the session return the state before the call. Writes
    /// through the session to other fields are kept; for the same field, the closure's value wins,
    /// because it is set last. If the closure panics, nothing changes. A field whose type has no
    /// `PartialEq` counts as changed.
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

    /// Sets cookie attributes for this response only, which override the configured ones.
    ///
    /// Calls add up; for each attribute, the last call counts. This alone does not cause the cookie
    /// to be sent.
    ///
    /// # Errors
    ///
    /// [`CookieOptionsError`] for attributes that browsers would reject (according to the builder's
    /// rules), and for a `max_age` that is zero, not in whole seconds, or longer than the session.
    /// The call then has no effect.
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

    /// Returns the session's metadata: id, times, origin, changed fields.
    #[must_use]
    pub fn info(&self) -> SessionInfo<'_, T> {
        SessionInfo::new(self.cell())
    }

    fn handle(&self) -> &Handle<T> {
        self.accessors.__handle()
    }

    /// Returns the name of the session's cookie.
    pub(crate) fn cookie_name(&self) -> &str {
        self.cell().codec().cookie_name()
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
