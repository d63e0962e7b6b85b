//! Memory allocations per request, counted.

use actix_secure_session_tests::{
    Auth, T0, ada,
    app::{Server, block_on},
    ring,
};
use actix_web::{
    App,
    dev::Service as _,
    http::header::COOKIE,
    test::{TestRequest, init_service},
    web,
};
use allocation_counter::measure;
use futures_util::FutureExt as _;
use secure_session::{
    SecureSession, Session, SessionGuard, SessionMiddleware, test_util::TestClock,
};

use crate::support::value_of;

async fn bare() -> &'static str {
    "ok"
}

async fn ignores(_: Session<Auth>) -> &'static str {
    "ok"
}

async fn reads(auth: Session<Auth>) -> &'static str {
    assert!(auth.name().len() < 10);
    "ok"
}

async fn writes(auth: Session<Auth>) -> &'static str {
    auth.set_visits(9);
    "ok"
}

#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
struct SignedIn {
    user_id: u64,
}

async fn guarded(user: SignedIn) -> &'static str {
    assert_eq!(user.user_id, 7);
    "ok"
}

/// Allocations of one request in addition to those without the middleware.
fn allocations(server: &Server, path: &str, cookies: &str) -> u64 {
    let count = |path: &str, with_sessions: bool| {
        block_on(async {
            let routes = |config: &mut web::ServiceConfig| {
                // Without actix-web's guards, which store their own data in a request.
                config
                    .route("/unused", web::to(bare))
                    .route("/ignores", web::to(ignores))
                    .route("/reads", web::to(reads))
                    .route("/guarded", web::to(guarded))
                    .route("/writes", web::to(writes));
            };
            let (bare, app) = (App::new().configure(routes), App::new().configure(routes));
            let bare = init_service(bare).await;
            let app = init_service(app.wrap(server.sessions.clone())).await;
            let mut last = 0;
            // The first requests fill pools and tables.
            for _ in 0..4 {
                let request = TestRequest::get().uri(path);
                let request = request.insert_header((COOKIE, cookies)).to_request();
                let info = measure(|| {
                    let status = if with_sessions {
                        let answer = app.call(request).now_or_never();
                        answer.map(|answer| answer.unwrap().status())
                    } else {
                        let answer = bare.call(request).now_or_never();
                        answer.map(|answer| answer.unwrap().status())
                    };
                    assert_eq!(status.expect("it is ready at once"), 200);
                });
                last = info.count_total;
            }
            last
        })
    };
    let (with, without) = (count(path, true), count("/unused", false));
    with.checked_sub(without).expect("sessions cost something")
}

/// C64: the exact number of allocations of a request in addition to bare actix-web. If you add one,
/// update this table and the same table in `tests/CHECKS.md`.
const ALLOCATIONS: [(&str, &str, u64); 8] = [
    ("/unused", "none", 3),
    ("/unused", "valid", 3),
    ("/ignores", "none", 5),
    ("/ignores", "valid", 5),
    ("/reads", "none", 6),
    ("/reads", "valid", 11),
    ("/writes", "none", 9),
    ("/writes", "valid", 18),
];

/// The table as measured on this server.
fn counted(server: &Server) -> [(&'static str, &'static str, u64); 8] {
    let valid = server.cookie(&ada());
    ALLOCATIONS.map(|(path, cookies, _)| {
        let line = if cookies == "none" { "other=1" } else { &valid };
        (path, cookies, allocations(server, path, line))
    })
}

/// A guard that lets a request in allocates nothing.
#[test]
fn guard_allocates_no_more_than_reading_the_session() {
    let server = Server::default();
    let valid = server.cookie(&ada());
    let reads = allocations(&server, "/reads", &valid);
    assert_eq!(allocations(&server, "/guarded", &valid), reads);
}

/// C64: a hostile cookie costs no more than a valid one.
#[test]
fn invalid_cookie_allocates_no_more_than_a_valid_one() {
    let server = Server::default();
    let valid = server.cookie(&ada());
    let mut forged = valid.clone();
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    let value = value_of(&valid);
    let most = allocations(&server, "/reads", &valid);
    for cookies in [
        "__Host-auth=junk".to_owned(),
        forged,
        format!("__Host-auth={}", "A".repeat(4000)),
        format!("__Host-auth={}", "A".repeat(20_000)),
        format!("__Host-auth={value}; ")
            .repeat(20)
            .replace("=AQ", "=AX"),
    ] {
        let counted = allocations(&server, "/reads", &cookies);
        assert!(counted <= most, "{counted} for {cookies}");
    }
}

macro_rules! others {
    ($($name:ident)*) => {
        $(
            #[derive(SecureSession)]
            struct $name {
                text: String,
            }
        )*

        /// `Auth`, and the others before or after it.
        fn many(auth_is_last: bool) -> Server {
            let mut builder = SessionMiddleware::builder(ring(&[1]));
            if !auth_is_last {
                builder = builder.session::<Auth>();
            }
            $(builder = builder.session::<$name>();)*
            if auth_is_last {
                builder = builder.session::<Auth>();
            }
            Server::of(&TestClock::at(T0), builder)
        }

        const OTHERS: usize = [$(stringify!($name)),*].len();
    };
}

others! {
    First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth
    Fourteenth Fifteenth
}

/// C64: a request makes exactly the documented number of allocations, regardless of what else is
/// registered.
#[test]
fn sixteen_registered_sessions_allocate_no_more_than_one() {
    assert_eq!(OTHERS + 1, 16);
    let alone = SessionMiddleware::builder(ring(&[1])).session::<Auth>();
    let alone = Server::of(&TestClock::at(T0), alone);
    for server in [Server::default(), alone, many(false), many(true)] {
        assert_eq!(counted(&server), ALLOCATIONS);
    }
}

/// C64: the documents show these numbers.
#[test]
fn allocations_match_the_table_in_the_documents() {
    let page = include_str!("../CHECKS.md");
    for (path, cookies, count) in ALLOCATIONS {
        let row = format!("| `{path}` | {cookies} | {count} |");
        assert!(page.contains(&row), "{row}");
    }
}
