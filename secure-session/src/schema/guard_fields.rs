//! The values that a guard takes from a session.

/// What the getter of an `Option` field returns, for a guard's field of the type `F`.
#[diagnostic::on_unimplemented(
    message = "a guard takes only fields that are an `Option` in the session, but the getter returns `{Self}`",
    label = "not an `Option` in the session",
    note = "the guard lets a request in if the `Option` is `Some`",
    note = "to take a copy of a field that is no `Option`, write `#[guard(value)]` on the guard's field"
)]
pub trait GuardOption<F> {
    #[doc(hidden)]
    fn __get(self) -> Option<F>;
}

impl<T: GuardValue<F>, F> GuardOption<F> for Option<T> {
    fn __get(self) -> Option<F> {
        self.map(GuardValue::__into)
    }
}

/// A value of a getter that becomes the guard's field of the type `F`.
#[diagnostic::on_unimplemented(
    message = "the session's field is `{Self}`, but the guard's field is `{F}`",
    label = "the session has another type here",
    note = "write the type that the field has in the session, without `Option`: `String` for `&str`, `Vec<_>` for `&[_]`, otherwise as shown"
)]
pub trait GuardValue<F> {
    #[doc(hidden)]
    fn __into(self) -> F;
}

impl<F> GuardValue<F> for F {
    fn __into(self) -> F {
        self
    }
}

impl<F: Clone> GuardValue<F> for &F {
    fn __into(self) -> F {
        self.clone()
    }
}

impl GuardValue<String> for &str {
    fn __into(self) -> String {
        self.to_owned()
    }
}

impl<F: Clone> GuardValue<Vec<F>> for &[F] {
    fn __into(self) -> Vec<F> {
        self.to_vec()
    }
}
