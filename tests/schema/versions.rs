//! `version` and `migrate`.

use std::cell::Cell;

use actix_secure_session_tests::logs::Logs;
use secure_session::{RejectReason, SecureSession, codec::Native};
use serde_json::{Map, Value, json};
use tracing::Level;

use crate::support::{codec, raw, sealed, texts, through, version};

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
    static FROM: Cell<Option<u32>> = const { Cell::new(None) };
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth", version = 1, migrate = V1::migrate)]
struct V1 {
    user_id: Option<u64>,
    name: String,
}

impl V1 {
    fn migrate(_: u32, members: &mut Map<String, Value>) {
        if let Some(uid) = members.remove("uid") {
            members.insert("user_id".to_owned(), uid);
        }
    }
}

#[derive(SecureSession, Debug)]
#[session(cookie = "auth", version = 3, migrate = "V3::migrate", forget = "junk")]
struct V3 {
    #[session(alias = "userId")]
    user_id: Option<u64>,
    first_name: String,
    last_name: String,
    #[session(lenient)]
    level: u8,
}

impl V3 {
    fn migrate(from: u32, members: &mut Map<String, Value>) -> Result<(), String> {
        RUNS.set(RUNS.get() + 1);
        FROM.set(Some(from));
        if from < 1 {
            V1::migrate(from, members);
        }
        if from < 2 {
            let name = members.remove("name").unwrap_or_default();
            let name = name.as_str().ok_or("no name hunter2")?;
            assert!(name != "panic", "hunter2");
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            members.insert("first_name".to_owned(), first.into());
            members.insert("last_name".to_owned(), last.into());
        }
        Ok(())
    }
}

fn runs() -> u32 {
    RUNS.replace(0)
}

#[test]
fn session_without_a_version_is_migrated_from_0() {
    let cookie = sealed(json!({"uid": 7, "name": "Ada Lovelace", "other": [1], "junk": 1}));
    let opened = codec::<V3>().open(&cookie).unwrap();
    assert_eq!(
        (
            opened.user_id,
            opened.first_name.as_str(),
            opened.last_name.as_str()
        ),
        (Some(7), "Ada", "Lovelace")
    );
    assert_eq!(
        (opened.migrated_from(), FROM.get(), runs()),
        (Some(0), Some(0), 1)
    );
    assert_eq!(opened.unknown_members().collect::<Vec<_>>(), ["other"]);
    assert_eq!(opened.schema_version(), 3);
    let sealed = opened.seal(&codec()).unwrap();
    assert_eq!(version(&sealed), 3);
    let again = codec::<V3>().open(&sealed).unwrap();
    assert_eq!((again.migrated_from(), runs()), (None, 0));
    assert_eq!(again.last_name, "Lovelace");
}

#[test]
fn session_of_an_intermediate_version_passes_its_number() {
    let v1 = V1 {
        user_id: Some(7),
        name: "Ada Lovelace".to_owned(),
    };
    let cookie = codec().seal(&v1).unwrap();
    assert_eq!(version(&cookie), 1);
    let opened = codec::<V3>().open(&cookie).unwrap();
    assert_eq!((opened.migrated_from(), FROM.get()), (Some(1), Some(1)));
    assert_eq!(
        (opened.user_id, opened.last_name.as_str()),
        (Some(7), "Lovelace")
    );
}

#[test]
fn older_build_keeps_the_version_and_members_of_a_newer_session() {
    let newer = V3 {
        user_id: Some(7),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        level: 2,
    };
    let before = codec().seal(&newer).unwrap();
    let opened = codec::<V1>().open(&before).unwrap();
    assert_eq!((opened.schema_version(), opened.migrated_from()), (3, None));
    let after = through::<V1>(&before, |old| old.user_id = Some(8));
    assert_eq!(version(&after), 3);
    let back = codec::<V3>().open(&after).unwrap();
    assert_eq!(runs(), 0);
    assert_eq!(
        (back.user_id, back.last_name.as_str(), back.level),
        (Some(8), "Lovelace", 2)
    );
}

#[test]
fn result_of_the_migration_is_read_like_any_session() {
    let cookie = sealed(json!({"userId": 7, "name": "Ada", "level": "high"}));
    let opened = codec::<V3>().open(&cookie).unwrap();
    assert_eq!((opened.user_id, opened.last_name.as_str()), (Some(7), ""));
    assert_eq!(opened.reset_fields(), [V3Field::Level]);
    // A type that does not fit after migration.
    let cookie = sealed(json!({"uid": "seven", "name": "Ada"}));
    assert_eq!(
        codec::<V3>().open(&cookie).unwrap_err(),
        RejectReason::Schema
    );
}

