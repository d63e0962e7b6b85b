//! Two builds at one address, in turn, through requests.

use std::cell::Cell;

use actix_secure_session_tests::{T0, ring};
use secure_session::{
    SecureSession, SessionMiddleware,
    codec::Codec,
    policy::FastifyMigration,
    test_util::{ResponseSession, TestClock, request_cookie},
};
use serde_json::{Map, Value, json};

use crate::support::{Browser, object, sealed, version};

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

/// The build before `version` was set.
#[derive(SecureSession)]
#[session(cookie = "auth")]
struct Old {
    uid: Option<u64>,
    name: String,
    #[session(keep)]
    visits: u32,
}

/// The build after: `uid` stays for the old one, `name` was split in two.
#[derive(SecureSession)]
#[session(cookie = "auth", version = 1, migrate = New::migrate)]
struct New {
    user_id: Option<u64>,
    first_name: String,
    #[session(keep)]
    visits: u32,
    theme: String,
}

impl New {
    fn migrate(from: u32, members: &mut Map<String, Value>) {
        assert_eq!(from, 0);
        RUNS.set(RUNS.get() + 1);
        let uid = members.get("uid").cloned().unwrap_or_default();
        members.insert("user_id".to_owned(), uid);
        let name = members
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let first = name.split(' ').next().unwrap_or_default().to_owned();
        members.insert("first_name".to_owned(), first.into());
    }
}

fn runs() -> u32 {
    RUNS.replace(0)
}

#[test]
fn alternating_builds_lose_nothing_and_migrate_once() {
    let mut browser = Browser::default();
    assert!(browser.request::<Old>(|old| {
        old.sign_in();
        old.set_uid(7);
        old.set_name("Ada Lovelace");
    }));
    assert_eq!((version(&browser.cookie), runs()), (0, 0));
    assert!(browser.request::<New>(|new| {
        assert_eq!((new.user_id(), new.first_name()), (Some(7), "Ada"));
        new.set_theme("dark");
    }));
    assert_eq!((version(&browser.cookie), runs()), (1, 1));
    assert!(browser.request::<Old>(|old| {
        assert_eq!((old.uid(), old.name()), (Some(7), "Ada Lovelace"));
        old.update_visits(|visits| *visits += 1);
    }));
    assert_eq!((version(&browser.cookie), runs()), (1, 0));
    assert!(!browser.request::<New>(|new| {
        assert_eq!((new.user_id(), new.first_name()), (Some(7), "Ada"));
        assert_eq!((new.visits(), new.theme()), (1, "dark"));
    }));
    assert_eq!(runs(), 0);
    assert_eq!(
        object(&browser.cookie),
        json!({
            "uid": 7, "name": "Ada Lovelace", "visits": 1,
            "user_id": 7, "first_name": "Ada", "theme": "dark",
        })
    );
}

#[test]
fn migrated_session_is_sent_again_by_a_reading_request() {
    let mut browser = Browser::with(sealed(json!({"uid": 7, "name": "Ada", "other": 1})));
    let before = browser.cookie.clone();
    // A session that is not opened is not migrated.
    assert!(!browser.request::<New>(|_| {}));
    assert_eq!(runs(), 0);
    assert!(browser.request::<New>(|new| {
        assert_eq!(new.user_id(), Some(7));
        assert_eq!(new.info().changed_fields(), []);
        assert!(!new.info().is_changed());
    }));
    assert_ne!(browser.cookie, before);
    assert_eq!((version(&browser.cookie), runs()), (1, 1));
    assert_eq!(object(&browser.cookie)["other"], 1);
    assert!(!browser.request::<New>(|new| assert_eq!(new.user_id(), Some(7))));
    assert_eq!(runs(), 0);
}

