//! `build()` accepts the attributes and defaults that the derive accepts.

use std::time::{Duration, UNIX_EPOCH};

use secure_session::{Key, SecureSession, codec::Codec, test_util::TestClock};
use serde_json::{Map, Value};

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Shared {}

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
fn fastify_defaults_match_the_node_package_and_pass_build() {
    let codec = codec::<Shared>();
    let session = codec
        .new_session(Shared::defaults())
        .expect("a new session");
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
fn build_accepts_attributes_that_the_derive_accepts() {
    let codec = codec::<Lasting>();
    let session = codec
        .new_session(Lasting::defaults())
        .expect("a new session");
    let header = codec.set_cookie(&session).expect("a small session");
    assert!(header.starts_with("__Host-shared="), "{header}");
    assert!(header.contains("; Max-Age=604800;"), "{header}");
}
