//! Error types, grouped by audience.
//!
//! - Developers, at start-up: [`ConfigError`] and [`KeyError`](crate::KeyError) name the option,
//!   the value and the limit.
//! - Operators, in the log: [`RejectReason`] and [`EncodeError`], which never contain bytes of a
//!   cookie or a value.
//! - Clients: nothing. A cookie that does not open is an empty session; a server error is an empty
//!   500.

mod reject_reason;

use std::{error::Error, fmt};

pub use self::reject_reason::{ExpiryLimit, RejectReason};

/// The error for a session that cannot be stored.
///
/// In a request, the response becomes an empty 500, the previous cookie is kept, and this error is
/// logged. The changes to other sessions are still sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The operating system returned no random bytes.
    Random {
        /// The cookie's name.
        session: String,
    },
    /// `name=value` is longer than browsers accept (RFC 6265bis §5.6).
    TooLarge {
        /// The cookie's name.
        session: String,
        /// The length of `name=value` in bytes.
        size: usize,
        /// The maximum length in bytes.
        limit: usize,
        /// Up to three of the largest fields, largest first, with their length as JSON in bytes.
        largest: Vec<(&'static str, usize)>,
    },
    /// A field holds a value that would not be read back unchanged.
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
    /// Returns the cookie's name.
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
                "session `{session}` cannot be encrypted: the operating system returned no random \
                 bytes"
            ),
            Self::TooLarge {
                session,
                size,
                limit,
                largest,
            } => {
                write!(
                    f,
                    "session `{session}` needs a cookie of {size} bytes, but browsers accept at \
                     most {limit}; store less in its largest fields: "
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

/// The problem with a value that cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueProblem {
    /// Its `Serialize` implementation returned an error.
    Custom,
    /// It is or holds a map with a key that is not a string, an integer, a boolean or a unit
    /// variant.
    MapKey,
    /// It is nested more than 64 levels deep.
    Nesting,
    /// It is or holds `NaN` or an infinity, which JSON cannot represent.
    NotFinite,
    /// It is `Some` of a value that is written as `null`, which would be read back as `None`.
    SomeIsNull,
    /// It is the `rest` field and holds a member whose name belongs to another field, an alias,
    /// `forget` or the format (such as `__ts` in the fastify format).
    TakenName,
}

impl fmt::Display for ValueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom => "its `Serialize` implementation returned an error",
            Self::MapKey => {
                "a map has a key that is not a string, an integer, a boolean or a unit variant"
            }
            Self::Nesting => "it is nested more than 64 levels deep",
            Self::NotFinite => "it is or holds NaN or an infinity, which JSON cannot represent",
            Self::SomeIsNull => {
                "it is `Some` of a value that is written as null, which would be read as `None`"
            }
            Self::TakenName => "the `rest` map holds a member whose name belongs to another field, an alias, `forget` or the format",
        })
    }
}

/// The error for an invalid configuration, with all its problems.
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
    /// Returns one sentence for each problem, at least one. Each names the session and the option.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// `problems` must not be empty.
    pub(crate) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// Returns an error if there are problems.
    pub(crate) fn check(problems: Vec<String>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::new(problems))
        }
    }
}

/// Same as `Display`, because `fn main() -> Result<(), Box<dyn Error>>` prints this.
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
