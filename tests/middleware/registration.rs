//! Errors of `build()`, and the effects of a missing registration.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, Prefs, ada,
    app::{Answer, Server, block_on},
    key,
    logs::Logs,
    ring,
};
use actix_web::{
    App, HttpRequest, HttpResponse, Responder,
    dev::Service as _,
    guard,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    ConfigError, ExtractError, SecureSession, Session, SessionExt as _, SessionMiddleware,
    SessionMiddlewareBuilder,
    policy::{FastifyMigration, Policy},
};
use tracing::Level;

#[derive(SecureSession)]
#[session(cookie = "prefs", idle = "none", absolute = "1d")]
struct SameName {
    name: String,
}

type Change = fn(SessionMiddlewareBuilder) -> SessionMiddlewareBuilder;

fn refused(change: Change) -> Vec<String> {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let result: Result<_, ConfigError> = change(builder).build();
    result.unwrap_err().problems().to_vec()
}

#[test]
fn conflicting_sessions_are_rejected_by_name() {
    let rows: [(Change, &str); 6] = [
        (
            |builder| builder,
            "no session is registered; add `.session::<…>()`",
        ),
        (
            |builder| builder.session::<Auth>().session::<Auth>(),
            "session type `Auth` is registered twice; remove one of the calls",
        ),
        (
            |builder| builder.session::<Prefs>().session::<SameName>(),
            "sessions `Prefs` and `SameName` both use the cookie name `prefs`; give one of them \
             another name with `cookie`",
        ),
        (
            |builder| {
                let builder = builder.plain_http().session::<Prefs>();
                builder.session_with::<Auth>(|policy| policy.cookie("__Host-prefs"))
            },
            "`prefs`",
        ),
        (
            |builder| {
                let builder = builder.session::<Prefs>();
                builder
                    .session_with::<Auth>(|policy| policy.remove_legacy_cookie("prefs", "/", None))
            },
            "`remove_legacy_cookie`",
        ),
        (
            |builder| builder.session_with::<Auth>(|policy| policy.purpose("x".repeat(70_000))),
            "(Auth)",
        ),
    ];
    for (index, (change, part)) in rows.into_iter().enumerate() {
        let problems = refused(change);
        assert_eq!(problems.len(), 1, "row {index}: {problems:?}");
        assert!(problems[0].contains(part), "row {index}: {problems:?}");
    }
}

/// Takes over the Node application's session with this name.
fn migrates(name: &str) -> impl FnOnce(Policy) -> Policy {
    migrates_with(9, name)
}

fn migrates_with(first: u8, name: &str) -> impl FnOnce(Policy) -> Policy {
    let migration = FastifyMigration {
        cookie: name.to_owned(),
        ..FastifyMigration::new(key(first))
    };
    |policy| policy.migrate_from_fastify(migration)
}

fn removes(name: &str) -> impl FnOnce(Policy) -> Policy {
    move |policy| policy.remove_legacy_cookie(name, "/", None)
}

/// Two sessions must not both read or remove one cookie.
#[test]
fn legacy_name_of_another_session_is_rejected() {
    let rows: [(Change, &str); 6] = [
        (
            |b| b.session::<Prefs>().session_with::<Auth>(migrates("prefs")),
            "session `__Host-auth` (Auth): `migrate_from_fastify` names `prefs`, which is the \
             current cookie of `Prefs`; remove the call",
        ),
        (
            |b| {
                let b = b.session_with::<Auth>(migrates("prefs")).plain_http();
                b.session_with::<Prefs>(|policy| policy.cookie("__Host-prefs"))
            },
            "session `auth` (Auth): `migrate_from_fastify` names `prefs`, which is the current \
             cookie of `Prefs`; remove the call",
        ),
        (
            |b| {
                let b = b.session_with::<Auth>(migrates("session"));
                b.session_with::<Prefs>(migrates_with(8, "session"))
            },
            "sessions `Auth` (`migrate_from_fastify`) and `Prefs` (`migrate_from_fastify`) both \
             name the legacy cookie `session`; remove one of the calls",
        ),
        (
            |b| {
                let b = b.session_with::<Auth>(removes("sid"));
                b.session_with::<Prefs>(removes("sid"))
            },
            "sessions `Auth` (`remove_legacy_cookie`) and `Prefs` (`remove_legacy_cookie`) both \
             name the legacy cookie `sid`; remove one of the calls",
        ),
        (
            |b| {
                let b = b.session_with::<Auth>(removes("session"));
                b.session_with::<Prefs>(migrates("session"))
            },
            "sessions `Auth` (`remove_legacy_cookie`) and `Prefs` (`migrate_from_fastify`) both \
             name the legacy cookie `session`; remove one of the calls",
        ),
        (
            |b| {
                let b = b.session_with::<Auth>(migrates("session"));
                b.session_with::<Prefs>(removes("session"))
            },
            "sessions `Auth` (`migrate_from_fastify`) and `Prefs` (`remove_legacy_cookie`) both \
             name the legacy cookie `session`; remove one of the calls",
        ),
    ];
    for (change, problem) in rows {
        assert_eq!(refused(change), [problem]);
    }
}

