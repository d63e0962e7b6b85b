//! Fields that live for one request.

use secure_session::SecureSession;
use serde_json::json;

use crate::support::{from_json, json_of, stored_after};

/// Implements neither serde's traits nor `PartialEq`.
#[derive(Clone, Default)]
struct Parsed(u8);

#[derive(SecureSession)]
struct Auth {
    name: String,
    #[session(skip)]
    parsed: Parsed,
    #[session(skip, default = 3)]
    tries: u8,
}

#[test]
fn skipped_field_is_neither_stored_nor_read() {
    let auth = Auth {
        tries: 9,
        ..Auth::defaults()
    };
    assert_eq!(json_of(&auth), json!({ "name": "" }));
    let back = from_json::<Auth>(json!({ "tries": 9 })).expect("a session");
    assert_eq!(back.tries, 3);
}

#[test]
fn skipped_field_lives_for_the_request_and_is_not_a_change() {
    let stored = stored_after(&Auth::defaults(), |auth| {
        auth.set_parsed(Parsed(5));
        auth.set_tries(auth.tries() + 1);
        assert_eq!((auth.parsed().0, auth.tries()), (5, 4));
        assert_eq!(auth.info().changed_fields(), []);
    });
    assert!(stored.is_none());
}
