//! Cookies that are read differently.

use actix_web::http::StatusCode;
use secure_session::{EncodeError, RejectReason, codec::Codec};
use serde_json::json;

use crate::{
    file::{Vector, recorded},
    support::{Anything, Members, Nothing, Visitor, plaintext, request},
};

/// The reason why it does not open, which is the same in a request. The response is the one without
/// a cookie.
fn refused(vector: &'static Vector) -> RejectReason {
    #[derive(secure_session::SecureSession)]
    #[session(format = "fastify", secure = false)]
    struct Named {
        half: Option<String>,
        user: Option<String>,
    }
    let reason = vector
        .reader::<Named>()
        .open(vector.cookie_value_raw.as_ref().unwrap())
        .expect_err(&vector.name);
    let server = vector.middleware::<Named>();
    let answer = request::<Named>(&server, Some(&vector.cookie_header), move |session| {
        assert_eq!((session.half(), session.user()), (None, None));
        assert_eq!(session.info().reason(), Some(reason));
        StatusCode::OK
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.set_cookies().is_empty());
    reason
}

/// Shows that this value is not a session.
pub(super) fn malformed(name: &str) {
    assert_eq!(refused(recorded().vector(name)), RejectReason::Malformed);
}

pub(super) fn long_value() {
    let vector = recorded().vector("long-value");
    assert_eq!(refused(vector), RejectReason::Malformed);
    let members = serde_json::from_str(vector.data_json.as_ref().unwrap()).unwrap();
    let err = vector.reader().seal(&Anything { members }).unwrap_err();
    assert!(
        matches!(err, EncodeError::TooLarge { limit: 4096, .. }),
        "{err}"
    );
}

pub(super) fn lone_surrogate() {
    #[derive(secure_session::SecureSession)]
    #[session(format = "fastify")]
    struct Named {
        half: Option<String>,
    }
    let vector = recorded().vector("lone-surrogate");
    let codec: Codec<Named> = vector.reader();
    let opened = codec
        .open(vector.cookie_value_raw.as_ref().unwrap())
        .unwrap();
    let again = plaintext(&opened.seal(&codec).unwrap(), &vector.key_hex);
    assert_eq!(&again, vector.plaintext_json.as_ref().unwrap());
}

pub(super) fn clock_behind() {
    let vector = recorded().vector("clock-behind");
    assert_eq!(refused(vector), RejectReason::Malformed);
    let issued = vector.issued.unwrap();
    for (behind, opens) in [(60_000, true), (61_000, false)] {
        let codec: Codec<Nothing> = vector.codec(vector.ring(), issued - behind, |p| p);
        let opened = codec.open(vector.cookie_value_raw.as_ref().unwrap());
        assert_eq!(opened.is_ok(), opens, "{behind} ms behind");
    }
}

pub(super) fn signed_but_unsigned_arrives() {
    refused(recorded().vector("signed-but-unsigned-arrives"));
}

pub(super) fn signed_and_rotated() {
    let vector = recorded().vector("signed-and-rotated");
    let codec: Codec<Visitor> = vector.reader();
    let opened = codec
        .open(vector.cookie_value_raw.as_ref().unwrap())
        .unwrap();
    assert_eq!(
        (opened.user.as_deref(), opened.key_index()),
        (Some("alice"), 1)
    );
    let again = opened.seal(&codec).unwrap();
    assert_eq!(codec.open(&again).unwrap().key_index(), 0);
}

pub(super) fn integer_beyond_double() {
    let vector = recorded().vector("integer-beyond-double");
    let codec: Codec<Anything> = vector.reader();
    let opened = codec
        .open(vector.cookie_value_raw.as_ref().unwrap())
        .unwrap();
    assert_eq!(opened.members["id"], json!(9_007_199_254_740_993_u64));
    let again = plaintext(&opened.seal(&codec).unwrap(), &vector.key_hex);
    assert_eq!(&again, vector.plaintext_json.as_ref().unwrap());
}

pub(super) fn timestamp_missing() {
    let vector = recorded().vector("timestamp-missing");
    refused(vector);
    let value = vector.cookie_value_raw.as_ref().unwrap();
    let lenient = vector.codec::<Visitor>(vector.ring(), vector.now, |policy| {
        policy.accept_sessions_without_time()
    });
    assert_eq!(lenient.open(value).unwrap().user.as_deref(), Some("old"));
    let server = vector.middleware_with::<Visitor>(|p| p.accept_sessions_without_time());
    let answer = request::<Visitor>(&server, Some(&vector.cookie_header), |session| {
        assert_eq!(session.user(), Some("old"));
        StatusCode::OK
    });
    let sent = answer.cookie("session").expect("it is sent again at once");
    let sent = Members::of(&plaintext(&sent.value, &vector.key_hex));
    let now = json!((vector.now + 500) / 1000);
    assert!(sent.0.contains(&("__ts".to_owned(), now)), "{sent:?}");
}
