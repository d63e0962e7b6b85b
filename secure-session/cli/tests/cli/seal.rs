//! `seal`.

use serde_json::json;

use crate::support::{KEY, call, fastify_cookie, native_cookie, with_key};

#[test]
fn cookies_have_the_characters_of_their_format() {
    let value = native_cookie();
    assert!(value.starts_with('A') && !value.contains(char::is_whitespace));
    assert_ne!(value, native_cookie(), "a new id and nonce each time");
    let value = fastify_cookie();
    assert_eq!(value.matches("%3B").count(), 1);
    assert!(!value.contains([';', '+', '/', '=']));
}

#[test]
fn every_kind_of_json_survives_a_round_trip() {
    let object = json!({
        "": null, "a": true, "b": -1, "c": u64::MAX, "d": 0.1, "e": [[], {}],
        "f": "\u{0}\"\\\u{1f980}", "g": {"h": {"i": [1, 2]}},
    });
    for options in ["--name a --format native", "--name a --format fastify"] {
        let value = with_key(&format!("seal {options}"), &object.to_string()).text();
        let shown = with_key(&format!("inspect --json {options}"), &value).json();
        assert_eq!(shown["data"], object);
    }
}

#[test]
fn invalid_input_is_reported_by_position_without_content() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(65), "]".repeat(65));
    let cases: [(&[u8], &str); 10] = [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"secret", "line 1, column 1"),
        (b"[\"secret\"]", "line 1"),
        (b"\"secret\"", "line 1"),
        (b"{\"secret\":\n 1,}", "line 2"),
        (b"{\"secret\":1} {", "line 1"),
        (b"\xff", "line 1"),
        (b"\xef\xbb\xbf{}", "byte-order mark"),
        (deep.as_bytes(), "nested"),
    ];
    for (input, what) in cases {
        let trouble = with_key("seal --name a", input).trouble();
        assert!(trouble.contains(what), "{trouble}");
        assert!(!trouble.contains("secret\""), "{trouble}");
    }
    let long = json!({"a": "x".repeat(5000)}).to_string();
    for format in ["native", "fastify"] {
        let trouble = with_key(&format!("seal --name a --format {format}"), &long).trouble();
        assert!(trouble.contains("at most 4096;"), "{trouble}");
    }
}

#[test]
fn reserved_members_are_rejected_in_the_fastify_format() {
    for name in ["__ts", "__proto__", "constructor", "prototype"] {
        let object = json!({name: 1}).to_string();
        let trouble = with_key("seal --format fastify --name a", &object).trouble();
        let what = "reserved in the fastify format";
        assert!(trouble.contains(what), "{trouble}");
        // They are ordinary names in the native format.
        with_key("seal --name a", &object).text();
    }
}

#[test]
fn cookie_name_is_required_and_checked() {
    let trouble = with_key("seal", "{}").trouble();
    assert!(trouble.contains("`--name` is required"), "{trouble}");
    for name in ["", "a b", "a;b", "ü", "__Host-"] {
        let seal = call("seal --name").with(name).keys(KEY).stdin("{}");
        let trouble = seal.run().trouble();
        assert!(trouble.contains("name"), "{trouble}");
    }
}

#[test]
fn duplicate_member_is_rejected_by_name() {
    for (object, name) in [
        (r#"{"user":7,"user":8}"#, "user"),
        (r#"{"user":7,"\u0075ser":7}"#, "user"),
        (r#"{"a":{"b":[1,{"c":1,"d":2,"c":1}]}}"#, "a.b[1].c"),
        (r#"{"\u001b[31m":1,"\u001b[31m":1}"#, r"\u{1b}[31m"),
        (r#"{"":1,"":1}"#, ""),
    ] {
        for format in ["native", "fastify"] {
            let trouble = with_key(&format!("seal --name a --format {format}"), object).trouble();
            let expected = format!("member `{name}` appears twice; remove one of the two");
            assert!(trouble.contains(&expected), "{trouble}");
        }
    }
}

#[test]
fn number_that_would_be_stored_as_another_is_rejected_by_name() {
    let integer = "is an integer that a session cannot store";
    let double = "is a number that would be stored as a different one";
    for (number, problem) in [
        ("18446744073709551616", integer),
        ("-9223372036854775809", integer),
        ("100000000000000000000", integer),
        ("1e400", double),
        ("-1e400", double),
        ("1e-400", double),
        ("0.1000000000000000055511151231257827", double),
        ("9007199254740993.0", double),
        ("1e99999999999999999999", double),
    ] {
        for (object, name) in [
            (format!("{{\"a\":{number}}}"), "a"),
            (format!("{{\"a\":[{{\"b\": {number} }}]}}"), "a[0].b"),
        ] {
            let trouble = with_key("seal --name a", &object).trouble();
            let expected = format!("member `{name}` {problem}");
            assert!(trouble.contains(&expected), "{object}: {trouble}");
            assert!(!trouble.contains(number), "{object}: {trouble}");
        }
    }
}

#[test]
fn number_in_another_notation_is_stored() {
    let object =
        r#"{"a":1e2,"b":0.10,"c":-0.0,"d":1.5E+300,"e":-9223372036854775808,"f":-0,"g":5e-324}"#;
    let value = with_key("seal --name a", object).text();
    let shown = with_key("inspect --json --name a", &value).json();
    let expected: serde_json::Value = serde_json::from_str(object).expect("JSON");
    assert_eq!(shown["data"], expected);
}
