//! Names of fields, accessors, variants and members.

use secure_session::{SecureSession, SessionField as _};
use serde_json::json;

use crate::support::{json_of, stored_after};

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
fn renamed_accessors_read_and_write_the_member() {
    let odd = Odd {
        r#type: "a".to_owned(),
        ..Odd::defaults()
    };
    let stored = stored_after(&odd, |odd| {
        assert_eq!((odd.r#type(), odd.r#match()), ("a", None));
        odd.set_type("b");
        odd.update_type(|text| text.push('!'));
        odd.set_match(1);
        odd.set__private(2);
        odd.set_größe(odd.größe() + 3);
        odd.set_self_(odd.self_() + 4);
        odd.set_camelCase(odd.camelCase() + 5);
        // `accessor` renames the methods but not the member.
        odd.set_fn(odd.r#fn() + 6);
        odd.set_last_touch(odd.last_touch() + 7);
        odd.touch();
        assert_eq!(odd.info().changed_fields(), OddField::ALL);
    });
    assert_eq!(
        json_of(&*stored.expect("a change is sent")),
        json!({
            "type": "b!", "match": 1, "_private": 2, "größe": 3, "self_": 4, "camelCase": 5,
            "function": 6, "touch": 7,
        })
    );
}

#[test]
fn field_enum_lists_the_fields_in_order() {
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
