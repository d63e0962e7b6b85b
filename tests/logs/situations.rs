//! Situations of an application, with what they log: one function each.

use std::{
    fs,
    future::ready,
    net::TcpListener,
    rc::Rc,
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

use actix_secure_session_tests::{
    ABSOLUTE, Auth, IDLE, NewerAuth, Prefs, T0, ada,
    app::{Server, block_on},
    key, key_bytes,
    logs::Logs,
    ring,
};
use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Service as _,
    http::{
        StatusCode,
        header::{COOKIE, HOST},
    },
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    Key, KeyRing, SameOrigin, SecureSession, Session, SessionExt as _, SessionGuard,
    SessionMiddleware, SessionMiddlewareBuilder,
    codec::Codec,
    policy::{CrossOrigin, FastifyMigration, Policy},
    test_util::{RequestCookie, TestClock, TestSession},
};
use serde_json::{Map, Value};

use crate::stderr;

/// Sends a request with these headers to the test's handler, with any response.
pub(crate) fn request(
    sessions: &SessionMiddleware,
    headers: &[(&'static str, &str)],
    handler: impl Fn(&Session<Auth>) + 'static,
) {
    let handler = Rc::new(handler);
    let route = web::to(move |auth: Session<Auth>| {
        handler(&auth);
        ready(HttpResponse::Ok().finish())
    });
    block_on(async {
        let app = App::new().wrap(sessions.clone()).route("/", route);
        let app = init_service(app).await;
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        let _ = app.call(request.to_request()).await;
    });
}

/// Sends a `POST` with these headers to a handler that takes [`Auth`].
pub(crate) fn posted(sessions: &SessionMiddleware, headers: &[(&'static str, &str)]) -> StatusCode {
    let route = web::post().to(|_: Session<Auth>| async { HttpResponse::Ok().finish() });
    block_on(async {
        let app = App::new().wrap(sessions.clone()).route("/theme", route);
        let app = init_service(app).await;
        let mut request = TestRequest::post().uri("/theme");
        for header in headers {
            request = request.append_header(*header);
        }
        app.call(request.to_request()).await.unwrap().status()
    })
}

pub(crate) fn logs_of(run: impl FnOnce()) -> Logs {
    if stderr::has_own_listener() {
        run();
        return Logs::default();
    }
    let ((), logs) = Logs::of(run);
    logs
}

fn visit(cookies: &str, handler: impl Fn(&Session<Auth>) + 'static) -> Logs {
    let server = Server::default();
    logs_of(|| drop(server.auth(cookies, handler)))
}

fn read(auth: &Session<Auth>) {
    assert!(auth.name().len() < 5000);
}

/// With the test's own policy for [`Auth`].
fn server_with(policy: impl FnOnce(Policy) -> Policy) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1]));
    Server::of(
        &TestClock::at(T0),
        builder.session_with::<Auth>(policy).session::<Prefs>(),
    )
}

/// A guard whose login page is behind the guard itself.
pub(crate) fn guarded_login() -> Logs {
    #[derive(SessionGuard)]
    #[guard(Auth, login = "/login")]
    struct SignedIn {
        user_id: u64,
    }

    let server = Server::default();
    let route = web::to(|user: SignedIn| async move { user.user_id.to_string() });
    logs_of(|| {
        block_on(async {
            let app = App::new().wrap(server.sessions.clone());
            let app = init_service(app.default_service(route)).await;
            for _ in 0..2 {
                let page = TestRequest::with_uri("/login").insert_header(("accept", "text/html"));
                let _ = app.call(page.to_request()).await;
            }
        });
    })
}

