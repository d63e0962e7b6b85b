//! The command `secure-session`: creates keys, derives them from passphrases, inspects session
//! cookies, and revokes sessions.
//!
//! Keys and passphrases are read from the environment, from files or from standard input, never
//! from arguments: every user of a machine can see those, and the shell's history keeps them.

mod arguments;
mod derive_key;
mod entries;
mod exact;
mod failure;
mod group_text;
mod inspect;
mod key_text;
mod keygen;
mod output;
mod revoke;
mod revoked;
mod seal;
mod settings;
mod store;
mod streams;
mod time;

use std::{ffi::OsString, fmt, process::ExitCode};

use self::{arguments::Arguments, failure::Failure};

const HELP: &str = "\
Creates keys for session cookies, inspects the cookies, and revokes sessions.

Usage: secure-session <command> [options]

Commands:
  keygen       create a key, or show an existing one in another form
  derive-key   derive a key from a passphrase, as @fastify/secure-session does
  inspect      show what is in a cookie, or why it does not open
  seal         encrypt a JSON object into a cookie
  entries      count the entries of a store of revoked sessions
  revoke       end a session, all sessions of a user, or all sessions of a name

`secure-session <command> --help` lists the options of a command.

Exit status: 0, 1 (the cookie does not open), 2 (any other error).
";

/// Runs the command line with these arguments, without the name of the program, and returns the
/// exit status.
pub fn main_with(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match run(arguments) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// `inspect` with its options, for tests of hostile input.
#[doc(hidden)]
pub struct Inspection(inspect::Inspection);

/// Shows no content, because it holds keys.
impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection").finish_non_exhaustive()
    }
}

impl Inspection {
    /// Returns `None` if the options are invalid or ask for the help.
    pub fn of(options: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let inspection = inspect::Inspection::of(Arguments::of("inspect", options));
        inspection.ok().flatten().map(Self)
    }

    /// Returns the output for this input, as JSON and as text, or `None` for an error.
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
        Some("entries") => entries::run(Arguments::of("entries", arguments)),
        Some("revoke") => revoke::run(Arguments::of("revoke", arguments)),
        Some("help" | "--help" | "-h") => streams::print(HELP),
        Some("--version" | "-V") => {
            streams::print(concat!("secure-session ", env!("CARGO_PKG_VERSION"), "\n"))
        }
        // The argument is not repeated, because it may be a misplaced key.
        Some(_) | None => Err(Failure::usage(
            "",
            "expected a command: `keygen`, `derive-key`, `inspect`, `seal`, `entries` or `revoke`",
        )),
    }
}
