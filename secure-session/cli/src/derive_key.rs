//! `derive-key`: derives a key from a passphrase.

use std::process::ExitCode;

use secure_session::{Key, KeyRing};

use crate::{
    arguments::Arguments,
    failure::Failure,
    key_text::KeyText,
    settings::{SaltOption, checked_passphrase},
    streams,
};

const HELP: &str = "\
Derives a key from the passphrase on standard input, as @fastify/secure-session does, and prints it.
This takes about a second and 256 MiB of memory.

Usage: secure-session derive-key <salt> [options] < passphrase-file

Salt, one of:
  --salt-base64 S           16 bytes, as base64
  --salt-text S             16 characters, one byte each, as @fastify/secure-session reads text
  --fastify-default-salt    the default salt of @fastify/secure-session, which is public

Options:
  --hex          64 hexadecimal digits (default)
  --base64       44 base64 characters
  --raw          32 bytes, for a file; not allowed if the output is a terminal
  --env NAME     as a line NAME=key
  -h, --help     show this help

A line ending after the passphrase is ignored.
";

pub(crate) fn run(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut text = KeyText::default();
    let mut salt = SaltOption::default();
    while let Some(option) = arguments.next()? {
        if option == "--help" {
            return streams::print(HELP);
        }
        let taken = text.take(&option, &mut arguments)? || salt.take(&option, &mut arguments)?;
        if !taken {
            return Err(arguments.unknown(&option));
        }
    }
    text.check(&arguments)?;
    let salt = salt.required(&arguments)?;
    let input = streams::read_stdin("a passphrase")?;
    let passphrase = checked_passphrase("the passphrase", &input)?;
    text.print(&KeyRing::new(Key::from_passphrase(passphrase, &salt)?))
}