/// A request that the origin check refuses.
fn refused(headers: &[(&'static str, &str)]) -> Logs {
    let server = Server::default();
    logs_of(|| assert_eq!(posted(&server.sessions, headers), 403))
}

pub(crate) fn post_from_another_site() -> Logs {
    refused(&[
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("host", "shop.example"),
    ])
}

/// A proxy replaced `Host`, and the browser sends no `Sec-Fetch-Site`.
pub(crate) fn post_through_a_proxy() -> Logs {
    refused(&[
        ("origin", "https://shop.example"),
        ("host", "10.0.0.7:8080"),
        ("x-forwarded-proto", "https"),
    ])
}

pub(crate) fn post_with_a_null_origin() -> Logs {
    refused(&[("origin", "null"), ("host", "shop.example")])
}

pub(crate) fn post_with_repeated_headers() -> Logs {
    refused(&[("origin", "null"), ("origin", "null")])
}

/// From a client without either header, to a strict session.
pub(crate) fn post_of_an_old_client() -> Logs {
    let strict = server_with(|policy| policy.cross_origin(CrossOrigin::Strict));
    logs_of(|| assert_eq!(posted(&strict.sessions, &[]), 403))
}

/// A request to a route without a session.
pub(crate) fn post_to_a_same_origin_route() -> Logs {
    logs_of(|| {
        block_on(async {
            let app = App::new().wrap(SameOrigin::new());
            let app = init_service(app.route("/", web::post().to(HttpResponse::Ok))).await;
            let request = TestRequest::post().insert_header(("sec-fetch-site", "same-site"));
            assert_eq!(app.call(request.to_request()).await.unwrap().status(), 403);
        });
    })
}

pub(crate) fn registered() -> Logs {
    logs_of(|| drop(Server::default()))
}

pub(crate) fn plain_http() -> Logs {
    let builder = SessionMiddleware::builder(key(1)).plain_http();
    logs_of(|| drop(builder.session::<Auth>().build()))
}

/// Logged once per process, so all tests share one capture.
pub(crate) fn ephemeral_key() -> Logs {
    static LOGS: OnceLock<Logs> = OnceLock::new();
    LOGS.get_or_init(|| logs_of(|| drop(Key::ephemeral())))
        .clone()
}

/// Logged on Unix, where files have such a mode.
pub(crate) fn key_file_writable() -> Logs {
    use std::os::unix::fs::PermissionsExt as _;

    let path = std::env::temp_dir().join(format!("writable-key-{}", std::process::id()));
    fs::write(&path, key_bytes(1)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let logs = logs_of(|| drop(KeyRing::from_file(&path)));
    fs::remove_file(&path).unwrap();
    logs
}

pub(crate) fn no_cookie() -> Logs {
    visit("other=1", read)
}

pub(crate) fn opened() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    logs_of(|| drop(server.auth(&cookie, read)))
}

/// A server that was restarted with a new key.
pub(crate) fn another_key() -> Logs {
    let before = Server::with_keys(&[1]);
    let cookie = before.cookie(&ada());
    logs_of(|| drop(Server::with_keys(&[2]).auth(&cookie, read)))
}

pub(crate) fn another_application() -> Logs {
    let with = |name: &str| {
        let builder = SessionMiddleware::builder(key(1)).application(name);
        Server::of(
            &TestClock::at(T0),
            builder.session::<Auth>().session::<Prefs>(),
        )
    };
    let cookie = with("shop").cookie(&ada());
    logs_of(|| drop(with("").auth(&cookie, read)))
}

pub(crate) fn idle_limit() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    server.clock.set(T0 + IDLE);
    logs_of(|| drop(server.auth(&cookie, read)))
}

/// The value that an older build stored under the name: a number where there is text now.
#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct OlderAuth {
    name: u32,
}

pub(crate) fn another_struct() -> Logs {
    let server = Server::default();
    let older = Codec::<OlderAuth>::builder(key(1)).clock(&server.clock);
    let older = older.build().unwrap();
    let cookie = format!(
        "__Host-auth={}",
        older.seal(&OlderAuth { name: 7 }).unwrap()
    );
    logs_of(|| {
        server.auth(&cookie, read);
        server.auth(&cookie, read);
    })
}

/// A session of the first build, which had no version, as `T` of the same cookie.
fn of_the_first_build<T: SecureSession>() -> Logs {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-account")]
    struct First {
        name: String,
    }

    let first = Codec::<First>::builder(key(1)).build().unwrap();
    let cookie = first
        .seal(&First {
            name: "Ada".to_owned(),
        })
        .unwrap();
    let codec = Codec::<T>::builder(key(1)).build().unwrap();
    logs_of(|| drop(codec.open(&cookie)))
}

pub(crate) fn migrated() -> Logs {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-account", version = 1, migrate = rename)]
    struct Second {
        first_name: String,
    }

    fn rename(_: u32, members: &mut Map<String, Value>) {
        if let Some(name) = members.remove("name") {
            members.insert("first_name".to_owned(), name);
        }
    }

    of_the_first_build::<Second>()
}

pub(crate) fn not_migrated() -> Logs {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-account", version = 1, migrate = refuse)]
    struct Second {
        first_name: String,
    }

    fn refuse(_: u32, _: &mut Map<String, Value>) -> Result<(), &'static str> {
        Err("no name")
    }

    of_the_first_build::<Second>()
}

pub(crate) fn lenient_field_of_another_type() -> Logs {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-account")]
    struct Second {
        #[session(lenient)]
        name: u32,
    }

    of_the_first_build::<Second>()
}

