//! The fields that survive a sign-in.

use secure_session::SecureSession;

use crate::support::stored_after;

#[derive(SecureSession)]
struct Auth {
    name: String,
    #[session(keep)]
    visits: u32,
    #[session(default = "en", keep)]
    language: String,
}

fn ada() -> Auth {
    Auth {
        name: "Ada".to_owned(),
        visits: 5,
        language: "fr".to_owned(),
    }
}

#[test]
fn kept_fields_survive_regenerate_and_sign_in() {
    for verb in [
        secure_session::Session::regenerate,
        secure_session::Session::sign_in,
    ] {
        let stored = stored_after(&ada(), verb).expect("a change is sent");
        assert_eq!((stored.name.as_str(), stored.visits), ("", 5));
        assert_eq!(stored.language, "fr");
    }
}

#[test]
fn listed_fields_survive_instead_of_kept_ones() {
    let stored = stored_after(&ada(), |auth| auth.regenerate_keeping(&[AuthField::Name]));
    let stored = stored.expect("a change is sent");
    assert_eq!((stored.name.as_str(), stored.visits), ("Ada", 0));
    assert_eq!(stored.language, "en");
}
