//! Which requests count as activity.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_secure_session_tests::{
    Auth, IDLE, Prefs, REFRESH, T0, ada,
    app::{Answer, Server},
    key,
};
use actix_web::{HttpResponse, test::TestRequest};
use secure_session::{
    SecureSession, Session, SessionExt as _, SessionMiddleware, policy::Activity,
    test_util::TestClock,
};

const MINUTE: u64 = 60;

fn server(activity: Activity) -> Server {
    let builder = SessionMiddleware::builder(key(1));
    let builder = builder.session_with::<Auth>(|policy| policy.activity(activity));
    Server::of(&TestClock::at(T0), builder.session::<Prefs>())
}

/// Sends a GET with these headers.
fn send(
    server: &Server,
    cookie: &str,
    path: &str,
    headers: &[(&'static str, &'static str)],
    change: impl Fn(&Session<Auth>) + 'static,
) -> Answer {
    let mut request = TestRequest::with_uri(path).insert_header(("Cookie", cookie));
    for header in headers {
        request = request.append_header(*header);
    }
    server.send(request, move |auth, _| {
        change(auth);
        HttpResponse::Ok()
    })
}

fn read(auth: &Session<Auth>) {
    assert!(auth.name().len() < 10);
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Polls every minute, as a browser does, and returns the minute at which the session has expired.
fn minutes_of_polling(server: &Server, headers: &[(&'static str, &'static str)]) -> u64 {
    let mut cookie = server.cookie(&ada());
    (1..=2 * IDLE / MINUTE)
        .find(|minute| {
            server.clock.set(T0 + minute * MINUTE);
            let answer = send(server, &cookie, "/poll", headers, read);
            if let Some(sent) = answer.cookie("__Host-auth") {
                cookie = format!("__Host-auth={}", sent.value);
            }
            let value = cookie.split_once('=').unwrap().1;
            server.codec().open(value).is_err()
        })
        .unwrap_or(u64::MAX)
}

#[test]
fn excepted_poll_of_31_minutes_ends_the_session_at_its_idle_limit() {
    let silent = [("X-Silent-Poll", "1")];
    let server_with = || server(Activity::all().except_header("X-Silent-Poll"));
    assert_eq!(minutes_of_polling(&server_with(), &silent), IDLE / MINUTE);
    assert_eq!(minutes_of_polling(&server_with(), &[]), u64::MAX);
    assert_eq!(
        minutes_of_polling(&server(Activity::all()), &silent),
        u64::MAX
    );
}

#[test]
fn prefetch_moves_nothing_and_its_writes_are_stored() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    server.clock.set(T0 + REFRESH);
    for value in [
        "prefetch",
        "prefetch;prerender",
        "prefetch;anonymous-client-ip, x",
        "x, prefetch",
    ] {
        let headers = [("Sec-Purpose", value)];
        let answer = send(&server, &cookie, "/", &headers, read);
        assert!(answer.set_cookies().is_empty(), "{value}");
        let answer = send(&server, &cookie, "/", &headers, |auth| auth.set_name("Eve"));
        let stored = server.stored(&answer).unwrap();
        assert_eq!(
            (stored.name.as_str(), stored.seen_at()),
            ("Eve", at(T0)),
            "{value}"
        );
    }
    for value in ["", "prefetched", "pre-prefetch", "x;prefetch", "Prefetch"] {
        let answer = send(&server, &cookie, "/", &[("Sec-Purpose", value)], read);
        assert_eq!(answer.set_cookies().len(), 1, "{value}");
    }
}

#[test]
fn excepted_write_is_stored_and_only_three_methods_are_activity() {
    let server = server(Activity::all().except_path("/api/notifications"));
    let cookie = server.cookie(&ada());
    let now = T0 + REFRESH;
    server.clock.set(now);
    let changes: [(fn(&Session<Auth>), u64); 8] = [
        (|auth| auth.set_name("Eve"), T0),
        (|auth| auth.update(|auth| auth.visits = 9), T0),
        (Session::regenerate, T0),
        (|auth| auth.remember_for(Duration::from_secs(3600)), T0),
        (Session::touch, now),
        (Session::sign_in, now),
        (Session::reauthenticate, now),
        (
            |auth| {
                auth.destroy();
                auth.set_name("Eve");
            },
            now,
        ),
    ];
    for (index, (change, seen)) in changes.into_iter().enumerate() {
        let answer = send(&server, &cookie, "/api/notifications/5?a=b", &[], change);
        let stored = server.stored(&answer).unwrap();
        assert_eq!(stored.seen_at(), at(seen), "change {index}");
        let answer = send(&server, &cookie, "/api", &[], change);
        let stored = server.stored(&answer).unwrap();
        assert_eq!(stored.seen_at(), at(now), "change {index}");
    }
    let answer = send(&server, &cookie, "/api/notifications", &[], read);
    assert!(answer.set_cookies().is_empty());
    let answer = send(
        &server,
        &cookie,
        "/api/notifications",
        &[],
        Session::destroy,
    );
    assert!(answer.cookie("__Host-auth").unwrap().is_removal());
}

