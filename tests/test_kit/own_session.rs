//! A session without a request behaves as in a request.

use actix_secure_session_tests::{Auth, Prefs, T0, ada, app::Server, ring};
use secure_session::{
    Session, SessionMiddleware,
    test_util::{TestClock, TestSession},
};

/// A server whose nonces and ids are the same for all cookies.
fn without_randomness() -> Server {
    let builder = SessionMiddleware::builder(ring(&[1])).random(|bytes| {
        bytes.fill(7);
        true
    });
    let builder =
        builder.session_with::<Auth>(|policy| policy.remove_legacy_cookie("auth", "/old", None));
    Server::of(&TestClock::at(T0), builder.session::<Prefs>())
}

#[test]
fn session_without_a_request_sends_the_same_bytes_as_a_request() {
    type Handler = fn(&Session<Auth>);
    let handlers: [(&str, Handler); 9] = [
        ("nothing", |_| {}),
        ("read", |auth| assert!(auth.name().len() < 9)),
        ("write", |auth| auth.set_name("Bob")),
        ("touch", |auth| auth.touch()),
        ("sign in", |auth| auth.sign_in()),
        ("destroy", |auth| auth.destroy()),
        ("reauthenticate", |auth| auth.reauthenticate()),
        ("too large", |auth| auth.set_name("x".repeat(5000))),
        ("no number", |auth| auth.set_ratio(f64::NAN)),
    ];
    let server = without_randomness();
    let cookies = ["", &server.cookie(&ada()), "auth=1; __Host-auth=junk"];
    for minutes in [0, 3, 29, 30] {
        server.clock.set(T0 + minutes * 60);
        for (cookies, (name, handler)) in cookies.iter().flat_map(|c| handlers.map(|h| (c, h))) {
            let answer = server.auth(cookies, handler);
            let auth = TestSession::from_cookie_header(&server.codec(), *cookies);
            handler(&auth.session());
            let sent = auth.finish();

            let former = sent.legacy_cookie_removals().iter().map(String::as_str);
            let ours: Vec<&str> = sent.set_cookie().into_iter().chain(former).collect();
            let theirs = answer.set_cookies();
            let theirs: Vec<&str> = theirs.iter().map(|cookie| cookie.text.as_str()).collect();
            assert_eq!(ours, theirs, "{name}, {minutes} min, {cookies}");
            assert_eq!(sent.failure().is_some(), answer.status == 500, "{name}");
        }
    }
}

#[test]
fn writes_of_a_handle_are_stored_while_others_exist() {
    let auth = TestSession::new(&Server::default().codec());
    let handles = [auth.session(), auth.session(), auth.session().clone()];
    handles[1].set_name("Ada");
    assert_eq!(handles[2].name(), "Ada");
    assert_eq!(auth.finish().stored().name, "Ada");

    assert!(handles[0].info().is_closed());
    handles[0].set_name("Bob");
    assert_eq!(handles[2].name(), "Ada");
}
