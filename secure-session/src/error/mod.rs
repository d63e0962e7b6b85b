//! What can go wrong, for its three readers.
//!
//! - The developer at start-up: [`ConfigError`] and [`KeyError`](crate::KeyError) name option,
//!   value and limit.
//! - The operator in the log: [`RejectReason`] and [`EncodeError`], never with bytes of a cookie or a
//!   value.
//! - The client: nothing. A cookie that does not open is an empty session, a fault of the server
//!   is an empty 500.

mod reject_reason;

use std::{error::Error, fmt};

pub use self::reject_reason::{ExpiryLimit, RejectReason};

/// A session that cannot be stored.
///
/// Inside a request the answer is an empty 500, the old cookie stays, and this error is logged;
/// the changes of other sessions still go out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The operating system gave no random bytes.
    Random {
        /// The cookie's name.
        session: String,
    },
    /// `name=value` is longer than browsers keep (RFC 6265 §6.1).
    TooLarge {
        /// The cookie's name.
        session: String,
        /// The length of `name=value` in bytes.
        size: usize,
        /// The most it may have.
        limit: usize,
        /// The largest fields and the bytes of JSON they take, the largest first; three at most.
        largest: Vec<(&'static str, usize)>,
    },
    /// A field holds a value that would not come back as it is.
    Value {
        /// The cookie's name.
        session: String,
        /// The field's name in the struct.
        field: &'static str,
        /// What is wrong with the value.
        problem: ValueProblem,
    },
}

impl EncodeError {
    /// The name of the cookie.
    pub(crate) fn session(&self) -> &str {
        match self {
            Self::Random { session }
            | Self::TooLarge { session, .. }
            | Self::Value { session, .. } => session,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random { session } => write!(
                f,
                "session `{session}` cannot be sealed: the operating system gave no random bytes"
            ),
            Self::TooLarge {
                session,
                size,
                limit,
                largest,
            } => {
                write!(
                    f,
                    "session `{session}` needs a cookie of {size} bytes, and {limit} is the most \
                     that browsers keep; largest fields: "
                )?;
                for (index, (field, bytes)) in largest.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}`{field}` ({bytes} bytes)")?;
                }
                Ok(())
            }
            Self::Value {
                session,
                field,
                problem,
            } => write!(
                f,
                "field `{field}` of session `{session}` cannot be stored: {problem}"
            ),
        }
    }
}

impl Error for EncodeError {}

/// What is wrong with a value that cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueProblem {
    /// Its `Serialize` returned an error of its own.
    Custom,
    /// It is a map with a key that is neither text nor an integer, a boolean or a unit variant.
    MapKey,
    /// It is nested more than 64 levels deep.
    Nesting,
    /// It is or holds `NaN` or an infinity, which JSON cannot express.
    NotFinite,
    /// It is `Some` of a value that is written as `null`, and would come back as `None`.
    SomeIsNull,
    /// It is the `rest` field and holds a member whose name belongs to another field, an alias,
    /// `forget` or the format (`__ts` and its like in the fastify format).
    TakenName,
}

impl fmt::Display for ValueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom => "its `Serialize` implementation returned an error",
            Self::MapKey => {
                "a map has a key that is not text, an integer, a boolean or a unit variant"
            }
            Self::Nesting => "it is nested more than 64 levels deep",
            Self::NotFinite => "it is or holds NaN or an infinity, which JSON cannot express",
            Self::SomeIsNull => "it is `Some` of a value written as null, which reads as `None`",
            Self::TakenName => "the `rest` map holds a member whose name belongs to another field, an alias, `forget` or the format",
        })
    }
}

/// Everything that is wrong with a configuration.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, SecureSession, SessionMiddleware};
///
/// #[derive(SecureSession)]
/// struct Auth { name: String }
///
/// let err = SessionMiddleware::builder(Key::generate()?)
///     .session_with::<Auth>(|policy| policy.domain("example.com"))
///     .build()
///     .unwrap_err();
/// assert_eq!(
///     err.to_string(),
///     "session `__Host-auth` (Auth): `__Host-` cookies must not set `domain` (RFC 6265bis \
///      §4.1.3); remove `domain` or choose a name without the prefix",
/// );
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    /// One sentence for each problem, never empty; each names the session and the option.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The problems must not be none.
    pub(crate) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// `Ok` if there are no problems.
    pub(crate) fn check(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::new(problems))
        }
    }
}

/// The same as `Display`: it is what `fn main() -> Result<(), Box<dyn Error>>` prints.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl Error for ConfigError {}
