//! `seal`: makes a cookie of a JSON object.

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
Makes a cookie of the JSON object on standard input and prints its value, as it stands in the
Set-Cookie header. The session begins now.

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
                "{HELP}{}\nOther:\n  -h, --help            this text\n",
                settings::HELP
            ));
        }
        if !settings.take(&option, &mut arguments)? {
            return Err(arguments.unknown(&option));
        }
    }
    settings.format.get_or_insert(Format::Native);
    settings.check(&arguments)?;
    let Some(name) = settings.name.as_deref() else {
        return Err(arguments.usage("`--name` is needed: the name of the cookie"));
    };
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

/// The library's text is for those who have written the struct.
fn refused_in_fastify(err: EncodeError) -> Failure {
    match err {
        EncodeError::Value {
            problem: ValueProblem::TakenName,
            ..
        } => Failure::trouble(
            "the object holds a member that is taken in the fastify format: `__ts`, `__proto__`, \
             `constructor` or `prototype`",
        ),
        err => err.into(),
    }
}

fn object(input: &[u8]) -> Result<Map<String, Value>, Failure> {
    streams::refuse_other_encodings("standard input", input)?;
    if input.trim_ascii().is_empty() {
        return Err(Failure::trouble(
            "standard input is empty, and a JSON object is expected",
        ));
    }
    exact::check(input)?;
    // serde's text may quote the value, which is nobody's but the session's.
    serde_json::from_slice(input).map_err(|err| {
        Failure::trouble(format!(
            "standard input is no JSON object, see line {}, column {}",
            err.line(),
            err.column()
        ))
    })
}
