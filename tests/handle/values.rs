//! References stay what they were; the struct's own fields and methods work on the handle.

use secure_session::{IntoOption, SecureSession, Session};
use serde_json::{Value, json};
use std::borrow::Cow;

use super::in_handler;

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
    roles: Vec<String>,
    theme: Option<String>,
    tags: Option<Vec<u8>>,
    data: Option<Value>,
    point: (i32, [u8; 2]),
}

impl Auth {
    fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

#[test]
fn references_taken_before_writes_still_read_the_old_values() {
    in_handler(|auth: &Session<Auth>| {
        auth.set_name("one");
        auth.set_roles(["a".to_owned()]);
        auth.set_theme("dark");
        let (name, roles, theme) = (auth.name(), auth.roles(), auth.theme());
        let whole: &Auth = auth;
        auth.set_name("two");
        auth.update_roles(|roles| roles.push("b".to_owned()));
        auth.clear_theme();
        auth.destroy();
        assert_eq!(
            (name, roles, theme),
            ("one", &["a".to_owned()][..], Some("dark"))
        );
        assert_eq!(whole.name, "one");
        assert_eq!(
            (auth.name(), auth.roles().len(), auth.theme()),
            ("", 0, None)
        );
    });
}

#[test]
fn the_structs_own_fields_and_methods_work_on_the_handle() {
    in_handler(|auth: &Session<Auth>| {
        assert!(!auth.is_admin());
        auth.set_roles(vec!["admin".to_owned()]);
        assert!(auth.is_admin());
        assert_eq!(auth.roles, ["admin"]);
    });
}

#[test]
fn setters_take_what_people_write() {
    let stored = in_handler(|auth: &Session<Auth>| {
        auth.set_user_id(42);
        assert_eq!(auth.user_id(), Some(42));
        auth.set_user_id(Some(43));
        auth.set_user_id(None);
        assert_eq!(auth.user_id(), None);

        let text = String::from("text");
        auth.set_name("text");
        auth.set_name(&text);
        auth.set_name(text.clone());
        auth.set_name(Cow::Borrowed("text"));
        auth.set_name('t');

        auth.set_theme("text");
        auth.set_theme(&text);
        auth.set_theme(text.clone());
        auth.set_theme(Some(text.clone()));
        auth.set_theme(Cow::Borrowed("text"));
        auth.set_theme(text.clone().into_boxed_str());
        auth.set_theme(None);
        assert_eq!(auth.theme(), None);
        auth.set_theme("text");

        auth.set_roles(["a".to_owned()]);
        auth.set_roles(vec!["a".to_owned()]);
        auth.set_roles(["a", "b"].map(str::to_owned));
        auth.set_roles("a b".split(' ').map(str::to_owned));

        auth.set_tags(vec![1, 2]);
        assert_eq!(auth.tags(), Some(&[1, 2][..]));
        auth.set_data(json!({"a": 1}));
        assert_eq!(auth.data().unwrap()["a"], 1);
        auth.set_point((-1, [2, 3]));
        let (_, [first, _]) = auth.point();
        assert_eq!(first, 2);
    });
    let stored = stored.unwrap();
    assert_eq!(stored.roles, ["a", "b"]);
    assert_eq!(stored.theme.as_deref(), Some("text"));
}

#[test]
fn take_gives_what_was_there_and_leaves_none() {
    in_handler(|auth: &Session<Auth>| {
        assert_eq!(auth.take_theme(), None);
        auth.set_theme("dark");
        assert_eq!(auth.take_theme().as_deref(), Some("dark"));
        assert_eq!(auth.take_theme(), None);
    });
}

#[test]
fn some_of_a_null_would_come_back_as_none_and_is_refused() {
    let err = codec().seal(&Auth {
        data: Some(Value::Null),
        ..Auth::defaults()
    });
    let text = err.unwrap_err().to_string();
    assert!(text.contains("`data`") && text.contains("null"), "{text}");
}

#[test]
fn a_generic_function_can_take_what_a_setter_takes() {
    fn set(auth: &Session<Auth>, id: impl IntoOption<u64>) {
        auth.set_user_id(id);
    }
    in_handler(|auth| {
        set(auth, 1);
        set(auth, Some(2));
        assert_eq!(auth.user_id(), Some(2));
    });
}

#[test]
fn debug_shows_nothing_of_the_session() {
    in_handler(|auth: &Session<Auth>| {
        auth.set_name("secret");
        let texts = [
            format!("{auth:?}"),
            format!("{:?}", **auth),
            format!("{:?}", auth.info()),
        ];
        assert!(
            texts.iter().all(|text| !text.contains("secret")),
            "{texts:?}"
        );
        assert_eq!(texts[0], "Session<Auth>(..)");
    });
}

fn codec() -> secure_session::codec::Codec<Auth> {
    let keys = actix_secure_session_tests::ring(&[1]);
    secure_session::codec::Codec::builder(keys).build().unwrap()
}
