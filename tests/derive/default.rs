//! The values of fields that were never stored.

use secure_session::SecureSession;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{from_json, json_of, stored_after};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Theme {
    Light,
    Dark,
}

#[derive(SecureSession)]
struct Prefs {
    #[session(default = 10 + 10)]
    page_size: u32,
    #[session(default = "light")]
    name: String,
    #[session(default = Theme::Light)]
    theme: Theme,
    #[session(default = vec![1, 2])]
    tags: Vec<u8>,
    #[session(default = Self::FIRST)]
    first: u8,
    #[session(default = "en")]
    language: Option<String>,
    #[session(default = Some(5))]
    number: Option<u8>,
    #[session(default = {
        let seconds = 60;
        seconds * 60
    })]
    block: u32,
    plain: Option<u8>,
}

impl Prefs {
    const FIRST: u8 = 3;
}

#[test]
fn default_expression_is_used_for_missing_members() {
    let prefs = from_json::<Prefs>(json!({ "page_size": 50 })).expect("a session");
    assert_eq!((prefs.page_size, prefs.first, prefs.block), (50, 3, 3600));
    assert_eq!(
        (prefs.name.as_str(), prefs.language.as_deref()),
        ("light", Some("en"))
    );
    assert_eq!(
        (&prefs.theme, &prefs.tags[..]),
        (&Theme::Light, &[1, 2][..])
    );
    assert_eq!((prefs.number, prefs.plain), (Some(5), None));
    assert_eq!(Prefs::defaults().page_size, 20);
}

#[test]
fn none_in_an_option_with_a_default_is_read_back() {
    let stored = stored_after(&Prefs::defaults(), |prefs| {
        prefs.clear_language();
        prefs.set_number(None);
        prefs.set_theme(Theme::Dark);
    });
    let stored = stored.expect("a change is sent");
    assert_eq!((stored.language.as_deref(), stored.number), (None, None));
    let json = json_of(&*stored);
    assert_eq!((&json["language"], json.get("plain")), (&json!(null), None));
}
