//! The errors of a command.

use std::{error::Error, io::Write as _, process::ExitCode};

/// The exit status if the cookie does not open.
pub(crate) const DOES_NOT_OPEN: u8 = 1;

/// The exit status of any other error.
const TROUBLE: u8 = 2;

/// A message for standard error. It never contains a key, a passphrase or a cookie.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    status: u8,
}

impl Failure {
    /// The arguments of `command` are invalid; its name is empty if there is no command.
    pub(crate) fn usage(command: &str, message: impl Into<String>) -> Self {
        let blank = if command.is_empty() { "" } else { " " };
        Self {
            message: message.into(),
            hint: Some(format!("Try `secure-session{blank}{command} --help`.")),
            status: TROUBLE,
        }
    }

    /// An error in the keys, the input or the system.
    pub(crate) fn trouble(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            status: TROUBLE,
        }
    }

    /// The cookie does not open.
    pub(crate) fn does_not_open(message: impl Into<String>) -> Self {
        Self {
            status: DOES_NOT_OPEN,
            ..Self::trouble(message)
        }
    }

    /// The message of an error and of its causes.
    pub(crate) fn causes(err: &dyn Error) -> String {
        let mut message = err.to_string();
        let mut cause = err.source();
        while let Some(err) = cause {
            message.push_str(": ");
            message.push_str(&err.to_string());
            cause = err.source();
        }
        message
    }

    /// Prints the failure to standard error and returns the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        let mut stderr = std::io::stderr().lock();
        // If standard error is closed, only the exit status can report the failure.
        let _ = writeln!(stderr, "secure-session: {}", self.message);
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "{hint}");
        }
        ExitCode::from(self.status)
    }
}

/// An error of the library or the system, with its causes.
impl<E: Error> From<E> for Failure {
    fn from(err: E) -> Self {
        Self::trouble(Self::causes(&err))
    }
}
