//! A session that is never opened costs nothing and sends nothing.

use actix_secure_session_tests::{Auth, ada, app::Server, logs::Logs};
use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, VARY},
};
use secure_session::SessionOrigin;

#[test]
fn extracting_alone_opens_nothing() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let (answer, logs) = Logs::of(|| {
        server.auth(&cookie, |auth| {
            let _ = (auth.clone(), format!("{auth:?}"), auth.info().is_closed());
        })
    });
    assert_eq!(answer.header("vary"), None);
    assert!(logs.all().is_empty());
}

#[test]
fn every_read_write_and_method_opens() {
    let server = Server::default();
    let ways: [fn(&secure_session::Session<Auth>); 6] = [
        |auth| assert_eq!(auth.name(), ""),
        |auth| assert_eq!(auth.info().origin(), SessionOrigin::New),
        |auth| auth.set_visits(0),
        |auth| auth.regenerate(),
        |auth| auth.without_activity(),
        |auth| assert_eq!(*auth.roles, [""; 0]),
    ];
    for way in ways {
        assert_eq!(server.auth("", way).header("vary"), Some("Cookie"));
    }
}

#[test]
fn opening_one_session_does_not_open_the_other() {
    let server = Server::default();
    let cookie = format!("{}; prefs=junk", server.cookie(&ada()));
    let (_, logs) = Logs::of(|| server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada")));
    assert!(
        logs.all()
            .iter()
            .all(|(_, text)| text.contains("__Host-auth"))
    );
    assert_eq!(logs.at(tracing::Level::DEBUG).len(), 1);
}

#[test]
fn handler_headers_are_kept_and_made_safe() {
    let server = Server::default();
    let rows = [
        (
            true,
            ("Accept", "public, max-age=60"),
            ("Accept, Cookie", "max-age=60, private"),
        ),
        (true, ("*", "no-store"), ("*", "no-store")),
        (false, ("Accept", "public"), ("Accept, Cookie", "public")),
    ];
    for (writes, given, sent) in rows {
        let answer = server.call("", move |auth, _| {
            if writes {
                auth.set_visits(1);
            }
            assert_eq!(auth.name(), "");
            HttpResponse::Ok()
                .insert_header((VARY, given.0))
                .insert_header((CACHE_CONTROL, given.1))
                .append_header(("Set-Cookie", "other=1"))
                .finish()
        });
        let headers = ["vary", "cache-control"].map(|name| answer.header(name).unwrap());
        assert_eq!(headers, [sent.0, sent.1]);
        let names: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
        assert_eq!(names, ["other", "__Host-auth"][..=usize::from(writes)]);
    }
}

#[test]
fn handler_cookie_with_the_session_name_is_replaced() {
    let server = Server::default();
    let (answer, logs) = Logs::of(|| {
        server.call("", |auth, _| {
            auth.set_visits(1);
            HttpResponse::Ok()
                .append_header(("Set-Cookie", "__Host-auth=theirs; Path=/; Secure"))
                .finish()
        })
    });
    assert_eq!(server.stored(&answer).unwrap().visits, 1);
    assert_eq!(logs.at(tracing::Level::WARN).len(), 1);
}

/// Browsers strip whitespace around a name (RFC 6265bis §5.6).
#[test]
fn handler_cookie_with_spaces_around_the_name_is_replaced() {
    for text in [
        "__Host-auth =theirs; Path=/; Secure",
        " __Host-auth=theirs; Path=/; Secure",
        "\t__Host-auth\t= theirs; Path=/; Secure",
    ] {
        let server = Server::default();
        let (answer, logs) = Logs::of(|| {
            server.call("", move |auth, _| {
                auth.set_visits(1);
                HttpResponse::Ok()
                    .append_header(("Set-Cookie", text))
                    .finish()
            })
        });
        assert_eq!(answer.set_cookies().len(), 1, "{text:?}");
        assert_eq!(server.stored(&answer).unwrap().visits, 1, "{text:?}");
        assert_eq!(logs.named("session.cookie_overridden").len(), 1, "{text:?}");
    }
}

/// To browsers, a cookie without a name is another cookie (RFC 6265bis §5.7).
#[test]
fn handler_cookie_without_a_name_is_kept() {
    for text in ["=__Host-auth=theirs", "__Host-auth", "__Host-auth; a=1"] {
        let server = Server::default();
        let answer = server.call("", move |auth, _| {
            auth.set_visits(1);
            HttpResponse::Ok()
                .append_header(("Set-Cookie", text))
                .finish()
        });
        let headers: Vec<_> = answer.headers.get_all("set-cookie").collect();
        assert_eq!(headers.len(), 2, "{text:?}");
        assert_eq!(headers[0], text);
    }
}
