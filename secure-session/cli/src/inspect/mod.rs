//! `inspect`: shows what is in a cookie, or why it does not open.

mod diagnosis;
mod input;
mod opener;
mod report;

use std::process::ExitCode;

use secure_session::{RejectReason, SessionId};

use self::{
    input::{Cookie, Input},
    opener::Opener,
    report::{Report, Verdict},
};
use crate::{
    arguments::Arguments,
    failure::{DOES_NOT_OPEN, Failure},
    revoked::RevocationList,
    settings::{self, Format, Keys, Settings},
    store::{self, Store, StoreOption},
    streams,
};

const HELP: &str = "\
Shows what is in a cookie, or why it does not open. Reads the cookie's value, or a whole Cookie or
Set-Cookie header, from standard input.

Usage: secure-session inspect [options] < cookie

";

const HELP_ON_LIMITS: &str = "
Limits of the session. Default: the library's defaults.
  --idle D              such as 30m, or none
  --absolute D          such as 12h (native)
  --without-time        accept sessions of @fastify/secure-session before 7.3.0 (fastify)
";

const HELP_ON_OUTPUT: &str = "
With a store, a native session that is revoked there does not open. Fields are matched by the name
in the cookie, so a value that is still stored under an `alias` is not found.

Output:
  --json                one JSON object, for scripts
  --redact              names and sizes of the session's members, without values
  -h, --help            show this help

Exit status: 0, 1 (the cookie does not open), 2 (any other error).
";

/// The maximum number of cookies of one name to try, as in the library.
const MOST_CANDIDATES: usize = 4;

/// The maximum number of cookies to try without a name: browsers keep at least that many per host
/// (RFC 6265bis §5.6).
const MOST_COOKIES: usize = 50;

/// The default cookie name of a fastify session.
const FASTIFY_NAME: &str = "session";

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Some(inspection) = Inspection::of(arguments)? else {
        let parts = [
            HELP,
            settings::HELP,
            settings::HELP_ON_KEYS,
            HELP_ON_LIMITS,
            store::HELP,
            HELP_ON_OUTPUT,
        ];
        return streams::print(parts.concat());
    };
    let bytes = streams::read_stdin("a cookie or a header")?;
    let report = inspection.report(&bytes)?;
    streams::print(if inspection.json {
        report.json(inspection.redact)
    } else {
        report.text(inspection.redact)
    })?;
    Ok(match report.verdict {
        Verdict::Opens(_) => ExitCode::SUCCESS,
        Verdict::Fails { .. } => ExitCode::from(DOES_NOT_OPEN),
    })
}

/// How to inspect a cookie.
pub(crate) struct Inspection {
    arguments: Arguments,
    settings: Settings,
    keys: Keys,
    store: Option<Store>,
    json: bool,
    redact: bool,
}

impl Inspection {
    /// Returns `None` if the help is asked for.
    pub(crate) fn of(mut arguments: Arguments) -> Result<Option<Self>, Failure> {
        let mut settings = Settings::default();
        let mut store = StoreOption::default();
        let (mut json, mut redact) = (false, false);
        while let Some(option) = arguments.next()? {
            match option.as_str() {
                "--help" => return Ok(None),
                "--json" => json = true,
                "--redact" => redact = true,
                other => {
                    let taken = settings.take(other, &mut arguments)?
                        || settings.take_limit(other, &mut arguments)?
                        || store.take(other, &mut arguments)?;
                    if !taken {
                        return Err(arguments.unknown(other));
                    }
                }
            }
        }
        settings.check(&arguments)?;
        let keys = settings.keys(&arguments)?;
        // Cookies of the fastify format cannot be revoked.
        let store = match settings.format {
            Some(Format::Fastify) => store.refused_in_fastify(&arguments)?,
            Some(Format::Native) | None => store.for_inspection(&arguments)?,
        };
        Ok(Some(Self {
            arguments,
            settings,
            keys,
            store,
            json,
            redact,
        }))
    }

    /// Inspects the content of standard input.
    pub(crate) fn report(&self, bytes: &[u8]) -> Result<Report, Failure> {
        streams::refuse_other_encodings("standard input", bytes)?;
        let text = String::from_utf8_lossy(bytes);
        let input = Input::read(&text, self.settings.name.as_deref());
        let now = self.settings.now_millis();
        let list = self.store.as_ref();
        let list = list
            .map(|store| RevocationList::read(store, now))
            .transpose()?;
        let list = list.as_ref();
        examine(&input, &self.settings, &self.keys, list, &self.arguments)
    }
}

