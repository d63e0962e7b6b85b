//! The Cookie header, as a client, a sibling site or a proxy may send it.

use actix_secure_session_tests::{
    Auth, IDLE, T0, ada,
    app::{Answer, Server, block_on},
};
use actix_web::{
    App,
    http::header::{COOKIE, HeaderValue},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::Session;

use crate::support::value_of;

fn bob() -> Auth {
    Auth {
        user_id: Some(8),
        name: "Bob".to_owned(),
        ..ada()
    }
}

async fn who(auth: Session<Auth>) -> String {
    auth.name().to_owned()
}

/// The name in the session of a request with these Cookie header lines.
fn name_of(server: &Server, lines: &[&[u8]]) -> Answer {
    block_on(async {
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/", web::get().to(who));
        let app = init_service(app).await;
        let mut request = TestRequest::get();
        for line in lines {
            request = request.append_header((COOKIE, HeaderValue::from_bytes(line).unwrap()));
        }
        Answer::of(call_service(&app, request.to_request()).await).await
    })
}

fn assert_name(server: &Server, lines: &[&[u8]], name: &str) {
    let answer = name_of(server, lines);
    let line = String::from_utf8_lossy(lines.first().copied().unwrap_or_default());
    assert_eq!(answer.status, 200, "{line}");
    assert_eq!(String::from_utf8_lossy(&answer.body), name, "{line}");
}

/// C16: an injected cookie, however malformed, hides no valid one, in any order and at any position
/// among the four that are tried.
#[test]
fn malformed_cookie_does_not_hide_a_valid_one() {
    let server = Server::default();
    let expired = server.cookie(&bob());
    server.clock.set(T0 + IDLE);
    let valid = server.cookie(&ada());
    let other_key = Server::at(&server.clock, &[9]).cookie(&bob());
    let mut forged = server.cookie(&bob());
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    let broken = [
        "__Host-auth=junk".to_owned(),
        "__Host-auth=".to_owned(),
        format!("__Host-auth={}", "A".repeat(5000)),
        expired,
        other_key,
        forged,
    ];
    for tossed in &broken {
        assert_name(&server, &[tossed.as_bytes()], "");
        for header in [
            format!("{tossed}; {valid}"),
            format!("{valid}; {tossed}"),
            format!("{tossed}; {tossed}; {valid}"),
            format!("{tossed}; {tossed}; {tossed}; {valid}"),
            format!("{tossed}; {valid}; {tossed}"),
        ] {
            assert_name(&server, &[header.as_bytes()], "Ada");
        }
    }
    let behind_four = "__Host-auth=junk; ".repeat(4) + &valid;
    assert_name(&server, &[behind_four.as_bytes()], "");
}

/// C16: of two valid cookies of different users, the first counts each time, and browsers send the
/// one with the longer path first (documented with the threats).
#[test]
fn first_of_two_valid_cookies_always_counts() {
    let server = Server::default();
    let (ada, bob) = (server.cookie(&ada()), server.cookie(&bob()));
    for _ in 0..5 {
        assert_name(&server, &[format!("{ada}; {bob}").as_bytes()], "Ada");
        assert_name(&server, &[format!("{bob}; {ada}").as_bytes()], "Bob");
        assert_name(&server, &[ada.as_bytes(), bob.as_bytes()], "Ada");
        assert_name(&server, &[bob.as_bytes(), ada.as_bytes()], "Bob");
    }
}

/// C19: HTTP/2 may send each cookie in its own header line.
#[test]
fn cookie_is_found_in_any_line_of_the_header() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let cookie = cookie.as_bytes();
    assert_name(&server, &[b"a=1", cookie, b"b=2"], "Ada");
    assert_name(&server, &[b"a=1", b"b=2; c=3", cookie], "Ada");
    assert_name(&server, &[b"__Host-auth=junk", cookie], "Ada");
    assert_name(&server, &[b"", cookie], "Ada");
    assert_name(&server, &[b"\xff\xfe=\xfd", cookie], "Ada");
    // A value does not continue on the next line.
    let (start, end) = cookie.split_at(60);
    assert_name(&server, &[start, end], "");
}

