//! References do not change; the struct's fields and methods work on the handle.

use secure_session::{SecureSession, Session, codec::Codec};
use serde_json::Value;

use super::in_handler;

#[derive(SecureSession)]
struct Auth {
    name: String,
    roles: Vec<String>,
    theme: Option<String>,
    data: Option<Value>,
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
fn fields_and_methods_of_the_struct_work_on_the_handle() {
    in_handler(|auth: &Session<Auth>| {
        assert!(!auth.is_admin());
        auth.set_roles(vec!["admin".to_owned()]);
        assert!(auth.is_admin());
        assert_eq!(auth.roles, ["admin"]);
    });
}

#[test]
fn some_of_null_is_rejected_because_it_would_be_read_as_none() {
    let keys = actix_secure_session_tests::ring(&[1]);
    let codec = Codec::builder(keys).build().unwrap();
    let err = codec.seal(&Auth {
        data: Some(Value::Null),
        ..Auth::defaults()
    });
    let text = err.unwrap_err().to_string();
    assert!(text.contains("`data`") && text.contains("null"), "{text}");
}

#[test]
fn debug_shows_no_content_of_the_session() {
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
