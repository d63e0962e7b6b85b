//! The table of responses, row by row.

use actix_secure_session_tests::app::Answer;
use actix_web::{http::Method, web};

use crate::support::{Server, SignedIn, get};

type Headers = &'static [(&'static str, &'static str)];

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const CURRENT: &str = "https://shop.example/shop?page=2";

/// The headers of each client that the response depends on.
const CLIENTS: [(&str, Headers); 18] = [
    (
        "Chromium-page",
        &[
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-User", "?1"),
            ("Upgrade-Insecure-Requests", "1"),
            ("Accept", HTML),
        ],
    ),
    (
        "Firefox-page",
        &[
            ("Accept", HTML),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Priority", "u=0, i"),
        ],
    ),
    (
        "Safari-page",
        &[
            ("Accept", HTML),
            ("Sec-Fetch-Dest", "document"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
    ),
    ("Safari-15-page", &[("Accept", HTML)]),
    (
        "Chromium-fetch",
        &[
            ("Accept", "*/*"),
            ("Sec-Fetch-Dest", "empty"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
    ),
    (
        "Firefox-fetch",
        &[
            ("Accept", "*/*"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
    ),
    (
        "Safari-fetch",
        &[
            ("Accept", "*/*"),
            ("Sec-Fetch-Mode", "same-origin"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
    ),
    ("curl", &[("Accept", "*/*"), ("User-Agent", "curl/8.5.0")]),
    ("app-json", &[("Accept", "application/json")]),
    (
        "Turbo-8-visit",
        &[
            ("Accept", "text/html, application/xhtml+xml"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-Turbo-Request-Id", "8a6f3ab6-8fb5-4b79-9a8d-31b56b09ef15"),
        ],
    ),
    (
        "Unpoly-3",
        &[
            ("Accept", "text/html"),
            ("Sec-Fetch-Mode", "cors"),
            ("Sec-Fetch-Site", "same-origin"),
            ("X-Up-Version", "3.9.0"),
            ("X-Up-Target", "main"),
        ],
    ),
    (
        "jQuery",
        &[
            ("Accept", "text/html, */*; q=0.01"),
            ("X-Requested-With", "XMLHttpRequest"),
        ],
    ),
    (
        "htmx-2",
        &[
            ("Accept", "*/*"),
            ("HX-Request", "true"),
            ("HX-Current-URL", CURRENT),
        ],
    ),
    (
        "htmx-2-boosted",
        &[
            ("Accept", "*/*"),
            ("HX-Request", "true"),
            ("HX-Boosted", "true"),
            ("HX-Current-URL", CURRENT),
        ],
    ),
    (
        "htmx-2-history",
        &[
            ("Accept", "*/*"),
            ("HX-Request", "true"),
            ("HX-History-Restore-Request", "true"),
            ("HX-Current-URL", CURRENT),
        ],
    ),
    (
        "htmx-4-history",
        &[
            ("Accept", "*/*"),
            ("HX-History-Restore-Request", "true"),
            ("HX-Request-Type", "full"),
        ],
    ),
    (
        "htmx-4",
        &[
            ("Accept", "text/html"),
            ("HX-Request", "true"),
            ("HX-Request-Type", "partial"),
            ("HX-Current-URL", CURRENT),
            ("Sec-Fetch-Mode", "same-origin"),
        ],
    ),
    (
        "htmx-elsewhere",
        &[
            ("HX-Request", "true"),
            ("HX-Current-URL", "https://evil.example/shop?page=2"),
        ],
    ),
];

fn assert_answer(answer: &Answer, expected: [&str; 2], path: &str, reason: &str, context: &str) {
    let [status, kind] = expected;
    assert_eq!(answer.status.as_str(), status, "{context}");
    let header = |name| answer.header(name);
    let page = if kind.contains("login") || path == "/account?a=b%20c" {
        "/login"
    } else {
        "/confirm"
    };
    let next = "?next=%2Faccount%3Fa%3Db%2520c";
    let next = if page == "/login" {
        next
    } else {
        "?next=%2Fsecret"
    };
    let location = match kind {
        "login+next" | "confirm+next" => Some(format!("{page}{next}")),
        "login" => Some(page.to_owned()),
        _ => None,
    };
    assert_eq!(header("Location"), location.as_deref(), "{context}");
    let redirect = match kind {
        "hx" => Some(format!("{page}?next=%2Fshop%3Fpage%3D2")),
        "hx-own" => Some(format!("{page}{next}")),
        "hx-without" => Some(page.to_owned()),
        _ => None,
    };
    assert_eq!(header("HX-Redirect"), redirect.as_deref(), "{context}");
    let body = String::from_utf8(answer.body.clone()).unwrap();
    if kind == "json" {
        assert_eq!(
            header("Content-Type"),
            Some("application/json"),
            "{context}"
        );
        assert_eq!(body, reason, "{context}");
    } else {
        assert_eq!(body, "", "{context}");
    }
    assert_eq!(header("Cache-Control"), Some("no-store"), "{context}");
    let vary = "Cookie, Sec-Fetch-Mode, Accept, HX-Request";
    assert_eq!(header("Vary"), Some(vary), "{context}");
    let scheme = (status == "401").then_some("Cookie cookie-name=\"__Host-auth\"");
    assert_eq!(header("WWW-Authenticate"), scheme, "{context}");
}

#[test]
fn responses_to_real_clients_equal_the_table() {
    let server = Server::new();
    let lines = include_str!("responses.txt").lines();
    let rows: Vec<Vec<&str>> = (lines.filter(|line| !line.starts_with('#')))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows.len(), CLIENTS.len());
    let stale = server.cookie(301, &[]);
    let columns = [
        (
            "/account?a=b%20c",
            Method::GET,
            "",
            r#"{"error":"not_signed_in"}"#,
        ),
        (
            "/account?a=b%20c",
            Method::POST,
            "",
            r#"{"error":"not_signed_in"}"#,
        ),
        (
            "/secret",
            Method::GET,
            &stale,
            r#"{"error":"confirmation_required","within":300}"#,
        ),
        ("/admin", Method::GET, &stale, r#"{"error":"forbidden"}"#),
    ];
    for (row, (client, headers)) in rows.iter().zip(CLIENTS) {
        assert_eq!(row[0], client);
        for (index, (path, method, cookie, reason)) in columns.iter().enumerate() {
            let request = get(path, headers).method(method.clone());
            let request = request.insert_header(("X-Forwarded-Proto", "https"));
            let answer = server.send(request.append_header(("Cookie", *cookie)));
            let expected = [row[1 + 2 * index], row[2 + 2 * index]];
            assert_answer(
                &answer,
                expected,
                path,
                reason,
                &format!("{client} {method} {path}"),
            );
        }
    }
}

#[test]
fn signed_in_and_confirmed_users_are_let_in() {
    let server = Server::new();
    let cookie = server.cookie(299, &["admin"]);
    for path in ["/account", "/admin", "/secret", "/api"] {
        let answer = server.send(get(path, &[("Cookie", &cookie)]));
        assert_eq!(
            (answer.status.as_u16(), answer.body),
            (200, b"7".to_vec()),
            "{path}"
        );
    }
}

#[test]
fn guard_without_pages_responds_to_all_with_json() {
    let server = Server::new();
    for (_, headers) in CLIENTS {
        let answer = server.send(get("/api", headers));
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, br#"{"error":"not_signed_in"}"#);
        let cookie = server.cookie(301, &[]);
        let answer = server.send(get("/api", headers).insert_header(("Cookie", cookie)));
        assert_eq!(
            answer.body,
            br#"{"error":"confirmation_required","within":300}"#
        );
    }
}

#[test]
fn expired_session_is_named_and_not_let_in() {
    let server = Server::new();
    let cookie = server.cookie(0, &["admin"]);
    server.clock.advance(std::time::Duration::from_secs(1800));
    for path in ["/account", "/admin", "/secret"] {
        let answer = server.send(get(path, &[("Cookie", &cookie)]));
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.body, br#"{"error":"session_expired"}"#, "{path}");
    }
    let html = [("Cookie", cookie.as_str()), ("Accept", "text/html")];
    let answer = server.send(get("/account", &html));
    assert_eq!(answer.header("Location"), Some("/login?next=%2Faccount"));
    assert!(
        answer.set_cookies().is_empty(),
        "the login page can still tell"
    );
}

/// No redirect loop.
#[test]
fn login_behind_its_own_guard_is_a_401() {
    let server = Server::new();
    for headers in [&[("Accept", "text/html")], &[("HX-Request", "true")]] {
        let answer = server.send(get("/login?next=%2F", headers));
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("Location"), None);
        assert_eq!(answer.header("HX-Redirect"), None);
    }
}

#[test]
fn next_is_left_out_if_it_is_too_long_or_not_a_path() {
    let server = Server::new();
    let long = format!("/account?{}", "a".repeat(2048));
    let answer = server.send(get(&long, &[("Accept", "text/html")]));
    assert_eq!(answer.header("Location"), Some("/login"));
    let answer = server.send(get("/home", &[("Accept", "text/html")]));
    assert_eq!(
        (answer.status.as_u16(), answer.body),
        (200, b"false".to_vec())
    );
}

/// The proxy serves `/app` and strips it.
#[test]
fn base_path_is_in_front_of_pages_and_not_in_next() {
    let server = Server::with(|builder| builder.base_path("/app"));
    let answer = server.send(get("/account", &[("Sec-Fetch-Mode", "navigate")]));
    assert_eq!(
        answer.header("Location"),
        Some("/app/login?next=%2Faccount")
    );
    for (url, place) in [
        ("https://shop.example/app/shop", "/app/login?next=%2Fshop"),
        ("https://shop.example/app", "/app/login?next=%2F"),
        ("https://shop.example/apple", "/app/login"),
    ] {
        let answer = server.send(get(
            "/account",
            &[("HX-Request", "true"), ("HX-Current-URL", url)],
        ));
        assert_eq!(answer.header("HX-Redirect"), Some(place), "{url}");
    }
    for next in ["%2Faccount", "%2Fapp%2Faccount"] {
        let request = get(&format!("/login?next={next}"), &[]).method(Method::POST);
        let answer = server.send(request);
        assert_eq!(answer.header("Location"), Some("/app/account"), "{next}");
    }
    // The proxy does not strip it.
    let page = get("/app/login", &[("Sec-Fetch-Mode", "navigate")]);
    let answer = server.send_to(page, |config| {
        config.default_service(web::to(|_: SignedIn| async { "let in" }));
    });
    assert_eq!(answer.status, 401, "no redirect loop");
}
