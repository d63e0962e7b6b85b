//! Runs the binary, with the settings that most tests share.

use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// A key, 01 to 20.
pub(crate) const KEY: &str = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

/// Another key, 21 to 40.
pub(crate) const OTHER_KEY: &str =
    "2122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40";

/// The time at which most cookies are created.
pub(crate) const NOW: &str = "1800000000";

/// A call of the binary.
pub(crate) struct Call<'a> {
    arguments: Vec<&'a str>,
    keys: Option<&'a str>,
    revocations: Option<&'a OsStr>,
    stdin: &'a [u8],
}

/// The result of a call.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Begins a call with these arguments, separated by spaces. Keys and the store are unset, and the
/// input is empty.
pub(crate) fn call(arguments: &str) -> Call<'_> {
    Call {
        arguments: arguments.split_whitespace().collect(),
        keys: None,
        revocations: None,
        stdin: b"",
    }
}

impl<'a> Call<'a> {
    /// Adds an argument that may contain spaces.
    pub(crate) fn with(mut self, argument: &'a str) -> Self {
        self.arguments.push(argument);
        self
    }

    /// Sets `SESSION_KEYS`.
    pub(crate) fn keys(mut self, keys: &'a str) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Sets `REVOCATIONS`.
    pub(crate) fn revocations(mut self, store: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        self.revocations = Some(store.as_ref());
        self
    }

    pub(crate) fn stdin(mut self, bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.stdin = bytes.as_ref();
        self
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_secure-session"));
        command.args(&self.arguments);
        command.env_remove("SESSION_KEYS").env_remove("REVOCATIONS");
        if let Some(store) = self.revocations {
            command.env("REVOCATIONS", store);
        }
        if let Some(keys) = self.keys {
            command.env("SESSION_KEYS", keys);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(self) -> Outcome {
        let (status, stdout, stderr) = self.run_raw();
        Outcome {
            status,
            stdout: String::from_utf8(stdout).expect("UTF-8 on standard output"),
            stderr: String::from_utf8(stderr).expect("UTF-8 on standard error"),
        }
    }

    /// Runs it and returns standard output as bytes.
    pub(crate) fn run_raw(self) -> (i32, Vec<u8>, Vec<u8>) {
        let mut child = self.command().spawn().expect("the binary runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A call that rejects its arguments does not wait for the input.
        let _ = stdin.write_all(self.stdin);
        drop(stdin);
        let output = child.wait_with_output().expect("the binary ends");
        let status = output.status.code().expect("an exit status, not a signal");
        assert_ne!(status, 101, "a panic: {:?}", output.stderr);
        (status, output.stdout, output.stderr)
    }
}

impl Outcome {
    /// Standard output of a successful call.
    pub(crate) fn text(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{self:?}");
        self.stdout
    }

    /// The object that `inspect --json` prints; the status agrees with it.
    pub(crate) fn json(self) -> Value {
        assert_eq!(self.stderr, "", "{self:?}");
        assert_eq!(self.stdout.matches('\n').count(), 1, "{self:?}");
        let object: Value = serde_json::from_str(&self.stdout).expect("JSON");
        let opens = object["opens"].as_bool().expect("`opens`");
        assert_eq!(self.status, i32::from(!opens), "{self:?}");
        assert_eq!(object["reason"].is_null(), opens, "{self:?}");
        object
    }

    /// Standard output of a call about a cookie that does not open.
    pub(crate) fn refusal(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (1, ""), "{self:?}");
        assert!(self.stdout.starts_with("opens         no\n"), "{self:?}");
        self.stdout
    }

    /// Standard error of a call that failed.
    pub(crate) fn trouble(self) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (2, ""), "{self:?}");
        assert!(self.stderr.starts_with("secure-session: "), "{self:?}");
        self.stderr
    }
}

/// Runs a call with [`KEY`] and this input.
pub(crate) fn with_key(arguments: &str, input: &(impl AsRef<[u8]> + ?Sized)) -> Outcome {
    call(arguments).keys(KEY).stdin(input).run()
}

/// A file for one test.
pub(crate) fn file(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).expect("a folder for files");
    let path: PathBuf = folder.join(name);
    fs::write(&path, bytes).expect("the file can be written");
    path.into_os_string()
        .into_string()
        .expect("a path in UTF-8")
}

/// A native cookie `__Host-auth` of user 7, encrypted with [`KEY`] at [`NOW`].
pub(crate) fn native_cookie() -> String {
    cookie("seal --name __Host-auth --now 1800000000")
}

/// A fastify cookie `session` of user 7, encrypted with [`KEY`] at [`NOW`].
pub(crate) fn fastify_cookie() -> String {
    cookie("seal --format fastify --name session --now 1800000000")
}

pub(crate) fn cookie(arguments: &str) -> String {
    let value = with_key(arguments, r#"{"user":7,"name":"Ada"}"#).text();
    value.trim_end().to_owned()
}
