//! The cases of the peer's own test suite, in typed form. `manual.rs` checks that none is left out.

mod cookies;
mod data;
mod keys;

use actix_secure_session_tests::app::Answer;
use actix_web::http::StatusCode;
use secure_session::{
    SecureSession, Session, SessionMiddleware, codec::Fastify, policy::Policy, test_util::TestClock,
};

use crate::support::{Members, Visitor, key, plaintext, request};

const T0: u64 = 1_800_000_000;
const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfe";
const OTHER: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";

fn middleware<T: SecureSession<Format = Fastify>>(
    clock: &TestClock,
    change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
) -> SessionMiddleware {
    SessionMiddleware::builder(key(KEY))
        .session_with::<T>(change)
        .clock(clock)
        .build()
        .unwrap()
}

fn visitors(change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>) -> SessionMiddleware {
    middleware::<Visitor>(&TestClock::at(T0), change)
}

fn send<T: SecureSession>(
    sessions: &SessionMiddleware,
    cookies: &str,
    handler: impl Fn(&Session<T>) + 'static,
) -> Answer {
    request::<T>(
        sessions,
        Some(cookies).filter(|cookies| !cookies.is_empty()),
        move |session| {
            handler(session);
            StatusCode::OK
        },
    )
}

/// The cookie that an answer sets, for the next request.
fn pair(answer: &Answer) -> String {
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1);
    format!("{}={}", cookies[0].name, cookies[0].value)
}

fn members(answer: &Answer) -> Members {
    Members::of(&plaintext(&answer.set_cookies()[0].value, KEY))
}
