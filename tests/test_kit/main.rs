//! The test kit: the requests it creates, its view of a response, and its failures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod browser;
mod failures;
mod own_session;
mod request_cookies;
mod response_sessions;

use std::time::Duration;

use actix_secure_session_tests::{T0, key, ring};
use actix_web::http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use secure_session::{
    SecureSession,
    codec::Codec,
    policy::Policy,
    test_util::{ResponseSession, TestClock},
};

/// A small session, whose values are easy to read in a failure.
#[derive(SecureSession)]
struct Visit {
    name: String,
    count: u32,
}

/// A codec at [`T0`], with the test's policy.
fn codec_with(change: impl FnOnce(Policy) -> Policy) -> (Codec<Visit>, TestClock) {
    let clock = TestClock::at(T0);
    let builder = Codec::builder(ring(&[1])).clock(&clock).policy(change);
    (builder.build().unwrap(), clock)
}

fn codec() -> Codec<Visit> {
    codec_with(|policy| policy).0
}

fn ada() -> Visit {
    Visit {
        name: "Ada".to_owned(),
        count: 3,
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The effect of a response with these `Set-Cookie` headers.
fn response(codec: &Codec<Visit>, lines: &[&str]) -> ResponseSession<Visit> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(SET_COOKIE, HeaderValue::from_str(line).unwrap());
    }
    ResponseSession::of_headers(codec, &headers)
}

/// The effect of a response that stores Ada's session, created now.
fn stored(codec: &Codec<Visit>) -> ResponseSession<Visit> {
    let opened = codec.new_session(ada()).unwrap();
    response(codec, &[&codec.set_cookie(&opened).unwrap()])
}

/// A key that no codec of these tests has.
fn unknown_key() -> secure_session::Key {
    key(99)
}
