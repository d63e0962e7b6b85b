//! `entries`: counts the entries of a store of revoked sessions.

use std::process::ExitCode;

use crate::{
    arguments::Arguments,
    failure::Failure,
    output::{line, object},
    revoked::RevocationList,
    settings::Settings,
    store::{self, StoreOption},
    streams,
};

const HELP: &str = "\
Counts the entries of a store of revoked sessions by kind.

Usage: secure-session entries [options]

Entries contain no names: the entry of a session is its id, and that of a group or a type is a hash.
So only the entries of types can be counted by session, with --name.
";

const HELP_ON_OPTIONS: &str = "
Session, to count the entries that end all of its sessions:
  --name NAME           the cookie's name
  --application A       the application's name, if the builder sets one
  --purpose P           the purpose, if the session has one

Other:
  --json                one JSON object, for scripts
  --now SECONDS[.mmm]   the time to use as now, in seconds since 1970
  -h, --help            show this help

Counts:
  entries    all entries of the store
  sessions   sessions that were ended by their id, such as by a logout; each is counted once
  groups     groups whose sessions were ended, such as those of a user; each is counted once
  types      entries that end all sessions of a name; `of session`: those of --name
  fences     entries that only keep numbers rising
  run out    entries that no longer count
  newer      entries of a newer version of the library, which this version cannot read
  junk       entries that the library does not write

Exit status: 0, 2 (any error).
";

pub(crate) fn run(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut settings = Settings::default();
    let mut store = StoreOption::default();
    let mut json = false;
    while let Some(option) = arguments.next()? {
        match option.as_str() {
            "--help" => {
                return streams::print([HELP, store::HELP, HELP_ON_OPTIONS].concat());
            }
            "--json" => json = true,
            other => {
                let taken = settings.take_names(other, &mut arguments)?
                    || store.take(other, &mut arguments)?;
                if !taken {
                    return Err(arguments.unknown(other));
                }
            }
        }
    }
    let session = match &settings.name {
        Some(name) => Some(settings.session_type(name)?),
        None if settings.application.is_some() || settings.purpose.is_some() => {
            return Err(arguments.usage("`--application` and `--purpose` need `--name`"));
        }
        None => None,
    };
    let list = RevocationList::read(&store.required(&arguments)?, settings.now_millis())?;
    let of_session = session.map(|session| list.of_type(&session).to_string());
    let counts = [
        ("entries", list.entries.to_string()),
        ("sessions", list.sessions().to_string()),
        ("groups", list.groups().to_string()),
        ("types", list.types().to_string()),
    ]
    .into_iter()
    .chain(of_session.map(|count| ("of session", count)))
    .chain([
        ("fences", list.fences.to_string()),
        ("run out", list.run_out.to_string()),
        ("newer", list.newer.to_string()),
        ("junk", list.junk.to_string()),
    ]);
    if json {
        let counts: Vec<_> = counts
            .map(|(what, count)| (what.replace(' ', "_"), count))
            .collect();
        let counts = counts
            .iter()
            .map(|(what, count)| (what.as_str(), count.clone()));
        return streams::print(format!("{}\n", object(counts)));
    }
    let lines = counts.map(|(what, count)| format!("{}\n", line(what, &count)));
    streams::print(lines.collect::<String>())
}
