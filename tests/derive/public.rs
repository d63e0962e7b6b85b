//! The public view of a session.

use std::time::Duration;

use actix_secure_session_tests::{T0, key};
use secure_session::{
    SecureSession, SessionOrigin, SessionView,
    codec::Codec,
    test_util::{RequestCookie, TestClock, TestSession},
};
use serde::Serializer;
use serde_json::{Value, json};

mod as_text {
    use super::{Serializer, Value};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
        let text = <Value as serde::Deserialize>::deserialize(value)?;
        let number = text.as_str().and_then(|text| text.parse().ok());
        number.ok_or_else(|| serde::de::Error::custom("no number"))
    }
}

#[derive(SecureSession)]
#[session(idle = "30m", absolute = "12h")]
struct Auth {
    /// Not for pages.
    user_id: Option<u64>,
    secret: String,
    #[session(public, rename = "n")]
    name: String,
    #[session(public)]
    theme: Option<String>,
    #[session(public, with = as_text)]
    big: u64,
}

fn codec(clock: &TestClock) -> Codec<Auth> {
    Codec::builder(key(1)).clock(clock).build().unwrap()
}

fn ada() -> Auth {
    Auth {
        user_id: Some(7),
        secret: "s3cret".to_owned(),
        name: "Ada".to_owned(),
        theme: None,
        big: u64::MAX,
    }
}

#[test]
fn view_has_the_public_fields_and_the_expiry_and_nothing_else() {
    let clock = TestClock::at(T0);
    let codec = codec(&clock);
    let cookie = RequestCookie::of(&codec, &ada()).idle_for(Duration::from_secs(88));
    let request = TestSession::with_cookie(&cookie);
    let view = request.session().view();
    assert_eq!(
        (view.session.name.as_str(), view.session.big),
        ("Ada", u64::MAX)
    );
    assert_eq!(
        serde_json::to_value(view).unwrap(),
        json!({
            "session": {"name": "Ada", "theme": null, "big": u64::MAX.to_string()},
            "expires_in": 1712,
            "expires_at": T0 + 1712,
            "now": T0,
            "origin": "restored",
        })
    );
}

#[test]
fn view_of_no_session_has_the_defaults_and_no_expiry() {
    let clock = TestClock::at(T0);
    let codec = codec(&clock);
    let expired = RequestCookie::of(&codec, &ada()).idle_for(Duration::from_secs(1800));
    for (request, origin) in [
        (TestSession::new(&codec), SessionOrigin::New),
        (TestSession::with_cookie(&expired), SessionOrigin::Expired),
    ] {
        let view = request.session().view();
        assert_eq!(view.origin, origin);
        let json = serde_json::to_value(&view).unwrap();
        assert_eq!(
            json["session"],
            json!({"name": "", "theme": null, "big": "0"})
        );
        assert_eq!(
            [&json["expires_in"], &json["expires_at"]],
            [&Value::Null; 2]
        );
        assert!(request.finish().is_unchanged(), "looking changes nothing");
    }
}

/// The view is of the current values, and owned.
#[test]
fn view_shows_changes_of_the_request() {
    let clock = TestClock::at(T0);
    let request = TestSession::with(&codec(&clock), &ada());
    let auth = request.session();
    let before: SessionView<AuthPublic> = auth.view();
    auth.set_name("Eve");
    assert_eq!(auth.view().session.name, "Eve");
    assert_eq!(before.clone().session.name, "Ada");
    assert!(!format!("{before:?}").contains("s3cret"));
}

#[test]
fn struct_of_the_public_fields_can_be_named() {
    #[derive(SecureSession)]
    #[session(public = "ForPages")]
    struct Shop {
        #[session(public)]
        items: Vec<String>,
    }

    let codec = Codec::<Shop>::builder(key(1)).build().unwrap();
    let view: SessionView<ForPages> = TestSession::new(&codec).session().view();
    assert!(view.session.items.is_empty());
}
