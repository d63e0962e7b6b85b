//! Log lines that point out mistakes, and that are absent if there is no mistake.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, Prefs, T0, ada,
    app::{Jar, Server, block_on},
    key,
    logs::{Logged, Logs},
};
use actix_web::{
    App, HttpMessage as _, HttpRequest, HttpResponse,
    http::header::HOST,
    test::{TestRequest, call_and_read_body, init_service},
    web,
};
use secure_session::{
    Key, SecureSession, Session, SessionExt as _, SessionMiddleware,
    codec::Codec,
    policy::SameSite,
    test_util::{TestClock, TestSession},
};
use serde::{Deserialize, Serialize};
use tracing::Level;

use crate::situations::{self, built_on_each_worker, request};

const OVER_HTTP: &str = "session.secure_cookie_over_http";

/// The log of setting a cookie over requests with these headers.
fn over(sessions: &SessionMiddleware, requests: &[&[(&'static str, &str)]]) -> Vec<Level> {
    let ((), logs) = Logs::of(|| {
        for headers in requests {
            request(sessions, headers, |auth| auth.set_visits(1));
        }
    });
    let events = logs.named(OVER_HTTP).into_iter();
    events.map(|event| event.level).collect()
}

/// Each cause of a refused request, with headers that cause it.
const REFUSED: [(&str, &[(&str, &str)]); 6] = [
    ("another_site", &[("sec-fetch-site", "cross-site")]),
    (
        "another_site",
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "https://\u{fc}"),
        ],
    ),
    ("another_origin", &[("origin", "https://evil.example")]),
    ("null_origin", &[("origin", "null")]),
    ("malformed", &[("origin", "https://evil.example/path")]),
    ("malformed", &[("sec-fetch-site", "\u{fc}")]),
];

#[test]
fn each_cause_of_a_refused_request_warns_once_and_names_what_to_do() {
    let server = Server::default();
    let ((), logs) = Logs::of(|| {
        for (_, headers) in REFUSED {
            for _ in 0..3 {
                assert_eq!(situations::posted(&server.sessions, headers), 403);
            }
        }
    });
    let events = logs.named("session.cross_origin");
    let expected = REFUSED.iter().flat_map(|(cause, _)| [*cause; 3]);
    let found = events.iter().map(|event| event.field("cause").unwrap());
    assert!(found.eq(expected));
    for (index, event) in events.iter().enumerate() {
        let is_first = matches!(index, 0 | 6 | 9 | 12);
        let level = if is_first { Level::WARN } else { Level::DEBUG };
        assert_eq!(event.level, level, "{}", event.line);
        assert_eq!(event.field("session"), Some("__Host-auth"));
        assert_eq!(event.field("refused"), Some("true"));
        assert_eq!(event.field("method"), Some("POST"));
        assert_eq!(event.field("route"), Some("/theme"));
        assert!(event.fields.iter().all(|(_, value)| value.is_ascii()));
    }
    let text = events[6].text();
    assert!(text.contains(".trusted_origin("), "{text}");
    assert_eq!(events[6].field("origin"), Some("https://evil.example"));
    assert_eq!(events[9].field("origin"), Some("null"));
    assert_eq!(events[12].field("origin"), None, "it does not parse");
}

/// Clients choose the method and these headers; the host that a proxy forwards is logged first.
#[test]
fn refused_request_logs_only_short_printable_text_of_its_headers() {
    let server = Server::default();
    let long = format!("{}://evil.example", "a".repeat(10_000));
    let rows: [(&str, &[(&str, &str)], Option<&str>); 4] = [
        (
            "POST",
            &[("origin", &long), ("host", "shop.example")],
            Some("shop.example"),
        ),
        (
            "POST",
            &[("origin", "null"), ("host", "evil example\t<b>")],
            None,
        ),
        (
            "POST",
            &[
                ("origin", "null"),
                ("host", "inner"),
                ("x-forwarded-host", "shop.example"),
            ],
            Some("shop.example"),
        ),
        (
            "X-A-METHOD-OF-MORE-THAN-TWENTY-CHARACTERS",
            &[("origin", "null")],
            None,
        ),
    ];
    for (method, headers, host) in rows {
        let ((), logs) = Logs::of(|| {
            let mut request = TestRequest::default().method(method.parse().unwrap());
            for header in headers {
                request = request.append_header(*header);
            }
            let answer = server.send_any(request, |request| {
                assert!(request.session::<Auth>().is_err());
                HttpResponse::Ok()
            });
            assert_eq!(answer.status, 200);
        });
        let events = logs.named("session.cross_origin");
        assert_eq!(events[0].field("host"), host, "{headers:?}");
        assert!(events[0].field("method").unwrap().len() <= 20);
        assert!(events[0].line.len() < 900, "{}", events[0].line);
    }
}

#[test]
fn report_only_logs_what_it_would_refuse() {
    let builder = SessionMiddleware::builder(key(1)).cross_origin_report_only();
    let sessions = builder.session::<Auth>().build().unwrap();
    let (status, logs) = Logs::of(|| situations::posted(&sessions, REFUSED[0].1));
    assert_eq!(status, 200);
    let events = logs.named("session.cross_origin");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].level, Level::WARN);
    assert_eq!(events[0].field("refused"), Some("false"));
}

