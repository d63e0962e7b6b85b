//! The argument type of setters of `Option` fields.

use std::borrow::Cow;

/// A value that the setter of an `Option<F>` field accepts: `F` or `Option<F>`; for text also
/// `&str`, `&String`, `Cow<str>` and `Box<str>`.
///
/// # Examples
///
/// ```
/// use secure_session::IntoOption;
///
/// assert_eq!(IntoOption::<u64>::into_option(42), Some(42));
/// assert_eq!(IntoOption::<u64>::into_option(None), None);
/// assert_eq!(IntoOption::<String>::into_option("dark"), Some("dark".to_owned()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a field of type `Option<{F}>`",
    label = "expected `{F}` or `Option<{F}>`",
    note = "for text, `&str`, `&String`, `Cow<str>` and `Box<str>` are accepted, too; \
            for `Option<&str>`, write `.map(str::to_owned)`"
)]
pub trait IntoOption<F> {
    /// Converts into the value to store.
    fn into_option(self) -> Option<F>;
}

impl<F> IntoOption<F> for F {
    fn into_option(self) -> Option<F> {
        Some(self)
    }
}

impl<F> IntoOption<F> for Option<F> {
    fn into_option(self) -> Option<F> {
        self
    }
}

macro_rules! text {
    ($($type:ty),*) => {
        $(impl IntoOption<String> for $type {
            fn into_option(self) -> Option<String> {
                Some(self.into())
            }
        })*
    };
}

text!(&str, &String, Cow<'_, str>, Box<str>);
