//! Settings with another behaviour.

use secure_session::{Key, KeyProblem, Salt};

use crate::{file::recorded, settings};

pub(super) fn list_wrong_second() {
    let input = recorded().key_input("list-wrong-second");
    let err = settings::ring(input).unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::Text { characters: 4 });
}

pub(super) fn key_and_secret() {
    let input = recorded().key_input("key-and-secret");
    assert!(settings::ring(input).is_ok());
    let err = Key::from_passphrase("short", &Salt::fastify_default()).unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::Passphrase { bytes: 5 });
    assert!(Salt::from_text("x").is_err());
}
