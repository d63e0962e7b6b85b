//! The oldest shape of a struct in the newest, and the newest in the oldest.

use secure_session::{RejectReason, SecureSession};
use serde_json::json;

use crate::support::{Browser, codec, object, through};

/// The newest: `level` was added, `nick` removed, `uid` renamed, `page_size` was text.
#[derive(SecureSession, Debug, PartialEq)]
#[session(cookie = "auth")]
struct Auth {
    #[session(alias = "uid")]
    user_id: Option<u64>,
    name: String,
    #[session(default = 1)]
    level: u8,
    #[session(lenient, default = 20)]
    page_size: u16,
}

/// Before all four changes.
#[derive(SecureSession)]
#[session(cookie = "auth")]
struct Oldest {
    uid: Option<u64>,
    name: String,
    nick: String,
    page_size: String,
}

/// The oldest, lenient.
#[derive(SecureSession)]
#[session(cookie = "auth", lenient)]
struct OldestLenient {
    uid: Option<u64>,
    name: String,
    nick: String,
    page_size: String,
}

fn auth() -> Auth {
    Auth {
        user_id: Some(7),
        name: "Ada".to_owned(),
        level: 3,
        page_size: 50,
    }
}

#[test]
fn session_with_all_four_changes_loses_nothing_that_can_be_kept() {
    let oldest = Oldest {
        uid: Some(7),
        name: "Ada".to_owned(),
        nick: "ace".to_owned(),
        page_size: "all".to_owned(),
    };
    let cookie = through::<Auth>(&codec().seal(&oldest).unwrap(), |auth| {
        let defaults = Auth {
            level: 1,
            page_size: 20,
            ..self::auth()
        };
        assert_eq!(**auth, defaults);
        assert_eq!(auth.reset_fields(), [AuthField::PageSize]);
        assert_eq!(auth.unknown_member("nick"), Some("\"ace\""));
        auth.level = 4;
    });
    assert_eq!(
        object(&cookie),
        json!({"uid": 7, "name": "Ada", "level": 4, "page_size": "all", "nick": "ace"})
    );
}

#[test]
fn oldest_build_opens_the_newest_cookie_and_keeps_all_of_it() {
    let newest = codec().seal(&auth()).unwrap();
    // Without `lenient`, a build cannot read a member whose type has changed since.
    let refused = codec::<Oldest>().open(&newest).map(|_| ());
    assert_eq!(refused, Err(RejectReason::Schema));

    let cookie = through::<OldestLenient>(&newest, |old| {
        assert_eq!(
            (old.uid, old.name.as_str(), old.page_size.as_str()),
            (None, "Ada", "")
        );
        assert_eq!(old.reset_fields(), [OldestLenientField::PageSize]);
        old.nick = "ace".to_owned();
    });
    assert_eq!(*codec::<Auth>().open(&cookie).unwrap(), auth());
    // The same through both, in requests.
    let mut browser = Browser::with(cookie);
    assert!(browser.request::<OldestLenient>(|old| old.set_name("Eve")));
    assert!(browser.request::<Auth>(|new| new.set_level(9)));
    assert!(!browser.request::<OldestLenient>(|old| assert_eq!(old.nick(), "ace")));
    assert_eq!(
        object(&browser.cookie),
        json!({"user_id": 7, "name": "Eve", "nick": "ace", "level": 9, "page_size": 50})
    );
}

#[test]
fn field_renamed_in_two_steps_is_read_by_both_builds() {
    /// First, every build learns the future name.
    #[derive(SecureSession)]
    #[session(cookie = "auth")]
    struct First {
        #[session(alias = "user_id")]
        uid: Option<u64>,
    }
    #[derive(SecureSession)]
    #[session(cookie = "auth")]
    struct Second {
        #[session(alias = "uid")]
        user_id: Option<u64>,
        visits: u32,
    }
    let mut browser = Browser::default();
    assert!(browser.request::<First>(|first| first.set_uid(1)));
    assert!(browser.request::<Second>(|second| {
        assert_eq!(second.user_id(), Some(1));
        second.set_visits(1);
    }));
    assert!(browser.request::<First>(|first| {
        assert_eq!(first.uid(), Some(1));
        first.set_uid(2);
    }));
    assert!(!browser.request::<Second>(|second| {
        assert_eq!((second.user_id(), second.visits()), (Some(2), 1));
    }));
}
