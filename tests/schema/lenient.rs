//! A member that does not fit its `lenient` field.

use std::time::Duration;

use actix_secure_session_tests::logs::Logs;
use proptest::{prelude::*, test_runner::RngSeed};
use secure_session::{RejectReason, SecureSession, SessionField as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::Level;

use crate::support::{Browser, codec, object, raw, sealed, texts, through};

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

/// It is not `PartialEq`, and its default is not an empty member.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Point {
    x: u8,
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth")]
struct Auth {
    user_id: u64,
    #[session(lenient, default = 20, alias = "rows", alias = "size")]
    page_size: u8,
    #[session(lenient)]
    theme: Option<String>,
    #[session(lenient, with = seconds)]
    played: Duration,
    #[session(lenient, keep)]
    at: Point,
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth", lenient)]
struct AllLenient {
    #[session(lenient = false)]
    user_id: u64,
    name: String,
    page_size: u8,
}

#[test]
fn misfit_field_is_reset_and_reported_and_the_rest_survives() {
    let rows = [
        (
            json!({"user_id": 7, "page_size": "all"}),
            AuthField::PageSize,
        ),
        (json!({"user_id": 7, "page_size": 256}), AuthField::PageSize),
        (json!({"user_id": 7, "rows": -1}), AuthField::PageSize),
        (json!({"user_id": 7, "size": [1]}), AuthField::PageSize),
        (
            json!({"user_id": 7, "theme": {"name": "dark"}}),
            AuthField::Theme,
        ),
        (json!({"user_id": 7, "played": "1h"}), AuthField::Played),
        (json!({"user_id": 7, "at": {"y": 1}}), AuthField::At),
    ];
    for (members, field) in rows {
        let opened = codec::<Auth>().open(sealed(members.clone())).unwrap();
        assert_eq!(opened.reset_fields(), [field], "{members}");
        assert_eq!(
            (
                opened.user_id,
                opened.page_size,
                opened.theme.as_deref(),
                opened.played,
                opened.at.x
            ),
            (7, 20, None, Duration::ZERO, 0)
        );
    }
}

#[test]
fn fitting_member_of_a_lenient_field_is_read() {
    let members = json!({"user_id": 7, "rows": 9, "theme": null, "played": 5, "at": {"x": 3}});
    let opened = codec::<Auth>().open(sealed(members)).unwrap();
    assert_eq!(opened.reset_fields(), []);
    assert_eq!(
        (opened.page_size, opened.played.as_secs(), opened.at.x),
        (9, 5, 3)
    );
}

#[test]
fn misfit_of_a_strict_field_rejects_the_session() {
    let refused = |members| codec::<AllLenient>().open(sealed(members)).unwrap_err();
    assert_eq!(refused(json!({"user_id": "x"})), RejectReason::Schema);
    let opened = codec::<AllLenient>()
        .open(sealed(json!({"name": 1, "page_size": "x"})))
        .unwrap();
    assert_eq!(
        opened.reset_fields(),
        [AllLenientField::Name, AllLenientField::PageSize]
    );
}

#[test]
fn member_is_kept_under_its_name_until_a_request_writes_the_field() {
    for name in ["page_size", "rows", "size"] {
        let mut browser = Browser::with(sealed(json!({"user_id": 7, name: "all"})));
        // The reset is not a change.
        assert!(!browser.request::<Auth>(|auth| {
            assert_eq!(auth.page_size(), 20);
            assert_eq!(auth.info().reset_fields(), [AuthField::PageSize]);
            assert_eq!(auth.info().changed_fields(), []);
            assert!(!auth.info().is_changed());
        }));
        assert!(browser.request::<Auth>(|auth| auth.update(|auth| auth.user_id = 8)));
        let kept = json!({"user_id": 8, name: "all"});
        assert_eq!(object(&browser.cookie), kept);
        assert!(browser.request::<Auth>(|auth| auth.set_page_size(30)));
        let changed = json!({"user_id": 8, "page_size": 30});
        assert_eq!(object(&browser.cookie), changed);
    }
}

#[test]
fn several_misfits_are_kept_except_the_changed_one() {
    let cookie = sealed(json!({
        "at": 1, "page_size": "all", "played": "1h", "theme": 5, "user_id": 7, "x": [1],
    }));
    let opened = codec::<Auth>().open(&cookie).unwrap();
    let all = [
        AuthField::PageSize,
        AuthField::Theme,
        AuthField::Played,
        AuthField::At,
    ];
    assert_eq!(opened.reset_fields(), all);
    assert_eq!(object(&opened.seal(&codec()).unwrap()), object(&cookie));
    let changed = through::<Auth>(&cookie, |auth| auth.theme = Some("dark".to_owned()));
    let mut expected = object(&cookie);
    expected["theme"] = json!("dark");
    assert_eq!(object(&changed), expected);
}

#[test]
fn text_that_no_parser_accepts_is_a_misfit_too() {
    // Half a surrogate pair, nesting beyond the limit, a number outside every range.
    #[derive(SecureSession)]
    #[session(cookie = "auth")]
    struct Writer {
        #[session(with = raw)]
        theme: String,
    }
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for text in ["\"\\ud800\"", &deep, "1e999"] {
        let theme = text.to_owned();
        let cookie = codec().seal(&Writer { theme }).unwrap();
        let opened = codec::<Auth>().open(&cookie).unwrap();
        assert_eq!(opened.reset_fields(), [AuthField::Theme], "{text}");
        let back = texts(&opened.seal(&codec()).unwrap());
        assert!(
            back.contains(&("theme".to_owned(), text.to_owned())),
            "{back:?}"
        );
    }
}

#[test]
fn only_the_current_name_counts_next_to_an_alias() {
    let cases: [(Value, u8, &[AuthField]); 3] = [
        (
            json!({"page_size": "all", "rows": 9}),
            20,
            &[AuthField::PageSize],
        ),
        (json!({"page_size": 5, "rows": "all"}), 5, &[]),
        (
            json!({"rows": "all", "size": 9}),
            20,
            &[AuthField::PageSize],
        ),
    ];
    for (members, page_size, reset) in cases {
        let opened = codec::<Auth>().open(sealed(members.clone())).unwrap();
        assert_eq!(opened.page_size, page_size, "{members}");
        assert_eq!(opened.reset_fields(), reset, "{members}");
    }
}

#[test]
fn misfit_field_warns_once_and_then_logs_at_debug_without_its_value() {
    let codec = codec::<Auth>();
    let one = sealed(json!({"page_size": "hunter2"}));
    let both = sealed(json!({"page_size": "hunter2", "theme": ["hunter2"]}));
    let ((), logs) = Logs::of(|| {
        for cookie in [&one, &both, &both] {
            codec.open(cookie).unwrap();
        }
    });
    let line = |field| {
        format!(
            "session field does not fit the struct and was reset to its default \
             event=session.field_reset session=auth field={field} mistake=wrong type"
        )
    };
    let [page_size, theme] = ["page_size", "theme"].map(line);
    assert_eq!(logs.at(Level::WARN), [&*page_size, &theme]);
    assert_eq!(logs.at(Level::DEBUG), [&*page_size, &page_size, &theme]);
}

#[test]
fn setter_writes_the_default_instead_of_a_misfit() {
    let writes: [fn(&secure_session::Session<Auth>); 2] = [
        |auth| auth.set_page_size(20),
        |auth| auth.update_page_size(|_| {}),
    ];
    for write in writes {
        let mut browser = Browser::with(sealed(json!({"user_id": 7, "page_size": "all"})));
        assert!(browser.request::<Auth>(move |auth| {
            write(auth);
            assert!(auth.info().changed_fields().contains(&AuthField::PageSize));
            assert_eq!(auth.info().reset_fields(), [AuthField::PageSize]);
        }));
        assert_eq!(object(&browser.cookie)["page_size"], 20);
        assert!(!browser.request::<Auth>(|auth| assert_eq!(auth.info().reset_fields(), [])));
    }
    let mut browser = Browser::with(sealed(json!({"user_id": 7, "page_size": "all"})));
    assert!(!browser.request::<Auth>(|auth| auth.replace(auth.snapshot())));
    assert!(browser.request::<Auth>(|auth| auth.update(|auth| auth.page_size = 30)));
    assert_eq!(object(&browser.cookie)["page_size"], 30);
    let mut browser = Browser::with(sealed(json!({"user_id": 7, "theme": 1})));
    assert!(browser.request::<Auth>(|auth| auth.clear_theme()));
    assert_eq!(object(&browser.cookie).get("theme"), None);
}

#[test]
fn new_login_keeps_values_of_keep_fields_but_no_received_text() {
    let planted = json!({"user_id": 7, "page_size": "all", "at": 1, "unknown": "planted"});
    let mut browser = Browser::with(sealed(planted));
    assert!(browser.request::<Auth>(|auth| {
        auth.sign_in();
        auth.set_user_id(9);
    }));
    assert_eq!(
        object(&browser.cookie),
        json!({"user_id": 9, "page_size": 20, "played": 0, "at": {"x": 0}})
    );
    assert!(browser.request::<Auth>(|auth| {
        auth.destroy();
        auth.set_user_id(1);
    }));
    assert_eq!(object(&browser.cookie)["at"], json!({"x": 0}));
}

#[test]
fn sign_in_drops_unknown_members_and_the_misfit_of_a_kept_field() {
    let mut browser = Browser::with(sealed(json!({"user_id": 7, "at": 1, "unknown": 1})));
    assert!(browser.request::<Auth>(|auth| auth.sign_in()));
    let stored = object(&browser.cookie);
    assert_eq!(
        (&stored["at"], stored.get("unknown")),
        (&json!({"x": 0}), None)
    );
}

#[test]
fn encoded_length_includes_the_misfit() {
    let long = "x".repeat(500);
    let mut browser = Browser::with(sealed(json!({"user_id": 7, "theme": [long]})));
    browser.request::<Auth>(|auth| {
        assert!(auth.info().encoded_len().unwrap() > 500);
        auth.clear_theme();
        assert!(auth.info().encoded_len().unwrap() < 500);
    });
}

#[test]
fn misfit_is_among_the_largest_fields_of_a_too_large_cookie() {
    #[derive(SecureSession)]
    #[session(cookie = "auth", lenient)]
    struct Two {
        theme: String,
        name: String,
    }
    let cookie = sealed(json!({"theme": ["x".repeat(2800)]}));
    let codec = codec::<Two>();
    let mut opened = codec.open(cookie).unwrap();
    opened.name = "x".repeat(1000);
    let Err(secure_session::EncodeError::TooLarge { largest, .. }) = opened.seal(&codec) else {
        panic!("it is too large");
    };
    assert_eq!(largest, [("theme", 2812), ("name", 1009)]);
}

#[derive(SecureSession, Debug)]
#[session(format = "fastify", cookie = "auth")]
struct Shared {
    #[session(lenient, rename = "pageSize", alias = "rows", default = 20)]
    page_size: u8,
    name: String,
}

#[derive(SecureSession, Debug)]
#[session(format = "fastify", cookie = "auth")]
struct SharedBare {}

#[test]
fn misfit_keeps_its_position_in_the_fastify_format() {
    use actix_secure_session_tests::{T0, ring};
    use secure_session::{codec::Codec, test_util::TestClock};

    #[derive(SecureSession)]
    #[session(format = "fastify", cookie = "auth")]
    struct Node {
        a: u8,
        rows: String,
        z: u8,
    }
    fn codec<T: SecureSession>() -> Codec<T> {
        let builder = Codec::builder(ring(&[1])).clock(&TestClock::at(T0));
        builder.build().unwrap()
    }
    let node = Node {
        a: 1,
        rows: "all".to_owned(),
        z: 2,
    };
    let mut browser = Browser::with(codec().seal(&node).unwrap());
    assert!(browser.request::<Shared>(|shared| {
        assert_eq!(shared.info().reset_fields(), [SharedField::PageSize]);
        shared.set_name("Ada");
    }));
    let members = |cookie: &str| {
        let opened = codec::<SharedBare>().open(cookie).unwrap();
        let members = opened.unknown_members();
        let texts = members.map(|name| format!("{name}={}", opened.unknown_member(name).unwrap()));
        texts.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        members(&browser.cookie),
        "a=1 rows=\"all\" z=2 name=\"Ada\""
    );
    assert!(browser.request::<Shared>(|shared| shared.set_page_size(5)));
    assert_eq!(members(&browser.cookie), "a=1 pageSize=5 z=2 name=\"Ada\"");
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("x|y|.{0,3}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn session_opens_with_any_members_and_misfits_are_written_back(
        members in prop::collection::btree_map("page_size|rows|size|theme|played|at|other", value(), 0..6),
        user_id in any::<u32>(),
    ) {
        let mut members: serde_json::Map<_, _> = members.into_iter().collect();
        members.insert("user_id".to_owned(), user_id.into());
        let cookie = sealed(Value::Object(members.clone()));
        let opened = codec::<Auth>().open(&cookie).unwrap();
        prop_assert_eq!(opened.user_id, u64::from(user_id));
        let back = opened.seal(&codec()).unwrap();
        let again = codec::<Auth>().open(&back).unwrap();
        prop_assert_eq!(again.reset_fields(), opened.reset_fields());
        let back = object(&back);
        for field in opened.reset_fields() {
            let names: &[&str] = match field.name() {
                "page_size" => &["page_size", "rows", "size"],
                other => &[other],
            };
            let name = names.iter().find(|name| members.contains_key(**name)).unwrap();
            prop_assert_eq!(&back[*name], &members[*name]);
        }
        prop_assert_eq!(back.get("other"), members.get("other"));
    }
}
