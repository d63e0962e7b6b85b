//! What counts as a change.

use secure_session::SecureSession;
use serde::{Deserialize, Serialize};

use crate::support::stored_after;

#[derive(Clone, Default, Deserialize, Serialize)]
struct Incomparable(u8);

#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
struct Comparable(u8);

#[derive(SecureSession)]
struct Auth {
    incomparable: Incomparable,
    several: Vec<Incomparable>,
    comparable: Comparable,
    name: String,
}

#[test]
fn an_equal_value_is_no_change() {
    let stored = stored_after(&Auth::defaults(), |auth| {
        auth.set_comparable(Comparable(1));
        auth.set_comparable(Comparable(0));
        auth.set_name("");
        auth.update_name(String::clear);
    });
    assert!(stored.is_none());
}

#[test]
fn a_type_without_equality_changes_when_it_is_written() {
    stored_after(&Auth::defaults(), |auth| {
        auth.set_incomparable(Incomparable(0));
        assert_eq!(auth.info().changed_fields(), [AuthField::Incomparable]);
        auth.set_several([]);
        let changed = [AuthField::Incomparable, AuthField::Several];
        assert_eq!(auth.info().changed_fields(), changed);
    })
    .expect("a change is sent");
}