const SHOP: (&str, &str) = ("host", "shop.example:8080");
const LOCAL: (&str, &str) = ("host", "localhost:8080");

#[test]
fn secure_cookie_over_http_warns_once_where_browsers_drop_it() {
    let says = |requests: &[&[(&'static str, &str)]]| over(&Server::default().sessions, requests);
    assert_eq!(says(&[&[SHOP], &[SHOP], &[SHOP]]), [Level::WARN]);
    assert_eq!(says(&[&[LOCAL], &[LOCAL]]), [Level::DEBUG]);
    assert_eq!(
        says(&[&[LOCAL], &[SHOP], &[LOCAL]]),
        [Level::DEBUG, Level::WARN]
    );
    for (name, value) in [("x-forwarded-proto", "https"), ("forwarded", "proto=https")] {
        let proxied = [SHOP, (name, value)];
        assert!(says(&[&proxied]).is_empty(), "{name}");
        assert!(
            says(&[&proxied, &[SHOP]]).is_empty(),
            "the first answer settles it"
        );
    }
    assert_eq!(
        says(&[&[SHOP, ("x-forwarded-proto", "http")]]),
        [Level::WARN]
    );
}

#[test]
fn insecure_or_missing_cookie_over_http_does_not_warn() {
    let plain = SessionMiddleware::builder(key(1)).plain_http();
    let plain = plain.session::<Auth>().build();
    assert!(over(&plain.unwrap(), &[&[SHOP]]).is_empty());

    let server = Server::default();
    let ((), logs) = Logs::of(|| {
        let headers = [(HOST.as_str(), "shop.example")];
        request(&server.sessions, &headers, |auth| {
            assert_eq!(auth.name(), "");
        });
        request(&server.sessions, &headers, |auth| auth.destroy());
    });
    assert!(logs.named(OVER_HTTP).is_empty());
    assert_eq!(
        over(&server.sessions, &[&[SHOP]]),
        [Level::WARN],
        "it is not settled"
    );
}

#[test]
fn separate_keys_per_worker_warn_once_and_a_shared_key_never() {
    let warnings = situations::key_per_worker().named("session.key_per_worker");
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].level, Level::WARN);
    assert_eq!(warnings[0].field("session"), Some("__Host-auth"));

    let one_key = built_on_each_worker(true, || key(1));
    assert_eq!(
        one_key.named("session.registered").len(),
        2,
        "built on each"
    );
    assert!(one_key.named("session.key_per_worker").is_empty());

    let under_tokio = built_on_each_worker(false, || Key::generate().unwrap());
    assert_eq!(under_tokio.named("session.key_per_worker").len(), 1);

    let ((), outside_of_workers) = Logs::of(|| {
        let build = || {
            let builder = SessionMiddleware::builder(Key::generate().unwrap());
            drop(builder.session::<Auth>().build());
        };
        for _ in 0..2 {
            build();
            block_on(async { build() });
        }
    });
    assert!(
        outside_of_workers
            .named("session.key_per_worker")
            .is_empty()
    );
}

/// One route is outside the middleware, so its lookup fails. The next request is another one that
/// reuses the same memory.
#[test]
fn route_outside_the_middleware_does_not_warn_about_order() {
    async fn asks(request: HttpRequest) -> HttpResponse {
        // Anyone who has the extensions may look up a session, too.
        let _extensions = request.extensions();
        let found = request.session::<Auth>().is_ok();
        HttpResponse::Ok().body(found.to_string())
    }
    let server = Server::default();
    let ((), logs) = Logs::of(|| {
        block_on(async {
            let inside = web::scope("/in").wrap(server.sessions.clone());
            let app = App::new()
                .service(inside.route("/", web::get().to(asks)))
                .route("/out", web::get().to(asks));
            let app = init_service(app).await;
            for (path, found) in [("/out", "false"), ("/in/", "true")].repeat(5) {
                let request = TestRequest::get().uri(path).to_request();
                assert_eq!(call_and_read_body(&app, request).await, found);
            }
        });
    });
    assert_eq!(logs.named("session.no_middleware").len(), 5);
}

#[test]
fn many_versions_in_one_request_warn_once() {
    let logs = situations::many_versions();
    let warnings = logs.named("session.many_versions");
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].level, Level::WARN);
}

