//! Sessions in odd places.

use secure_session::{SecureSession, Session};

use crate::support::{json_of, read, stored_after};

mod several {
    use secure_session::SecureSession;

    #[derive(Default, SecureSession)]
    pub(super) struct Auth {
        pub(super) name: String,
    }

    #[derive(Default, SecureSession)]
    pub(super) struct Prefs {
        pub(super) name: String,
    }
}

#[test]
fn several_sessions_share_a_module() {
    let auth = stored_after(&several::Auth::default(), |auth| auth.set_name("Ada"));
    let prefs = stored_after(&several::Prefs::default(), |prefs| prefs.set_name("dark"));
    assert_eq!(auth.expect("a change is sent").name, "Ada");
    assert_eq!(prefs.expect("a change is sent").name, "dark");
}

#[test]
fn a_function_has_sessions_of_its_own() {
    #[derive(SecureSession)]
    struct Auth {
        name: Option<String>,
    }

    let stored = stored_after(&Auth::defaults(), |auth| auth.set_name("Ada"));
    assert_eq!(
        stored.expect("a change is sent").name.as_deref(),
        Some("Ada")
    );
}

/// Types, names and values that another macro hands on.
macro_rules! session {
    ($vis:vis $name:ident, $cookie:literal, $($field:ident: $ty:ty = $default:expr,)*) => {
        #[derive(SecureSession)]
        #[session(cookie = $cookie)]
        $vis struct $name {
            $(#[session(default = $default)] $field: $ty,)*
        }
    };
}

session! {
    pub(crate) Made, "made",
    text: String = "a",
    maybe: Option<String> = "b",
    list: Vec<u8> = vec![1],
    number: Option<u8> = Some(2),
}

#[test]
fn another_macro_may_write_the_struct() {
    read(&Made::defaults(), |made| {
        let (text, maybe): (&str, Option<&str>) = (made.text(), made.maybe());
        let (list, number): (&[u8], Option<u8>) = (made.list(), made.number());
        assert_eq!(
            (text, maybe, list, number),
            ("a", Some("b"), &[1][..], Some(2))
        );
    });
}

/// Names of the standard library that mean something else here.
mod shadowed {
    #![allow(dead_code, reason = "they are only in the way")]

    use secure_session::SecureSession;

    pub(super) struct Option;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct Result;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) trait Clone {}
    pub(super) trait Default {}
    pub(super) trait Into {}
    pub(super) trait IntoIterator {}
    pub(super) trait FnOnce {}
    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod serde {}
    #[allow(non_camel_case_types)]
    pub(super) struct str;
    #[allow(non_camel_case_types)]
    pub(super) struct usize;

    #[derive(SecureSession)]
    pub(super) struct Auth {
        #[session(alias = "n", default = "a")]
        pub(super) name: ::std::string::String,
        #[session(default = "b")]
        pub(super) theme: ::std::option::Option<::std::string::String>,
        pub(super) roles: ::std::vec::Vec<u8>,
        pub(super) user: ::core::option::Option<u64>,
    }
}

#[test]
fn names_of_the_standard_library_may_mean_something_else() {
    let stored = stored_after(&shadowed::Auth::defaults(), |auth| {
        auth.set_name("c");
        auth.clear_theme();
        auth.update_roles(|roles| roles.push(1));
        auth.set_user(1);
        assert_eq!(auth.take_user(), Some(1));
        auth.set_user(auth.user().or(Some(2)));
    });
    let stored = stored.expect("a change is sent");
    assert_eq!((stored.name.as_str(), stored.theme.as_deref()), ("c", None));
    assert_eq!((&stored.roles[..], stored.user), (&[1][..], Some(2)));
}

/// The library under a path of the application's.
mod reexported {
    pub(super) use secure_session as sessions;

    #[derive(sessions::SecureSession)]
    #[session(crate = self::sessions)]
    pub(super) struct Auth {
        pub(super) name: Option<String>,
    }
}

#[test]
fn the_library_may_be_known_by_another_path() {
    let auth = <reexported::Auth as SecureSession>::defaults();
    let stored = stored_after(&auth, |auth| auth.set_name("Ada"));
    assert_eq!(
        stored.expect("a change is sent").name.as_deref(),
        Some("Ada")
    );
}

#[test]
fn a_type_may_name_the_struct_as_self() {
    #[derive(SecureSession)]
    struct Auth {
        marked: std::marker::PhantomData<Self>,
        maybe: Option<std::marker::PhantomData<Self>>,
    }

    read(&Auth::defaults(), |auth: &Session<Auth>| {
        let _: &std::marker::PhantomData<Auth> = auth.marked();
        assert!(auth.maybe().is_none());
    });
    assert_eq!(
        json_of(&Auth::defaults())["marked"],
        serde_json::Value::Null
    );
}

#[test]
fn accessors_and_debug_show_no_content() {
    let auth = several::Auth {
        name: "Ada".to_owned(),
    };
    read(&auth, |auth| {
        let accessors: &several::AuthAccessors = auth;
        assert_eq!(format!("{accessors:?}"), "AuthAccessors { .. }");
        assert!(!format!("{auth:?}").contains("Ada"));
    });
}
