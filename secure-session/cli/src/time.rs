//! Parses and formats times and durations.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{Span, SpanRelativeTo, SpanRound, Timestamp, Unit};

const DAYS_HAVE_24_HOURS: SpanRelativeTo<'static> = SpanRelativeTo::days_are_24_hours();

/// The argument for a session's idle or absolute limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    After(Duration),
    None,
}

/// Parses a limit as in the attributes of the derive: an integer and one of `s m h d w`, or `none`.
pub(crate) fn limit(text: &str) -> Option<Limit> {
    if text == "none" {
        return Some(Limit::None);
    }
    // jiff accepts more than the attributes do, such as `1h 30m`.
    let count = integer(text.strip_suffix(['s', 'm', 'h', 'd', 'w'])?)?;
    let span: Span = text.parse().ok()?;
    let seconds = span.total((Unit::Second, DAYS_HAVE_24_HOURS)).ok()?;
    // An integer below 2^53, so that nothing is rounded.
    let is_exact = i64::try_from(count).is_ok() && seconds < 9e15;
    is_exact.then_some(Limit::After(Duration::from_secs_f64(seconds)))
}

/// Parses a time, `UNIX_SECONDS` or `UNIX_SECONDS.mmm`, into milliseconds.
pub(crate) fn unix_millis(text: &str) -> Option<u64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.len() > 3 {
        return None;
    }
    let millis = integer(&format!("{fraction:0<3}")).filter(|_| !fraction.is_empty())?;
    integer(seconds)?.checked_mul(1000)?.checked_add(millis)
}

/// Milliseconds since 1970 by the system clock.
pub(crate) fn now_millis() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Seconds since 1970.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// A time with its distance from now: `2027-01-15 08:00:00 UTC (in 29m 1s)`.
pub(crate) fn shown(seconds: u64, now: u64) -> String {
    let distance = match (seconds.checked_sub(now), now.checked_sub(seconds)) {
        (Some(0), _) => "now".to_owned(),
        (Some(ahead), _) => format!("in {}", span(ahead)),
        (None, Some(ago)) => format!("{} ago", span(ago)),
        (None, None) => String::new(),
    };
    format!("{} UTC ({distance})", utc(seconds))
}

/// The two largest units of a span: `2d 3h`.
pub(crate) fn span(seconds: u64) -> String {
    let rounding = SpanRound::new()
        .largest(Unit::Day)
        .relative(DAYS_HAVE_24_HOURS);
    let span = i64::try_from(seconds).ok();
    let span = span.and_then(|seconds| Span::new().try_seconds(seconds).ok()?.round(rounding).ok());
    // Only implausible times are outside jiff's range.
    let Some(span) = span else {
        return format!("{seconds}s");
    };
    let parts = [
        (i64::from(span.get_days()), 'd'),
        (i64::from(span.get_hours()), 'h'),
        (span.get_minutes(), 'm'),
        (span.get_seconds(), 's'),
    ];
    let first = parts.iter().position(|(count, _)| *count > 0);
    let shown: Vec<String> = parts
        .iter()
        .skip(first.unwrap_or(parts.len() - 1))
        .take(2)
        .enumerate()
        .filter(|(position, (count, _))| *position == 0 || *count > 0)
        .map(|(_, (count, unit))| format!("{count}{unit}"))
        .collect();
    shown.join(" ")
}

/// Date and time; after the year 9999, the seconds since 1970.
fn utc(seconds: u64) -> String {
    let timestamp = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(
        || format!("{seconds} seconds after 1970-01-01 00:00:00"),
        |timestamp| timestamp.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// Only digits, because `parse` would accept a sign.
fn integer(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_the_syntax_of_the_attributes() {
        let after = |seconds| Some(Limit::After(Duration::from_secs(seconds)));
        assert_eq!(limit("90s"), after(90));
        assert_eq!(limit("30m"), after(1800));
        assert_eq!(limit("12h"), after(43_200));
        assert_eq!(limit("30d"), after(2_592_000));
        assert_eq!(limit("2w"), after(1_209_600));
        assert_eq!(limit("none"), Some(Limit::None));
        let others = [
            "",
            "m",
            "30",
            "+1m",
            "-1m",
            "1.5h",
            "30µ",
            "99999999999999999999w",
        ];
        for text in others {
            assert_eq!(limit(text), None, "{text}");
        }
    }

    #[test]
    fn time_has_up_to_three_decimal_places() {
        assert_eq!(unix_millis("1700000000"), Some(1_700_000_000_000));
        assert_eq!(unix_millis("1700000000.5"), Some(1_700_000_000_500));
        assert_eq!(unix_millis("1700000000.049"), Some(1_700_000_000_049));
        for text in [
            "",
            ".5",
            "1.",
            "1.0000",
            "-1",
            "+1",
            "1e3",
            "18446744073709551615",
        ] {
            assert_eq!(unix_millis(text), None, "{text}");
        }
    }

    #[test]
    fn dates_follow_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_700_000_000, "2023-11-14 22:13:20"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (253_402_207_200, "9999-12-30 22:00:00"),
            (
                (1 << 40) - 1,
                "1099511627775 seconds after 1970-01-01 00:00:00",
            ),
        ] {
            assert_eq!(utc(seconds), date);
        }
        span(u64::MAX);
        utc(u64::MAX);
    }

    #[test]
    fn spans_show_two_units() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m 1s"),
            (3600, "1h"),
            (3601, "1h"),
            (93_784, "1d 2h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