pub(crate) fn several_cookies() -> Logs {
    let server = Server::default();
    let cookies = format!("__Host-auth=old; {}", server.cookie(&ada()));
    logs_of(|| drop(server.auth(&cookies, read)))
}

pub(crate) fn old_key() -> Logs {
    let cookie = Server::with_keys(&[1]).cookie(&ada());
    let server = Server::with_keys(&[2, 1]);
    logs_of(|| drop(server.auth(&cookie, read)))
}

pub(crate) fn refreshed() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    server.clock.set(T0 + IDLE / 2);
    logs_of(|| drop(server.auth(&cookie, read)))
}

/// A refresh is due, but the operating system returns no random bytes for it.
pub(crate) fn not_refreshed() -> Logs {
    let builder = SessionMiddleware::builder(key(1)).random(|_| false);
    let clock = TestClock::at(T0);
    let cookie = Server::at(&clock, &[1]).cookie(&ada());
    clock.set(T0 + IDLE / 2);
    let server = Server::of(&clock, builder.session::<Auth>().session::<Prefs>());
    logs_of(|| drop(server.auth(&cookie, read)))
}

pub(crate) fn stored() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    logs_of(|| {
        server.auth(&cookie, |auth| {
            auth.set_visits(6);
            auth.set_name("Ada"); // no change
        });
    })
}

/// Two requests of one browser, both with the same cookie.
pub(crate) fn two_tabs() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    logs_of(|| {
        server.auth(&cookie, |auth| auth.set_theme("light"));
        server.auth(&cookie, |auth| auth.set_roles(["clerk".to_owned()]));
    })
}

pub(crate) fn verbs() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    logs_of(|| {
        server.auth(&cookie, |auth| {
            auth.sign_in();
            auth.set_user_id(42);
        });
        server.auth(&cookie, |auth| auth.without_activity());
        server.auth(&cookie, |auth| auth.destroy());
    })
}

pub(crate) fn setters_before_sign_in() -> Logs {
    visit("", |auth| {
        auth.set_user_id(42);
        auth.set_visits(1); // kept
        auth.sign_in();
    })
}

pub(crate) fn remembered_before_sign_in() -> Logs {
    visit("", |auth| {
        auth.remember_for(Duration::from_secs(86_400));
        auth.sign_in();
    })
}

pub(crate) fn identity_without_sign_in() -> Logs {
    #[derive(SecureSession)]
    struct Auth {
        #[session(identity)]
        user_id: Option<u64>,
    }
    let codec = Codec::<Auth>::builder(key(1)).build().unwrap();
    let session = TestSession::new(&codec);
    session.session().set_user_id(42);
    logs_of(|| drop(session.finish()))
}

pub(crate) fn remembered_for_years() -> Logs {
    visit("", |auth| auth.remember_for(Duration::from_secs(u64::MAX)))
}

pub(crate) fn too_large() -> Logs {
    visit("", |auth| auth.set_name("x".repeat(3000)))
}

pub(crate) fn near_the_limit() -> Logs {
    visit("", |auth| auth.set_name("x".repeat(2400)))
}

pub(crate) fn not_a_number() -> Logs {
    visit("", |auth| auth.set_ratio(f64::NAN))
}

pub(crate) fn no_random_bytes() -> Logs {
    let builder = SessionMiddleware::builder(key(1)).random(|_| false);
    let builder = builder.session::<Auth>().session::<Prefs>();
    let server = Server::of(&TestClock::at(T0), builder);
    logs_of(|| {
        server.auth("", |auth| {
            auth.set_visits(1);
            assert_eq!(auth.info().id(), None);
        });
    })
}

pub(crate) fn late_write() -> Logs {
    let kept = Rc::new(std::cell::OnceCell::new());
    let inner = Rc::clone(&kept);
    let server = Server::default();
    logs_of(|| {
        server.auth("", move |auth| drop(inner.set(auth.clone())));
        let auth: &Session<Auth> = kept.get().unwrap();
        auth.set_visits(1);
        auth.set_visits(2);
    })
}

/// The absolute limit passes between the extraction and the response.
pub(crate) fn expired_in_request() -> Logs {
    let server = Server::default();
    let cookie = RequestCookie::of(&server.codec(), &ada()).age(Duration::from_secs(ABSOLUTE - 1));
    let clock = server.clock.clone();
    logs_of(|| {
        server.auth(&cookie.pair(), move |auth| {
            auth.set_visits(9);
            clock.advance(Duration::from_secs(2));
        });
    })
}