/// A page that shows a countdown asks under the excepted path.
#[test]
fn expiry_in_an_excepted_request_is_the_one_without_activity() {
    let server = server(Activity::all().except_path("/expiry"));
    let cookie = server.cookie(&ada());
    server.clock.set(T0 + REFRESH);
    send(&server, &cookie, "/expiry", &[], |auth| {
        assert_eq!(auth.info().expires_at(), Some(at(T0 + IDLE)));
    });
    send(&server, &cookie, "/", &[], |auth| {
        assert_eq!(auth.info().expires_at(), Some(at(T0 + REFRESH + IDLE)));
    });
}

#[test]
fn only_page_loads_count_under_navigations() {
    let server = server(Activity::navigations().except_header("X-Frame-Reload"));
    let cookie = server.cookie(&ada());
    server.clock.set(T0 + REFRESH);
    let html = ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
    let rows: [(&[(&str, &str)], bool); 10] = [
        (&[("Sec-Fetch-Mode", "navigate"), html], true),
        (&[("Sec-Fetch-Mode", "navigate")], true),
        (&[html], true),
        (&[("Accept", "*/*"), ("Accept", "TEXT/HTML;q=0.5")], true),
        (&[("Sec-Fetch-Mode", "cors"), ("Accept", "*/*")], false),
        (&[("Accept", "application/json")], false),
        (&[("HX-Request", "true"), html], false),
        (&[("X-Requested-With", "XMLHttpRequest"), html], false),
        (
            &[("Sec-Fetch-Mode", "navigate"), ("X-Frame-Reload", "")],
            false,
        ),
        (&[], false),
    ];
    for (headers, counts) in rows {
        let answer = send(&server, &cookie, "/", headers, read);
        assert_eq!(!answer.set_cookies().is_empty(), counts, "{headers:?}");
    }
}

/// A second session with the default policy.
#[derive(SecureSession)]
struct Cart {
    items: u32,
}

#[test]
fn policy_of_one_session_does_not_apply_to_another() {
    let builder = SessionMiddleware::builder(key(1));
    let activity = Activity::all().except_path("/poll");
    let builder = builder.session_with::<Auth>(|policy| policy.activity(activity));
    let server = Server::of(
        &TestClock::at(T0),
        builder.session::<Prefs>().session::<Cart>(),
    );
    let cart = server.sessions.codec::<Cart>().unwrap();
    let cart = cart.seal(&Cart { items: 3 }).unwrap();
    let cookies = format!("{}; __Host-cart={cart}", server.cookie(&ada()));
    server.clock.set(T0 + REFRESH);
    let request = TestRequest::with_uri("/poll").insert_header(("Cookie", cookies));
    let answer = server.send_any(request, |request| {
        read(&request.session::<Auth>().unwrap());
        assert_eq!(request.session::<Cart>().unwrap().items(), 3);
        HttpResponse::Ok()
    });
    let sent = answer.set_cookies();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].name, "__Host-cart");
}

#[test]
fn impossible_exceptions_are_reported_at_build_with_their_session() {
    let activity = Activity::all().except_header("X Poll").except_path("poll");
    let builder = SessionMiddleware::builder(key(1));
    let builder = builder.session_with::<Auth>(|policy| policy.activity(activity));
    let err = builder.build().unwrap_err();
    assert_eq!(
        err.problems(),
        [
            "session `__Host-auth` (Auth): `except_header(\"X Poll\")` is not the name of a header; \
             write it like `X-Silent-Poll`",
            "session `__Host-auth` (Auth): `except_path(\"poll\")` must begin with `/`",
        ]
    );
}
