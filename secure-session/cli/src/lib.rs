//! The command `secure-session`: makes keys, derives them from passphrases, and looks into session
//! cookies.
//!
//! Keys and passphrases come from the environment, from files or from standard input, and never as
//! arguments: every user of a machine can see those, and the shell's history keeps them.

mod arguments;
mod derive_key;
mod exact;
mod failure;
mod inspect;
mod key_text;
mod keygen;
mod seal;
mod settings;
mod streams;
mod time;

use std::{ffi::OsString, fmt, process::ExitCode};

use self::{arguments::Arguments, failure::Failure};

const HELP: &str = "\
Makes keys for session cookies, and looks into the cookies.

Usage: secure-session <command> [options]

Commands:
  keygen       make a key, or show an existing one in another form
  derive-key   make a key from a passphrase, as @fastify/secure-session does
  inspect      say what is in a cookie, or why it does not open
  seal         make a cookie of a JSON object

`secure-session <command> --help` tells the options of a command.

Exit status: 0, 1 for a cookie that does not open, 2 for all other trouble.
";

/// Runs the command line with these arguments, without the name of the program, and returns the exit
/// status.
pub fn main_with(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match run(arguments) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// `inspect` with its options, for the tests of hostile input.
#[doc(hidden)]
pub struct Inspection(inspect::Inspection);

/// Without content: it holds keys.
impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection").finish_non_exhaustive()
    }
}

impl Inspection {
    /// `None` if the options are wrong or ask for the help.
    pub fn of(options: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let inspection = inspect::Inspection::of(Arguments::of("inspect", options));
        inspection.ok().flatten().map(Self)
    }

    /// What is shown of this input, as JSON and as text; `None` if it is no cookie.
    #[must_use]
    pub fn shown(&self, input: &[u8], redact: bool) -> Option<[String; 2]> {
        let report = self.0.report(input).ok()?;
        Some([report.json(redact), report.text(redact)])
    }
}

fn run(mut arguments: impl Iterator<Item = OsString>) -> Result<ExitCode, Failure> {
    let command = arguments.next();
    match command.as_ref().and_then(|command| command.to_str()) {
        Some("keygen") => keygen::run(Arguments::of("keygen", arguments)),
        Some("derive-key") => derive_key::run(Arguments::of("derive-key", arguments)),
        Some("inspect") => inspect::run(Arguments::of("inspect", arguments)),
        Some("seal") => seal::run(Arguments::of("seal", arguments)),
        Some("help" | "--help" | "-h") => streams::print(HELP),
        Some("--version" | "-V") => {
            streams::print(concat!("secure-session ", env!("CARGO_PKG_VERSION"), "\n"))
        }
        // What stands there is not repeated: it may be a key in the wrong place.
        Some(_) | None => Err(Failure::usage(
            "",
            "expected a command: `keygen`, `derive-key`, `inspect` or `seal`",
        )),
    }
}
