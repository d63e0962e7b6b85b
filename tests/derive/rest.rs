//! The field that holds the members that no field names.

use secure_session::SecureSession;
use serde_json::{Map, Value, json};

use crate::support::{from_json, json_of, stored_after};

#[derive(SecureSession)]
#[session(forget = "old")]
struct Auth {
    name: String,
    #[session(rest)]
    others: Map<String, Value>,
}

#[test]
fn members_that_no_field_names_are_in_the_rest_field() {
    let auth = from_json::<Auth>(json!({ "a": 1, "name": "Ada", "b": [null], "old": 5 }));
    let auth = auth.expect("a session");
    assert_eq!(
        Value::Object(auth.others.clone()),
        json!({ "a": 1, "b": [null] })
    );
    assert_eq!(auth.unknown_members().count(), 0);
}

#[test]
fn rest_members_are_read_and_written_like_a_field() {
    let before = from_json::<Auth>(json!({ "a": 1, "b": 2 })).expect("a session");
    let stored = stored_after(&*before, |auth| {
        assert_eq!(auth.others()["a"], 1);
        auth.update_others(|others| {
            others.remove("a");
            others.insert("c".to_owned(), json!(3));
        });
    });
    let stored = json_of(&*stored.expect("a change is sent"));
    assert_eq!(stored, json!({ "name": "", "b": 2, "c": 3 }));
}
