//! `rename`, `alias` and `forget`.

use secure_session::{RejectReason, SecureSession};
use serde_json::json;

use crate::support::{from_json, json_of};

#[derive(Debug, SecureSession)]
#[session(forget = "visits", forget = "seen")]
struct Auth {
    #[session(rename = "uid", alias = "user_id", alias = "user")]
    id: Option<u64>,
    #[session(rename = "\"na\\me\"\n\u{1}ü")]
    name: String,
    #[session(alias = "level")]
    rank: u8,
}

#[test]
fn members_are_stored_under_their_new_name() {
    let auth = Auth {
        id: Some(1),
        name: "Ada".to_owned(),
        rank: 2,
    };
    let stored = json_of(&auth);
    assert_eq!(
        stored,
        json!({ "uid": 1, "\"na\\me\"\n\u{1}ü": "Ada", "rank": 2 })
    );
    assert_eq!(from_json::<Auth>(stored).expect("a session").name, "Ada");
}

#[test]
fn earlier_names_are_read_in_the_order_they_are_listed() {
    let id_of = |json| from_json::<Auth>(json).expect("a session").id;
    assert_eq!(id_of(json!({ "user_id": 1 })), Some(1));
    assert_eq!(id_of(json!({ "user": 2 })), Some(2));
    assert_eq!(id_of(json!({ "user": 2, "user_id": 1 })), Some(1));
    assert_eq!(id_of(json!({ "user": 2, "uid": 3, "user_id": 1 })), Some(3));
    assert_eq!(id_of(json!({ "id": 4 })), None);
    assert_eq!(
        from_json::<Auth>(json!({ "level": 7 }))
            .expect("a session")
            .rank,
        7
    );
    let refused = from_json::<Auth>(json!({ "user": "Ada" })).map(|auth| auth.id);
    assert_eq!(refused, Err(RejectReason::Schema));
}

#[test]
fn forgotten_members_are_dropped_and_all_others_are_kept() {
    let auth = from_json::<Auth>(json!({ "visits": 9, "seen": [], "other": 1 }));
    let auth = auth.expect("a session");
    assert_eq!(auth.unknown_members().collect::<Vec<_>>(), ["other"]);
}
