//! Node processes with the real plugin. They stop when dropped.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

const REMEDY: &str = "these tests need Node 20.19 or newer and `npm install` in tests/interop; \
                      `.ci/live_exchange` sees to it";

/// A running script of this folder.
#[derive(Debug)]
struct Script {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Script {
    fn start(name: &str, settings: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
        let mut child = Command::new("node")
            .arg(folder.join(name))
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|err| panic!("node: {err}; {REMEDY}"));
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            child,
            input,
            output,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).expect("the script writes");
        assert!(read > 0, "the script has ended; {REMEDY}");
        line
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `peer-server.mjs`: the real application, over HTTP.
#[derive(Debug)]
pub(crate) struct PeerServer {
    pub(crate) address: String,
    _script: Script,
}

impl PeerServer {
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        let mut script = Script::start("peer-server.mjs", settings);
        let line = script.line();
        let address = line.trim().strip_prefix("listening ");
        Self {
            address: address.expect("listening <address>").to_owned(),
            _script: script,
        }
    }
}

/// `bulk.mjs`: the real plugin, without HTTP.
#[derive(Debug)]
pub(crate) struct Bulk(Script);

impl Bulk {
    pub(crate) fn start() -> Self {
        let mut script = Script::start("bulk.mjs", &[]);
        assert_eq!(script.line().trim(), "\"ready\"");
        Self(script)
    }

    pub(crate) fn ask(&mut self, command: &Value) -> Vec<Value> {
        writeln!(self.0.input, "{command}").expect("the script reads");
        let answer = self.0.line();
        match serde_json::from_str(&answer) {
            Ok(Value::Array(answers)) => answers,
            other => panic!("{other:?}"),
        }
    }
}

/// `set-cookie.mjs`: parsers of `Set-Cookie`.
#[derive(Debug)]
pub(crate) struct Parsers(Script);

impl Parsers {
    pub(crate) fn start() -> Self {
        Self(Script::start("set-cookie.mjs", &[]))
    }

    /// Each parser's result for a header, and a `Cookie` header that one of them sends back.
    pub(crate) fn read(&mut self, header: &str) -> Value {
        writeln!(self.0.input, "{}", Value::from(header)).expect("the script reads");
        serde_json::from_str(&self.0.line()).expect("the script writes JSON")
    }
}
