//! Times and durations, as they are typed and as they are shown.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A limit of a session's life, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    After(Duration),
    None,
}

/// Reads a limit as in the attributes of the derive: an integer and one of `s m h d w`, or
/// `none`.
pub(crate) fn limit(text: &str) -> Option<Limit> {
    if text == "none" {
        return Some(Limit::None);
    }
    let unit = text.chars().next_back()?;
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let count = integer(text.strip_suffix(unit)?)?;
    let seconds = count.checked_mul(seconds_per_unit)?;
    Some(Limit::After(Duration::from_secs(seconds)))
}

/// Reads a time, `UNIX_SECONDS` or `UNIX_SECONDS.mmm`, as milliseconds.
pub(crate) fn unix_millis(text: &str) -> Option<u64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.len() > 3 {
        return None;
    }
    let millis = integer(&format!("{fraction:0<3}")).filter(|_| !fraction.is_empty())?;
    integer(seconds)?.checked_mul(1000)?.checked_add(millis)
}

/// Milliseconds since 1970 by the system's clock.
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
    let parts = [
        (seconds / DAY, 'd'),
        (seconds % DAY / HOUR, 'h'),
        (seconds % HOUR / MINUTE, 'm'),
        (seconds % MINUTE, 's'),
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

/// Date and time of the Gregorian calendar, after Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn utc(seconds: u64) -> String {
    // Years begin on 1 March, so that the leap day is the last; 400 of them are one era.
    const DAYS_FROM_MARCH_OF_YEAR_0: u64 = 719_468;
    const DAYS_PER_ERA: u64 = 146_097;
    let days = seconds / DAY + DAYS_FROM_MARCH_OF_YEAR_0;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096;
    let year_of_era = (day_of_era + day_of_era / 36_524 - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (
        seconds % DAY / HOUR,
        seconds % HOUR / MINUTE,
        seconds % MINUTE,
    );
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Digits alone: `parse` would take a sign.
fn integer(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_attributes() {
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
    fn a_time_has_up_to_three_places() {
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
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_399, "2000-02-28 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_700_000_000, "2023-11-14 22:13:20"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (253_402_300_799, "9999-12-31 23:59:59"),
        ] {
            assert_eq!(utc(seconds), date);
        }
        // The last time that a cookie can hold, and the last of all.
        assert!(utc((1 << 40) - 1).starts_with("36812-"));
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
