//! `revoke`: ends sessions, by an entry in the store of revoked sessions.

use std::{process::ExitCode, time::Duration};

use secure_session::__cli;

use crate::{
    arguments::Arguments,
    failure::Failure,
    group_text::{self, NotGrouping},
    inspect,
    output::printable,
    settings::{self, Settings},
    store::{self, StoreOption},
    streams,
    time::{self, Limit},
};

const HELP: &str = "\
Ends sessions: appends an entry to the store of revoked sessions. The processes of the application
that use the store refuse these sessions within a second.

Usage: secure-session revoke --name NAME <sessions> [options]

Sessions, one of:
  --cookie              the session whose cookie, or Cookie or Set-Cookie header, is on standard
                        input; needs its key
  --where FIELD=JSON    all sessions whose field has this value and that were signed in before:
                        user_id=42, admin=true, email='\"ada@example.com\"'
  --everyone            all sessions of the name that were signed in before; shows only what it
                        would do, unless --yes is given

FIELD is the stored name of a field with `identity` or `revoke_by`. This command does not know the
struct: a mistyped field, name, application or purpose revokes nothing.

Session:
  --name NAME           the cookie's name, as it is sent
  --application A       the application's name, if the builder sets one
  --purpose P           the purpose, if the session has one
  --absolute D          the absolute limit, such as 12h, for --cookie; default: the library's
";

const HELP_ON_ENTRY: &str = "
Entry:
  --until D             how long it counts, such as 12h; sessions that last longer are valid again
                        then; default and maximum: 401d, longer than any session
  --yes                 end the sessions of --everyone
  --now SECONDS[.mmm]   the time to use as now, in seconds since 1970
  -h, --help            show this help

Exit status: 0, 1 (the cookie does not open), 2 (any other error).
";

const NOTE_ON_NAMES: &str = "\
This command does not know the struct: a mistyped field, name, application or purpose revokes nothing.
";

const NOTE_ON_ID: &str = "\
This command does not know the struct: if it is not `revocable`, this revokes nothing.
";

/// What was given to select sessions.
#[derive(Default)]
struct Selection {
    cookie: bool,
    /// The last condition, and how many there were.
    condition: Option<String>,
    conditions: usize,
    everyone: bool,
    yes: bool,
}

/// The sessions to end.
enum Target {
    Cookie,
    Group { field: String, text: String },
    Everyone,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut settings = Settings::default();
    let mut store = StoreOption::default();
    let mut selection = Selection::default();
    let mut life = __cli::LONGEST;
    while let Some(option) = arguments.next()? {
        match option.as_str() {
            "--help" => {
                let parts = [HELP, settings::HELP_ON_KEYS, store::HELP, HELP_ON_ENTRY];
                return streams::print(parts.concat());
            }
            "--until" => life = life_of(&option, &mut arguments)?,
            other => {
                let taken = selection.take(other, &mut arguments)?
                    || settings.take_names(other, &mut arguments)?
                    || settings.take_keys(other, &mut arguments)?
                    || settings.take_absolute(other, &mut arguments)?
                    || store.take(other, &mut arguments)?;
                if !taken {
                    return Err(arguments.unknown(other));
                }
            }
        }
    }
    settings.check(&arguments)?;
    let name = settings.required_name(&arguments)?;
    let target = selection.target(&arguments)?;
    let session = settings.session_type(name)?;
    let store = store.required(&arguments)?;
    let until = Until::after(life, settings.now_millis());
    let sessions = format!("all sessions of {}", described(name, &settings));
    let (entries, what, note) = match target {
        Target::Cookie => {
            let keys = settings.keys(&arguments)?;
            let input = streams::read_stdin("a cookie or a header")?;
            let ids = inspect::ids(&input, &settings, &keys, &arguments)?;
            let entries = ids.iter();
            let entries: Vec<_> = entries
                .map(|id| __cli::session_entry(*id, until.minutes))
                .collect();
            let what = match ids.len() {
                1 => format!("the session in the cookie `{}`", printable(name)),
                count => format!("the {count} sessions in the cookies `{}`", printable(name)),
            };
            (entries, what, NOTE_ON_ID)
        }
        Target::Group { field, text } => {
            let key = session.group_key(&field, &text);
            let what = format!(
                "{sessions} whose field `{}` is {}",
                printable(&field),
                printable(&text)
            );
            (
                vec![__cli::group_entry(key, until.minutes)],
                what,
                NOTE_ON_NAMES,
            )
        }
        Target::Everyone if selection.yes => {
            let entry = __cli::type_entry(session.key(), until.minutes);
            (vec![entry], sessions, NOTE_ON_NAMES)
        }
        Target::Everyone => {
            return streams::print(format!(
                "Would append an entry that ends {sessions}, until {until}.\n\
                 Nothing was appended. Add `--yes` to do it.\n"
            ));
        }
    };
    let number = store.append(&entries)?;
    streams::print(appended(entries.len(), number, &what, &until) + note)
}

