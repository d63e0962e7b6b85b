//! The standard input of `secure-session inspect`.

use std::{cell::OnceCell, ffi::OsString, fs};

use actix_secure_session_tests::{Auth, T0, ada, app::Server};
use secure_session_cli::Inspection;

use super::forge;

/// A value in the native session, with characters that no cookie contains.
const SECRET: &str = "s\u{f6}cret!";

const LIVE_MARK: u8 = 1;
const FASTIFY_MARK: u8 = 2;

struct Command {
    /// One for each set of options.
    inspections: Vec<Inspection>,
    live: String,
    fastify: String,
}

thread_local! {
    static COMMAND: OnceCell<Command> = const { OnceCell::new() };
}

/// The first byte chooses the options. There is always output, the JSON parses, and nothing in it
/// controls a terminal.
pub(crate) fn run(data: &[u8]) {
    COMMAND.with(|command| command.get_or_init(Command::new).check(data));
}

impl Command {
    fn new() -> Self {
        let directory = std::env::temp_dir();
        let thread = format!("{:?}", std::thread::current().id());
        let digits: String = thread.chars().filter(char::is_ascii_digit).collect();
        let file = directory.join(format!("hostile-inspect-{}-{digits}", std::process::id()));
        fs::write(&file, forge::hex(&forge::key_bytes(1))).unwrap();
        let file = file.to_str().unwrap();
        let now = T0.to_string();
        let ways: [&[&str]; 6] = [
            &[],
            &["--name", "__Host-auth"],
            &["--name", "session"],
            &["--name", "session", "--format", "fastify", "--without-time"],
            &[
                "--name",
                "__Host-auth",
                "--format",
                "native",
                "--idle",
                "1h",
            ],
            &["--format", "fastify", "--signed"],
        ];
        let inspections = ways.iter().map(|way| {
            let always = ["--key-file", file, "--now", &now];
            let arguments = always.iter().chain(*way).map(OsString::from);
            Inspection::of(arguments).unwrap_or_else(|| panic!("{way:?}"))
        });
        let inspections = inspections.collect();
        fs::remove_file(file).unwrap();
        let auth = Auth {
            name: SECRET.to_owned(),
            ..ada()
        };
        let cookie = Server::default().cookie(&auth);
        let fastify = format!(r#"{{"user_id":1,"esc":"\u001b[31m","__ts":{T0}000}}"#);
        Self {
            inspections,
            live: cookie.split_once('=').unwrap().1.to_owned(),
            fastify: forge::fastify(1, fastify.as_bytes()),
        }
    }

    fn check(&self, data: &[u8]) {
        let Some((way, rest)) = data.split_first() else {
            return;
        };
        let inspection = &self.inspections[usize::from(*way) % self.inspections.len()];
        let mut input = Vec::new();
        for byte in rest {
            match *byte {
                LIVE_MARK => input.extend(self.live.as_bytes()),
                FASTIFY_MARK => input.extend(self.fastify.as_bytes()),
                byte => input.push(byte),
            }
        }
        for redact in [false, true] {
            let Some([json, text]) = inspection.shown(&input, redact) else {
                return;
            };
            serde_json::from_str::<serde_json::Value>(&json).unwrap();
            for shown in [json, text] {
                let obeyed = |character: char| character.is_control() && character != '\n';
                assert!(!shown.contains(obeyed), "{shown:?}");
                assert!(!shown.contains('\u{202e}'), "{shown:?}");
                // The output for other cookies may be anything, even if lines are joined.
                if redact && !rest.contains(&SECRET.as_bytes()[2]) {
                    assert!(!shown.contains(SECRET));
                }
            }
        }
    }
}
