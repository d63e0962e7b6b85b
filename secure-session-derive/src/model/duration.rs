//! Durations: an integer and a unit.

use std::fmt;

use syn::LitStr;

use super::{Format, rules::TimeSpan};

const DAY: u64 = 24 * 60 * 60;

/// A valid duration: between one second and 400 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duration {
    seconds: u64,
    written: String,
}

impl Duration {
    /// The default idle limit.
    pub(crate) fn default_idle(format: Format) -> Self {
        match format {
            // The default of @fastify/secure-session: a day and one second.
            Format::Fastify => Self::of(DAY + 1, "86401s"),
            Format::Native => Self::of(30 * 60, "30m"),
        }
    }

    /// The default absolute limit of the native format.
    pub(crate) fn default_absolute() -> Self {
        Self::of(12 * 60 * 60, "12h")
    }

    /// Above this absolute limit, the default idle limit is hardly intended.
    pub(crate) fn a_month() -> Self {
        Self::of(30 * DAY, "30d")
    }

    /// Parses `"30m"` or `"none"`, the value of `key`.
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

    /// Parses the value of a key that must not be `"none"`; `none_message` is the error for that.
    pub(crate) fn parse_finite(key: &str, text: &LitStr, none_message: &str) -> syn::Result<Self> {
        let duration = Self::parse(key, text)?;
        duration.ok_or_else(|| syn::Error::new(text.span(), none_message))
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// The duration and its text, for the rules and their messages.
    pub(crate) fn time_span(&self) -> TimeSpan {
        TimeSpan {
            seconds: self.seconds,
            text: self.written.clone(),
        }
    }

    /// The same for a default.
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

/// As written, including the quotes.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.written)
    }
}

/// Returns the seconds of an integer and a unit, `u64::MAX` on overflow.
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
    // Parsing digits fails only on overflow.
    let count = digits.parse().unwrap_or(u64::MAX);
    Some(count.saturating_mul(seconds_per_unit))
}

fn not_a_duration(key: &str, written: &str) -> String {
    let example = match key {
        "absolute" => "such as `\"12h\"`",
        "remember" => "such as `\"30d\"`",
        "within" => "such as `\"5m\"`",
        _ => "such as `\"30m\"`, or `\"none\"`",
    };
    format!(
        "`{key} = \"{}\"` is not a duration; write an integer and one of `s`, `m`, `h`, `d`, `w`, \
         {example}",
        written.escape_default()
    )
}
