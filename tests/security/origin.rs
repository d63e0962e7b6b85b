//! C74: requests from other origins get no session.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
    http::Loopback,
    key,
};
use actix_web::{
    App, HttpResponse,
    dev::{Service as _, ServiceResponse},
    guard::fn_guard,
    http::{ConnectionType, Method, StatusCode},
    middleware::from_fn,
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    ExtractError, SameOrigin, SecureSession, Session, SessionExt as _, SessionMiddleware,
    policy::CrossOrigin, test_util::TestClock,
};

macro_rules! session {
    ($name:ident, $mode:literal) => {
        #[derive(SecureSession)]
        #[session(cross_origin = $mode)]
        struct $name {
            visits: u32,
        }
    };
}

session!(Refuse, "refuse");
session!(SameSite, "same-site");
session!(Strict, "strict");
session!(Allow, "allow");

const MODES: [&str; 4] = ["refuse", "same-site", "strict", "allow"];

const METHODS: [&str; 13] = [
    "GET",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "QUERY",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "CONNECT",
    "PROPFIND",
    "get",
    "websocket",
];

/// Values of `Sec-Fetch-Site` with their name in the table.
const SITES: [(&str, &[&str]); 11] = [
    ("same-origin", &["same-origin"]),
    ("none", &["none"]),
    ("same-site", &["same-site"]),
    ("cross-site", &["cross-site"]),
    ("junk", &["Same-Origin"]),
    ("junk", &["same-origin, same-origin"]),
    ("junk", &["same-origin;a=b"]),
    ("empty", &[""]),
    ("twice", &["same-origin", "cross-site"]),
    ("twice", &["same-origin", "same-origin"]),
    ("absent", &[]),
];

/// Values of `Origin` with their name in the table.
const ORIGINS: [(&str, &[&str]); 16] = [
    ("own", &["https://shop.example"]),
    ("own", &["https://SHOP.example:443"]),
    ("port", &["https://shop.example:8443"]),
    ("scheme", &["http://shop.example"]),
    ("host", &["https://app.shop.example"]),
    ("foreign", &["https://evil.example"]),
    ("null", &["null"]),
    ("junk", &["https://shop.example/"]),
    ("junk", &["https://shop.example, https://evil.example"]),
    ("junk", &["https://ada@shop.example"]),
    ("junk", &["//shop.example"]),
    ("junk", &["shop.example"]),
    ("junk", &["https://"]),
    ("twice", &["https://shop.example", "https://evil.example"]),
    ("twice", &["https://shop.example", "https://shop.example"]),
    ("absent", &[]),
];

const TRUSTED: [&str; 4] = [
    "https://app.shop.example",
    "https://shop.example:8443",
    "http://shop.example",
    "https://evil.example",
];

/// Headers that say which host the request is for, with their name in the table.
const HOSTS: [(&str, &[(&str, &str)]); 5] = [
    ("own", &[("Host", "shop.example")]),
    (
        "own",
        &[("Host", "shop.example"), ("X-Forwarded-Host", "inner:8080")],
    ),
    (
        "forwarded",
        &[
            ("Host", "10.0.0.7:8080"),
            ("X-Forwarded-Host", "shop.example"),
        ],
    ),
    (
        "forwarded",
        &[
            ("Host", "backend"),
            ("Forwarded", "proto=https;host=\"shop.example:443\""),
        ],
    ),
    ("hidden", &[("Host", "10.0.0.7:8080")]),
];

/// Reads the rows of the table.
fn rows() -> Vec<Vec<&'static str>> {
    let lines = include_str!("origin_rule.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let rows: Vec<Vec<_>> = lines
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert!(rows.len() <= 25 && rows.iter().all(|row| row.len() == 7));
    rows
}