/// A loop that reads what it has just written.
pub(crate) fn many_versions() -> Logs {
    let server = Server::default();
    logs_of(|| {
        server.auth("", |auth| {
            for visits in 1..=600 {
                auth.set_visits(visits);
                assert_eq!(auth.visits(), visits);
            }
        });
    })
}

pub(crate) fn remove_legacy_cookie() -> Logs {
    let server = server_with(|policy| policy.remove_legacy_cookie("sid", "/", None));
    logs_of(|| drop(server.auth("sid=1", read)))
}

/// The Node application's name for its session.
#[derive(SecureSession)]
#[session(format = "fastify", cookie = "session", idle = "1d")]
struct Visitor {
    name: String,
}

fn node_codec(key: Key) -> Codec<Visitor> {
    let codec = Codec::builder(key).clock(&TestClock::at(T0));
    codec.build().unwrap()
}

/// A cookie of the Node application, encrypted with this key.
fn node_cookie(key: Key) -> String {
    let name = "Ada".to_owned();
    let value = node_codec(key).seal(&Visitor { name });
    format!("session={}", value.unwrap())
}

/// A server that takes over the sessions of the Node application.
fn with_former(cookie: &str) -> Logs {
    let server = server_with(|policy| policy.migrate_from_fastify(FastifyMigration::new(key(9))));
    logs_of(|| drop(server.auth(cookie, read)))
}

pub(crate) fn taken_over() -> Logs {
    with_former(&node_cookie(key(9)))
}

pub(crate) fn node_with_another_key() -> Logs {
    with_former(&node_cookie(key(8)))
}

/// A session in the fastify format is opened, changed and destroyed.
pub(crate) fn shared_with_node() -> Logs {
    let visitor = TestSession::from_cookie_header(&node_codec(key(9)), node_cookie(key(9)));
    logs_of(|| {
        let session = visitor.session();
        assert_eq!(session.name(), "Ada");
        session.regenerate();
        session.set_name("Bob");
        visitor.finish().assert_stored();
    })
}

pub(crate) fn overridden() -> Logs {
    let server = Server::default();
    logs_of(|| {
        server.call("", |auth, _| {
            auth.set_visits(1);
            HttpResponse::Ok()
                .append_header(("Set-Cookie", "__Host-auth=theirs; Path=/; Secure"))
                .finish()
        });
    })
}

pub(crate) fn over_http(host: &'static str) -> Logs {
    let server = Server::default();
    logs_of(|| {
        request(&server.sessions, &[("host", host)], |auth| {
            auth.set_visits(1);
        });
    })
}

/// A login over plain http, and the browser's next request.
pub(crate) fn login_over_http() -> Logs {
    let server = Server::default();
    let host = (HOST.as_str(), "shop.example");
    logs_of(|| {
        request(&server.sessions, &[host], |auth| {
            auth.sign_in();
            auth.set_user_id(42);
        });
        request(&server.sessions, &[host], read);
    })
}

#[derive(SecureSession)]
struct Forgotten {
    name: String,
}

async fn forgets(session: Session<Forgotten>) -> String {
    session.name().to_owned()
}

/// A route below `/in` has a middleware that does not know the type; `/out` has none.
fn ask_for_forgotten(path: &'static str) -> Logs {
    let server = Server::default();
    logs_of(|| {
        block_on(async {
            let inside = web::scope("/in").wrap(server.sessions.clone());
            let app = App::new()
                .service(inside.route("/", web::get().to(forgets)))
                .route("/out", web::get().to(forgets));
            let app = init_service(app).await;
            let request = TestRequest::get().uri(path).to_request();
            assert_eq!(app.call(request).await.unwrap().status(), 500);
        });
    })
}

pub(crate) fn not_registered() -> Logs {
    ask_for_forgotten("/in/")
}

pub(crate) fn no_middleware() -> Logs {
    ask_for_forgotten("/out")
}

/// Everything that responds with an empty 500.
pub(crate) fn empty_500() -> Logs {
    let logs = Logs::default();
    for run in [not_registered, no_middleware, too_large] {
        logs.extend(&run());
    }
    logs
}

/// A middleware that looks up a session, wrapped outside `SessionMiddleware`.
pub(crate) fn middleware_outside() -> Logs {
    let server = Server::default();
    logs_of(|| {
        block_on(async {
            let app = App::new()
                .wrap(server.sessions.clone())
                .wrap_fn(|request, service| {
                    assert!(request.session::<Auth>().is_err());
                    service.call(request)
                })
                .route("/", web::get().to(HttpResponse::Ok));
            let app = init_service(app).await;
            let request = TestRequest::get().to_request();
            assert_eq!(app.call(request).await.unwrap().status(), 200);
        });
    })
}

