//! Members of the JSON object: under their current or an earlier name, known or unknown.

use actix_secure_session_tests::{logs::Logs, ring};
use secure_session::{RejectReason, SecureSession, codec::Codec, codec::Opened};
use serde_json::{Map, Value, json};
use tracing::Level;

/// Stores members that no struct has yet, or no longer has: any JSON object.
#[derive(SecureSession)]
#[session(cookie = "auth")]
struct Raw {
    #[session(rest)]
    members: Map<String, Value>,
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth", forget = "retired", forget = "old secret")]
struct Auth {
    #[session(alias = "uid", alias = "userid")]
    user_id: Option<u64>,
    #[session(default = "nobody", rename = "n")]
    name: String,
    roles: Vec<String>,
}

fn codec<T: SecureSession>() -> Codec<T> {
    Codec::builder(ring(&[1])).build().unwrap()
}

fn sealed(members: Value) -> String {
    let Value::Object(members) = members else {
        panic!("an object");
    };
    codec().seal(&Raw { members }).unwrap()
}

fn open(members: Value) -> Result<Opened<Auth>, RejectReason> {
    codec().open(sealed(members))
}

/// The JSON that an [`Auth`] stores after it was read.
fn through(members: Value) -> Value {
    let opened = open(members).unwrap();
    let raw: Opened<Raw> = codec().open(opened.seal(&codec()).unwrap()).unwrap();
    Value::Object(raw.into_value().members)
}

#[test]
fn received_members_are_written_back_unchanged() {
    let rows = [
        // Missing fields have their defaults and are omitted.
        (json!({}), json!({})),
        (json!({"user_id": null}), json!({"user_id": null})),
        (json!({"roles": null}), json!({"roles": null})),
        (json!({"uid": 7}), json!({"uid": 7})),
        // The member name that equals the renamed field's name in the struct is unknown.
        (
            json!({"n": "Bob", "name": "Ada"}),
            json!({"n": "Bob", "name": "Ada"}),
        ),
        // Members named by `forget` are dropped.
        (
            json!({"retired": {"a": 1}, "old secret": "x", "kept": 1}),
            json!({"kept": 1}),
        ),
    ];
    for (members, expected) in rows {
        assert_eq!(through(members.clone()), expected, "{members}");
    }
}

#[test]
fn unknown_members_are_written_back_unchanged() {
    let members = json!({
        "n": "Ada",
        "roles": [],
        "a": {"nested": [1, 2.5, "x", null]},
        "": true,
        "escaped \" \n": "ä",
    });
    assert_eq!(through(members.clone()), members);
    let opened = open(members).unwrap();
    let names: Vec<&str> = opened.unknown_members().collect();
    assert_eq!(names, ["", "a", "escaped \" \n"]);
}

#[test]
fn current_name_takes_precedence_over_aliases_in_order() {
    // The writer sorts its members, so the test tries both orders.
    #[derive(SecureSession)]
    #[session(cookie = "auth")]
    struct Orders {
        #[session(alias = "a", alias = "z")]
        m: Option<u64>,
        #[session(alias = "y", alias = "b")]
        n: Option<u64>,
    }
    let rows = [
        (json!({"a": 1, "m": 2, "z": 3}), Some(2)),
        (json!({"a": 1, "m": null}), None),
        (json!({"m": 2, "z": 3}), Some(2)),
        (json!({"a": 1, "z": 3}), Some(1)),
        (json!({"z": 3}), Some(3)),
        (json!({"a": "of another type", "m": 2}), Some(2)),
    ];
    for (members, expected) in rows {
        let opened = codec::<Orders>().open(sealed(members.clone())).unwrap();
        assert_eq!(opened.m, expected, "{members}");
    }
    let opened = codec::<Orders>().open(sealed(json!({"b": 1, "y": 3})));
    assert_eq!(opened.unwrap().n, Some(3));
}

#[test]
fn misfit_is_logged_by_field_and_kind_but_never_quoted() {
    let rows = [
        (json!({"user_id": "hunter2"}), "field=user_id", "wrong type"),
        (json!({"uid": "hunter2"}), "field=user_id", "wrong type"),
        (json!({"user_id": -1}), "field=user_id", "invalid value"),
        (json!({"n": ["hunter2"]}), "field=name", "wrong type"),
        (json!({"roles": [1]}), "field=roles", "wrong type"),
    ];
    for (members, field, kind) in rows {
        let (result, logs) = Logs::of(|| open(members.clone()));
        assert_eq!(result.unwrap_err(), RejectReason::Schema);
        let warnings = logs.at(Level::WARN);
        assert_eq!(warnings.len(), 1, "{members}");
        assert!(
            warnings[0].contains(field) && warnings[0].contains(kind),
            "{warnings:?}"
        );
        assert!(warnings[0].contains("session=auth"), "{warnings:?}");
        assert!(logs.all().iter().all(|(_, text)| !text.contains("hunter2")));
    }
}

#[test]
fn misfit_is_logged_at_warn_once_and_then_at_debug() {
    let codec = codec::<Auth>();
    let text = sealed(json!({"user_id": "x"}));
    let ((), logs) = Logs::of(|| {
        for _ in 0..5 {
            assert_eq!(codec.open(&text).unwrap_err(), RejectReason::Schema);
        }
    });
    assert_eq!(
        (logs.at(Level::WARN).len(), logs.at(Level::DEBUG).len()),
        (1, 4)
    );
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth")]
struct Collecting {
    name: String,
    #[session(skip)]
    scratch: u32,
    #[session(rest)]
    members: Map<String, Value>,
}

#[test]
fn rest_field_contains_the_members_that_no_field_names() {
    let opened = codec::<Collecting>().open(sealed(json!({"name": "Ada", "a": 1, "scratch": 9})));
    let opened = opened.unwrap();
    assert_eq!(opened.name, "Ada");
    assert_eq!(
        Value::Object(opened.members.clone()),
        json!({"a": 1, "scratch": 9})
    );
    assert_eq!(opened.scratch, 0);
    assert_eq!(opened.unknown_members().count(), 0);
}

#[test]
fn rest_field_must_not_contain_the_name_of_another_field() {
    let mut value = Collecting::defaults();
    value.members.insert("name".to_owned(), json!("Eve"));
    let text = codec().seal(&value).unwrap_err().to_string();
    assert!(
        text.contains("`members`") && text.contains("belongs to another field"),
        "{text}"
    );
}
