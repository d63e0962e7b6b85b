//! The command line.

use std::path::{Path, PathBuf};

use lexopt::{Arg, Parser, ValueExt};

use crate::apps::Contender;

pub const HELP: &str = "\
Measures actix-secure-session next to bare actix-web and actix-session.

    --rounds N            rounds over all cases (default 51; at least 15 for published figures)
    --quick               5 rounds
    --json FILE           output file (default: target/in-process.json of this package)
    --check               only check that each case does what its name says

For the scripts in this folder:
    --list                print the names of the cases for callgrind
    --callgrind-case NAME --iterations N
    --serve CONTENDER --port PORT
";

const ROUNDS: usize = 51;
const QUICK_ROUNDS: usize = 5;

pub struct Arguments {
    pub task: Task,
    pub rounds: usize,
    pub json: PathBuf,
    pub iterations: u32,
    pub port: u16,
}

pub enum Task {
    Callgrind(String),
    Check,
    Help,
    List,
    Measure,
    Serve(Contender),
}

impl Arguments {
    pub fn from_env() -> Result<Self, lexopt::Error> {
        let mut arguments = Self {
            task: Task::Measure,
            rounds: ROUNDS,
            json: Path::new(env!("CARGO_MANIFEST_DIR")).join("target/in-process.json"),
            iterations: 100,
            port: 0,
        };
        let mut parser = Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("callgrind-case") => {
                    arguments.task = Task::Callgrind(parser.value()?.string()?);
                }
                // `cargo bench` adds it, `cargo run` does not.
                Arg::Long("bench") => {}
                Arg::Long("check") => arguments.task = Task::Check,
                Arg::Long("help") | Arg::Short('h') => arguments.task = Task::Help,
                Arg::Long("iterations") => arguments.iterations = parser.value()?.parse()?,
                Arg::Long("json") => arguments.json = parser.value()?.into(),
                Arg::Long("list") => arguments.task = Task::List,
                Arg::Long("port") => arguments.port = parser.value()?.parse()?,
                Arg::Long("quick") => arguments.rounds = QUICK_ROUNDS,
                Arg::Long("rounds") => arguments.rounds = parser.value()?.parse()?,
                Arg::Long("serve") => arguments.task = Task::Serve(parser.value()?.parse()?),
                other => return Err(other.unexpected()),
            }
        }
        if arguments.rounds == 0 {
            return Err("at least one round".into());
        }
        Ok(arguments)
    }
}
