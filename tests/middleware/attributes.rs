//! Attributes of the cookie: configured, for one response, over plain http, and earlier cookies.

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

#[test]
fn every_attribute_is_written_and_repeated_by_the_removal() {
    let server = server(|policy| {
        policy
            .cookie("__Secure-auth")
            .path("/app")
            .domain("example.com")
            .same_site(SameSite::None)
            .http_only(false)
            .partitioned(true)
            .persistent(true)
    });
    let set = server.auth("", |auth| auth.touch());
    let removed = server.auth("", |auth| auth.destroy());
    let [set, removed] = [set, removed].map(|answer| answer.set_cookies().remove(0));
    let scope = "domain=example.com;partitioned=;path=/app;samesite=None;secure=";
    assert_eq!(
        (set.scope(), removed.scope()),
        (scope.to_owned(), scope.to_owned())
    );
    assert_eq!((set.max_age(), removed.max_age()), (Some(1800), Some(0)));
    assert_eq!(
        removed.attributes["expires"],
        "Thu, 01 Jan 1970 00:00:00 GMT"
    );
    assert_eq!(removed.value, "");
}

#[test]
fn options_change_what_they_name_and_nothing_else() {
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
fn max_age_is_for_one_response_and_never_beyond_the_end() {
    let server = Server::default();
    let seconds = |seconds| Duration::from_secs(seconds);
    let answer = options(
        &server,
        "",
        move |c| c.max_age(seconds(1800)),
        |auth| auth.touch(),
    );
    assert_eq!(answer.set_cookies()[0].max_age(), Some(1800));
    let answer = options(&server, "", |c| c.persistent(true), |auth| auth.touch());
    assert_eq!(answer.set_cookies()[0].max_age(), Some(1800));
    let answer = server.auth("", |auth| auth.touch());
    assert_eq!(
        answer.set_cookies()[0].max_age(),
        None,
        "the next response has none"
    );
    server.auth("", move |auth| {
        for refused in [
            seconds(0),
            Duration::from_millis(1500),
            seconds(1801),
            Duration::MAX,
        ] {
            let err = auth.cookie_options(|c| c.max_age(refused)).unwrap_err();
            let remedy = if refused > seconds(1800) {
                "remember_for"
            } else {
                "destroy()"
            };
            assert!(err.to_string().contains(remedy), "{err}");
        }
    });
}

#[test]
fn options_add_up_and_the_last_word_counts() {
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
fn options_that_browsers_refuse_are_errors_and_take_no_effect() {
    let server = Server::default();
    let answer = server.auth("", |auth| {
        let refused: [fn(CookieOptions) -> CookieOptions; 5] = [
            |c| c.domain("example.com"),
            |c| c.path("/app"),
            |c| c.secure(false),
            |c| c.path("/;x"),
            |c| c.domain("a b"),
        ];
        for change in refused {
            let err = auth.cookie_options(change).unwrap_err();
            assert!(
                err.to_string()
                    .starts_with("cookie options of session `__Host-auth`: ")
            );
        }
        auth.touch();
    });
    let scope = "httponly=;path=/;samesite=Lax;secure=";
    assert_eq!(answer.set_cookies()[0].scope(), scope);
}

#[test]
fn plain_http_drops_prefix_secure_and_what_needs_it_and_warns() {
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
fn an_earlier_cookie_is_removed_when_seen_and_never_read() {
    let server = server(|policy| {
        policy
            .formerly("login", "/app", None)
            .formerly("sid", "/", Some("example.com"))
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
fn a_cookie_that_moved_to_another_path_is_removed_there_when_both_come() {
    let server = server(|policy| policy.cookie("auth").formerly("auth", "/app", None));
    let value = server.cookie(&ada()).split_once('=').unwrap().1.to_owned();
    let one = format!("auth={value}");
    let read = |auth: &Session<Auth>| assert_eq!(auth.name(), "Ada");
    assert!(server.auth(&one, read).set_cookies().is_empty());
    let both = server.auth(&format!("{one}; {one}"), read);
    let removal = both.cookie("auth").unwrap();
    assert!(removal.is_removal() && removal.attributes["path"] == "/app");
}

#[test]
fn several_sessions_keep_their_own_attributes() {
    let server = Server::default();
    let answer = server.call("", |auth, prefs| {
        auth.set_name("Ada");
        prefs.set_theme("dark");
        HttpResponse::Ok()
    });
    let texts: Vec<_> = answer.set_cookies();
    assert_eq!(texts.len(), 2);
    assert_eq!(texts[0].max_age(), None);
    assert_eq!(texts[1].max_age(), Some(365 * 86_400));
    let answer = server.call("", |auth, prefs| {
        auth.destroy();
        prefs.set_theme("dark");
        HttpResponse::Ok()
    });
    assert!(answer.cookie("__Host-auth").unwrap().is_removal());
    assert!(!answer.cookie("prefs").unwrap().is_removal());
}

#[test]
fn removals_are_the_last_headers_as_some_clients_forget_others() {
    let server = server(|policy| policy.formerly("old", "/", None));
    let answer = server.call("old=1", |auth, prefs| {
        auth.destroy();
        prefs.set_theme("dark");
        HttpResponse::Ok()
    });
    let names: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["prefs", "__Host-auth", "old"]);
}
