//! C76 over HTTP: twenty orders of two requests, whose handlers wait for the test at each step.

use std::{cell::RefCell, rc::Rc};

use actix_secure_session_tests::app::{Answer, block_on};
use actix_web::{
    App, HttpResponse,
    dev::Service as _,
    http::header::COOKIE,
    test::{TestRequest, init_service},
    web,
};
use futures_util::future::join;
use secure_session::{Revocations, Session};
use tokio::sync::Semaphore;

use super::support::{Auth, AuthSelector, Site};

/// The steps that a handler takes when the test says so: open the session, act, respond.
const STEPS: usize = 3;

#[derive(Clone)]
struct Stage {
    /// A permit for each step that the request may take.
    permits: [Rc<Semaphore>; 2],
    /// A permit for each step that a request has taken.
    taken: Rc<Semaphore>,
    revocations: Revocations,
    log: Rc<RefCell<Vec<String>>>,
}

impl Stage {
    async fn step(&self, request: usize, name: &str) {
        self.permits[request]
            .acquire()
            .await
            .expect("open")
            .forget();
        self.log.borrow_mut().push(format!("{request} {name}"));
        self.taken.add_permits(1);
    }
}

async fn handler(
    auth: Session<Auth>,
    path: web::Path<(usize, String)>,
    stage: web::Data<Stage>,
) -> HttpResponse {
    let (request, act) = path.into_inner();
    stage.step(request, "open").await;
    let user_id = auth.user_id();
    stage.step(request, "act").await;
    match act.as_str() {
        "touch" => auth.touch(),
        "write" => auth.set_visits(1),
        "reauthenticate" => auth.reauthenticate(),
        "regenerate" => auth.regenerate_keeping(&[super::support::AuthField::UserId]),
        "logout" => auth.destroy(),
        "everywhere" => drop(stage.revocations.revoke_all(AuthSelector::UserId(42))),
        "password" => {
            auth.reauthenticate();
            let user = AuthSelector::UserId(42);
            stage
                .revocations
                .revoke_others(&auth, user)
                .await
                .expect("recorded");
        }
        other => panic!("{other}"),
    }
    stage.step(request, "respond").await;
    HttpResponse::Ok().body(format!("{user_id:?}"))
}

/// All orders of twice three steps: twenty.
fn orders() -> Vec<Vec<usize>> {
    let orders = (0_u32..64).filter(|bits| bits.count_ones() == 3);
    orders
        .map(|bits| {
            (0..2 * STEPS)
                .map(|step| usize::from(bits >> step & 1 == 1))
                .collect()
        })
        .collect()
}

/// Returns the cookie that each request sends.
async fn run(site: &Site, acts: [&str; 2], order: &[usize], cookie: &str) -> [Option<String>; 2] {
    let stage = Stage {
        permits: [0, 1].map(|_| Rc::new(Semaphore::new(0))),
        taken: Rc::new(Semaphore::new(0)),
        revocations: site.revocations.clone(),
        log: Rc::default(),
    };
    let app = App::new()
        .app_data(web::Data::new(stage.clone()))
        .wrap(site.sessions.clone())
        .route("/{request}/{act}", web::get().to(handler));
    let app = init_service(app).await;
    let send = |request: usize| {
        let uri = format!("/{request}/{}", acts[request]);
        let request = TestRequest::get().uri(&uri).insert_header((COOKIE, cookie));
        let response = app.call(request.to_request());
        async move {
            let answer = Answer::of(response.await.expect("a response")).await;
            let sent = answer
                .cookie("__Host-auth")
                .filter(|cookie| !cookie.is_removal());
            sent.map(|cookie| format!("__Host-auth={}", cookie.value))
        }
    };
    let conduct = async {
        for request in order {
            stage.permits[*request].add_permits(1);
            stage.taken.acquire().await.expect("open").forget();
            // Let the request run until it waits again.
            for _ in 0..20 {
                actix_web::rt::task::yield_now().await;
            }
        }
    };
    let ((one, other), ()) = join(join(send(0), send(1)), conduct).await;
    assert_eq!(stage.log.borrow().len(), 2 * STEPS);
    [one, other]
}

#[test]
fn nothing_live_is_sent_after_the_end_in_twenty_orders_over_http() {
    let orders = orders();
    assert_eq!(orders.len(), 20);
    block_on(async {
        for (ending, writing) in [
            ("logout", "touch"),
            ("logout", "write"),
            ("logout", "reauthenticate"),
            ("logout", "regenerate"),
            ("everywhere", "write"),
            ("password", "write"),
            ("everywhere", "password"),
        ] {
            for order in &orders {
                let site = Site::new();
                let cookie = site.signed_in();
                let [ended, written] = run(&site, [ending, writing], order, &cookie).await;
                let context = format!("{ending}, {writing}: {order:?}");
                assert!(!site.accepts(&cookie), "{context}");
                match ending {
                    // The password was confirmed here, and others end.
                    "password" => assert!(site.accepts(&ended.expect("sent")), "{context}"),
                    _ => assert!(!ended.is_some_and(|sent| site.accepts(&sent)), "{context}"),
                }
                let at = |request, step| {
                    let steps = order.iter().enumerate().filter(|(_, it)| **it == request);
                    steps.map(|(at, _)| at).nth(step)
                };
                let (opens, acts, responds) = (
                    |request| at(request, 0),
                    |request| at(request, 1),
                    |request| at(request, 2),
                );
                let is_written_before_the_end = responds(1) < acts(0);
                // With a credential: before a logout of the old id, or after all were revoked.
                let may_live = match writing {
                    "reauthenticate" => is_written_before_the_end,
                    "password" => opens(1) < acts(0) && acts(0) < acts(1),
                    _ => false,
                };
                let is_accepted = written.is_some_and(|sent| site.accepts(&sent));
                assert!(!is_accepted || may_live, "{context}");
                assert_eq!(is_accepted, may_live, "a new login lives: {context}");
            }
        }
    });
}