/// An outer middleware reads the session on the way back, before anything else did.
pub(crate) fn opened_after_response() -> Logs {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    logs_of(|| {
        block_on(async {
            let app = App::new()
                .wrap(server.sessions.clone())
                .wrap_fn(|request, service| {
                    let response = service.call(request);
                    async {
                        let response = response.await?;
                        assert_eq!(response.request().session::<Auth>()?.name(), "Ada");
                        Ok(response)
                    }
                })
                .route("/", web::get().to(HttpResponse::Ok));
            let app = init_service(app).await;
            for _ in 0..2 {
                let request = TestRequest::get().insert_header((COOKIE, cookie.as_str()));
                let response = app.call(request.to_request()).await.unwrap();
                assert!(!response.headers().contains_key("vary"));
            }
        });
    })
}

/// A nested middleware. Both have a session of the fastify format, with the same key.
pub(crate) fn nested_under_one_key() -> Logs {
    #[derive(SecureSession)]
    #[session(format = "fastify", cookie = "outer")]
    struct Outer {
        name: String,
    }
    let build = |builder: secure_session::SessionMiddlewareBuilder| builder.build().unwrap();
    let outer = build(SessionMiddleware::builder(key(3)).session::<Outer>());
    let inner = build(SessionMiddleware::builder(key(3)).session::<Visitor>());
    logs_of(|| {
        block_on(async {
            let route =
                web::get().to(|visitor: Session<Visitor>| async move { visitor.name().to_owned() });
            let scope = web::scope("/in").wrap(inner).route("/", route);
            let app = init_service(App::new().wrap(outer).service(scope)).await;
            let request = TestRequest::get().uri("/in/").to_request();
            assert_eq!(app.call(request).await.unwrap().status(), 500);
        });
    })
}

/// A nested middleware whose session has the cookie name of an outer one.
pub(crate) fn nested_under_one_name() -> Logs {
    let inner = SessionMiddleware::builder(key(2)).session::<NewerAuth>();
    let inner = inner.build().unwrap();
    let server = Server::default();
    logs_of(|| {
        block_on(async {
            let route =
                web::get().to(|auth: Session<NewerAuth>| async move { auth.name().to_owned() });
            let scope = web::scope("/in").wrap(inner).route("/", route);
            let app = App::new().wrap(server.sessions.clone()).service(scope);
            let app = init_service(app).await;
            let request = TestRequest::get().uri("/in/").to_request();
            assert_eq!(app.call(request).await.unwrap().status(), 500);
        });
    })
}

/// Starts a server with two workers, under actix's or tokio's own runtime. Each worker builds its
/// own middleware, with the key from `keys`.
pub(crate) fn built_on_each_worker(
    under_actix: bool,
    keys: impl Fn() -> Key + Send + Clone + 'static,
) -> Logs {
    built_by_each_worker(under_actix, move || {
        SessionMiddleware::builder(keys()).session::<Auth>()
    })
}

/// Starts a server with two workers. Each worker builds its own middleware.
pub(crate) fn built_by_each_worker(
    under_actix: bool,
    builder: impl Fn() -> SessionMiddlewareBuilder + Send + Clone + 'static,
) -> Logs {
    let logs = Logs::default();
    let subscriber = logs.clone();
    let (sender, receiver) = mpsc::channel();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let serve = async move {
        let server = HttpServer::new(move || {
            let _listening = tracing::subscriber::set_default(subscriber.clone());
            App::new().wrap(builder().build().unwrap())
        });
        let server = server.workers(2).disable_signals();
        // `run` returns when each worker has its application.
        let server = server.listen(listener).unwrap().run();
        sender.send(server.handle()).unwrap();
        server.await.unwrap();
    };
    let server = thread::spawn(move || {
        if under_actix {
            block_on(serve);
        } else {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().unwrap().block_on(serve);
        }
    });
    let handle = receiver.recv().unwrap();
    drop(handle.stop(true));
    server.join().unwrap();
    logs
}

pub(crate) fn key_per_worker() -> Logs {
    built_on_each_worker(true, || Key::generate().unwrap())
}

/// Everything an application receives and sends: cookies and headers.
pub(crate) fn hostile(cookies: &str) -> Logs {
    let server = Server::default();
    logs_of(|| {
        for _ in 0..20 {
            request(
                &server.sessions,
                &[
                    (COOKIE.as_str(), cookies),
                    (HOST.as_str(), "shop.example"),
                    ("x-forwarded-proto", "http"),
                ],
                |auth| auth.set_visits(1),
            );
        }
    })
}
