//! Attributes that a struct and its fields can have.

use secure_session::SecureSession;

/// The current type.
#[derive(Debug, SecureSession)]
#[session(cookie = "__Host-latest")]
pub struct Latest {
    /// Text.
    name: String,
    /// Nobody should use it.
    #[deprecated(note = "use `name`")]
    old_name: Option<String>,
}

/// An old type that is kept for now.
#[deprecated(note = "use `Latest`")]
#[derive(Debug, SecureSession)]
pub struct Old {
    /// Text.
    name: String,
    /// A number.
    user_id: Option<u64>,
    /// Texts.
    roles: Vec<String>,
    /// Nobody should use it.
    #[deprecated]
    visits: u32,
}

/// Not for documentation.
#[doc(hidden)]
#[derive(Debug, SecureSession)]
pub struct Hidden {
    /// Text.
    #[doc(alias = "nick")]
    #[doc(hidden)]
    name: String,
}

/// The basket.
#[derive(Debug, SecureSession)]
#[cfg_attr(not(windows), doc = "With a condition.")]
#[must_use]
pub struct Basket {
    /// At most [`Self::MAX`] articles of a [`Basket`], see [most](Self::MAX) and
    /// [the method][Self::len].
    pub articles: Vec<String>,
    /// Only if a condition holds that is true.
    #[cfg(not(windows))]
    pub present: bool,
    /// Never.
    #[cfg(target_os = "none")]
    pub absent: NoSuchType,
    #[cfg_attr(not(windows), doc = "Documented on a condition.")]
    #[cfg_attr(not(windows), session(default = 5))]
    pub number: u8,
}

impl Basket {
    /// The maximum number of articles.
    pub const MAX: usize = 20;

    /// The number of articles.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether there are no articles.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }
}

/// Its own lint levels, and names that trigger lints.
#[allow(non_snake_case, clippy::struct_excessive_bools)]
#[warn(missing_docs)]
#[derive(Debug, SecureSession)]
#[session(cookie = "__Host-lints")]
pub struct Lints {
    /// In another case.
    pub userId: u32,
    /// One of four flags.
    pub is_one: bool,
    /// Another.
    pub is_two: bool,
    /// Another.
    pub is_three: bool,
    /// Another.
    pub is_four: bool,
    /// With a leading underscore.
    _hidden: Option<u8>,
    /// Named like a constructor.
    pub new: Option<String>,
    /// Named like a conversion.
    pub into_iter: u8,
    /// Named like a conversion.
    pub to_string: u8,
    /// Named like an operator.
    pub add: u8,
    /// A boxed value.
    pub boxed: Option<Box<u8>>,
}
