//! The command `secure-session`.

use std::process::ExitCode;

fn main() -> ExitCode {
    secure_session_cli::main_with(std::env::args_os().skip(1))
}