/// One session may have several legacy cookies, and take over its own name.
#[test]
fn legacy_names_may_repeat_within_one_session() {
    let builder = SessionMiddleware::builder(ring(&[1])).session::<Auth>();
    let own = builder.session_with::<Prefs>(|policy| {
        let policy = removes("sid")(migrates("prefs")(policy));
        policy.remove_legacy_cookie("sid", "/app", None)
    });
    own.build().unwrap();
}

#[test]
fn all_problems_are_reported_at_once() {
    let problems = refused(|builder| {
        builder
            .application("x".repeat(70_000))
            .session_with::<Auth>(|policy| policy.secure(false).path("/x"))
            .session_with::<Prefs>(|policy| policy.idle(Duration::ZERO))
    });
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

#[derive(SecureSession, Debug)]
struct Forgotten {
    name: String,
}

async fn direct(session: Session<Forgotten>) -> impl Responder {
    session.name().to_owned()
}

async fn optional(session: Option<Session<Forgotten>>) -> impl Responder {
    assert!(session.is_none());
    HttpResponse::NoContent()
}

async fn fallible(session: Result<Session<Forgotten>, ExtractError>) -> impl Responder {
    let expected = ExtractError::NotRegistered {
        session: "Forgotten",
    };
    assert_eq!(session.unwrap_err(), expected);
    HttpResponse::NoContent()
}

async fn by_request(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    request.session::<Forgotten>()?;
    Ok(HttpResponse::NoContent().finish())
}

/// The responses of the routes in order, and the `error` events of each.
fn ask(sessions: Option<&SessionMiddleware>) -> Vec<(Answer, Vec<String>)> {
    ["/direct", "/optional", "/fallible", "/request", "/guard"]
        .into_iter()
        .map(|path| {
            let (answer, logs) = Logs::of(|| {
                block_on(async {
                    let guard = guard::fn_guard(|context| context.session::<Forgotten>().is_err());
                    let app = App::new()
                        .wrap(actix_web::middleware::Condition::new(
                            sessions.is_some(),
                            sessions
                                .cloned()
                                .unwrap_or_else(|| Server::default().sessions),
                        ))
                        .route("/direct", web::get().to(direct))
                        .route("/optional", web::get().to(optional))
                        .route("/fallible", web::get().to(fallible))
                        .route("/request", web::get().to(by_request))
                        .route(
                            "/guard",
                            web::get().guard(guard).to(HttpResponse::NoContent),
                        );
                    let app = init_service(app).await;
                    let request = TestRequest::get().uri(path).to_request();
                    Answer::of(app.call(request).await.unwrap().map_into_boxed_body()).await
                })
            });
            (answer, logs.at(Level::ERROR))
        })
        .collect()
}

/// Each route responds as expected, and the single log line of each response contains all of these.
fn expect_one_line_each(answers: &[(Answer, Vec<String>)], parts: &[&str]) {
    let status = answers.iter().map(|(answer, _)| answer.status.as_u16());
    assert_eq!(status.collect::<Vec<_>>(), [500, 204, 204, 500, 204]);
    for (answer, errors) in answers {
        assert!(answer.body.is_empty());
        assert_eq!(errors.len(), 1);
        for part in parts {
            assert!(errors[0].contains(part), "{part}: {errors:?}");
        }
    }
}

#[test]
fn missing_registration_is_an_empty_500_and_logs_the_call_to_add() {
    let server = Server::default();
    let call = "add `.session::<middleware::registration::Forgotten>()`";
    expect_one_line_each(
        &ask(Some(&server.sessions)),
        &[call, "session_type=Forgotten"],
    );
}

#[test]
fn missing_middleware_is_an_empty_500_and_logs_the_call_to_add() {
    let parts = ["no SessionMiddleware around this route", ".wrap("];
    expect_one_line_each(&ask(None), &parts);
}

#[test]
fn option_is_none_only_without_registration() {
    let server = Server::default();
    for cookies in [
        String::new(),
        "__Host-auth=junk".to_owned(),
        server.cookie(&ada()),
    ] {
        block_on(async {
            let route = web::to(|auth: Option<Session<Auth>>| async move {
                assert!(auth.is_some());
                HttpResponse::Ok().finish()
            });
            let app = App::new().wrap(server.sessions.clone()).route("/", route);
            let app = init_service(app).await;
            let request = TestRequest::get().insert_header(("Cookie", cookies));
            assert_eq!(call_service(&app, request.to_request()).await.status(), 200);
        });
    }
}

#[test]
fn codec_is_available_for_registered_types_only() {
    let server = Server::default();
    assert!(server.sessions.codec::<Auth>().is_some());
    assert!(server.sessions.codec::<Forgotten>().is_none());
}