#[test]
fn oversized_migrated_session_keeps_the_old_cookie_and_succeeds() {
    let name = "x".repeat(2000);
    let mut browser = Browser::with(sealed(json!({"uid": 7, "name": name})));
    assert!(!browser.request::<New>(|new| assert_eq!(new.first_name().len(), 2000)));
    assert_eq!((version(&browser.cookie), runs()), (0, 1));
}

#[test]
fn login_in_the_old_build_is_valid_in_the_new_build() {
    let new = json!({"uid": 7, "user_id": 7, "first_name": "Ada", "theme": "dark"});
    let mut browser = Browser::with(sealed(new));
    assert!(browser.request::<New>(|new| new.set_theme("light")));
    assert_eq!((version(&browser.cookie), runs()), (1, 1));
    // Nothing from the new build is left, so its number is gone too.
    assert!(browser.request::<Old>(|old| {
        old.sign_in();
        old.set_uid(8);
        old.set_name("Bob Smith");
    }));
    assert_eq!(version(&browser.cookie), 0);
    assert!(browser.request::<New>(|new| {
        assert_eq!(
            (new.user_id(), new.first_name(), new.theme()),
            (Some(8), "Bob", "")
        );
    }));
    assert_eq!(runs(), 1);
}

#[test]
fn restarted_session_has_the_version_of_its_build() {
    let mut browser = Browser::with(sealed(json!({"uid": 7})));
    assert!(browser.request::<New>(|new| {
        new.destroy();
        new.set_theme("dark");
    }));
    assert_eq!((version(&browser.cookie), runs()), (1, 1));
    assert!(browser.request::<New>(|new| new.sign_in()));
    assert_eq!((version(&browser.cookie), runs()), (1, 0));
    assert!(browser.request::<Old>(|old| {
        old.destroy();
        old.set_uid(1);
    }));
    assert_eq!(version(&browser.cookie), 0);
}

#[test]
fn migrated_fastify_session_starts_at_version_0_and_keeps_its_time() {
    #[derive(SecureSession)]
    #[session(format = "fastify", cookie = "session")]
    struct Node {
        uid: u64,
        name: String,
    }
    #[derive(SecureSession)]
    #[session(cookie = "auth", version = 2, migrate = Native::migrate)]
    struct Native {
        user_id: u64,
        name: String,
    }
    impl Native {
        fn migrate(from: u32, members: &mut Map<String, Value>) {
            RUNS.set(RUNS.get() + 1);
            assert_eq!(from, 0);
            assert!(!members.contains_key("__ts"));
            members.insert("__ts".to_owned(), 5.into());
            let uid = members.remove("uid").unwrap_or_default();
            members.insert("user_id".to_owned(), uid);
        }
    }
    let clock = TestClock::at(T0);
    let node = Codec::<Node>::builder(ring(&[2]))
        .clock(&clock)
        .build()
        .unwrap();
    let sessions = SessionMiddleware::builder(ring(&[1]))
        .session_with::<Native>(|policy| {
            policy.migrate_from_fastify(FastifyMigration::new(ring(&[2])))
        })
        .clock(&clock)
        .build()
        .unwrap();
    let codec = sessions.codec::<Native>().unwrap();
    let name = "Ada".to_owned();
    let cookie = request_cookie(&node, &Node { uid: 7, name });
    let stored = actix_secure_session_tests::app::block_on(async {
        use actix_web::{App, HttpResponse, test, web};
        let route = web::to(|native: secure_session::Session<Native>| async move {
            assert_eq!((native.user_id(), native.name()), (7, "Ada"));
            HttpResponse::Ok().finish()
        });
        let app = test::init_service(App::new().wrap(sessions).route("/", route)).await;
        let request = test::TestRequest::get().insert_header(cookie);
        let response = test::call_service(&app, request.to_request()).await;
        ResponseSession::of(&codec, &response).stored()
    });
    assert_eq!((stored.schema_version(), stored.migrated_from()), (2, None));
    assert_eq!((stored.user_id, runs()), (7, 1));
    let created = stored
        .created_at()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(created.as_secs(), T0);
}