/// Returns the ids of the native sessions in the input that are authentic and not past their absolute
/// limit, like `destroy`.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn ids(
    bytes: &[u8],
    settings: &Settings,
    keys: &Keys,
    arguments: &Arguments,
) -> Result<Vec<SessionId>, Failure> {
    let settings = settings.without_idle_limit();
    let name = settings.required_name(arguments)?;
    streams::refuse_other_encodings("standard input", bytes)?;
    let input = Input::read(&String::from_utf8_lossy(bytes), Some(name));
    let opener = Opener::new(Format::Native, name, &settings, keys)?;
    let cookies = input.cookies.iter().take(MOST_CANDIDATES);
    let mut ids: Vec<_> = cookies
        .filter_map(|cookie| opener.id(&cookie.value))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        let is_fastify = |cookie: &Cookie| diagnosis::looks_like_fastify(&cookie.value);
        if !input.cookies.is_empty() && input.cookies.iter().all(is_fastify) {
            return Err(Failure::does_not_open(
                "the cookie contains a `;`, like values of @fastify/secure-session; cookies of the \
                 fastify format cannot be revoked",
            ));
        }
        let report = examine(&input, &settings, keys, None, arguments)?;
        return Err(Failure::does_not_open(report.refusal()));
    }
    Ok(ids)
}

/// Reports the first cookie that opens, or the most informative of those that do not.
fn examine(
    input: &Input,
    settings: &Settings,
    keys: &Keys,
    list: Option<&RevocationList>,
    arguments: &Arguments,
) -> Result<Report, Failure> {
    let mut best: Option<(u8, Report)> = None;
    let mut first_failure = None;
    let most = match settings.name {
        Some(_) => MOST_CANDIDATES,
        None => MOST_COOKIES,
    };
    for cookie in input.cookies.iter().take(most) {
        // Without `--name`, a named cookie may belong to another program.
        let is_among_others = settings.name.is_none() && cookie.name.is_some();
        for format in formats(settings, &cookie.value) {
            let opener = match name_of(cookie, format) {
                Some(name) => Opener::new(format, name, settings, keys),
                None => Err(arguments
                    .usage("`--name` is required, as the cookie's name is part of its key")),
            };
            let report = match opener {
                Ok(opener) => opener.report(&cookie.value, settings, keys, list),
                Err(failure) => {
                    let was_the_other_format = best.is_some() && settings.format.is_none();
                    if is_among_others {
                        first_failure.get_or_insert(failure);
                    } else if !was_the_other_format {
                        return Err(failure);
                    }
                    continue;
                }
            };
            let Verdict::Fails { reason, .. } = report.verdict else {
                return Ok(report);
            };
            let rank = rank(reason, is_among_others);
            if best.as_ref().is_none_or(|(best, _)| rank > *best) {
                best = Some((rank, report));
            }
        }
    }
    match (best, first_failure) {
        (Some((0, _)) | None, Some(failure)) => Err(failure),
        (Some((_, report)), _) => Ok(report),
        (None, None) => Ok(Report::absent(input, settings)),
    }
}

fn name_of(cookie: &Cookie, format: Format) -> Option<&str> {
    match (&cookie.name, format) {
        (Some(name), _) => Some(name),
        (None, Format::Fastify) => Some(FASTIFY_NAME),
        (None, Format::Native) => None,
    }
}

/// How informative a reason is. An expired or revoked cookie, or one of a newer build, is a session; among
/// cookies of all names, a malformed one belongs to another program.
fn rank(reason: RejectReason, is_among_others: bool) -> u8 {
    match reason {
        RejectReason::Expired(_) | RejectReason::NewerBuild | RejectReason::Revoked => 2,
        RejectReason::Malformed if is_among_others => 0,
        _ => 1,
    }
}

/// The formats to try, the likelier one first.
fn formats(settings: &Settings, value: &str) -> Vec<Format> {
    match settings.format {
        Some(format) => vec![format],
        None if diagnosis::looks_like_fastify(value) => vec![Format::Fastify, Format::Native],
        None => vec![Format::Native, Format::Fastify],
    }
}
