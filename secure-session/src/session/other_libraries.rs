//! Points callers of other session libraries' methods to ours, through rustc's suggestions.
//!
//! For `auth.purge()`, rustc reports that [`CallDestroyInstead`] has such a method but is not in
//! scope. Traits that are not in scope do not clash with fields or traits of the application. If
//! one is imported, calling its methods is a compile error with a longer explanation.

use super::{SecureSession, Session};

/// A bound that no type meets, so that a call does not compile.
#[diagnostic::on_unimplemented(
    message = "this is a method of another session library",
    label = "`{Self}` does not have it",
    note = "to log out, call `.destroy()`; in a login handler, call `.sign_in()` first; read a field `user_id` with `.user_id()`, and write it with `.set_user_id(…)` or `.clear_user_id()`"
)]
pub trait HasMethod {}

macro_rules! methods {
    ($($instead:ident: $($method:ident),+;)+) => {
        $(
            /// Its name says what to call instead.
            pub trait $instead {
                $(
                    #[doc(hidden)]
                    fn $method(&self)
                    where
                        Self: HasMethod;
                )+
            }

            impl<T: SecureSession> $instead for Session<T> {
                $(
                    fn $method(&self)
                    where
                        Self: HasMethod,
                    {
                    }
                )+
            }
        )+
    };
}

// rustc shows these lines including their comments.
methods! {
    CallDestroyInstead: clear, delete, flush, logout, purge; // `auth.destroy()`
    CallSignInInstead: cycle_id, login, renew; // `auth.sign_in()`, then setters
    CallGeneratedGetterInstead: get; // for a field `user_id`: `auth.user_id()`
    CallGeneratedSetterInstead: insert; // for a field `user_id`: `auth.set_user_id(42)`
    CallGeneratedClearInstead: remove; // for a field `user_id`: `auth.clear_user_id()`
}
