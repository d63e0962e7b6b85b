//! Names of fields, accessors, variants and members.

use secure_session::{SecureSession, SessionField as _};
use serde_json::json;

use crate::support::{json_of, read, stored_after};

#[allow(non_snake_case, reason = "not every member of a JSON object is")]
#[derive(SecureSession)]
struct Odd {
    r#type: String,
    r#match: Option<u8>,
    _private: u8,
    größe: u8,
    self_: u8,
    camelCase: u8,
    #[session(accessor = "fn")]
    function: u8,
    #[session(accessor = last_touch)]
    touch: u8,
}

#[test]
fn raw_names_lose_their_mark_where_they_are_text() {
    let odd = Odd {
        r#type: "a".to_owned(),
        ..Odd::defaults()
    };
    assert_eq!(json_of(&odd)["type"], "a");
    read(&odd, |odd| {
        assert_eq!(odd.r#type(), "a");
        assert_eq!(odd.r#match(), None);
    });
    let stored = stored_after(&odd, |odd| {
        odd.set_type("b");
        odd.set_match(1);
        odd.update_type(|text| text.push('!'));
    });
    assert_eq!(stored.expect("a change is sent").r#type, "b!");
}

#[test]
fn accessor_renames_the_methods_and_not_the_member() {
    let stored = stored_after(&Odd::defaults(), |odd| {
        odd.set_last_touch(2);
        odd.set_fn(odd.r#fn() + 3);
        odd.touch();
    });
    let stored = json_of(&*stored.expect("a change is sent"));
    assert_eq!(
        (&stored["touch"], &stored["function"]),
        (&json!(2), &json!(3))
    );
}

#[test]
fn every_name_has_accessors() {
    let stored = stored_after(&Odd::defaults(), |odd| {
        odd.set__private(1);
        odd.set_größe(2);
        odd.set_self_(3);
        odd.set_camelCase(odd.camelCase() + 4);
    });
    let stored = json_of(&*stored.expect("a change is sent"));
    let values = ["_private", "größe", "self_", "camelCase"].map(|name| &stored[name]);
    assert_eq!(values, [1, 2, 3, 4]);
}

#[test]
fn the_enum_names_the_fields_in_their_order() {
    let all = [
        OddField::Type,
        OddField::Match,
        OddField::Private,
        OddField::Größe,
        OddField::Self_,
        OddField::CamelCase,
        OddField::Fn,
        OddField::LastTouch,
    ];
    assert_eq!(OddField::ALL, all);
    let names: Vec<_> = all.iter().map(|field| field.name()).collect();
    assert_eq!(
        names,
        [
            "type",
            "match",
            "_private",
            "größe",
            "self_",
            "camelCase",
            "function",
            "touch"
        ]
    );
}

#[test]
fn changed_fields_are_named_by_the_enum() {
    stored_after(&Odd::defaults(), |odd| {
        odd.set_type("a");
        odd.set_last_touch(1);
        assert_eq!(
            odd.info().changed_fields(),
            [OddField::Type, OddField::LastTouch]
        );
    });
}
