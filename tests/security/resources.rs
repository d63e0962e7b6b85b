//! What a request costs, whatever its cookie.

use actix_secure_session_tests::{
    Auth, ada,
    app::{Server, block_on},
};
use actix_web::{
    App,
    dev::Service as _,
    http::header::{COOKIE, HeaderValue},
    test::{TestRequest, init_service},
    web,
};
use allocation_counter::{AllocationInfo, measure};
use futures_util::{FutureExt as _, future::join_all};
use secure_session::{Session, codec::MAX_COOKIE_BYTES};

use crate::support::value_of;

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

async fn reads_and_waits(auth: Session<Auth>) -> &'static str {
    assert_eq!(auth.name(), "");
    std::future::pending::<()>().await;
    "never"
}

async fn waits(_: Session<Auth>) -> &'static str {
    std::future::pending::<()>().await;
    "never"
}

/// C18: what is longer than any cookie of ours is refused before a byte of it is decoded, let alone
/// copied.
#[test]
fn a_value_beyond_the_limit_costs_no_memory() {
    let codec = Server::default().codec();
    let limit = MAX_COOKIE_BYTES - codec.cookie_name().len() - 1;
    let cost = |len: usize| {
        let value = "A".repeat(len);
        measure(|| assert!(codec.open(&value).is_err())).bytes_total
    };
    for len in [limit + 1, 4097, 5000, 10_000, 100_000] {
        assert_eq!(cost(len), 0, "{len} bytes");
    }
    assert!(cost(limit) > 3000, "within the limit it is decoded");
}

/// What all these requests take while they are under way at once.
fn at_once(server: &Server, path: &str, cookies: &str, count: usize) -> AllocationInfo {
    block_on(async {
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/waits", web::get().to(waits))
            .route("/reads", web::get().to(reads_and_waits));
        let app = init_service(app).await;
        let cookies = HeaderValue::from_str(cookies).unwrap();
        let requests: Vec<_> = (0..count)
            .map(|_| {
                let request = TestRequest::get().uri(path);
                request
                    .insert_header((COOKIE, cookies.clone()))
                    .to_request()
            })
            .collect();
        measure(|| {
            let calls = requests.into_iter().map(|request| app.call(request));
            assert!(join_all(calls).now_or_never().is_none(), "all wait");
        })
    })
}

/// C18: a thousand requests at once with headers of junk take at most two of these headers each more
/// than those whose session is never opened.
#[test]
fn a_thousand_hostile_requests_at_once_take_two_headers_each_at_most() {
    const COUNT: u64 = 1000;
    let server = Server::default();
    let longest = format!("__Host-auth={}", "A".repeat(MAX_COOKIE_BYTES - 12));
    let headers = [
        format!("__Host-auth={}", "A".repeat(4097)),
        format!("__Host-auth={}", "A".repeat(100_000)),
        longest.clone(),
        [longest.as_str(); 24].join("; "),
        "__Host-auth=A;".repeat(7000),
    ];
    for header in headers {
        let taken = |path| {
            let count = usize::try_from(COUNT).unwrap();
            at_once(&server, path, &header, count).bytes_max
        };
        let added = taken("/reads").saturating_sub(taken("/waits")) / COUNT;
        let most = 2 * u64::try_from(header.len()).unwrap();
        assert!(
            added <= most,
            "{added} bytes for a header of {} bytes",
            header.len()
        );
    }
}

/// Allocations of one request beyond those without the middleware.
fn allocations(server: &Server, path: &str, cookies: &str) -> u64 {
    let count = |cookies: &str, with_sessions: bool| {
        block_on(async {
            let routes = |config: &mut web::ServiceConfig| {
                config
                    .route("/bare", web::get().to(async || "ok"))
                    .route("/ignores", web::get().to(ignores))
                    .route("/reads", web::get().to(reads))
                    .route("/writes", web::get().to(writes));
            };
            let (bare, app) = (App::new().configure(routes), App::new().configure(routes));
            let bare = init_service(bare).await;
            let app = init_service(app.wrap(server.sessions.clone())).await;
            let mut last = 0;
            // The first requests fill pools and tables.
            for _ in 0..4 {
                let path = if with_sessions { path } else { "/bare" };
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
    count(cookies, true).saturating_sub(count(cookies, false))
}

/// C64: the most allocations that a request may cost beyond bare actix-web. The page `checks` of the
/// manual has the same table.
const CEILINGS: [(&str, &str, u64); 7] = [
    ("/ignores", "none", 7),
    ("/ignores", "valid", 7),
    ("/reads", "none", 7),
    ("/reads", "valid", 11),
    ("/reads", "invalid", 11),
    ("/writes", "none", 11),
    ("/writes", "valid", 20),
];

/// C64: a request allocates no more than its ceiling, and a hostile cookie no more than a valid one.
#[test]
fn a_request_allocates_no_more_than_its_ceiling() {
    let server = Server::default();
    let valid = server.cookie(&ada());
    let mut forged = valid.clone();
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    let value = value_of(&valid);
    let invalid = [
        "__Host-auth=junk".to_owned(),
        forged,
        format!("__Host-auth={}", "A".repeat(4000)),
        format!("__Host-auth={}", "A".repeat(20_000)),
        format!("__Host-auth={value}; ")
            .repeat(20)
            .replace("=AQ", "=AX"),
    ];
    let mut table = Vec::new();
    for (path, cookies, ceiling) in CEILINGS {
        let counted = match cookies {
            "none" => allocations(&server, path, "other=1"),
            "valid" => allocations(&server, path, &valid),
            _ => {
                let each = invalid
                    .iter()
                    .map(|cookie| allocations(&server, path, cookie));
                each.max().unwrap_or_default()
            }
        };
        table.push((path, cookies, counted, ceiling));
    }
    let over: Vec<_> = table
        .iter()
        .filter(|(.., counted, ceiling)| counted > ceiling)
        .collect();
    assert!(over.is_empty(), "over its ceiling: {over:#?}");
    let of = |wanted: &str| {
        let mut rows = table.iter();
        rows.find(|(path, cookies, ..)| *path == "/reads" && *cookies == wanted)
            .map(|row| row.2)
    };
    assert!(of("invalid") <= of("valid"), "{table:?}");
}

/// C64: the manual shows these ceilings.
#[test]
fn the_manual_has_the_table_of_the_ceilings() {
    let page = include_str!("../../secure-session/src/manual/checks.md");
    for (path, cookies, ceiling) in CEILINGS {
        let row = format!("| `{path}` | {cookies} | {ceiling} |");
        assert!(page.contains(&row), "{row}");
    }
}
