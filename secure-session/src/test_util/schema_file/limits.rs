//! The limits of a revocable session: raising one can make a revoked session valid again.

use serde_json::Value;

use crate::session::SecureSession;

/// The limits that the attributes set, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordedLimits {
    /// `None` without an idle limit.
    idle: Option<u64>,
    absolute: u64,
    /// `None` without `remember`.
    remember: Option<u64>,
}

impl RecordedLimits {
    /// Returns the limits of a revocable session.
    pub(super) fn of<T: SecureSession>() -> Option<Self> {
        let policy = &T::SCHEMA.policy;
        Some(Self {
            idle: policy.idle,
            absolute: policy.absolute.filter(|_| T::SCHEMA.revocable)?,
            remember: policy.remember,
        })
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let limits: Value = serde_json::from_str(text).ok()?;
        let seconds = |name: &str| match limits.get(name)? {
            Value::Null => Some(None),
            number => Some(Some(number.as_u64()?)),
        };
        Some(Self {
            idle: seconds("idle")?,
            absolute: seconds("absolute")??,
            remember: seconds("remember")?,
        })
    }

    pub(super) fn text(&self) -> String {
        format!(
            "{{\"idle\": {}, \"absolute\": {}, \"remember\": {}}}",
            shown(self.idle),
            self.absolute,
            shown(self.remember)
        )
    }

    /// Returns what differs from the recorded limits, or `None` if nothing does.
    pub(super) fn news(&self, recorded: Option<&Self>) -> Option<String> {
        let Some(recorded) = recorded else {
            return Some("its limits are not recorded yet".to_owned());
        };
        // No idle limit is longer than every limit; no `remember` is shorter.
        let longest = |idle: Option<u64>| idle.map_or(u64::MAX, |idle| idle);
        let shortest = |remember: Option<u64>| remember.map_or(0, |remember| remember);
        let pairs = [
            (
                "idle",
                recorded.idle,
                self.idle,
                longest(recorded.idle) < longest(self.idle),
            ),
            (
                "absolute",
                Some(recorded.absolute),
                Some(self.absolute),
                recorded.absolute < self.absolute,
            ),
            (
                "remember",
                recorded.remember,
                self.remember,
                shortest(recorded.remember) < shortest(self.remember),
            ),
        ];
        let differing = pairs.iter().filter(|(_, was, is, _)| was != is);
        let news: Vec<_> = differing
            .map(|(name, was, is, raised)| {
                let (was, is) = (shown(*was), shown(*is));
                let remedy = if *raised {
                    ", so a session that was revoked may be valid again: call `revoke_everyone` when \
                     you deploy it"
                } else {
                    ""
                };
                format!("`{name}` was {was} and is {is} (in seconds){remedy}")
            })
            .collect();
        (!news.is_empty()).then(|| news.join("; "))
    }
}

fn shown(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "null".to_owned(), |seconds| seconds.to_string())
}