#[test]
fn writes_before_a_method_are_logged_at_warn_and_then_at_debug() {
    let server = Server::default();
    let ((), logs) = Logs::of(|| {
        for _ in 0..3 {
            server.auth("", |auth| {
                auth.set_user_id(42);
                auth.set_visits(1); // kept
                auth.sign_in();
            });
        }
    });
    let discarded = logs.named("session.discarded_writes");
    let levels: Vec<Level> = discarded.iter().map(|event| event.level).collect();
    assert_eq!(levels, [Level::WARN, Level::DEBUG, Level::DEBUG]);
    assert_eq!(discarded[0].field("method"), Some("sign_in"));
    assert_eq!(discarded[0].field("fields"), Some(r#"["user_id"]"#));
    assert_eq!(discarded[0].field("undone"), None);
}

#[test]
fn methods_undone_by_a_later_method_are_logged() {
    const DAY: Duration = Duration::from_secs(86_400);
    let undone = |handler: fn(&Session<Auth>)| {
        let server = Server::default();
        let (_, logs) = Logs::of(|| server.auth(&server.cookie(&ada()), handler));
        let events = logs.named("session.discarded_writes").into_iter();
        let methods = events.map(|event| event.field("undone").map(str::to_owned));
        methods.collect::<Vec<_>>()
    };
    let named = |method: &str| vec![Some(method.to_owned())];
    assert_eq!(
        undone(|auth| {
            auth.remember_for(DAY);
            auth.sign_in();
        }),
        named("remember_for")
    );
    assert_eq!(
        undone(|auth| {
            auth.reauthenticate();
            auth.regenerate();
        }),
        named("reauthenticate")
    );
    let quiet: [fn(&Session<Auth>); 4] = [
        |auth| {
            auth.sign_in();
            auth.remember_for(DAY);
            auth.regenerate();
        },
        |auth| {
            auth.remember_for(DAY);
            auth.destroy();
            auth.sign_in();
        },
        |auth| {
            auth.reauthenticate();
            auth.sign_in();
            auth.regenerate();
        },
        |auth| {
            auth.cookie_options(|cookie| cookie.max_age(Duration::from_secs(60)))
                .unwrap();
            auth.sign_in();
        },
    ];
    for (index, handler) in quiet.into_iter().enumerate() {
        assert!(undone(handler).is_empty(), "{index}");
    }
}

#[test]
fn cookie_options_survive_every_method() {
    let methods: [fn(&Session<Auth>); 6] = [
        Session::touch,
        Session::regenerate,
        Session::sign_in,
        Session::reauthenticate,
        |auth| auth.remember_for(Duration::from_secs(86_400)),
        Session::destroy,
    ];
    for (index, method) in methods.into_iter().enumerate() {
        let server = Server::default();
        let answer = server.auth(&server.cookie(&ada()), move |auth| {
            auth.cookie_options(|cookie| cookie.same_site(SameSite::Strict))
                .unwrap();
            method(auth);
        });
        let [cookie] = &answer.set_cookies()[..] else {
            panic!("{index}")
        };
        let same_site = cookie.attributes.get("samesite");
        assert_eq!(same_site.map(String::as_str), Some("Strict"), "{index}");
    }
}

#[test]
fn method_that_undoes_nothing_logs_nothing() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let quiet: [fn(&Session<Auth>); 6] = [
        |auth| auth.sign_in(),
        |auth| {
            auth.sign_in();
            auth.set_user_id(1);
        },
        |auth| {
            auth.sign_in();
            auth.sign_in();
            auth.regenerate();
        },
        |auth| {
            auth.set_name("Bob");
            auth.destroy();
            auth.sign_in();
        },
        |auth| {
            auth.set_visits(9);
            auth.regenerate();
        },
        |auth| {
            auth.clear_user_id();
            auth.sign_in();
        },
    ];
    for (index, verb) in quiet.into_iter().enumerate() {
        let (_, logs) = Logs::of(|| server.auth(&cookie, verb));
        assert!(
            logs.at(Level::WARN).is_empty(),
            "{index}: {:?}",
            logs.at(Level::WARN)
        );
    }
}

#[derive(SecureSession)]
#[session(cookie = "account")]
struct Account {
    #[session(identity)]
    user_id: Option<u64>,
    note: String,
}

#[derive(SecureSession)]
#[session(cookie = "account", format = "fastify")]
struct NodeAccount {
    #[session(identity)]
    user_id: Option<u64>,
}

/// The levels of `session.identity_without_sign_in` for a request with this user and handler.
fn identity_warnings(user: Option<u64>, handler: fn(&Session<Account>)) -> Vec<Level> {
    let codec = Codec::<Account>::builder(key(1)).build().unwrap();
    let ((), logs) = Logs::of(|| {
        for _ in 0..2 {
            let account = Account {
                user_id: user,
                note: String::new(),
            };
            let session = TestSession::with(&codec, &account);
            handler(&session.session());
            let _ = session.finish();
        }
    });
    let warnings = logs.named("session.identity_without_sign_in").into_iter();
    warnings.map(|event| event.level).collect()
}

#[test]
fn identity_set_without_sign_in_warns_once() {
    let once = [Level::WARN, Level::DEBUG];
    assert_eq!(identity_warnings(None, |auth| auth.set_user_id(1)), once);
    assert_eq!(identity_warnings(Some(1), |auth| auth.set_user_id(2)), once);
    assert_eq!(
        identity_warnings(None, |auth| {
            auth.reauthenticate();
            auth.update_user_id(|user| *user = Some(1));
        }),
        once
    );
    assert_eq!(
        identity_warnings(None, |auth| auth.update(|auth| auth.user_id = Some(1))),
        once
    );
}

#[test]
fn identity_after_sign_in_or_unchanged_or_cleared_logs_nothing() {
    let quiet: [fn(&Session<Account>); 6] = [
        |auth| {
            auth.sign_in();
            auth.set_user_id(2);
        },
        |auth| auth.set_user_id(1),
        |auth| auth.clear_user_id(),
        |auth| auth.destroy(),
        |auth| auth.set_note("x"),
        |auth| {
            auth.set_user_id(2);
            auth.set_user_id(1);
        },
    ];
    for (index, handler) in quiet.into_iter().enumerate() {
        assert!(identity_warnings(Some(1), handler).is_empty(), "{index}");
    }
}

#[test]
fn identity_of_a_fastify_session_is_set_after_regenerate() {
    let codec = Codec::<NodeAccount>::builder(key(1)).build().unwrap();
    let warned = |handler: fn(&Session<NodeAccount>)| {
        let session = TestSession::new(&codec);
        let (_, logs) = Logs::of(|| {
            handler(&session.session());
            session.finish()
        });
        let events = logs.named("session.identity_without_sign_in");
        events
            .iter()
            .any(|event| event.text().contains("`regenerate`"))
    };
    assert!(warned(|auth| auth.set_user_id(1)));
    assert!(!warned(|auth| {
        auth.regenerate();
        auth.set_user_id(1);
    }));
}

/// It is not `PartialEq`, so it counts as changed when it is written.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Unequal(u32);

#[derive(SecureSession)]
#[session(cookie = "unequal")]
struct Incomparable {
    value: Unequal,
}

#[test]
fn fields_reset_by_one_method_do_not_count_as_written_for_the_next() {
    let codec = Codec::<Incomparable>::builder(key(1)).build().unwrap();
    let warnings = |handler: fn(&Session<Incomparable>)| {
        let session = TestSession::new(&codec);
        let ((), logs) = Logs::of(|| handler(&session.session()));
        logs.named("session.discarded_writes").len()
    };
    let twice = |session: &Session<Incomparable>| {
        session.sign_in();
        session.regenerate();
    };
    assert_eq!(warnings(twice), 0);
    let written = |session: &Session<Incomparable>| {
        session.set_value(Unequal(1));
        session.sign_in();
        session.sign_in();
    };
    assert_eq!(warnings(written), 1);
}

#[test]
fn old_key_is_logged_once_an_hour_and_each_time_at_debug() {
    let clock = TestClock::at(T0);
    let old = Server::at(&clock, &[1]);
    let server = Server::at(&clock, &[2, 3, 1]);
    let ((), logs) = Logs::of(|| {
        for minute in 0..=120 {
            clock.set(T0 + minute * 60);
            let cookie = old.cookie(&ada());
            server.auth(&cookie, |auth| assert_eq!(auth.visits(), 5));
        }
        let cookie = server.cookie(&ada());
        server.auth(&cookie, |auth| assert_eq!(auth.visits(), 5));
    });
    let told = logs.named("session.old_key");
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|event| event.level == Level::INFO));
    assert!(
        told.iter()
            .all(|event| event.field("key_index") == Some("2"))
    );
    let opened = logs.named("session.opened");
    let old = opened
        .iter()
        .filter(|event| event.field("key_index") == Some("2"));
    assert_eq!((old.count(), opened.len()), (121, 122));
    let resealed = logs.named("session.reencrypted");
    assert_eq!(resealed.len(), 121);
    // The encrypting key makes the hash, even if an old key decrypted the session.
    assert_eq!(opened[0].field("id_hash"), resealed[0].field("id_hash"));
}

