//! Fields for one request.

use secure_session::SecureSession;
use serde_json::json;

use crate::support::{from_json, json_of, stored_after};

/// Neither serde nor `PartialEq`.
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
fn nothing_of_it_is_stored_or_read() {
    let auth = Auth {
        tries: 9,
        ..Auth::defaults()
    };
    assert_eq!(json_of(&auth), json!({ "name": "" }));
    let back = from_json::<Auth>(json!({ "tries": 9 })).expect("a session");
    assert_eq!(back.tries, 3);
}

#[test]
fn it_lives_for_the_request_and_is_no_change() {
    let stored = stored_after(&Auth::defaults(), |auth| {
        auth.set_parsed(Parsed(5));
        auth.set_tries(auth.tries() + 1);
        assert_eq!((auth.parsed().0, auth.tries()), (5, 4));
        assert_eq!(auth.info().changed_fields(), []);
    });
    assert!(stored.is_none());
}
