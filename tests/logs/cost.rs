//! The cost of logging if no subscriber is interested.

use actix_secure_session_tests::{
    Auth, ada,
    app::{Server, block_on},
    logs::Logs,
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
use secure_session::Session;
use tracing::Level;

use crate::situations::request;

async fn reads(auth: Session<Auth>) -> &'static str {
    assert_eq!(auth.visits(), 5);
    "ok"
}

async fn writes(auth: Session<Auth>) -> &'static str {
    auth.sign_in();
    auth.set_visits(9);
    "ok"
}

/// Allocations of the third request.
fn allocations(server: &Server, path: &str, cookie: &str) -> u64 {
    block_on(async {
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/reads", web::get().to(reads))
            .route("/writes", web::get().to(writes));
        let app = init_service(app).await;
        let mut last = 0;
        for _ in 0..3 {
            let request = TestRequest::get().uri(path);
            let request = request.insert_header((COOKIE, cookie)).to_request();
            let info = measure(|| {
                let answer = app.call(request).now_or_never().expect("ready at once");
                assert_eq!(answer.unwrap().status(), 200);
            });
            last = info.count_total;
        }
        last
    })
}

#[test]
fn plain_http_check_does_not_run_for_every_response() {
    let cookie = Server::default().cookie(&ada());
    let open = Server::default();
    let settled = Server::default();
    let headers = [("host", "shop.example"), ("forwarded", "proto=https")];
    request(&settled.sessions, &headers, |auth| auth.set_visits(1));
    let [open, settled] = [open, settled].map(|server| allocations(&server, "/writes", &cookie));
    assert_eq!(open, settled);
}

#[test]
fn subscriber_at_info_costs_a_request_no_allocation() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    for path in ["/reads", "/writes"] {
        let silent = allocations(&server, path, &cookie);
        let at = |level| {
            let logs = Logs::up_to(level);
            let subscriber = logs.clone();
            let count = tracing::subscriber::with_default(subscriber, || {
                allocations(&server, path, &cookie)
            });
            (count, logs.events().len())
        };
        assert_eq!(at(Level::INFO), (silent, 0), "{path}");
        let (at_trace, events) = at(Level::TRACE);
        assert!(at_trace > silent && events > 0, "the question is answered");
    }
}
