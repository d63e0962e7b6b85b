//! Situations of revocable sessions, with what they log.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use actix_secure_session_tests::{T0, app::block_on, key, logs::Logs, ring};
use actix_web::{
    App, HttpResponse,
    dev::Service as _,
    http::header::COOKIE,
    rt::time::sleep,
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    Appended, Page, Position, RevocationEntry, RevocationStore, Revocations, SecureSession,
    Session, SessionMiddleware, StoreFuture,
    policy::FastifyMigration,
    test_util::{FaultyStore, MemoryStore, TestClock, TestSession},
};

use crate::situations::{built_by_each_worker, logs_of};

#[derive(SecureSession)]
#[session(revocable)]
struct Auth {
    #[session(identity)]
    user_id: Option<u64>,
}

fn sessions(revocations: &Revocations, clock: &TestClock) -> SessionMiddleware {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let builder = builder.clock(clock).revocations(revocations);
    builder.session::<Auth>().build().unwrap()
}

/// Signs a user in and returns the cookie.
fn sign_in(sessions: &SessionMiddleware) -> String {
    let request = TestSession::new(&sessions.codec::<Auth>().unwrap());
    request.session().sign_in();
    request.session().set_user_id(42);
    let response = request.finish();
    response
        .set_cookie()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

/// A request with a cookie of a revoked session that writes.
pub(crate) fn written_after_revocation() -> Logs {
    logs_of(|| {
        let clock = TestClock::at(T0);
        let revocations = Revocations::in_memory();
        let sessions = sessions(&revocations, &clock);
        let cookie = sign_in(&sessions);
        drop(revocations.revoke_all(AuthSelector::UserId(42)));
        let codec = sessions.codec::<Auth>().unwrap();
        let request = TestSession::from_cookie_header(&codec, &cookie);
        request.session().touch();
        request.finish().assert_unchanged();
    })
}

/// The application's function panics when a session begins.
pub(crate) fn event_panicked() -> Logs {
    logs_of(|| {
        let builder = SessionMiddleware::builder(ring(&[1]));
        let builder = builder
            .revocations(&Revocations::in_memory())
            .session::<Auth>();
        sign_in(&builder.on_event(|_| panic!("on purpose")).build().unwrap());
    })
}

/// A login whose request then revokes all sessions of the user, twice.
pub(crate) fn revoked_itself() -> Logs {
    logs_of(|| {
        let revocations = Revocations::in_memory();
        let sessions = sessions(&revocations, &TestClock::at(T0));
        let request = TestSession::new(&sessions.codec::<Auth>().unwrap());
        request.session().sign_in();
        request.session().set_user_id(42);
        drop(revocations.revoke_all(AuthSelector::UserId(42)));
        request.finish().assert_unchanged();
    })
}

/// A session that is revoked while a request refreshes it.
pub(crate) fn revoked_in_request() -> Logs {
    logs_of(|| {
        let revocations = Revocations::in_memory();
        let sessions = sessions(&revocations, &TestClock::at(T0));
        let codec = sessions.codec::<Auth>().unwrap();
        let request = TestSession::from_cookie_header(&codec, sign_in(&sessions));
        request.session().touch();
        drop(revocations.revoke_all(AuthSelector::UserId(42)));
        request.finish().assert_unchanged();
    })
}

/// Cookies of the Node package are accepted for a revocable session.
pub(crate) fn migrated_and_revocable() -> Logs {
    logs_of(|| {
        SessionMiddleware::builder(ring(&[1]))
            .revocations(&Revocations::in_memory())
            .session_with::<Auth>(|policy| {
                policy.migrate_from_fastify(FastifyMigration::new(key(7)))
            })
            .build()
            .unwrap();
    })
}

pub(crate) fn revocations_per_worker() -> Logs {
    built_by_each_worker(true, || {
        let builder = SessionMiddleware::builder(ring(&[1]));
        builder
            .revocations(&Revocations::in_memory())
            .session::<Auth>()
    })
}

/// Runs a test that waits for events of other threads.
fn during(run: impl FnOnce(&Logs)) -> Logs {
    let logs = Logs::default();
    tracing::subscriber::with_default(logs.clone(), || run(&logs));
    logs
}

async fn eventually(logs: &Logs, event: &str) {
    let start = Instant::now();
    while logs.named(event).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(10), "no {event}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// A store that fails, works again, forgets, and has junk.
pub(crate) fn store_fails() -> Logs {
    during(|logs| {
        block_on(async {
            let store = FaultyStore::new();
            let revocations = Revocations::builder().max_entries(1);
            let revocations = revocations.with_store(store.clone()).await.unwrap();
            let clock = TestClock::at(T0);
            let sessions = sessions(&revocations, &clock);
            store.fail(true);
            eventually(logs, "revocations.behind").await;
            logout(&sessions).await;
            eventually(logs, "revocations.append_failed").await;
            store.fail(false);
            eventually(logs, "revocations.live").await;
            revocations.flush().await.unwrap();
            store.forget();
            eventually(logs, "revocations.restored").await;
            let junk = [[1; 32], [2; 32]].map(RevocationEntry::from_bytes);
            store.append(&junk).await.unwrap();
            eventually(logs, "revocations.junk").await;
            eventually(logs, "revocations.newer_entry").await;
            eventually(logs, "revocations.many_entries").await;
        });
    })
}

async fn logout(sessions: &SessionMiddleware) {
    let route = web::get().to(|auth: Session<Auth>| async move {
        auth.destroy();
        HttpResponse::Ok().finish()
    });
    let app = init_service(App::new().wrap(sessions.clone()).route("/", route)).await;
    let request = TestRequest::get().insert_header((COOKIE, sign_in(sessions)));
    assert_eq!(app.call(request.to_request()).await.unwrap().status(), 200);
}

/// A store that panics once.
struct Panics(MemoryStore, AtomicU32);

impl RevocationStore for Panics {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        assert!(self.1.fetch_add(1, Ordering::SeqCst) > 0, "on purpose");
        self.0.append(entries)
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        self.0.read(after, wait)
    }
}

pub(crate) fn store_panics() -> Logs {
    during(|logs| {
        block_on(async {
            let store = Panics(MemoryStore::new(), AtomicU32::new(0));
            let revocations = Revocations::with_store(store).await.unwrap();
            let sessions = sessions(&revocations, &TestClock::at(T0));
            drop(revocations.revoke_all(AuthSelector::UserId(42)));
            eventually(logs, "revocations.store_panicked").await;
            drop(sessions);
        });
    })
}
