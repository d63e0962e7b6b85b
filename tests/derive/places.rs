//! Sessions in unusual places.

use secure_session::SecureSession;

use crate::support::{read, stored_after};

/// Types, names and values passed through another macro.
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
fn struct_may_be_generated_by_another_macro() {
    read(&Made::defaults(), |made| {
        let (text, maybe): (&str, Option<&str>) = (made.text(), made.maybe());
        let (list, number): (&[u8], Option<u8>) = (made.list(), made.number());
        assert_eq!(
            (text, maybe, list, number),
            ("a", Some("b"), &[1][..], Some(2))
        );
    });
}

/// Names with another meaning here; `tests/renamed` uses no prelude.
mod shadowed {
    #![allow(dead_code, reason = "they are only in the way")]

    use secure_session::SecureSession;

    pub(super) struct Option;
    pub(super) struct String;
    pub(super) struct Vec;
    pub(super) struct Some;
    pub(super) trait Clone {}
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
fn std_names_may_be_shadowed() {
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
