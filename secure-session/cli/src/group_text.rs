//! The JSON text of values that group sessions.

use serde_json::value::RawValue;

/// Why a text is not a value that groups sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotGrouping {
    /// JSON of another kind.
    Kind(&'static str),
    /// Not JSON.
    NotJson,
}

/// Returns the JSON text of an integer, `true`, `false` or a string as the library writes it, or
/// `None` for any other value.
///
/// Other programs may have written the text, for example with other escapes.
pub(crate) fn group_text(json: &str) -> Option<String> {
    parse(json).ok()
}

/// Like [`group_text`], with the reason.
pub(crate) fn parse(json: &str) -> Result<String, NotGrouping> {
    // serde_json would read a number as a double, and lose digits.
    let raw: &RawValue = serde_json::from_str(json).map_err(|_| NotGrouping::NotJson)?;
    let text = raw.get();
    match text.as_bytes().first() {
        // A raw value may contain half a surrogate pair.
        Some(b'"') => {
            let string: String = serde_json::from_str(text).map_err(|_| NotGrouping::NotJson)?;
            serde_json::to_string(&string).map_err(|_| NotGrouping::NotJson)
        }
        Some(b't' | b'f') => Ok(text.to_owned()),
        Some(b'n') => Err(NotGrouping::Kind("`null`")),
        Some(b'[') => Err(NotGrouping::Kind("an array")),
        Some(b'{') => Err(NotGrouping::Kind("an object")),
        _ if text == "-0" => Err(NotGrouping::Kind("`-0`")),
        _ if text.contains(['.', 'e', 'E']) => Err(NotGrouping::Kind(
            "a number that is not written as an integer",
        )),
        // No field holds a larger integer.
        _ if text.parse::<i128>().is_err() && text.parse::<u128>().is_err() => {
            Err(NotGrouping::Kind("an integer of more than 128 bits"))
        }
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_that_the_library_writes() {
        for (json, text) in [
            ("42", "42"),
            (" 0\n", "0"),
            ("-7", "-7"),
            (
                "340282366920938463463374607431768211455",
                "340282366920938463463374607431768211455",
            ),
            (
                "-170141183460469231731687303715884105728",
                "-170141183460469231731687303715884105728",
            ),
            ("true", "true"),
            (r#""ada@example.com""#, r#""ada@example.com""#),
            (r#""\u0041\/\u00e9\u001F\n""#, "\"A/é\\u001f\\n\""),
        ] {
            assert_eq!(parse(json).as_deref(), Ok(text));
        }
    }

    #[test]
    fn other_values_group_nothing() {
        for json in [
            "null",
            "1.0",
            "1e2",
            "[]",
            "{}",
            "-0",
            "1e400",
            "340282366920938463463374607431768211456",
            "-170141183460469231731687303715884105729",
        ] {
            assert!(matches!(parse(json), Err(NotGrouping::Kind(_))), "{json}");
        }
        for json in [
            "",
            "042",
            "+1",
            "ada",
            "'a'",
            "1 2",
            r#""\ud800""#,
            "\"\n\"",
        ] {
            assert_eq!(parse(json), Err(NotGrouping::NotJson), "{json}");
        }
    }
}
