//! Describes what a response does to a session, for `Debug` and for failed assertions.

use super::{ResponseSession, Sent};
use crate::{codec::Opened, escape::Escaped, payload::json, session::SecureSession};

impl<T: SecureSession> ResponseSession<T> {
    /// Fails the test. `expected` is a sentence about the session.
    #[track_caller]
    pub(super) fn fail(&self, expected: &str) -> ! {
        self.fail_saying(expected, &self.report())
    }

    /// Fails the test and shows the cookie's attributes.
    #[track_caller]
    pub(super) fn fail_attributes(&self, expected: &str) -> ! {
        match self.attributes() {
            Some(attributes) => {
                self.fail_saying(expected, &format!("it has `{}`", Escaped(attributes)))
            }
            None => self.fail(expected),
        }
    }

    #[track_caller]
    #[expect(clippy::panic, reason = "a failed assertion panics")]
    pub(super) fn fail_saying(&self, expected: &str, instead: &str) -> ! {
        let name = self.codec.cookie_name();
        panic!("session `{name}`: {expected}, but {instead}");
    }

    /// Describes what the response does to the session.
    pub(super) fn report(&self) -> String {
        match self.sent() {
            Sent::Failed(err) => format!("it cannot be stored: {err}"),
            Sent::Nothing if self.others.is_empty() => "the response sets no cookie".to_owned(),
            Sent::Nothing => format!(
                "the response does not set it, only {}",
                listed(&self.others)
            ),
            Sent::Removal => "the response removes it".to_owned(),
            Sent::Session(opened) => {
                format!("the response stores {}", Escaped(json_text(opened)))
            }
            Sent::Unreadable(reason) => {
                format!("the response sets a cookie that does not open: {reason}")
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", Escaped(name)))
        .collect();
    quoted.join(", ")
}

/// Returns the session's JSON object.
fn json_text<T: SecureSession>(opened: &Opened<T>) -> String {
    let mut out = Vec::new();
    let first = opened.received.as_ref().map(json::read_again);
    let contents = opened.contents(first.as_ref());
    match json::write(&mut out, contents.value, contents.carried, None) {
        Ok(()) => String::from_utf8_lossy(&out).into_owned(),
        Err((_, problem)) => format!("a value that {problem}"),
    }
}
