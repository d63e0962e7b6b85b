//! Prints keys.

use std::{io::IsTerminal as _, process::ExitCode};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secure_session::{Key, KeyRing};
use zeroize::Zeroizing;

use crate::{arguments::Arguments, failure::Failure, streams};

/// The output options that `keygen` and `derive-key` share.
#[derive(Debug, Default)]
pub(crate) struct KeyText {
    form: Option<Form>,
    variable: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Base64,
    Hex,
    Raw,
}

impl KeyText {
    /// Consumes an option if it is one of these.
    pub(crate) fn take(
        &mut self,
        option: &str,
        arguments: &mut Arguments,
    ) -> Result<bool, Failure> {
        let form = match option {
            "--base64" => Form::Base64,
            "--hex" => Form::Hex,
            "--raw" => Form::Raw,
            "--env" => {
                let name = arguments.value(option)?;
                if !is_variable_name(&name) {
                    let message = "`--env` needs the name of a variable: letters, digits and `_`";
                    return Err(arguments.usage(message));
                }
                self.variable = Some(name);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        if self.form.is_some_and(|other| other != form) {
            let message = "`--hex`, `--base64` and `--raw` cannot be combined";
            return Err(arguments.usage(message));
        }
        self.form = Some(form);
        Ok(true)
    }

    /// Rejects options that cannot work, before a key is created.
    pub(crate) fn check(&self, arguments: &Arguments) -> Result<(), Failure> {
        if self.form != Some(Form::Raw) {
            return Ok(());
        }
        if self.variable.is_some() {
            return Err(arguments.usage("`--raw` and `--env` cannot be combined"));
        }
        if std::io::stdout().is_terminal() {
            let message = "`--raw` would write bytes to the terminal; redirect them to a file";
            return Err(arguments.usage(message));
        }
        Ok(())
    }

    /// Prints the keys of a ring, and nothing else.
    pub(crate) fn print(&self, ring: &KeyRing) -> Result<ExitCode, Failure> {
        let keys: Vec<&Key> = ring.keys().collect();
        if self.form == Some(Form::Raw) {
            let [key] = *keys else {
                return Err(Failure::trouble(
                    "`--raw` can write only one key, but there are several",
                ));
            };
            return streams::print(key.expose_secret());
        }
        // Large enough never to grow, because growing would leave copies in memory.
        let name = self.variable.as_deref().unwrap_or_default();
        let capacity = name.len() + 1 + keys.len() * (2 * Key::LEN + 1);
        let mut text = Zeroizing::new(String::with_capacity(capacity));
        let separator = if self.variable.is_some() {
            text.push_str(name);
            text.push('=');
            ','
        } else {
            '\n'
        };
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                text.push(separator);
            }
            self.push(&mut text, key);
        }
        text.push('\n');
        streams::print(text.as_bytes())
    }

    fn push(&self, text: &mut String, key: &Key) {
        if self.form == Some(Form::Base64) {
            STANDARD.encode_string(key.expose_secret(), text);
        } else {
            text.extend(key.expose_secret().iter().flat_map(|byte| hex(*byte)));
        }
    }
}

fn hex(byte: u8) -> impl Iterator<Item = char> {
    [byte >> 4, byte & 15]
        .into_iter()
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
}

fn is_variable_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_inner)
        && name
            .bytes()
            .next()
            .is_some_and(|byte| !byte.is_ascii_digit())
}
