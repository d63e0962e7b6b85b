//! Durations: an integer and a unit.

use std::fmt;

use syn::LitStr;

use super::Format;

const DAY: u64 = 24 * 60 * 60;

/// A span of time between one second and [`Duration::LONGEST`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Duration {
    seconds: u64,
    written: String,
}

impl Duration {
    /// Browsers keep a cookie for 400 days at most (RFC 6265bis §5.5).
    const LONGEST: u64 = 400 * DAY;

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
        Self::from_text(written)
            .map(Some)
            .map_err(|mistake| syn::Error::new(text.span(), mistake.message(key, &text.value())))
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

    fn of(seconds: u64, written: &str) -> Self {
        Self {
            seconds,
            written: written.to_owned(),
        }
    }

    fn from_text(written: String) -> Result<Self, Mistake> {
        let unit = written.chars().next_back().ok_or(Mistake::Form)?;
        let seconds_per_unit = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return Err(Mistake::Form),
        };
        let digits = written.strip_suffix(unit).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Mistake::Form);
        }
        // Digits alone can fail only by being too many.
        let count: u64 = digits.parse().map_err(|_| Mistake::TooLong)?;
        let seconds = count
            .checked_mul(seconds_per_unit)
            .filter(|seconds| *seconds <= Self::LONGEST)
            .ok_or(Mistake::TooLong)?;
        if seconds == 0 {
            return Err(Mistake::Zero);
        }
        Ok(Self { seconds, written })
    }
}

/// As it was written, quotes and all.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.written)
    }
}

enum Mistake {
    Form,
    TooLong,
    Zero,
}

impl Mistake {
    fn message(&self, key: &str, written: &str) -> String {
        match self {
            Self::Form if key == "absolute" => format!(
                "`absolute = \"{written}\"` is not a duration; write an integer and one of `s`, \
                 `m`, `h`, `d`, `w`, such as `\"12h\"`"
            ),
            Self::Form => format!(
                "`{key} = \"{written}\"` is not a duration; write an integer and one of `s`, `m`, \
                 `h`, `d`, `w`, such as `\"30m\"`, or `\"none\"`"
            ),
            Self::TooLong => format!(
                "`{key} = \"{written}\"` is too long, browsers keep a cookie for 400 days at most \
                 (RFC 6265bis §5.5); write at most `\"400d\"`"
            ),
            Self::Zero if key == "absolute" => format!(
                "`absolute = \"{written}\"` ends every session at once; write at least `\"1s\"`"
            ),
            Self::Zero => format!(
                "`{key} = \"{written}\"` is no time at all; write at least `\"1s\"`, or `\"none\"`"
            ),
        }
    }
}
