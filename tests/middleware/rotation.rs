//! Key rotation logs nobody out.

use actix_secure_session_tests::{Auth, IDLE, Prefs, T0, ada, app::Server, ring};
use secure_session::{SessionMiddleware, test_util::TestClock};

const OLD: u8 = 1;
const NEW: u8 = 2;

/// C47.
#[test]
fn cookie_of_an_older_key_is_encrypted_again_with_its_id_and_times() {
    let clock = TestClock::at(T0);
    let cookie = Server::at(&clock, &[OLD]).cookie(&ada());
    let came = {
        let text = cookie.split_once('=').unwrap().1;
        Server::at(&clock, &[OLD]).codec().open(text).unwrap()
    };

    clock.set(T0 + 60);
    let server = Server::at(&clock, &[NEW, OLD]);
    let answer = server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada"));
    let sent = server.stored(&answer).unwrap();
    assert_eq!(sent.key_index(), 0);
    assert_eq!(sent.id(), came.id());
    assert_eq!(
        (sent.created_at(), sent.seen_at()),
        (came.created_at(), came.seen_at())
    );
    assert_eq!(*sent, *came);

    let only_new = Server::at(&clock, &[NEW]);
    let value = answer.cookie("__Host-auth").unwrap().value;
    assert_eq!(only_new.codec().open(&value).unwrap().name, "Ada");

    let answer = server.auth(&format!("__Host-auth={value}"), |auth| {
        assert_eq!(auth.name(), "Ada");
    });
    assert!(
        answer.set_cookies().is_empty(),
        "sealed with the first key already"
    );
}

#[test]
fn expired_cookie_is_not_encrypted_again() {
    let clock = TestClock::at(T0);
    let cookie = Server::at(&clock, &[OLD]).cookie(&ada());
    clock.set(T0 + IDLE);
    let answer = Server::at(&clock, &[NEW, OLD]).auth(&cookie, |auth| assert_eq!(auth.name(), ""));
    assert!(answer.set_cookies().is_empty());
}

/// C47.
#[test]
fn later_key_decrypts_but_does_not_encrypt() {
    let clock = TestClock::at(T0);
    let cookie = Server::at(&clock, &[NEW]).cookie(&ada());
    let server = Server::at(&clock, &[OLD, NEW]);
    let answer = server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada"));
    let value = answer.cookie("__Host-auth").unwrap().value;
    assert!(Server::at(&clock, &[OLD]).codec().open(value).is_ok());
}

#[test]
fn rotation_that_does_not_fit_keeps_the_old_cookie_and_the_response() {
    // A newer build may have filled the cookie to its last byte. An older one, which writes the
    // schema's defaults back, may need more room. Here, the random generator fails instead.
    let clock = TestClock::at(T0);
    let cookie = Server::at(&clock, &[OLD]).cookie(&ada());
    let builder = SessionMiddleware::builder(ring(&[NEW, OLD])).session::<Auth>();
    let server = Server::of(&clock, builder.session::<Prefs>().random(|_| false));
    let answer = server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada"));
    assert_eq!(answer.status, 200);
    assert!(answer.set_cookies().is_empty());
}
