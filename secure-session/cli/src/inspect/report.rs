//! The result of an inspection, as text and as JSON.

use std::iter;

use secure_session::{ExpiryLimit, RejectReason, codec::MAX_COOKIE_BYTES};
use serde_json::Value;

use super::{
    input::Input,
    opener::{Session, Times},
};
use crate::{
    output::{line, object, printable},
    revoked::Cause,
    settings::{Format, Settings},
    time,
};

pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    /// `None` if the session was not looked for in a list of revoked sessions.
    pub(crate) revocation: Option<Revocation>,
    pub(crate) format: Option<Format>,
    pub(crate) name: Option<String>,
    /// The length of `name=value`.
    pub(crate) size: Option<usize>,
    /// The number of keys.
    pub(crate) keys: usize,
    /// In seconds since 1970.
    pub(crate) now: u64,
}

pub(crate) enum Verdict {
    Fails {
        reason: RejectReason,
        /// What is wrong and what to try, one sentence each.
        explanation: Vec<String>,
        /// The session, read at a time within its limits.
        in_its_time: Option<Session>,
    },
    Opens(Session),
}

/// What a list of revoked sessions says about a session.
pub(crate) struct Revocation {
    /// Why the session is revoked; empty if it is not.
    pub(crate) causes: Vec<Cause>,
    /// A newer version of the library wrote some entries.
    pub(crate) may_be_incomplete: bool,
}

impl Report {
    pub(crate) fn absent(input: &Input, settings: &Settings) -> Self {
        let mut explanation = Vec::new();
        match &settings.name {
            Some(name) if !input.others.is_empty() => {
                explanation.push(format!("there is no cookie `{}`", printable(name)));
                let others: Vec<_> = input.others.iter().map(|name| printable(name)).collect();
                explanation.push(format!(
                    "try another `--name`, which is case-sensitive; found: {}",
                    others.join(", ")
                ));
            }
            _ => explanation.push("there is no cookie on standard input".to_owned()),
        }
        Self {
            verdict: Verdict::Fails {
                reason: RejectReason::Absent,
                explanation,
                in_its_time: None,
            },
            revocation: None,
            format: settings.format,
            name: settings.name.clone(),
            size: None,
            keys: 0,
            now: settings.now_millis() / 1000,
        }
    }

    /// One JSON object on one line.
    ///
    /// `data` is set only for a session that opens, so that no script mistakes an expired session
    /// for a valid one.
    pub(crate) fn json(&self, redact: bool) -> String {
        let session = self.session();
        let (opens, reason, limit) = match &self.verdict {
            Verdict::Opens(_) => (true, None, None),
            Verdict::Fails { reason, .. } => (false, Some(word(*reason)), limit_of(*reason)),
        };
        let [
            mut id,
            mut created,
            mut seen,
            mut authenticated,
            mut schema_version,
            mut issued,
        ] = [const { Value::Null }; 6];
        match session.map(|session| &session.times) {
            None => {}
            Some(Times::Fastify { issued: time }) => issued = (*time).into(),
            Some(Times::Native {
                id: text,
                created: first,
                seen: last,
                authenticated: time,
                schema_version: number,
                ..
            }) => {
                if !redact {
                    id = text.to_string().into();
                }
                created = (*first).into();
                seen = (*last).into();
                authenticated = (*time).into();
                schema_version = (*number).into();
            }
        }
        let valid = match &self.verdict {
            Verdict::Opens(session) => Some(session),
            Verdict::Fails { .. } => None,
        };
        let data = valid.map(|session| {
            let shown = session.members.iter().map(|(name, text)| {
                let sizes = redact.then(|| text.len().to_string());
                (name.as_str(), sizes.unwrap_or_else(|| text.clone()))
            });
            object(shown)
        });
        let (data_name, data) = (if redact { "sizes" } else { "data" }, data);
        let mut members = vec![
            ("opens", opens.to_string()),
            ("reason", Value::from(reason).to_string()),
            ("limit", Value::from(limit).to_string()),
            (
                "format",
                Value::from(self.format.map(|format| format.to_string())).to_string(),
            ),
            ("name", Value::from(self.name.clone()).to_string()),
            (
                "key_index",
                Value::from(session.map(|session| session.key_index)).to_string(),
            ),
            ("id", id.to_string()),
            ("created", created.to_string()),
            ("seen", seen.to_string()),
            ("authenticated", authenticated.to_string()),
            ("schema_version", schema_version.to_string()),
            ("issued", issued.to_string()),
            (
                "expires",
                Value::from(session.map(|session| session.expires)).to_string(),
            ),
            ("size", Value::from(self.size).to_string()),
            (data_name, data.unwrap_or_else(|| "null".to_owned())),
        ];
        if let Some(revocation) = &self.revocation {
            members.push(("revocations", revocation.json()));
        }
        let mut line = printable(&object(members));
        line.push('\n');
        line
    }