#[test]
fn migration_error_or_panic_rejects_the_session_and_is_not_logged() {
    for (name, panicked) in [(json!(5), false), (json!("panic"), true)] {
        let codec = codec::<V3>();
        let cookie = sealed(json!({"name": name}));
        let ((), logs) = Logs::of(|| {
            for _ in 0..3 {
                assert_eq!(codec.open(&cookie).unwrap_err(), RejectReason::Schema);
            }
        });
        let line = format!(
            "session rejected: `migrate` failed; check that function \
             event=session.schema_not_migrated session=auth from=0 to=3 panicked={panicked}"
        );
        assert_eq!(logs.at(Level::WARN), [&*line]);
        assert_eq!(logs.at(Level::DEBUG), [&*line, &line]);
    }
    let cookie = sealed(json!({"name": "hunter2"}));
    let (_, logs) = Logs::of(|| codec::<V3>().open(&cookie).unwrap());
    assert_eq!(
        logs.at(Level::DEBUG),
        ["session migrated event=session.schema_migrated session=auth from=0 to=3"]
    );
}

/// Writes texts that `serde_json::Value` cannot represent.
#[derive(SecureSession)]
#[session(cookie = "auth")]
struct Texts {
    big: u128,
    #[session(with = raw)]
    price: String,
    #[session(with = raw)]
    half: String,
    note: String,
    uid: u128,
    name: String,
}

#[test]
fn unchanged_or_moved_members_keep_their_text() {
    #[derive(SecureSession)]
    #[session(cookie = "auth", version = 1, migrate = Newer::migrate)]
    struct Newer {
        user_id: u128,
        copied: u128,
        big: u128,
    }
    impl Newer {
        fn migrate(_: u32, members: &mut Map<String, Value>) {
            assert!(!members.contains_key("half"), "no reader takes it");
            let uid = members.remove("uid").unwrap();
            members.insert("user_id".to_owned(), uid);
            members.insert("copied".to_owned(), members["big"].clone());
            members["name"] = json!("Eve");
        }
    }
    let before = Texts {
        big: u128::MAX,
        price: "1.10".to_owned(),
        half: "\"\\ud800\"".to_owned(),
        note: "ä\u{1}\"".to_owned(),
        uid: u128::MAX - 1_000_000_000_000_000_000_000_000,
        name: "Ada".to_owned(),
    };
    let cookie = codec().seal(&before).unwrap();
    let opened = codec::<Newer>().open(&cookie).unwrap();
    assert_eq!(opened.big, u128::MAX);
    assert_eq!(opened.copied, u128::MAX);
    assert_eq!(opened.user_id, before.uid);
    let (before, after) = (texts(&cookie), texts(&opened.seal(&codec()).unwrap()));
    for member in &before {
        if ["price", "half", "note"].contains(&member.0.as_str()) {
            assert!(after.contains(member), "{member:?} is not in {after:?}");
        }
    }
    let name = ("name".to_owned(), "\"Eve\"".to_owned());
    assert!(after.contains(&name), "{after:?}");
}

#[test]
fn migration_distinguishes_texts_of_equal_values() {
    #[derive(SecureSession)]
    #[session(cookie = "auth")]
    struct Prices {
        #[session(with = raw)]
        a: String,
        #[session(with = raw)]
        b: String,
    }
    #[derive(SecureSession)]
    #[session(cookie = "auth", version = 1, migrate = Same::migrate)]
    struct Same {}
    impl Same {
        fn migrate(_: u32, _: &mut Map<String, Value>) {}
    }
    #[derive(SecureSession)]
    #[session(cookie = "auth", version = 1, migrate = Moved::migrate)]
    struct Moved {}
    impl Moved {
        fn migrate(_: u32, members: &mut Map<String, Value>) {
            let a = members.remove("a").unwrap();
            members.insert("moved".to_owned(), a);
        }
    }
    fn migrated<T: SecureSession<Format = Native>>(a: &str, b: &str) -> Vec<(String, String)> {
        let (a, b) = (a.to_owned(), b.to_owned());
        let cookie = codec().seal(&Prices { a, b }).unwrap();
        texts(&codec::<T>().open(&cookie).unwrap().seal(&codec()).unwrap())
    }
    let row = |rows: [(&str, &str); 2]| rows.map(|(name, text)| (name.to_owned(), text.to_owned()));
    // Left alone, each keeps its own text.
    let kept = migrated::<Same>("1.10", "1.1");
    assert_eq!(kept, row([("a", "1.10"), ("b", "1.1")]));
    for (b, moved) in [
        // The text of the only member that it can originate from.
        ("2", "1.10"),
        // It could originate from either, and both have the same text.
        ("1.10", "1.10"),
        // It could originate from either, so it is written from the value.
        ("1.1", "1.1"),
    ] {
        let stored = migrated::<Moved>("1.10", b);
        assert_eq!(stored, row([("b", b), ("moved", moved)]));
    }
}
