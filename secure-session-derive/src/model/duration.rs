//! Durations: an integer and a unit.

use std::fmt;

use syn::LitStr;

use super::{Format, rules::TimeSpan};

const DAY: u64 = 24 * 60 * 60;

/// A span of time that the rules allow: between one second and 400 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duration {
    seconds: u64,
    written: String,
}

impl Duration {
    /// The idle time unless given.
    pub(crate) fn default_idle(format: Format) -> Self {
        match format {
            // What @fastify/secure-session takes: a day, and a second that belongs to it.
            Format::Fastify => Self::of(DAY + 1, "86401s"),
            Format::Native => Self::of(30 * 60, "30m"),
        }
    }

    /// The absolute lifetime unless given, in the format that has one.
    pub(crate) fn default_absolute() -> Self {
        Self::of(12 * 60 * 60, "12h")
    }

    /// The lifetime beyond which the default idle time is hardly what was meant.
    pub(crate) fn a_month() -> Self {
        Self::of(30 * DAY, "30d")
    }

    /// Reads `"30m"` or `"none"`, the value of `key`.
    pub(crate) fn parse(key: &str, text: &LitStr) -> syn::Result<Option<Self>> {
        let written = text.value();
        if written == "none" {
            return Ok(None);
        }
        let refused = |message| Err(syn::Error::new(text.span(), message));
        let Some(seconds) = seconds_of(&written) else {
            return refused(not_a_duration(key, &written));
        };
        let duration = Self { seconds, written };
        match duration.time_span().problem(key) {
            Some(message) => refused(message),
            None => Ok(Some(duration)),
        }
    }

    /// Reads the value of `absolute`, which cannot be `"none"`.
    pub(crate) fn parse_end(text: &LitStr) -> syn::Result<Self> {
        let key = "absolute";
        Self::parse(key, text)?.ok_or_else(|| {
            let message = "`absolute = \"none\"` is refused, every session needs an end; the \
                           longest is `absolute = \"400d\"`";
            syn::Error::new(text.span(), message)
        })
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// The time as the rules compare it and messages name it.
    pub(crate) fn time_span(&self) -> TimeSpan {
        TimeSpan {
            seconds: self.seconds,
            text: self.written.clone(),
        }
    }

    /// The same, for one that nobody has written.
    pub(crate) fn default_time_span(&self) -> TimeSpan {
        TimeSpan {
            seconds: self.seconds,
            text: format!("{}, the default", self.written),
        }
    }

    fn of(seconds: u64, written: &str) -> Self {
        Self {
            seconds,
            written: written.to_owned(),
        }
    }
}

/// As it was written, quotes and all.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.written)
    }
}

/// Returns the seconds of an integer and a unit; the largest number where they are too many.
fn seconds_of(written: &str) -> Option<u64> {
    let unit = written.chars().next_back()?;
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let digits = written.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Digits alone can fail only by being too many.
    let count = digits.parse().unwrap_or(u64::MAX);
    Some(count.saturating_mul(seconds_per_unit))
}

fn not_a_duration(key: &str, written: &str) -> String {
    let example = if key == "absolute" {
        "such as `\"12h\"`"
    } else {
        "such as `\"30m\"`, or `\"none\"`"
    };
    format!(
        "`{key} = \"{}\"` is not a duration; write an integer and one of `s`, `m`, `h`, `d`, `w`, \
         {example}",
        written.escape_default()
    )
}
