//! A session without a request behaves as in a request.

use actix_secure_session_tests::{Auth, Prefs, T0, ada, app::Server, ring};
use secure_session::{
    Denied, SecureSession, Session, SessionGuard, SessionMiddleware,
    codec::Codec,
    test_util::{RequestCookie, TestClock, TestSession},
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

#[derive(SecureSession)]
struct Login {
    user_id: Option<u64>,
    is_admin: bool,
}

impl Login {
    fn may(&self) -> bool {
        self.is_admin
    }
}

#[derive(SessionGuard)]
#[guard(Login, when = Login::may, within = "5m")]
struct Admin {
    user_id: u64,
}

#[test]
fn guard_of_a_test_session_has_an_assertion_for_each_verdict() {
    let codec = Codec::<Login>::builder(ring(&[1])).build().unwrap();
    let login = |user_id, is_admin| RequestCookie::of(&codec, &Login { user_id, is_admin });
    let nobody = TestSession::with_cookie(&login(None, true).signed_in());
    nobody.assert_not_signed_in::<Admin>();
    let user = TestSession::with_cookie(&login(Some(7), false).signed_in());
    user.assert_forbidden::<Admin>();
    let stale = TestSession::with_cookie(&login(Some(7), true));
    stale.assert_stale::<Admin>();
    let admin = TestSession::with_cookie(&login(Some(7), true).signed_in());
    assert_eq!(admin.assert_let_in::<Admin>().user_id, 7);
    assert!(matches!(stale.guard::<Admin>(), Err(Denied::Stale { .. })));

    let fails = |assertion: &dyn Fn()| {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(assertion));
        *result.unwrap_err().downcast::<String>().unwrap()
    };
    let message = fails(&|| _ = nobody.assert_let_in::<Admin>());
    assert!(
        message.starts_with("`Admin` should let it in, but: nobody"),
        "{message}"
    );
    for message in [
        fails(&|| _ = nobody.assert_stale::<Admin>()),
        fails(&|| _ = nobody.assert_forbidden::<Admin>()),
        fails(&|| _ = user.assert_not_signed_in::<Admin>()),
        fails(&|| _ = admin.assert_forbidden::<Admin>()),
    ] {
        assert!(
            message.starts_with("`Admin` should deny it because"),
            "{message}"
        );
    }
}
