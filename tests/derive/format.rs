//! `format`: the defaults of each, and members of names that are no fields' there.

use std::time::{Duration, UNIX_EPOCH};

use secure_session::{
    Key, SecureSession,
    codec::{Codec, Fastify, Native},
    test_util::TestClock,
};
use serde_json::{Map, Value};

#[derive(SecureSession)]
#[session(format = "native")]
struct Written {}

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Shared {
    #[session(rename = "userId")]
    user_id: Option<u64>,
    #[session(rename = "kind")]
    constructor: String,
}

#[derive(SecureSession)]
#[session(format = "fastify", cookie = "__Host-shared", idle = "7d", persistent)]
struct Lasting {
    #[session(rest)]
    members: Map<String, Value>,
}

fn codec<T: SecureSession>() -> Codec<T> {
    let key = Key::generate().expect("the system gives random bytes");
    Codec::builder(key)
        .clock(&TestClock::at(1_800_000_000))
        .build()
        .expect("a sound policy")
}

#[test]
fn the_format_is_a_type() {
    fn native<T: SecureSession<Format = Native>>() {}
    fn fastify<T: SecureSession<Format = Fastify>>() {}
    native::<Written>();
    fastify::<Shared>();
}

#[test]
fn the_defaults_are_those_of_the_peer_and_pass_the_rules_of_build() {
    let codec = codec::<Shared>();
    let session = codec.begin(Shared::defaults()).expect("a new session");
    assert_eq!(codec.cookie_name(), "session");
    let end = UNIX_EPOCH + Duration::from_secs(1_800_000_000 + 86401);
    assert_eq!(session.expires_at(&codec), end);
    let header = codec.set_cookie(&session).expect("a small session");
    assert!(
        header.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{header}"
    );
}

#[test]
fn attributes_that_the_derive_accepts_are_accepted_by_build() {
    let codec = codec::<Lasting>();
    let session = codec.begin(Lasting::defaults()).expect("a new session");
    let header = codec.set_cookie(&session).expect("a small session");
    assert!(header.starts_with("__Host-shared="), "{header}");
    assert!(header.contains("; Max-Age=604800;"), "{header}");
}

#[test]
fn a_field_of_a_name_that_means_something_there_is_stored_under_another() {
    let codec = codec::<Shared>();
    let value = Shared {
        user_id: Some(7),
        constructor: "Ada".into(),
    };
    let text = codec.seal(&value).expect("a small session");
    let opened = codec.open(text).expect("the same key");
    assert_eq!(opened.user_id, Some(7));
    assert_eq!(opened.constructor, "Ada");
}
