//! Why a command could not do what it was asked to do.

use std::{error::Error, io::Write as _, process::ExitCode};

/// The exit status of a cookie that does not open.
pub(crate) const DOES_NOT_OPEN: u8 = 1;

/// The exit status of everything else that goes wrong.
const TROUBLE: u8 = 2;

/// A message for standard error; it never holds a key, a passphrase or a cookie.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
}

impl Failure {
    /// The arguments of `command` are wrong; an empty name stands for no command at all.
    pub(crate) fn usage(command: &str, message: impl Into<String>) -> Self {
        let blank = if command.is_empty() { "" } else { " " };
        Self {
            message: message.into(),
            hint: Some(format!("Try `secure-session{blank}{command} --help`.")),
        }
    }

    /// Keys, input or the system are at fault.
    pub(crate) fn trouble(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }

    /// Tells standard error, and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        let mut stderr = std::io::stderr().lock();
        // Where the last way to tell of trouble is closed, the status has to do.
        let _ = writeln!(stderr, "secure-session: {}", self.message);
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "{hint}");
        }
        ExitCode::from(TROUBLE)
    }
}

/// An error of the library or of the system, with its causes.
impl<E: Error> From<E> for Failure {
    fn from(err: E) -> Self {
        let mut message = err.to_string();
        let mut cause = err.source();
        while let Some(err) = cause {
            message.push_str(": ");
            message.push_str(&err.to_string());
            cause = err.source();
        }
        Self::trouble(message)
    }
}
