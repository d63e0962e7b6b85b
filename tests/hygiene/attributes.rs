//! Attributes that a struct and its fields may have.

use secure_session::SecureSession;

/// The type of today.
#[derive(Debug, SecureSession)]
#[session(cookie = "__Host-latest")]
pub struct Latest {
    /// Text.
    name: String,
    /// Nobody should use it.
    #[deprecated(note = "use `name`")]
    old_name: Option<String>,
}

/// An old type that stays for a while.
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
    /// Only if there is a condition that holds.
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
    /// How many articles there may be.
    pub const MAX: usize = 20;

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }
}

/// Lint levels of its own, and names that lints have an opinion on.
#[allow(non_snake_case, clippy::struct_excessive_bools)]
#[warn(missing_docs)]
#[derive(Debug, SecureSession)]
#[session(cookie = "__Host-lints")]
pub struct Lints {
    /// In another case.
    pub userId: u32,
    /// One of four switches.
    pub is_one: bool,
    /// As above.
    pub is_two: bool,
    /// As above.
    pub is_three: bool,
    /// As above.
    pub is_four: bool,
    /// With an underscore in front.
    _hidden: Option<u8>,
    /// Like a constructor.
    pub new: Option<String>,
    /// Like a conversion.
    pub into_iter: u8,
    /// Like a conversion.
    pub to_string: u8,
    /// Like an operator.
    pub add: u8,
    /// A boxed value.
    pub boxed: Option<Box<u8>>,
}