/// Says what was appended.
fn appended(count: usize, number: Option<u64>, what: &str, until: &Until) -> String {
    let (entries, end) = match (count, number) {
        (_, Some(number)) => (format!("entry number {number}, which"), "ends"),
        (1, None) => ("an entry that".to_owned(), "ends"),
        (count, None) => (format!("{count} entries that"), "end"),
    };
    format!(
        "Appended {entries} {end} {what}, until {until}.\n\
         Running processes read it within a second.\n"
    )
}

impl Selection {
    /// Consumes an option if it selects sessions.
    fn take(&mut self, option: &str, arguments: &mut Arguments) -> Result<bool, Failure> {
        match option {
            "--cookie" => self.cookie = true,
            "--everyone" => self.everyone = true,
            "--yes" => self.yes = true,
            "--where" => {
                self.condition = Some(arguments.value(option)?);
                self.conditions = self.conditions.saturating_add(1);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn target(&self, arguments: &Arguments) -> Result<Target, Failure> {
        let target = match (self.cookie, &self.condition, self.everyone) {
            (true, None, false) => Target::Cookie,
            (false, Some(condition), false) if self.conditions == 1 => group(condition, arguments)?,
            (false, None, true) => Target::Everyone,
            (false, None, false) => {
                return Err(arguments.usage(
                    "say which sessions to end: `--cookie`, `--where FIELD=JSON` or `--everyone`",
                ));
            }
            _ => {
                return Err(arguments.usage(
                    "`--cookie`, `--where` and `--everyone` cannot be combined or repeated; use one",
                ));
            }
        };
        if self.yes && !self.everyone {
            return Err(arguments.usage("`--yes` is only for `--everyone`; remove it"));
        }
        Ok(target)
    }
}

/// Reads `FIELD=JSON`.
fn group(condition: &str, arguments: &Arguments) -> Result<Target, Failure> {
    // The argument may be a misplaced key, so it is not repeated.
    let (field, value) = condition
        .split_once('=')
        .filter(|(field, _)| !field.is_empty())
        .ok_or_else(|| {
            arguments.usage("`--where` must be `FIELD=JSON`, such as `--where user_id=42`")
        })?;
    let message = match group_text::parse(value) {
        Ok(text) => {
            return Ok(Target::Group {
                field: field.to_owned(),
                text,
            });
        }
        Err(NotGrouping::Kind(kind)) => format!(
            "sessions are grouped by integers, `true`, `false` and strings, but the value of \
             `--where` is {kind}"
        ),
        Err(NotGrouping::NotJson) => format!(
            "the value of `--where` is not JSON; write a string as `--where {}='{}'`, and an \
             integer with digits only",
            shell(field),
            shell(&serde_json::Value::from(value).to_string())
        ),
    };
    Err(arguments.usage(message))
}

/// Escapes text for a terminal, and for single quotes of a shell. In a JSON string, the text remains
/// the same.
fn shell(text: &str) -> String {
    printable(text).replace('\'', "\\u0027")
}

fn life_of(option: &str, arguments: &mut Arguments) -> Result<Duration, Failure> {
    let life = time::limit(&arguments.value(option)?);
    match life {
        Some(Limit::After(life)) if !life.is_zero() && life <= __cli::LONGEST => Ok(life),
        _ => Err(arguments.usage(format!(
            "`{option}` must be an integer and one of `s`, `m`, `h`, `d`, `w`, such as `12h`, from \
             `1s` to `401d`"
        ))),
    }
}

/// The end of an entry.
struct Until {
    /// In minutes since 1970.
    minutes: u32,
    /// In seconds since 1970.
    now: u64,
}

impl Until {
    fn after(life: Duration, now_millis: u64) -> Self {
        let now = now_millis / 1000;
        let end = now.saturating_add(life.as_secs());
        Self {
            minutes: u32::try_from(end.div_ceil(60)).unwrap_or(u32::MAX),
            now,
        }
    }
}

impl std::fmt::Display for Until {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = u64::from(self.minutes).saturating_mul(60);
        f.write_str(&time::shown(seconds, self.now))
    }
}

/// The names of a session type.
fn described(name: &str, settings: &Settings) -> String {
    let others = [
        ("application", &settings.application),
        ("purpose", &settings.purpose),
    ];
    let others: Vec<_> = others
        .into_iter()
        .filter_map(|(what, text)| Some(format!("{what} `{}`", printable(text.as_deref()?))))
        .collect();
    let name = printable(name);
    if others.is_empty() {
        format!("`{name}`")
    } else {
        format!("`{name}` ({})", others.join(", "))
    }
}
