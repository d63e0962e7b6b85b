//! The arguments of a command. Error messages never repeat their values, because they may be misplaced
//! keys or cookies. Only `revoke --where` repeats a field, and a value that is shorter than a key.

use std::ffi::OsString;

use lexopt::{Arg, Error, Parser};

use crate::failure::Failure;

/// Options that users try for secrets, which are not accepted as arguments.
const SECRETS: [&str; 5] = ["--key", "--keys", "--passphrase", "--password", "--secret"];

/// The arguments after a command, option by option.
pub(crate) struct Arguments {
    command: &'static str,
    parser: Parser,
}

impl Arguments {
    pub(crate) fn of(command: &'static str, arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self {
            command,
            parser: Parser::from_args(arguments),
        }
    }

    /// The next option, such as `--json`; `-h` is `--help`.
    pub(crate) fn next(&mut self) -> Result<Option<String>, Failure> {
        let option = match self.parser.next() {
            Ok(None) => return Ok(None),
            Ok(Some(Arg::Long(name))) => Ok(format!("--{name}")),
            Ok(Some(Arg::Short('h'))) => Ok("--help".to_owned()),
            Ok(Some(Arg::Short(letter))) => {
                Err(format!("unknown option `-{}`", letter.escape_debug()))
            }
            Ok(Some(Arg::Value(_))) => Err(
                "expected an option; cookies and JSON are read from standard input, keys and \
                 passphrases from files or the environment"
                    .to_owned(),
            ),
            Err(err) => Err(described(&err)),
        };
        option
            .map(Some)
            .map_err(|message| Failure::usage(self.command, message))
    }

    /// The value of the option that was just given.
    pub(crate) fn value(&mut self, option: &str) -> Result<String, Failure> {
        let attached = self.parser.optional_value();
        let is_attached = attached.is_some();
        let value = match attached {
            Some(value) => Ok(value),
            None => self.parser.value(),
        };
        let text = value
            .map_err(|_| self.usage(format!("`{option}` needs a value")))?
            .into_string()
            .map_err(|_| self.usage(format!("the value of `{option}` is not UTF-8")))?;
        if !is_attached && text.starts_with("--") {
            return Err(self.usage(format!("`{option}` needs a value")));
        }
        Ok(text)
    }

    /// The failure for an option that the command does not have.
    pub(crate) fn unknown(&self, option: &str) -> Failure {
        if SECRETS.contains(&option) {
            return self.usage(format!(
                "there is no `{option}`, because every user of the machine can see arguments, and \
                 the shell's history keeps them; use a file or the environment"
            ));
        }
        self.usage(format!("unknown option `{}`", option.escape_debug()))
    }

    pub(crate) fn usage(&self, message: impl Into<String>) -> Failure {
        Failure::usage(self.command, message)
    }
}

/// lexopt's messages would repeat the value.
fn described(err: &Error) -> String {
    match err {
        Error::UnexpectedValue { option, .. } => format!("`{option}` takes no value"),
        Error::MissingValue {
            option: Some(option),
        } => format!("`{option}` needs a value"),
        _ => "cannot read an argument".to_owned(),
    }
}
