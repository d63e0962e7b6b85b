//! Errors about keys. Their texts say what is wrong, where, and how to generate a key. They never
//! contain bytes of a key.

use std::{error::Error, fmt, io, path::PathBuf};

use crate::escape::Escaped;

/// The end of every error that a new key fixes.
pub(crate) const REMEDY: &str = "generate a key with `openssl rand -hex 32`";

/// The error for a key or a list of keys that cannot be used.
///
/// The text names the source ([`source_of_key`](Self::source_of_key)), the position in the list
/// and the problem.
///
/// # Examples
///
/// ```
/// use secure_session::KeyRing;
///
/// let err = KeyRing::from_env("NO_SUCH_VARIABLE").unwrap_err();
/// assert_eq!(
///     err.to_string(),
///     "environment variable `NO_SUCH_VARIABLE` is not set; generate a key with \
///      `openssl rand -hex 32`",
/// );
/// ```
pub struct KeyError {
    problem: KeyProblem,
    source: Option<KeySource>,
    index: Option<usize>,
    cause: Option<io::Error>,
}

impl KeyError {
    /// Returns what is wrong.
    #[must_use]
    pub fn problem(&self) -> &KeyProblem {
        &self.problem
    }

    /// Returns the variable or file that the key was read from, if any.
    #[must_use]
    pub fn source_of_key(&self) -> Option<&KeySource> {
        self.source.as_ref()
    }

    /// Returns the key's position in the list, counted from 0.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    pub(crate) fn new(problem: KeyProblem) -> Self {
        Self {
            problem,
            source: None,
            index: None,
            cause: None,
        }
    }

    pub(crate) fn unreadable(cause: io::Error) -> Self {
        Self {
            cause: Some(cause),
            ..Self::new(KeyProblem::Unreadable)
        }
    }

    pub(crate) fn at(self, index: usize) -> Self {
        Self {
            index: Some(index),
            ..self
        }
    }

    pub(crate) fn read_from(self, source: KeySource) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }
}

/// Same as `Display`, because `fn main() -> Result<(), Box<dyn Error>>` prints this.
impl fmt::Debug for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "key {} ", index.saturating_add(1))?;
            if self.source.is_some() {
                f.write_str("of ")?;
            }
        }
        match (&self.source, self.index) {
            (Some(source), _) => write!(f, "{source} ")?,
            (None, None) if self.problem.is_about_one_key() => f.write_str("key ")?,
            (None, None) => f.write_str("key ring ")?,
            (None, Some(_)) => {}
        }
        write!(f, "{}", self.problem)?;
        if self.problem.needs_new_key() {
            write!(f, "; {REMEDY}")?;
        }
        Ok(())
    }
}

impl Error for KeyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

/// The problem with a key or a list of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyProblem {
    /// The text begins with a byte-order mark.
    ByteOrderMark,
    /// The list contains the same key earlier.
    Duplicate {
        /// The position of the earlier one, counted from 0.
        first: usize,
    },
    /// There is no key.
    Empty,
    /// The file has more than 64 KiB, or is endless, such as a device.
    FileTooLarge,
    /// The key does not have 32 bytes.
    Length {
        /// The number of bytes it has.
        bytes: usize,
    },
    /// The 256 MiB of memory to derive a key from a passphrase could not be allocated.
    NoMemory,
    /// The operating system returned no random bytes.
    NoRandomness,
    /// The passphrase has fewer than 32 bytes, or more than argon2 accepts (2^32 − 1).
    Passphrase {
        /// The number of bytes it has.
        bytes: usize,
    },
    /// The salt does not have 16 bytes.
    Salt {
        /// The number of bytes it has.
        bytes: usize,
    },
    /// The salt is not base64 text.
    SaltText {
        /// The number of characters it has.
        characters: usize,
    },
    /// The text is neither 64 hexadecimal digits nor 43 or 44 base64 characters.
    Text {
        /// The number of characters it has.
        characters: usize,
    },
    /// There are more keys than [`KeyRing::MAX_KEYS`](crate::KeyRing::MAX_KEYS).
    TooMany {
        /// The number of keys.
        keys: usize,
    },
    /// The file cannot be read; the error's `source()` is the cause.
    Unreadable,
    /// The environment variable is not set.
    Unset,
    /// The text is UTF-16, which some editors and shells write.
    Utf16,
    /// The text is not UTF-8.
    Utf8,
}

impl KeyProblem {
    fn needs_new_key(&self) -> bool {
        matches!(
            self,
            Self::Empty | Self::Length { .. } | Self::Text { .. } | Self::Unset
        )
    }

    fn is_about_one_key(&self) -> bool {
        !matches!(self, Self::TooMany { .. } | Self::Empty)
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByteOrderMark => {
                f.write_str("begins with a byte-order mark; save it as UTF-8 without one")
            }
            Self::Duplicate { first } => {
                write!(
                    f,
                    "is the same as key {}; remove one of them",
                    first.saturating_add(1)
                )
            }
            Self::Empty => f.write_str("contains no key"),
            Self::FileTooLarge => write!(
                f,
                "has more than {} bytes and isn't a list of keys; pass the path of the key file",
                super::ring::MAX_FILE_BYTES
            ),
            Self::Length { bytes } => write!(f, "has {bytes} bytes instead of 32"),
            Self::NoMemory => {
                f.write_str("cannot be derived: the 256 MiB of memory it needs cannot be allocated")
            }
            Self::Passphrase { bytes } => write!(
                f,
                "cannot be derived: the passphrase has {bytes} bytes; it must have at least 32 and \
                 at most {}",
                u32::MAX
            ),
            Self::Salt { bytes } => {
                write!(
                    f,
                    "cannot be derived: the salt has {bytes} bytes instead of 16"
                )
            }
            Self::SaltText { characters } => write!(
                f,
                "cannot be derived: the salt has {characters} characters and is not base64; write \
                 its 16 bytes as 24 characters"
            ),
            Self::NoRandomness => {
                f.write_str("cannot be generated: the operating system returned no random bytes")
            }
            Self::Text { characters } => write!(
                f,
                "has {characters} characters and is neither 64 hexadecimal digits nor 43 or 44 \
                 base64 characters"
            ),
            Self::TooMany { keys } => write!(
                f,
                "contains {keys} keys, but at most {} are allowed; remove keys that no live session \
                 needs",
                super::KeyRing::MAX_KEYS
            ),
            Self::Unreadable => f.write_str("cannot be read"),
            Self::Unset => f.write_str("is not set"),
            Self::Utf16 => f.write_str("is UTF-16; save it as UTF-8"),
            Self::Utf8 => f.write_str("is neither UTF-8 text nor a raw key of 32 bytes"),
        }
    }
}

/// The variable or file that keys were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// An environment variable of this name.
    Environment(String),
    /// A file.
    File(PathBuf),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "environment variable `{}`", Escaped(name)),
            Self::File(path) => write!(f, "key file `{}`", Escaped(path.to_string_lossy())),
        }
    }
}
