//! `keygen`: creates a key, or shows an existing one in another form.

use std::process::ExitCode;

use secure_session::{Key, KeyRing};

use crate::{arguments::Arguments, failure::Failure, key_text::KeyText, streams};

const HELP: &str = "\
Creates a key for session cookies and prints only the key.

Usage: secure-session keygen [options]

Options:
  --hex          64 hexadecimal digits (default)
  --base64       44 base64 characters
  --raw          32 bytes, for a file; not allowed if the output is a terminal
  --env NAME     as a line NAME=key
  --from FILE    create no key, but show the keys of a file in another form
  -h, --help     show this help

Keep the key out of version control, in a file that only the application can read:
  (umask 077 && secure-session keygen > session.key)
";

pub(crate) fn run(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut text = KeyText::default();
    let mut from = None;
    while let Some(option) = arguments.next()? {
        match option.as_str() {
            "--help" => return streams::print(HELP),
            "--from" => from = Some(arguments.value(&option)?),
            other => {
                if !text.take(other, &mut arguments)? {
                    return Err(arguments.unknown(other));
                }
            }
        }
    }
    text.check(&arguments)?;
    match from {
        Some(file) => text.print(&KeyRing::from_file(file)?),
        None => text.print(&KeyRing::new(Key::generate()?)),
    }
}