    /// One line for each fact, then the JSON.
    pub(crate) fn text(&self, redact: bool) -> String {
        let mut lines = Vec::new();
        match &self.verdict {
            Verdict::Opens(_) => lines.push(line("opens", "yes")),
            Verdict::Fails {
                reason,
                explanation,
                ..
            } => {
                lines.push(line("opens", "no"));
                lines.push(line("reason", &reason.to_string()));
                lines.extend(
                    explanation
                        .iter()
                        .map(|sentence| line("", &printable(sentence))),
                );
            }
        }
        if let Some(revocation) = &self.revocation {
            // Otherwise the sentences follow the reason.
            let label = match self.verdict {
                Verdict::Fails {
                    reason: RejectReason::Revoked,
                    ..
                } => "",
                _ => "revoked",
            };
            lines.extend(revocation.lines(label, redact));
        }
        if let Some(format) = self.format {
            lines.push(line("format", &format.to_string()));
        }
        if let Some(name) = &self.name {
            lines.push(line("name", &printable(name)));
        }
        if let Some(size) = self.size {
            lines.push(line("size", &format!("{size} of {MAX_COOKIE_BYTES} bytes")));
        }
        if let Some(session) = self.session() {
            self.push_session(&mut lines, session, redact);
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// Why the cookie does not open, in one sentence without its content.
    pub(crate) fn refusal(&self) -> String {
        let Verdict::Fails {
            reason,
            explanation,
            ..
        } = &self.verdict
        else {
            return "the cookie opens".to_owned();
        };
        let sentences = explanation.iter().map(|sentence| printable(sentence));
        let parts: Vec<_> = iter::once(format!("the cookie does not open: {reason}"))
            .chain(sentences)
            .collect();
        parts.join("; ")
    }

    fn push_session(&self, lines: &mut Vec<String>, session: &Session, redact: bool) {
        let role = if session.key_index == 0 {
            "encrypts and decrypts"
        } else {
            "only decrypts"
        };
        let number = session.key_index + 1;
        lines.push(line("key", &format!("{number} of {}, {role}", self.keys)));
        let mut push_time = |what, seconds| {
            lines.push(line(what, &time::shown(seconds, self.now)));
        };
        match &session.times {
            Times::Fastify { issued } => push_time("issued", *issued),
            Times::Native {
                created,
                seen,
                authenticated,
                ..
            } => {
                push_time("created", *created);
                push_time("seen", *seen);
                if let Some(authenticated) = authenticated {
                    push_time("authenticated", *authenticated);
                }
            }
        }
        let expires = if session.expires > self.now {
            "expires"
        } else {
            "expired"
        };
        push_time(expires, session.expires);
        if let Times::Native { schema_version, .. } = &session.times
            && *schema_version != 0
        {
            lines.push(line("schema", &format!("version {schema_version}")));
        }
        if let (Times::Native { id, .. }, false) = (&session.times, redact) {
            lines.push(line("id", &id.to_string()));
        }
        lines.push(String::new());
        push_members(lines, &session.members, redact);
    }

    /// The session, whether it opens now or not.
    fn session(&self) -> Option<&Session> {
        match &self.verdict {
            Verdict::Fails { in_its_time, .. } => in_its_time.as_ref(),
            Verdict::Opens(session) => Some(session),
        }
    }
}

impl Revocation {
    /// Says why the session is revoked, or that it is not.
    fn lines(&self, label: &str, redact: bool) -> Vec<String> {
        let labels = iter::once(label).chain(iter::repeat(""));
        let mut lines: Vec<_> = (self.causes.iter().zip(labels))
            .map(|(cause, label)| line(label, &printable(&sentence(cause, redact))))
            .collect();
        if lines.is_empty() {
            lines.push(line("revoked", "no"));
        }
        if self.may_be_incomplete {
            let sentences = [
                "the store has entries of a newer version of the library, so this may be incomplete",
                "try a newer version of this program",
            ];
            lines.extend(sentences.map(|sentence| line("", sentence)));
        }
        lines
    }

    fn json(&self) -> String {
        let causes = self.causes.iter().map(|cause| match cause {
            Cause::Session => object([("kind", Value::from("session").to_string())]),
            Cause::Group { member, .. } => object([
                ("kind", Value::from("group").to_string()),
                ("member", Value::from(member.as_str()).to_string()),
            ]),
            Cause::Type => object([("kind", Value::from("type").to_string())]),
        });
        let causes: Vec<_> = causes.collect();
        object([
            ("revoked_by", format!("[{}]", causes.join(","))),
            ("may_be_incomplete", self.may_be_incomplete.to_string()),
        ])
    }
}

fn sentence(cause: &Cause, redact: bool) -> String {
    let what = match cause {
        Cause::Session => return "the session itself was ended, such as by a logout".to_owned(),
        Cause::Group { member, .. } if redact => {
            format!("all sessions with the same `{member}`")
        }
        Cause::Group { member, text } => {
            format!("all sessions with `{member}` {text}")
        }
        Cause::Type => "all sessions of this name".to_owned(),
    };
    format!("{what} were ended, and this one was not signed in after that")
}

fn push_members(lines: &mut Vec<String>, members: &[(String, String)], redact: bool) {
    if redact {
        if members.is_empty() {
            lines.push("no members".to_owned());
        }
        lines.extend(members.iter().map(|(name, text)| {
            let name = printable(&Value::from(name.as_str()).to_string());
            let unit = if text.len() == 1 { "byte" } else { "bytes" };
            format!("{name}: {} {unit}", text.len())
        }));
        return;
    }
    lines.push("{".to_owned());
    for (index, (name, text)) in members.iter().enumerate() {
        let comma = if index + 1 < members.len() { "," } else { "" };
        let name = printable(&Value::from(name.as_str()).to_string());
        lines.push(format!("  {name}: {}{comma}", printable(text)));
    }
    lines.push("}".to_owned());
}

/// A reason in one word, for scripts to compare.
fn word(reason: RejectReason) -> String {
    match reason {
        RejectReason::Expired(_) => "expired".to_owned(),
        other => other.to_string(),
    }
}

fn limit_of(reason: RejectReason) -> Option<&'static str> {
    match reason {
        RejectReason::Expired(ExpiryLimit::Absolute) => Some("absolute"),
        RejectReason::Expired(ExpiryLimit::Idle) => Some("idle"),
        _ => None,
    }
}
