//! Concurrent requests, and writes after the response.

use std::{cell::Cell, rc::Rc};

use actix_secure_session_tests::{
    Auth, ada,
    app::{Answer, Jar, Server, block_on},
    logs::Logs,
};
use actix_web::{
    App, HttpResponse,
    http::{StatusCode, header::COOKIE},
    test::{TestRequest, call_service, init_service},
    web,
};
use futures_util::{StreamExt as _, future::join};
use secure_session::Session;
use tracing::Level;

/// C40: two requests that write over one cookie concurrently both respond with a whole session, and
/// the browser keeps the last one it receives (documented: there is no merging).
#[test]
fn concurrent_writers_both_get_whole_responses_and_the_last_wins() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let readers = Rc::new(Cell::new(0));
    let answers = block_on(async {
        let route = web::to(move |auth: Session<Auth>, path: web::Path<String>| {
            let readers = Rc::clone(&readers);
            async move {
                assert_eq!((auth.name(), auth.visits()), ("Ada", 5));
                readers.set(readers.get() + 1);
                // Both have read before either writes.
                while readers.get() < 2 {
                    actix_web::rt::task::yield_now().await;
                }
                match path.as_str() {
                    "name" => auth.set_name("Eve"),
                    _ => auth.set_visits(6),
                }
                HttpResponse::Ok().finish()
            }
        });
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/{path}", route);
        let app = init_service(app).await;
        let call = |path: &str| {
            let request = TestRequest::get()
                .uri(path)
                .insert_header((COOKIE, cookie.as_str()));
            call_service(&app, request.to_request())
        };
        let (name, visits) = join(call("/name"), call("/visits")).await;
        [Answer::of(name).await, Answer::of(visits).await]
    });
    let [name, visits] = &answers;
    let of_name = server.stored(name).unwrap();
    let of_visits = server.stored(visits).unwrap();
    assert_eq!((of_name.name.as_str(), of_name.visits), ("Eve", 5));
    assert_eq!((of_visits.name.as_str(), of_visits.visits), ("Ada", 6));
    assert_eq!(of_name.id(), of_visits.id(), "one session in two states");

    for (order, expected) in [([name, visits], ("Ada", 6)), ([visits, name], ("Eve", 5))] {
        let mut jar = Jar::default();
        for answer in order {
            jar.take(answer);
        }
        server.auth(&jar.header(), move |auth| {
            assert_eq!((auth.name(), auth.visits()), expected);
        });
    }
}

/// Writes to a session after the head of its response was sent, and returns the result.
fn writes_late(auth: &Session<Auth>) {
    assert!(auth.info().is_closed());
    auth.set_name("late");
    auth.destroy();
    auth.set_visits(99);
    assert_eq!((auth.name(), auth.visits()), ("Ada", 6), "reads go on");
}

fn late_routes(config: &mut web::ServiceConfig) {
    let stream = |auth: Session<Auth>| async move {
        auth.set_visits(6);
        let events = futures_util::stream::iter(0..3).map(move |number| {
            writes_late(&auth);
            Ok::<_, actix_web::Error>(web::Bytes::from(format!("data: {number}\n\n")))
        });
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .streaming(events)
    };
    let upgrade = |auth: Session<Auth>| async move {
        auth.set_visits(6);
        actix_web::rt::spawn(async move {
            // Like an actor of a WebSocket when a message is received.
            while !auth.info().is_closed() {
                actix_web::rt::task::yield_now().await;
            }
            writes_late(&auth);
        });
        let empty = futures_util::stream::empty::<Result<web::Bytes, actix_web::Error>>();
        HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
            .upgrade("websocket")
            .streaming(empty)
    };
    config
        .route("/events", web::get().to(stream))
        .route("/socket", web::get().to(upgrade));
}

/// C45: a stream of events and an upgraded connection that write late change nothing, and the log
/// has one error with the session's name. The response itself is complete.
#[test]
fn late_write_of_a_stream_or_socket_changes_nothing_and_logs_once() {
    let rows = [
        ("/events", 200, "data: 0\n\ndata: 1\n\ndata: 2\n\n"),
        ("/socket", 101, ""),
    ];
    for (path, status, body) in rows {
        let server = Server::default();
        let cookie = server.cookie(&ada());
        let (answer, logs) = Logs::of(|| {
            block_on(async {
                let app = App::new()
                    .wrap(server.sessions.clone())
                    .configure(late_routes);
                let app = init_service(app).await;
                let request = TestRequest::get().uri(path).insert_header((COOKIE, cookie));
                let answer = Answer::of(call_service(&app, request.to_request()).await).await;
                for _ in 0..10 {
                    actix_web::rt::task::yield_now().await;
                }
                answer
            })
        });
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.body, body.as_bytes(), "{path}");
        let stored = server.stored(&answer).unwrap();
        assert_eq!((stored.visits, stored.name.as_str()), (6, "Ada"), "{path}");
        let errors = logs.at(Level::ERROR);
        assert_eq!(errors.len(), 1, "{path}: {errors:?}");
        assert!(
            errors[0].contains("session=__Host-auth"),
            "{path}: {errors:?}"
        );
    }
}