fn expected(rows: &[Vec<&'static str>], case: [&str; 6]) -> &'static str {
    let matches = |row: &&Vec<&str>| {
        let mut cells = row.iter().zip(case);
        cells.all(|(cell, value)| *cell == "*" || *cell == value)
    };
    rows.iter().find(matches).expect("a row for every case")[6]
}

async fn visit<T: SecureSession>(session: Session<T>) -> HttpResponse {
    session.touch();
    HttpResponse::Ok().finish()
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> actix_http::Request {
    let mut request = TestRequest::with_uri(path).insert_header(("X-Forwarded-Proto", "https"));
    for header in headers {
        request = request.append_header(*header);
    }
    if method == "websocket" {
        let request = request.insert_header(("Upgrade", "websocket"));
        let mut request = request.to_request();
        // As the parser does for `Connection: Upgrade`.
        (request.head_mut()).set_connection_type(ConnectionType::Upgrade);
        return request;
    }
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    request.method(method).to_request()
}

/// C74: every combination of method, both headers, host, mode and trust, for sessions and for the
/// separate middleware.
#[test]
fn verdict_on_every_request_equals_the_table() {
    let rows = rows();
    let mut compared = 0;
    for trusted in ["yes", "no"] {
        let origins: &[&str] = if trusted == "yes" { &TRUSTED } else { &[] };
        let mut builder = SessionMiddleware::builder(key(1)).clock(&TestClock::at(T0));
        for origin in origins {
            builder = builder.trusted_origin(*origin);
        }
        let sessions = builder
            .session::<Refuse>()
            .session::<SameSite>()
            .session::<Strict>()
            .session::<Allow>()
            .build()
            .unwrap();
        let same_origin = |mode| {
            let mut builder = SameOrigin::builder().cross_origin(mode);
            for origin in origins {
                builder = builder.trusted_origin(*origin);
            }
            let scope = web::scope("").wrap(builder.build().unwrap());
            scope.default_service(web::to(HttpResponse::NoContent))
        };
        compared += block_on(async {
            let app = App::new()
                .wrap(sessions)
                .route("/session/refuse", web::to(visit::<Refuse>))
                .route("/session/same-site", web::to(visit::<SameSite>))
                .route("/session/strict", web::to(visit::<Strict>))
                .route("/session/allow", web::to(visit::<Allow>))
                .service(web::scope("/only/refuse").service(same_origin(CrossOrigin::Refuse)))
                .service(web::scope("/only/same-site").service(same_origin(CrossOrigin::SameSite)))
                .service(web::scope("/only/strict").service(same_origin(CrossOrigin::Strict)))
                .service(web::scope("/only/allow").service(same_origin(CrossOrigin::Allow)));
            let app = init_service(app).await;
            let mut compared = 0;
            for mode in MODES {
                for method in METHODS {
                    for (site, site_lines) in SITES {
                        for (origin, origin_lines) in ORIGINS {
                            for (host, host_lines) in HOSTS {
                                let case = [mode, method, site, origin, trusted, host];
                                let mut headers = host_lines.to_vec();
                                headers.extend(site_lines.iter().map(|it| ("Sec-Fetch-Site", *it)));
                                headers.extend(origin_lines.iter().map(|it| ("Origin", *it)));
                                let verdict = expected(&rows, case);
                                for (path, success) in [("session", 200), ("only", 204)] {
                                    let path = format!("/{path}/{mode}");
                                    let request = request(method, &path, &headers);
                                    let response = app.call(request).await.unwrap();
                                    assert_verdict(&response, success, verdict, &case);
                                }
                                compared += 1;
                            }
                        }
                    }
                }
            }
            compared
        });
    }
    assert_eq!(compared, 2 * 4 * 13 * 11 * 16 * 5);
}

fn assert_verdict<B>(response: &ServiceResponse<B>, success: u16, verdict: &str, case: &[&str]) {
    let (status, headers) = (response.status(), response.headers());
    if verdict == "session" {
        assert_eq!(status, success, "{case:?}");
    } else {
        assert_eq!(status, StatusCode::FORBIDDEN, "{case:?}");
        assert!(!headers.contains_key("Set-Cookie"), "{case:?}");
        assert_eq!(
            headers.get("Vary").unwrap(),
            "Sec-Fetch-Site, Origin",
            "{case:?}"
        );
    }
}

/// How an `Upgrade` list names a WebSocket.
#[test]
fn websocket_is_recognized_in_any_upgrade_list() {
    let rows: [(&[&str], bool); 8] = [
        (&["websocket"], true),
        (&["WebSocket"], true),
        (&["h2c, websocket"], true),
        (&["h2c", " websocket/13 "], true),
        (&["websocket-next"], false),
        (&["h2c"], false),
        (&[""], false),
        (&[], false),
    ];
    let app = App::new()
        .wrap(SameOrigin::new())
        .default_service(web::to(HttpResponse::Ok));
    block_on(async {
        let app = init_service(app).await;
        for (lines, is_websocket) in rows {
            let mut request = TestRequest::get().insert_header(("Sec-Fetch-Site", "cross-site"));
            for line in lines {
                request = request.append_header(("Upgrade", *line));
            }
            let mut request = request.to_request();
            (request.head_mut()).set_connection_type(ConnectionType::Upgrade);
            let response = app.call(request).await.unwrap();
            let expected = if is_websocket { 403 } else { 200 };
            assert_eq!(response.status(), expected, "{lines:?}");
        }
    });
}

#[test]
fn referer_and_content_type_do_not_count() {
    let app = App::new()
        .wrap(SameOrigin::new())
        .default_service(web::to(HttpResponse::Ok));
    block_on(async {
        let app = init_service(app).await;
        for (site, status) in [("cross-site", 403), ("same-origin", 200)] {
            for referer in ["https://shop.example/", "https://evil.example/"] {
                for content_type in ["application/json", "text/plain"] {
                    let request = TestRequest::post()
                        .insert_header(("Host", "shop.example"))
                        .insert_header(("Sec-Fetch-Site", site))
                        .insert_header(("Referer", referer))
                        .insert_header(("Content-Type", content_type));
                    let response = app.call(request.to_request()).await.unwrap();
                    assert_eq!(response.status(), status, "{site} {referer} {content_type}");
                }
            }
        }
    });
}

/// Through actix-web's parser, because the check relies on its flag for `Connection: Upgrade`.
#[test]
fn handshakes_of_browsers_are_refused_over_a_real_connection() {
    let server = Loopback::start(&refusing(), |config| {
        config.route("/", web::get().to(visit::<Refuse>));
    });
    for (connection, upgrade, status) in [
        ("Upgrade", "websocket", "403"),
        ("keep-alive, Upgrade", "websocket", "403"),
        ("upgrade", "WebSocket", "403"),
        ("keep-alive", "h2c", "200"),
    ] {
        let head = format!(
            "GET / HTTP/1.1\r\nHost: shop.example\r\nOrigin: https://evil.example\r\n\
             Connection: {connection}\r\nUpgrade: {upgrade}\r\n\r\n"
        );
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut response = [0; 12];
        stream.read_exact(&mut response).unwrap();
        let found = std::str::from_utf8(&response).unwrap();
        assert_eq!(
            found,
            format!("HTTP/1.1 {status}"),
            "{connection} {upgrade}"
        );
    }
}

/// Which schemes and hosts are the application's own if there is only `Origin`.
#[test]
fn own_origin_is_compared_by_what_the_request_says_of_it() {
    let rows: [(&str, &[(&str, &str)], bool); 17] = [
        // A proxy may have terminated TLS, so both schemes are possible.
        ("https://shop.example", &[("Host", "shop.example")], true),
        ("http://shop.example", &[("Host", "shop.example")], true),
        (
            "https://shop.example",
            &[("Host", "shop.example:443")],
            true,
        ),
        ("http://shop.example", &[("Host", "shop.example:80")], true),
        (
            "http://shop.example:8080",
            &[("Host", "shop.example:8080")],
            true,
        ),
        ("http://[::1]:8080", &[("Host", "[::1]:8080")], true),
        (
            "http://shop.example:8080",
            &[("Host", "shop.example:8081")],
            false,
        ),
        (
            "capacitor://shop.example",
            &[("Host", "shop.example")],
            false,
        ),
        (
            "https://shop.example",
            &[("Host", "shop.example"), ("X-Forwarded-Proto", "http")],
            false,
        ),
        // Some proxies forward the scheme of a WebSocket.
        (
            "https://shop.example",
            &[("Host", "shop.example"), ("X-Forwarded-Proto", "ws")],
            false,
        ),
        (
            "https://shop.example",
            &[("Host", "shop.example"), ("X-Forwarded-Proto", "wss")],
            true,
        ),
        (
            "http://shop.example",
            &[("Host", "shop.example"), ("X-Forwarded-Proto", "wss")],
            false,
        ),
        (
            "http://shop.example",
            &[("Host", "shop.example"), ("X-Forwarded-Proto", "ws, wss")],
            true,
        ),
        (
            "http://shop.example",
            &[("Host", "shop.example"), ("Forwarded", "proto=HTTPS")],
            false,
        ),
        (
            "https://shop.example",
            &[
                ("Host", "evil.example"),
                ("X-Forwarded-Host", "shop.example, evil.example"),
            ],
            true,
        ),
        ("https://shop.example", &[], false),
        ("https://", &[("Host", "")], false),
    ];
    let app = App::new()
        .wrap(SameOrigin::new())
        .default_service(web::to(HttpResponse::Ok));
    block_on(async {
        let app = init_service(app).await;
        for (origin, headers, is_own) in rows {
            let mut request = TestRequest::post().insert_header(("Origin", origin));
            for header in headers {
                request = request.append_header(*header);
            }
            let response = app.call(request.to_request()).await.unwrap();
            let expected = if is_own { 200 } else { 403 };
            assert_eq!(response.status(), expected, "{origin} {headers:?}");
        }
    });
}

fn refusing() -> SessionMiddleware {
    let builder = SessionMiddleware::builder(key(1)).clock(&TestClock::at(T0));
    builder
        .session::<Refuse>()
        .session::<Allow>()
        .build()
        .unwrap()
}

/// Every way to a session has the same verdict: extractors, `SessionExt` in middleware and handlers,
/// guards.
#[test]
fn every_way_to_a_session_is_refused_and_other_sessions_are_served() {
    let answer = block_on(async {
        let middleware = from_fn(
            |request: actix_web::dev::ServiceRequest, next: actix_web::middleware::Next<_>| {
                let refused = ExtractError::CrossOrigin { session: "Refuse" };
                assert_eq!(request.session::<Refuse>().err(), Some(refused));
                next.call(request)
            },
        );
        let never = fn_guard(|context| context.session::<Refuse>().is_ok());
        let handler = |option: Option<Session<Refuse>>,
                       result: Result<Session<Refuse>, ExtractError>,
                       allowed: Session<Allow>,
                       request: actix_web::HttpRequest| async move {
            assert!(option.is_none() && result.is_err());
            assert!(request.session::<Refuse>().is_err());
            allowed.touch();
            HttpResponse::Ok().finish()
        };
        let app = App::new()
            .wrap(middleware)
            .wrap(refusing())
            .route("/", web::post().guard(never).to(HttpResponse::Created))
            .route("/", web::post().to(handler));
        let app = init_service(app).await;
        let request = TestRequest::post().insert_header(("Sec-Fetch-Site", "cross-site"));
        Answer::of(app.call(request.to_request()).await.unwrap()).await
    });
    assert_eq!(answer.status, 200);
    assert!(answer.cookie("__Host-allow").is_some());
    assert!(answer.cookie("__Host-refuse").is_none());
}

#[derive(serde::Deserialize)]
struct Visits {
    visits: u32,
}

/// A login with the attacker's form (login CSRF).
#[test]
fn refused_login_does_not_reach_the_handler_and_keeps_the_cookie() {
    let sessions = refusing();
    let codec = sessions.codec::<Refuse>().unwrap();
    let cookie = format!(
        "__Host-refuse={}",
        codec.seal(&Refuse { visits: 7 }).unwrap()
    );
    let answer = block_on(async {
        let login = |auth: Session<Refuse>, form: web::Form<Visits>| async move {
            auth.sign_in();
            auth.set_visits(form.visits);
            HttpResponse::Ok().finish()
        };
        let app = App::new().wrap(sessions).route("/", web::post().to(login));
        let app = init_service(app).await;
        let request = TestRequest::post()
            .insert_header(("Origin", "https://evil.example"))
            .insert_header(("Cookie", cookie))
            .set_form([("visits", "8")]);
        Answer::of(app.call(request.to_request()).await.unwrap()).await
    });
    assert_eq!(
        (answer.status, answer.body.len()),
        (StatusCode::FORBIDDEN, 0)
    );
    assert_eq!(answer.header("Vary"), Some("Sec-Fetch-Site, Origin"));
    assert!(answer.set_cookies().is_empty());
}

/// The settings of the middleware that has the session count, also if it is an inner one.
#[test]
fn nested_middleware_uses_its_own_trusted_origins() {
    let outer = SessionMiddleware::builder(key(1)).trusted_origin("https://outer.example");
    let outer = outer.session::<Strict>().build().unwrap();
    let inner = SessionMiddleware::builder(key(1)).trusted_origin("https://inner.example");
    let inner = inner.session::<Refuse>().build().unwrap();
    block_on(async {
        let scope = web::scope("")
            .wrap(inner)
            .route("/refuse", web::to(visit::<Refuse>))
            .route("/strict", web::to(visit::<Strict>));
        let app = init_service(App::new().wrap(outer).service(scope)).await;
        for (path, origin, status) in [
            ("/refuse", "https://inner.example", 200),
            ("/refuse", "https://outer.example", 403),
            ("/strict", "https://inner.example", 403),
            ("/strict", "https://outer.example", 200),
        ] {
            let request = request("POST", path, &[("Origin", origin)]);
            let response = app.call(request).await.unwrap();
            assert_eq!(response.status(), status, "{path} {origin}");
        }
    });
}

#[test]
fn report_only_serves_the_session_and_policy_overrides_the_attribute() {
    let report_only = SessionMiddleware::builder(key(1)).cross_origin_report_only();
    let report_only = report_only.session::<Refuse>().build().unwrap();
    let allow = SessionMiddleware::builder(key(1))
        .session_with::<Refuse>(|policy| policy.cross_origin(CrossOrigin::Allow));
    let same_origin = SameOrigin::builder().cross_origin_report_only();
    block_on(async {
        for sessions in [report_only, allow.build().unwrap()] {
            let app = App::new()
                .wrap(same_origin.clone().build().unwrap())
                .wrap(sessions)
                .route("/", web::to(visit::<Refuse>));
            let app = init_service(app).await;
            let request = request("POST", "/", &[("Sec-Fetch-Site", "cross-site")]);
            assert_eq!(app.call(request).await.unwrap().status(), 200);
        }
    });
}

#[test]
fn every_invalid_trusted_origin_is_reported_at_once() {
    let origins = [
        "null",
        "https://*.example",
        "app.example",
        "https://app.example/\u{1b}",
    ];
    let mut sessions = SessionMiddleware::builder(key(1)).session::<Refuse>();
    let mut same_origin = SameOrigin::builder();
    for origin in origins {
        sessions = sessions.trusted_origin(origin);
        same_origin = same_origin.trusted_origin(origin);
    }
    for err in [
        sessions.build().unwrap_err(),
        same_origin.build().unwrap_err(),
    ] {
        assert_eq!(err.problems().len(), origins.len());
        assert!(
            err.problems()
                .iter()
                .all(|it| it.starts_with("`trusted_origin(\""))
        );
        assert!(!err.to_string().contains('\u{1b}'));
    }
}
