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
struct. A mistyped field, name, application or purpose revokes nothing, and neither does a value of
another type: 42 is an integer, '\"42\"' a string.

Session:
  --name NAME           the cookie's name, as it is sent
  --application A       the application's name, if the builder sets one
  --purpose P           the purpose, if the session has one
  --absolute D          the absolute limit, such as 12h, for --cookie; default: the library's
";

const HELP_ON_ENTRY: &str = "
Entry:
  --until D             how long the entry counts, such as 12h; a session that lasts longer is
                        accepted again afterwards; default and maximum: 401d, longer than any
                        session lasts
  --yes                 end the sessions of --everyone
  --now SECONDS[.mmm]   the time to use as now, in seconds since 1970
  -h, --help            show this help

Exit status: 0, 1 (the cookie does not open), 2 (any other error).
";

const NOTE_ON_VALUES: &str = "\
This command does not know the struct. A mistyped field, name, application or purpose revokes nothing,
and neither does a value of another type: 42 is an integer, '\"42\"' a string.
";

const NOTE_ON_NAMES: &str = "\
This command does not know the struct. A mistyped name, application or purpose revokes nothing.
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
    let target = selection.target(&settings, &arguments)?;
    settings.check(&arguments)?;
    let name = settings.required_name(&arguments)?;
    let session = settings.session_type(name)?;
    let store = store.required(&arguments)?;
    let until = Until::after(life, settings.now_millis());
    if until.is_past(time::now_millis()) {
        return Err(arguments.usage(
            "the entry would have ended already by the system clock; correct `--now`, or set a \
             longer `--until`",
        ));
    }
    let sessions = format!("sessions of {}", described(name, &settings));
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
                "the {sessions} whose field `{}` is {} and that were signed in before now",
                printable(&field),
                printable(&text)
            );
            (
                vec![__cli::group_entry(key, until.minutes)],
                what,
                NOTE_ON_VALUES,
            )
        }
        Target::Everyone if selection.yes => {
            let entry = __cli::type_entry(session.key(), until.minutes);
            let what = format!("all {sessions} that were signed in before now");
            (vec![entry], what, NOTE_ON_NAMES)
        }
        Target::Everyone => {
            return streams::print(format!(
                "Would end all {sessions} that were signed in before now. The entry would count \
                 until {until}.\n\
                 Nothing was appended; add `--yes` to do it.\n"
            ));
        }
    };
    let number = store.append(&entries)?;
    let done = match entries.len() {
        1 => "the entry was appended, but ",
        _ => "the entries were appended, but ",
    };
    streams::print_after(done, appended(entries.len(), number, &what, &until) + note)
}

/// Says what was appended.
fn appended(count: usize, number: Option<u64>, what: &str, until: &Until) -> String {
    let (entries, read) = match (count, number) {
        (_, Some(number)) => (format!("The entry (number {number}) counts"), "it"),
        (1, None) => ("The entry counts".to_owned(), "it"),
        (_, None) => ("The entries count".to_owned(), "them"),
    };
    format!(
        "Ended {what}. {entries} until {until}.\n\
         Running processes read {read} within a second.\n"
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

    fn target(&self, settings: &Settings, arguments: &Arguments) -> Result<Target, Failure> {
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
        if let (false, Some(option)) = (self.cookie, settings.option_for_opening()) {
            return Err(arguments.usage(format!("{option} is only for `--cookie`; remove it")));
        }
        Ok(target)
    }
}

/// Reads `FIELD=JSON`.
fn group(condition: &str, arguments: &Arguments) -> Result<Target, Failure> {
    let (field, value) = condition.split_once('=').unwrap_or_default();
    let problem = match group_text::parse(value) {
        Ok(text) if !field.is_empty() => {
            return Ok(Target::Group {
                field: field.to_owned(),
                text,
            });
        }
        Ok(_) => None,
        Err(problem) => quoted_form(field, value).map(|form| (problem, form)),
    };
    Err(arguments.usage(match problem {
        Some((NotGrouping::Kind(kind), form)) => format!(
            "the value of `--where` must be an integer, `true`, `false` or a string, and is {kind}; \
             write a string as `--where {form}`"
        ),
        Some((NotGrouping::NotJson, form)) => format!(
            "the value of `--where` is not JSON; write a string as `--where {form}`, and an integer \
             with digits only"
        ),
        None => "`--where` must be `FIELD=JSON`, such as `--where user_id=42` or \
                 `--where email='\"ada@example.com\"'`"
            .to_owned(),
    }))
}

/// Returns the condition for a shell with the value as a string. A value as long as a key or a cookie
/// is left out.
///
/// Returns `None` if the condition may be a misplaced key, whose base64 ends with equals signs, or if
/// the field would have to be quoted, too.
fn quoted_form(field: &str, value: &str) -> Option<String> {
    // A key has 43 characters or more, and a cookie has more than a key.
    const MOST_SHOWN: usize = 40;
    const LONGEST_FIELD: usize = 64;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let is_field = (1..=LONGEST_FIELD).contains(&field.len()) && field.bytes().all(is_plain);
    let is_value = !value.trim_matches('=').trim().is_empty();
    let shown = match value.len() {
        0..=MOST_SHOWN => value,
        _ => "…",
    };
    // In a JSON string, the escapes do not change the text.
    let text = printable(&serde_json::Value::from(shown).to_string()).replace('\'', "\\u0027");
    (is_field && is_value).then(|| format!("{field}='{text}'"))
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

    /// Returns true if an entry with this end no longer counts.
    fn is_past(&self, now_millis: u64) -> bool {
        u64::from(self.minutes) <= now_millis / 60_000
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
