//! `seal`: encrypts a JSON object into a cookie.

use std::process::ExitCode;

use secure_session::{EncodeError, SecureSession, ValueProblem, test_util::TestClock};
use serde_json::{Map, Value};

use crate::{
    arguments::Arguments,
    exact,
    failure::Failure,
    settings::{self, Format, Settings},
    streams,
};

const HELP: &str = "\
Encrypts the JSON object on standard input and prints the cookie's value, as in the Set-Cookie
header. The session begins now.

Usage: secure-session seal --name NAME [options] < object.json

";

#[derive(SecureSession)]
#[session(cookie = "session")]
struct NativeSession {
    #[session(rest)]
    members: Map<String, Value>,
}

#[derive(SecureSession)]
#[session(format = "fastify")]
struct FastifySession {
    #[session(rest)]
    members: Map<String, Value>,
}

pub(crate) fn run(mut arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut settings = Settings::default();
    while let Some(option) = arguments.next()? {
        if option == "--help" {
            return streams::print(format!(
                "{HELP}{}{}\nOther:\n  -h, --help            show this help\n",
                settings::HELP,
                settings::HELP_ON_KEYS
            ));
        }
        if !settings.take(&option, &mut arguments)? {
            return Err(arguments.unknown(&option));
        }
    }
    settings.format.get_or_insert(Format::Native);
    settings.check(&arguments)?;
    let name = settings.required_name(&arguments)?;
    let keys = settings.keys(&arguments)?;
    let members = object(&streams::read_stdin("a JSON object")?)?;
    let clock = TestClock::at_millis(settings.now_millis());
    let value = if settings.format == Some(Format::Fastify) {
        let codec = settings.fastify(name, &keys, &clock)?;
        codec
            .seal(&FastifySession { members })
            .map_err(refused_in_fastify)?
    } else {
        let codec = settings.native(name, &keys, &clock)?;
        codec.seal(&NativeSession { members })?
    };
    streams::print(format!("{value}\n"))
}

/// The library's message is for the author of a struct.
fn refused_in_fastify(err: EncodeError) -> Failure {
    match err {
        EncodeError::Value {
            problem: ValueProblem::TakenName,
            ..
        } => Failure::trouble(
            "the object must not contain members that are reserved in the fastify format: `__ts`, \
             `__proto__`, `constructor` and `prototype`",
        ),
        err => err.into(),
    }
}

fn object(input: &[u8]) -> Result<Map<String, Value>, Failure> {
    streams::refuse_other_encodings("standard input", input)?;
    if input.trim_ascii().is_empty() {
        return Err(Failure::trouble(
            "standard input is empty; expected a JSON object",
        ));
    }
    exact::check(input)?;
    // serde's message may quote the value, which must not be printed.
    serde_json::from_slice(input).map_err(|err| {
        Failure::trouble(format!(
            "standard input is not a JSON object; see line {}, column {}",
            err.line(),
            err.column()
        ))
    })
}
