//! Finds what parsing JSON into a map would silently change: duplicate members, and numbers that
//! become different ones.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::failure::Failure;

/// The depth that `serde_json` parses; it rejects deeper values.
const MAX_DEPTH: usize = 128;

/// Rejects an object that would not be stored unchanged; the message names the member.
///
/// Input that is not a JSON object passes, because the parser that runs next reports the position.
pub(crate) fn check(object: &[u8]) -> Result<(), Failure> {
    match serde_json::from_slice(object) {
        Ok(members) => check_members(&members, &Path::default()),
        Err(_) => Ok(()),
    }
}

/// All members of an object, including duplicates, with the text of their values.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// The path of a member, such as `user.roles[2]`.
#[derive(Clone, Default)]
struct Path {
    text: String,
    depth: usize,
}

impl Path {
    fn member(&self, name: &str) -> Self {
        let dot = if self.text.is_empty() { "" } else { "." };
        self.with(&format!("{dot}{}", name.escape_debug()))
    }

    fn element(&self, index: usize) -> Self {
        self.with(&format!("[{index}]"))
    }

    fn with(&self, part: &str) -> Self {
        Self {
            text: [&self.text, part].concat(),
            depth: self.depth + 1,
        }
    }

    fn refuse(&self, problem: &str) -> Failure {
        Failure::trouble(format!("member `{}` {problem}", self.text))
    }
}

fn check_members(Members(members): &Members<'_>, path: &Path) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    for (name, value) in members {
        let path = path.member(name);
        if !names.insert(name) {
            return Err(path.refuse("appears twice; remove one of the two"));
        }
        check_value(value.get(), &path)?;
    }
    Ok(())
}

fn check_value(text: &str, path: &Path) -> Result<(), Failure> {
    if path.depth > MAX_DEPTH {
        return Ok(());
    }
    match text.as_bytes().first() {
        Some(b'{') => match serde_json::from_str(text) {
            Ok(members) => check_members(&members, path),
            Err(_) => Ok(()),
        },
        Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) => {
                let mut elements = elements.into_iter().enumerate();
                elements
                    .try_for_each(|(index, value)| check_value(value.get(), &path.element(index)))
            }
            Err(_) => Ok(()),
        },
        Some(b'-' | b'0'..=b'9') => check_number(text, path),
        _ => Ok(()),
    }
}

fn check_number(text: &str, path: &Path) -> Result<(), Failure> {
    if !text.contains(['.', 'e', 'E']) {
        let fits = text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
        return if fits {
            Ok(())
        } else {
            Err(path.refuse(&format!(
                "is an integer that a session cannot store: it must be from {} to {}; write it as \
                 a string",
                i64::MIN,
                u64::MAX
            )))
        };
    }
    let stored = serde_json::from_str(text).map(|value: Value| value.to_string());
    let is_kept = stored
        .is_ok_and(|stored| Decimal::of(text).is_some_and(|it| Decimal::of(&stored) == Some(it)));
    if is_kept {
        Ok(())
    } else {
        Err(path.refuse(
            "is a number that would be stored as a different one; write fewer digits, a number \
             within the range of a double, or a string",
        ))
    }
}

/// A number by its value: `1e2` and `100.0` are equal.
#[derive(PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    /// Without zeros at either end.
    digits: String,
    /// The power of ten of the last digit; 0 for zero.
    exponent: i64,
}

impl Decimal {
    /// Returns `None` if the exponent is too large for any input.
    fn of(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        let significant = digits.trim_end_matches('0');
        let dropped = digits.len() - significant.len();
        let digits = significant.trim_start_matches('0').to_owned();
        let exponent = if digits.is_empty() {
            0
        } else {
            let shift = i64::try_from(dropped).ok()? - i64::try_from(fraction.len()).ok()?;
            exponent.parse::<i64>().ok()?.checked_add(shift)?
        };
        Some(Self {
            is_negative,
            digits,
            exponent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_compared_by_value() {
        let is_same = |a, b| Decimal::of(a) == Decimal::of(b);
        for (a, b) in [
            ("1e2", "100.0"),
            ("0.10", "1E-1"),
            ("0.0", "0e+9"),
            ("-12.50e+1", "-125.0"),
            ("1.5e300", "15e299"),
        ] {
            assert!(is_same(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("1e2", "1e3"),
            ("-0.0", "0.0"),
            ("0.1", "0.10000000000000001"),
        ] {
            assert!(!is_same(a, b), "{a} {b}");
        }
    }
}
