//! The cost of a request, whatever its cookie.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, T0,
    app::{Server, block_on},
    key,
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
use secure_session::{
    ExpiryLimit, RejectReason, SecureSession, Session,
    codec::{Codec, MAX_COOKIE_BYTES},
    test_util::TestClock,
};
use serde_json::{Map, Value};

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Legacy {
    #[session(rest)]
    rest: Map<String, Value>,
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

/// C18: a value longer than any valid cookie is rejected before a byte of it is decoded or copied.
#[test]
fn value_beyond_the_limit_costs_no_memory() {
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

/// C18: an expired session of the fastify format is rejected by its time, before its members are
/// parsed.
#[test]
fn expired_fastify_session_allocates_the_same_for_any_member_count() {
    let allocations = |members: u32| {
        let clock = TestClock::at(T0);
        let rest = (0..members).map(|number| (format!("member{number}"), number.into()));
        let codec: Codec<Legacy> = Codec::builder(key(1)).clock(&clock).build().unwrap();
        let text = codec
            .seal(&Legacy {
                rest: rest.collect(),
            })
            .unwrap();
        let in_time = measure(|| assert!(codec.open(&text).is_ok())).count_total;
        clock.advance(Duration::from_secs(1_000_000));
        let reason = RejectReason::Expired(ExpiryLimit::Idle);
        let expired = measure(|| assert_eq!(codec.open(&text).unwrap_err(), reason)).count_total;
        (in_time, expired)
    };
    let ((in_time_few, few), (in_time_many, many)) = (allocations(1), allocations(150));
    assert_eq!(few, many);
    assert!(in_time_many > in_time_few + 150, "members allocate");
}

/// The memory of all these requests while they are in progress at once.
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

/// C18: a thousand concurrent requests with headers of junk take at most two of these headers each
/// more than requests whose session is never opened.
#[test]
fn thousand_concurrent_hostile_requests_use_little_memory() {
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