#[test]
fn fastify_session_has_no_hash_until_it_is_native() {
    let logs = situations::taken_over();
    let event = |name: &str| logs.named(name).pop().unwrap();
    assert_eq!(
        event("session.opened").field("fastify_cookie"),
        Some("session")
    );
    assert_eq!(event("session.opened").field("id_hash"), None);
    assert!(event("session.reencrypted").field("id_hash").is_some());

    let shared = situations::shared_with_node();
    assert!(!shared.events().is_empty());
    let has_hash = |event: Logged| event.field("id_hash").is_some();
    assert!(!shared.events().into_iter().any(has_hash));
}

#[test]
fn hash_of_an_id_differs_by_key_application_and_name() {
    let hash = |first_key: u8, application: &str, name: &'static str| {
        let builder = SessionMiddleware::builder(key(first_key)).application(application);
        let builder = builder.session_with::<Auth>(|policy| policy.cookie(name));
        let same_id = builder.random(|bytes| {
            bytes.fill(7);
            true
        });
        let server = Server::of(&TestClock::at(T0), same_id.session::<Prefs>());
        let (_, logs) = Logs::of(|| server.auth("", |auth| auth.set_visits(1)));
        let stored = logs.named("session.stored").pop().unwrap();
        stored.field("id_hash").unwrap().to_owned()
    };
    let one = hash(1, "", "a");
    assert_eq!(one.len(), 16);
    assert_eq!(one, hash(1, "", "a"), "another server with the key");
    let mut all = vec![
        one,
        hash(2, "", "a"),
        hash(1, "shop", "a"),
        hash(1, "", "b"),
    ];
    assert!(all.iter().all(|hash| !hash.contains("0707")), "no id");
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn session_keeps_its_hash_until_a_login() {
    let server = Server::default();
    let mut jar = Jar::default();
    let ((), logs) = Logs::of(|| {
        jar.take(&server.auth("", |auth| auth.set_visits(1)));
        server.clock.advance(Duration::from_secs(5));
        jar.take(&server.auth(&jar.header(), |auth| auth.set_visits(2)));
        jar.take(&server.auth(&jar.header(), |auth| auth.sign_in()));
    });
    let hashes = |name: &str| -> Vec<String> {
        let events = logs.named(name).into_iter();
        events
            .map(|event| event.field("id_hash").unwrap().to_owned())
            .collect()
    };
    let stored = hashes("session.stored");
    assert_eq!(stored[0], stored[1]);
    assert_ne!(stored[1], stored[2], "a login has a new id");
    assert_eq!(hashes("session.opened"), stored[..2]);
    assert_eq!(
        hashes("session.method"),
        stored[1..2],
        "of the session before the verb"
    );
    let ages: Vec<_> = logs
        .named("session.stored")
        .iter()
        .map(|event| event.field("age").unwrap().to_owned())
        .collect();
    assert_eq!(ages, ["0", "5", "0"]);
}
