//! Whether two JSON texts are equal; numbers by value, as `1.0` and `1` are the same number in
//! JSON.

use serde_json::{Map, Value};

/// Whether two values are equal.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            let pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.into_iter().all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => same_members(left, right),
        _ => left == right,
    }
}

/// Whether two objects have the same members, in any order.
pub(crate) fn same_members(left: &Map<String, Value>, right: &Map<String, Value>) -> bool {
    let is_in_right = |(name, value)| right.get(name).is_some_and(|other| same(value, other));
    left.len() == right.len() && left.iter().all(is_in_right)
}
