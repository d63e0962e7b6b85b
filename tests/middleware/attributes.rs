//! Attributes of the cookie: configured, for one response, over plain http, and legacy cookies.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, Prefs, T0, ada,
    app::{Answer, Server},
    logs::Logs,
    ring,
};
use actix_web::HttpResponse;
use secure_session::{
    Session, SessionMiddleware,
    policy::{CookieOptions, Policy, SameSite},
    test_util::TestClock,
};
use tracing::Level;

fn server(change: impl FnOnce(Policy) -> Policy) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let builder = builder.session_with::<Auth>(change).session::<Prefs>();
    Server::of(&TestClock::at(T0), builder)
}

fn options(
    server: &Server,
    cookies: &str,
    change: impl Fn(CookieOptions) -> CookieOptions + 'static,
    verb: fn(&Session<Auth>),
) -> Answer {
    server.auth(cookies, move |auth| {
        auth.cookie_options(&change).unwrap();
        verb(auth);
    })
}

/// C27: the removal has the attributes of this response, too.
#[test]
fn cookie_options_change_only_their_attribute() {
    let server = server(|policy| policy.cookie("auth").path("/app").persistent(true));
    let cases: [(fn(CookieOptions) -> CookieOptions, &str); 6] = [
        (|c| c.path("/x"), "httponly=;path=/x;samesite=Lax;secure="),
        (
            |c| c.domain("a.b"),
            "domain=a.b;httponly=;path=/app;samesite=Lax;secure=",
        ),
        (
            |c| c.same_site(SameSite::Strict),
            "httponly=;path=/app;samesite=Strict;secure=",
        ),
        (|c| c.secure(false), "httponly=;path=/app;samesite=Lax"),
        (|c| c.http_only(false), "path=/app;samesite=Lax;secure="),
        (
            |c| c.partitioned(true),
            "httponly=;partitioned=;path=/app;samesite=Lax;secure=",
        ),
    ];
    for (change, scope) in cases {
        let answer = options(&server, "", change, |auth| auth.touch());
        let cookie = answer.set_cookies().remove(0);
        assert_eq!(
            (cookie.scope().as_str(), cookie.max_age()),
            (scope, Some(1800))
        );
        let answer = options(&server, "", change, |auth| auth.destroy());
        assert_eq!(answer.set_cookies().remove(0).scope(), scope, "removal");
    }
}

#[test]
fn cookie_options_add_up_and_the_last_call_wins() {
    let server = Server::default();
    let answer = server.auth("", |auth| {
        auth.cookie_options(|c| c.max_age(Duration::from_secs(60)))
            .unwrap();
        auth.cookie_options(|c| c.same_site(SameSite::Strict))
            .unwrap();
        auth.cookie_options(|c| c.max_age(Duration::from_secs(90)))
            .unwrap();
        auth.touch();
    });
    let cookie = &answer.set_cookies()[0];
    assert_eq!(cookie.max_age(), Some(90));
    assert_eq!(cookie.attributes["samesite"], "Strict");
}

#[test]
fn plain_http_drops_prefix_and_secure_attributes_and_warns() {
    let build = || {
        let builder = SessionMiddleware::builder(ring(&[1])).plain_http();
        let builder = builder
            .session_with::<Auth>(|p| p.same_site(SameSite::None).partitioned(true))
            .session::<Prefs>();
        Server::of(&TestClock::at(T0), builder)
    };
    let (server, logs) = Logs::of(build);
    assert_eq!(logs.at(Level::WARN).len(), 1);
    let answer = server.auth("", |auth| {
        auth.set_name("Ada");
        auth.cookie_options(|c| c.max_age(Duration::from_secs(60)))
            .unwrap();
    });
    let cookie = answer.cookie("auth").unwrap();
    assert_eq!(cookie.scope(), "httponly=;path=/;samesite=Lax");
    assert_eq!(cookie.max_age(), Some(60));
    let header = format!("auth={}", cookie.value);
    server.auth(&header, |auth| assert_eq!(auth.name(), "Ada"));
}

#[test]
fn legacy_cookie_is_removed_when_received_and_never_read() {
    let server = server(|policy| {
        policy
            .remove_legacy_cookie("login", "/app", None)
            .remove_legacy_cookie("sid", "/", Some("example.com"))
    });
    let value = server.cookie(&ada()).split_once('=').unwrap().1.to_owned();
    let seen = format!("login={value}; sid=1; other=2");
    let answer = server.auth(&seen, |auth| assert_eq!(auth.name(), ""));
    let removals: Vec<String> = answer.set_cookies().into_iter().map(|c| c.text).collect();
    let epoch = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(
        removals,
        [
            format!("login=; {epoch}; Path=/app; Secure; HttpOnly; SameSite=Lax"),
            format!("sid=; {epoch}; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax"),
        ]
    );
    assert_eq!(answer.header("cache-control"), Some("private"));
    assert!(
        server
            .auth("other=2", |auth| assert_eq!(auth.name(), ""))
            .set_cookies()
            .is_empty()
    );
    assert!(
        server.auth(&seen, |_| ()).set_cookies().is_empty(),
        "not opened"
    );
}

#[test]
fn same_site_of_the_struct_is_set_on_the_cookie() {
    #[derive(secure_session::SecureSession)]
    #[session(same_site = "strict")]
    struct Strict {}
    #[derive(secure_session::SecureSession)]
    #[session(same_site = "none")]
    struct AnySite {}
    fn header<T: secure_session::SecureSession>() -> String {
        let codec = secure_session::codec::Codec::<T>::builder(ring(&[1]));
        codec.build().unwrap().removal_cookie()
    }
    assert!(header::<Strict>().ends_with("; SameSite=Strict"));
    assert!(header::<AnySite>().ends_with("; SameSite=None"));
}

#[test]
fn handler_cookie_with_a_legacy_name_is_kept() {
    let server = server(|policy| policy.remove_legacy_cookie("login", "/", None));
    let answer = server.call("login=old", |auth, _| {
        assert_eq!(auth.name(), "");
        HttpResponse::Ok()
            .insert_header(("Set-Cookie", "login=mine; Path=/"))
            .finish()
    });
    let cookies = answer.set_cookies();
    assert_eq!(cookies[0].text, "login=mine; Path=/");
    assert!(cookies[1].is_removal() && cookies.len() == 2);
}

#[test]
fn moved_cookie_is_removed_at_its_old_path_when_both_are_received() {
    let server = server(|policy| {
        policy
            .cookie("auth")
            .remove_legacy_cookie("auth", "/app", None)
    });
    let value = server.cookie(&ada()).split_once('=').unwrap().1.to_owned();
    let one = format!("auth={value}");
    let read = |auth: &Session<Auth>| assert_eq!(auth.name(), "Ada");
    assert!(server.auth(&one, read).set_cookies().is_empty());
    let both = server.auth(&format!("{one}; {one}"), read);
    let removal = both.cookie("auth").unwrap();
    assert!(removal.is_removal() && removal.attributes["path"] == "/app");
}

#[test]
fn removals_are_the_last_headers_because_some_clients_drop_others() {
    let server = server(|policy| policy.remove_legacy_cookie("old", "/", None));
    let answer = server.call("old=1", |auth, prefs| {
        auth.destroy();
        prefs.set_theme("dark");
        HttpResponse::Ok()
    });
    let names: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["prefs", "__Host-auth", "old"]);
}