/// C19: quotes hide no separator, and a quoted value is a different value.
#[test]
fn quotes_are_part_of_the_value_and_hide_no_separator() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let value = value_of(&cookie);
    let rows = [
        (format!("a=\"b; {cookie}"), "Ada"),
        (format!("a=\"b; {cookie}; c=d\""), "Ada"),
        (format!("a=\"b; {cookie}\""), ""),
        (format!("__Host-auth=\"{value}\""), ""),
        (format!("__Host-auth=\"{value}"), ""),
        (format!("a=\"\\\"; {cookie}"), "Ada"),
        (format!("a='b; {cookie}"), "Ada"),
        (format!("a=(b; {cookie}"), "Ada"),
    ];
    for (header, name) in rows {
        assert_name(&server, &[header.as_bytes()], name);
    }
}

/// C19: whitespace around name and value is ignored; any other byte counts.
#[test]
fn whitespace_around_name_and_value_is_ignored() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let value = value_of(&cookie);
    let rows = [
        (format!("__Host-auth = {value}"), "Ada"),
        (format!(" __Host-auth\t=\t{value} ;a=1"), "Ada"),
        (format!("a=1;{cookie};b=2"), "Ada"),
        (format!(";;; ;{cookie};;"), "Ada"),
        (format!("a=1, {cookie}"), ""),
        (format!("__Host-auth=={value}"), ""),
        (format!("\u{a0}{cookie}"), ""),
        (format!("$Version=1; {cookie}"), "Ada"),
        (format!("a; =; =b; {cookie}"), "Ada"),
        (format!("{}%{}", &cookie[..40], &cookie[40..]), ""),
        ("__Host-auth".to_owned(), ""),
    ];
    for (header, name) in rows {
        assert_name(&server, &[header.as_bytes()], name);
    }
}

/// C13: a valid value under a similar name is not loaded, and its cookie is not removed.
#[test]
fn valid_value_under_a_similar_name_is_not_loaded() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let value = value_of(&cookie);
    assert_name(&server, &[cookie.as_bytes()], "Ada");
    for name in [
        "__host-auth",
        "__HOST-auth",
        "__Host-Auth",
        "__Host-auth2",
        "__Host-aut",
        "x__Host-auth",
        "%5F%5FHost-auth",
        "__Host%2Dauth",
        "__Host-auth\u{a0}",
        "\"__Host-auth\"",
        "auth",
        "",
    ] {
        assert_name(&server, &[format!("{name}={value}").as_bytes()], "");
        let answer = server.auth(&format!("{name}={value}"), |auth| auth.set_visits(1));
        let sent: Vec<String> = answer.set_cookies().into_iter().map(|c| c.name).collect();
        assert_eq!(sent, ["__Host-auth"], "{name}");
    }
}

/// C19: no header line with unusual bytes makes the server fail.
#[test]
fn no_unusual_header_line_makes_a_request_fail() {
    let server = Server::default();
    let odd: [&[u8]; 10] = [
        b"=",
        b";",
        b"=;=;=",
        b"__Host-auth=%",
        b"__Host-auth=%zz",
        b"__Host-auth=\xff",
        b"\xf0\x9f\x8d\xaa=1; __Host-auth=\xf0\x9f\x8d\xaa",
        b"__Host-auth=a=b=c",
        b"\t \t",
        b"__Host-auth=;__Host-auth=;__Host-auth=;__Host-auth=;__Host-auth=",
    ];
    for line in odd {
        assert_name(&server, &[line], "");
    }
    let many = "__Host-auth=A;".repeat(8000);
    assert_name(&server, &[many.as_bytes()], "");
}
