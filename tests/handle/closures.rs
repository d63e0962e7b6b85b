//! Reads and writes inside closures: no deadlock, no lost write, no change after a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use secure_session::{SecureSession, Session};
use serde::{Deserialize, Serialize};

use super::in_handler;

#[derive(SecureSession)]
struct Auth {
    name: String,
    visits: u32,
    roles: Vec<String>,
    opaque: Opaque,
    several: Vec<Opaque>,
    #[session(skip)]
    scratch: u32,
}

/// A type without `PartialEq`.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Opaque(u32);

#[test]
fn reads_inside_an_update_see_the_state_before() {
    in_handler(|auth: &Session<Auth>| {
        auth.update_visits(|visits| {
            *visits = 7;
            assert_eq!(auth.visits(), 0);
        });
        auth.update(|copy| {
            copy.name.push('x');
            assert_eq!((auth.name(), auth.visits()), ("", 7));
        });
        assert_eq!((auth.name(), auth.visits()), ("x", 7));
    });
}

#[test]
fn writes_to_other_fields_inside_an_update_are_kept() {
    in_handler(|auth: &Session<Auth>| {
        auth.update_visits(|visits| {
            auth.set_name("inner");
            *visits = 7;
        });
        assert_eq!((auth.name(), auth.visits()), ("inner", 7));
        auth.update(|copy| {
            auth.set_roles(["inner".to_owned()]);
            auth.set_scratch(3);
            copy.visits = 8;
        });
        assert_eq!(
            (auth.name(), auth.visits(), auth.scratch()),
            ("inner", 8, 3)
        );
        assert_eq!(auth.roles(), ["inner"]);
    });
}

#[test]
fn closure_wins_over_writes_to_the_same_field_inside_it() {
    in_handler(|auth: &Session<Auth>| {
        auth.update_visits(|visits| {
            auth.set_visits(100);
            *visits += 1;
        });
        assert_eq!(auth.visits(), 1);
        auth.update(|copy| {
            auth.set_visits(100);
            copy.visits = 2;
        });
        assert_eq!(auth.visits(), 2);
    });
}

#[test]
fn updates_of_two_fields_nest() {
    in_handler(|auth: &Session<Auth>| {
        auth.update_roles(|roles| {
            auth.update_visits(|visits| *visits += 1);
            roles.push(auth.visits().to_string());
        });
        assert_eq!((auth.roles(), auth.visits()), (&["1".to_owned()][..], 1));
    });
}

#[test]
fn panicking_closure_changes_nothing_and_the_session_still_works() {
    let stored = in_handler(|auth: &Session<Auth>| {
        auth.set_name("before");
        let attempts: [&dyn Fn(); 3] = [
            &|| {
                auth.update_name(|name| {
                    name.push('!');
                    panic!("planted");
                });
            },
            &|| {
                auth.update(|copy| {
                    copy.visits = 9;
                    panic!("planted");
                });
            },
            &|| auth.cookie_options(|_| panic!("planted")).unwrap(),
        ];
        for attempt in attempts {
            assert!(catch_unwind(AssertUnwindSafe(attempt)).is_err());
        }
        assert_eq!((auth.name(), auth.visits()), ("before", 0));
        auth.set_visits(1);
    });
    let stored = stored.unwrap();
    assert_eq!((stored.name.as_str(), stored.visits), ("before", 1));
}

#[test]
fn equal_value_is_not_a_change() {
    let stored = in_handler(|auth: &Session<Auth>| {
        auth.set_visits(1);
        auth.set_visits(0);
        auth.set_name("");
        auth.update_name(String::clear);
    });
    assert!(stored.is_none());
}

#[test]
fn field_without_partial_eq_counts_as_changed_only_when_written() {
    let stored = in_handler(|auth: &Session<Auth>| {
        assert_eq!(auth.opaque().0, 0);
        assert!(!auth.info().is_changed());
        auth.set_opaque(Opaque(0));
        assert_eq!(auth.info().changed_fields(), [AuthField::Opaque]);
        auth.clear_several();
        let changed = [AuthField::Opaque, AuthField::Several];
        assert_eq!(auth.info().changed_fields(), changed);
    });
    assert!(stored.is_some());
}

#[test]
fn skipped_field_can_be_updated_with_the_struct() {
    let stored = in_handler(|auth: &Session<Auth>| {
        auth.update(|copy| copy.scratch = 5);
        assert_eq!(auth.scratch(), 5);
        auth.set_visits(1);
    });
    assert_eq!(stored.unwrap().scratch, 0);
}
