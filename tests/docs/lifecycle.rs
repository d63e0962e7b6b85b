//! The tables of the manual's page on the lifecycle describe the actual behaviour.

use std::{collections::BTreeMap, time::Duration};

use actix_secure_session_tests::{
    Auth, AuthField, IDLE, REFRESH, T0,
    app::{Answer, Server, block_on},
};
use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse, dev,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{Session, SessionExt, codec::Opened};

use super::read;

/// Between the login and the call, when no refresh is due yet.
const LATER: u64 = 60;

/// The rows of "What each call does": the cells after the call.
fn rows() -> BTreeMap<String, Vec<String>> {
    let page = read("secure-session/src/manual/lifecycle.md");
    let (_, table) = page.split_once("| Call | Id |").unwrap();
    table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|row| {
            let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
            let call = cells.next().unwrap_or_default().to_owned();
            (call, cells.map(str::to_owned).collect())
        })
        .collect()
}

fn login(server: &Server) -> (String, Opened<Auth>) {
    let answer = server.auth("", |auth| {
        auth.sign_in();
        auth.set_name("Ada");
        auth.set_roles(["clerk".to_owned()]);
        auth.set_visits(3);
    });
    let cookie = answer.cookie("__Host-auth").unwrap();
    let session = server.stored(&answer).unwrap();
    (format!("__Host-auth={}", cookie.value), session)
}

fn seconds(time: std::time::SystemTime) -> u64 {
    time.duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// The cells that describe this session, in the order of the table.
fn described(before: &Opened<Auth>, after: &Opened<Auth>) -> [&'static str; 5] {
    let kept = (after.name.as_str(), after.roles.len(), after.visits);
    let moves = |from, to| if from == to { "stays" } else { "restarts" };
    [
        if before.id() == after.id() {
            "stays"
        } else {
            "new"
        },
        match kept {
            ("Ada", 1, 3) => "stay",
            ("Grace", 1, 3) => "as written",
            ("", 0, 3) => "defaults, except `keep`",
            ("", 1, 0) => "defaults, except those listed",
            _ => "something else",
        },
        moves(before.seen_at(), after.seen_at()),
        moves(before.created_at(), after.created_at()),
        match after.authenticated_at().map(seconds) {
            None => "cleared",
            Some(T0) => "unchanged",
            Some(_) => "now",
        },
    ]
}

#[test]
fn calls_behave_as_in_the_table_of_the_manual() {
    let calls: [(&str, u64, fn(&Session<Auth>)); 7] = [
        ("a read", REFRESH, |auth| assert_eq!(auth.name(), "Ada")),
        ("a setter, `update`, `replace`", LATER, |auth| {
            auth.set_name("Grace");
        }),
        ("`touch`", LATER, |auth| auth.touch()),
        ("`regenerate`", LATER, |auth| auth.regenerate()),
        ("`regenerate_keeping(&[…])`", LATER, |auth| {
            auth.regenerate_keeping(&[AuthField::Roles]);
        }),
        ("`sign_in`", LATER, |auth| auth.sign_in()),
        ("`reauthenticate`", LATER, |auth| auth.reauthenticate()),
    ];
    let rows = rows();
    for (call, later, run) in calls {
        let server = Server::default();
        let (cookie, before) = login(&server);
        server.clock.advance(Duration::from_secs(later));
        let after = server.stored(&server.auth(&cookie, run)).unwrap();
        let mut expected: Vec<&str> = rows[call].iter().map(String::as_str).collect();
        for cell in &mut expected {
            if *cell == "restarts if a [refresh](#refresh) is due" {
                *cell = "restarts";
            }
        }
        assert_eq!(described(&before, &after), *expected, "{call}");
    }
}

#[test]
fn without_activity_only_three_calls_restart_the_idle_clock() {
    let row = &rows()["`without_activity`"];
    let exception =
        "stays, even on a write; only `touch`, `sign_in` and `reauthenticate` restart it";
    assert_eq!(*row, ["stays", "stay", exception, "stays", "unchanged"]);
    let calls: [(fn(&Session<Auth>), bool); 6] = [
        (|auth| auth.set_name("Grace"), false),
        (|auth| auth.regenerate(), false),
        (|auth| auth.remember_for(Duration::from_secs(IDLE)), false),
        (|auth| auth.touch(), true),
        (|auth| auth.sign_in(), true),
        (|auth| auth.reauthenticate(), true),
    ];
    for (index, (call, moves)) in calls.into_iter().enumerate() {
        let server = Server::default();
        let (cookie, before) = login(&server);
        server.clock.advance(Duration::from_secs(REFRESH));
        let answer = server.auth(&cookie, move |auth| {
            auth.without_activity();
            call(auth);
        });
        let after = server.stored(&answer).unwrap();
        assert_eq!(after.seen_at() != before.seen_at(), moves, "call {index}");
    }
}

/// An extractor that writes and then fails.
struct WritesAndFails;

impl FromRequest for WritesAndFails {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        request.session::<Auth>().unwrap().set_name("Ada");
        std::future::ready(Err(actix_web::error::ErrorBadRequest("")))
    }
}

#[test]
fn writes_of_a_failing_extractor_are_stored() {
    let server = Server::default();
    let handler = |_: WritesAndFails| async { HttpResponse::Ok().finish() };
    let answer = block_on(async {
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/", web::get().to(handler));
        let app = init_service(app).await;
        Answer::of(call_service(&app, TestRequest::get().to_request()).await).await
    });
    assert_eq!(answer.status, 400);
    assert_eq!(server.stored(&answer).unwrap().name, "Ada");
}
