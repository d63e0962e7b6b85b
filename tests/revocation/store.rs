//! C78: what happens when the store is late, fails, forgets or has junk.

use std::{
    collections::HashSet,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
};
use actix_web::{
    App, HttpResponse,
    http::StatusCode,
    http::header::COOKIE,
    rt::time::sleep,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Appended, Page, Position, RejectReason, RevocationEntry, RevocationError, RevocationState,
    RevocationStore, RevocationStoreError, Revocations, Session, SessionId, SessionOrigin,
    StoreFuture,
    test_util::{FaultyStore, MemoryStore, TestClock},
};

use super::support::{Auth, AuthSelector, Site, ada};

/// A process with a store that fails on demand.
struct Faulty {
    store: FaultyStore,
    site: Site,
}

impl Faulty {
    async fn new() -> Self {
        let clock = TestClock::at(T0);
        let store = FaultyStore::with(MemoryStore::at(&clock));
        let revocations = Revocations::builder()
            .clock(&clock)
            .with_store(store.clone())
            .await
            .unwrap();
        Self {
            store,
            site: Site::of(&clock, &revocations),
        }
    }

    /// Waits until the process has noticed that the store fails, or works again.
    async fn until(&self, is_expected: impl Fn(&RevocationState) -> bool) {
        let start = Instant::now();
        while !is_expected(&self.site.revocations.state()) {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{:?}",
                self.site.revocations.state()
            );
            sleep(Duration::from_millis(5)).await;
        }
    }

    async fn fail_for(&self, time: Duration) {
        self.store.fail(true);
        self.until(|state| !matches!(state, RevocationState::Live { .. }))
            .await;
        self.site.clock.advance(time);
    }

    fn not_recorded(&self) -> u64 {
        match self.site.revocations.state() {
            RevocationState::Live { counters, .. }
            | RevocationState::Behind { counters, .. }
            | RevocationState::Refusing { counters, .. } => counters.not_recorded,
            state => panic!("{state:?}"),
        }
    }

    /// Sends a request to an application with a page, a page for anybody, a login and a logout.
    async fn send(&self, path: &str, cookie: &str) -> (Answer, Duration) {
        async fn page(auth: Session<Auth>) -> String {
            format!("{:?}", auth.user_id())
        }
        async fn anybody(auth: Option<Session<Auth>>) -> String {
            format!("{:?}", auth.map(|auth| auth.user_id()))
        }
        async fn login(auth: Session<Auth>) -> HttpResponse {
            auth.sign_in();
            auth.replace(ada());
            HttpResponse::Ok().body("hello")
        }
        async fn logout(auth: Session<Auth>) -> HttpResponse {
            auth.destroy();
            HttpResponse::Ok().body("goodbye")
        }
        async fn touch(auth: Session<Auth>) -> HttpResponse {
            auth.touch();
            HttpResponse::Ok().finish()
        }
        let app = App::new()
            .wrap(self.site.sessions.clone())
            .route("/", web::get().to(page))
            .route("/anybody", web::get().to(anybody))
            .route("/login", web::get().to(login))
            .route("/touch", web::get().to(touch))
            .route("/logout", web::get().to(logout));
        let app = init_service(app).await;
        let mut request = TestRequest::get().uri(path);
        if !cookie.is_empty() {
            request = request.insert_header((COOKIE, cookie));
        }
        let start = Instant::now();
        let response = call_service(&app, request.to_request()).await;
        let took = start.elapsed();
        (Answer::of(response).await, took)
    }
}

/// Waits until something holds, which happens in another thread.
async fn eventually(holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "it never holds");
        sleep(Duration::from_millis(5)).await;
    }
}

fn in_time(took: Duration) -> bool {
    // 250 ms, and the machine's own delays.
    took < Duration::from_millis(400)
}

#[test]
fn sessions_open_by_the_last_known_list_while_the_store_is_away() {
    block_on(async {
        let faulty = Faulty::new().await;
        let [ended, live] = [0, 1].map(|_| faulty.site.signed_in());
        faulty.send("/logout", &ended).await;
        faulty.fail_for(Duration::from_secs(119)).await;
        assert!(matches!(
            faulty.site.revocations.state(),
            RevocationState::Behind { .. }
        ));
        assert_eq!(faulty.send("/", &live).await.0.body, b"Some(42)");
        assert_eq!(faulty.send("/", &ended).await.0.body, b"None");
    });
}

#[test]
fn stale_list_refuses_sessions_that_were_sent_and_serves_others() {
    block_on(async {
        let faulty = Faulty::new().await;
        let cookie = faulty.site.signed_in();
        faulty.fail_for(Duration::from_secs(121)).await;
        assert!(matches!(
            faulty.site.revocations.state(),
            RevocationState::Refusing { .. }
        ));
        for path in ["/", "/login", "/logout"] {
            let (answer, _) = faulty.send(path, &cookie).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            let retry_after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((3..=8).contains(&retry_after), "{retry_after}");
            assert!(answer.body.is_empty() && answer.set_cookies().is_empty());
        }
        assert_eq!(faulty.send("/anybody", &cookie).await.0.body, b"None");
        assert_eq!(faulty.send("/", "").await.0.body, b"None");
        assert_eq!(
            faulty.send("/anybody", "other=1").await.0.body,
            b"Some(None)"
        );
        // A login without a cookie is sent; nothing else is.
        let (answer, _) = faulty.send("/login", "").await;
        assert_eq!(answer.set_cookies().len(), 1);
        let (answer, _) = faulty.send("/touch", "").await;
        assert!(answer.set_cookies().is_empty());

        faulty.store.fail(false);
        faulty
            .until(|state| matches!(state, RevocationState::Live { .. }))
            .await;
        assert_eq!(faulty.send("/", &cookie).await.0.body, b"Some(42)");
    });
}

#[test]
fn session_that_becomes_stale_in_a_request_is_not_sent() {
    block_on(async {
        let faulty = Faulty::new().await;
        let cookie = faulty.site.signed_in();
        let request = faulty.site.request(&cookie);
        request.session().touch();
        faulty.fail_for(Duration::from_secs(121)).await;
        request.finish().assert_unchanged();
    });
}

#[test]
fn codec_outside_a_request_checks_the_list_too() {
    block_on(async {
        let faulty = Faulty::new().await;
        let codec = faulty.site.codec();
        let before = codec.seal(&ada()).unwrap();
        let user = || AuthSelector::UserId(42);
        faulty.site.revocations.revoke_all(user()).await.unwrap();
        // The proof of a new session is that of its encryption.
        let mut session = codec.open(codec.seal(&ada()).unwrap()).unwrap();
        assert_eq!(codec.open(&before).unwrap_err(), RejectReason::Revoked);
        session.visits += 1;
        let after = session.seal(&codec).unwrap();
        assert_eq!(codec.open(&after).unwrap().visits, 1);

        faulty.fail_for(Duration::from_secs(121)).await;
        assert_eq!(codec.open(&after).unwrap_err(), RejectReason::Unchecked);
        assert_eq!(codec.open(&before).unwrap_err(), RejectReason::Revoked);
    });
}

#[test]
fn max_staleness_none_serves_on() {
    block_on(async {
        let clock = TestClock::at(T0);
        let store = FaultyStore::with(MemoryStore::at(&clock));
        let revocations = Revocations::builder().clock(&clock).max_staleness(None);
        let revocations = revocations.with_store(store.clone()).await.unwrap();
        let site = Site::of(&clock, &revocations);
        let faulty = Faulty { store, site };
        faulty.fail_for(Duration::from_secs(3600)).await;
        assert!(matches!(
            faulty.site.revocations.state(),
            RevocationState::Behind { .. }
        ));
        let cookie = faulty.site.signed_in();
        assert_eq!(faulty.send("/", &cookie).await.0.body, b"Some(42)");
    });
}

#[test]
fn logout_is_sent_after_250_ms_and_recorded_later() {
    block_on(async {
        let faulty = Faulty::new().await;
        let cookie = faulty.site.signed_in();
        faulty.store.delay_appends(Duration::from_millis(600));
        let (answer, took) = faulty.send("/logout", &cookie).await;
        assert!(
            took >= Duration::from_millis(200) && in_time(took),
            "{took:?}"
        );
        assert_eq!(answer.body, b"goodbye");
        assert!(answer.cookie("__Host-auth").unwrap().is_removal());
        assert_eq!(faulty.not_recorded(), 1);
        assert!(!faulty.site.accepts(&cookie));
        assert!(faulty.store.store().entries().is_empty());
        eventually(|| faulty.store.store().entries().len() == 1).await;
    });
}

#[test]
fn logout_waits_for_a_store_that_is_only_slow() {
    block_on(async {
        let faulty = Faulty::new().await;
        let cookie = faulty.site.signed_in();
        faulty.store.delay_appends(Duration::from_millis(50));
        let (_, took) = faulty.send("/logout", &cookie).await;
        assert!(took >= Duration::from_millis(50), "{took:?}");
        assert_eq!(faulty.not_recorded(), 0);
        assert_eq!(faulty.store.store().entries().len(), 1);
    });
}

#[test]
fn request_that_revokes_twice_waits_250_ms_in_total() {
    block_on(async {
        let faulty = Faulty::new().await;
        faulty.store.fail_appends(true);
        let start = Instant::now();
        let result = faulty
            .site
            .revocations
            .revoke_all(AuthSelector::UserId(7))
            .await;
        assert_eq!(result, Err(RevocationError::NotRecorded));
        faulty.send("/logout", &faulty.site.signed_in()).await;
        assert!(in_time(start.elapsed()), "{:?}", start.elapsed());
        assert_eq!(faulty.not_recorded(), 1);
    });
}

#[test]
fn revocation_that_fails_counts_here_and_is_tried_until_it_succeeds() {
    block_on(async {
        let faulty = Faulty::new().await;
        let other = Revocations::builder().clock(&faulty.site.clock);
        let other = other
            .with_store(faulty.store.store().clone())
            .await
            .unwrap();
        let other = Site::of(&faulty.site.clock, &other);
        let [one, two, three] = [0, 1, 2].map(|_| faulty.site.signed_in());
        let id = faulty.site.request(&two).session().info().id().unwrap();
        faulty.store.fail_appends(true);
        let failed = Err(RevocationError::NotRecorded);
        let revocations = &faulty.site.revocations;
        assert_eq!(
            revocations.revoke_all(AuthSelector::UserId(42)).await,
            failed
        );
        assert_eq!(revocations.revoke_session::<Auth>(id).await, failed);
        assert!(!faulty.site.accepts(&one) && other.accepts(&one));
        faulty.store.fail_appends(false);
        eventually(|| !other.accepts(&one) && !other.accepts(&two)).await;
        assert!(!other.accepts(&three));
        revocations.flush().await.unwrap();
    });
}

#[test]
fn revoke_others_that_fails_is_not_tried_again() {
    block_on(async {
        let faulty = Faulty::new().await;
        let [ours, theirs] = [0, 1].map(|_| faulty.site.signed_in());
        let request = faulty.site.request(&ours);
        let auth = request.session();
        faulty.store.fail_appends(true);
        let others = faulty
            .site
            .revocations
            .revoke_others(&auth, AuthSelector::UserId(42));
        assert_eq!(others.await, Err(RevocationError::NotRecorded));
        faulty.store.fail_appends(false);
        faulty.send("/logout", &faulty.site.signed_in()).await;
        faulty.site.revocations.flush().await.unwrap();
        assert_eq!(faulty.store.store().entries().len(), 1, "only the logout");
        assert!(faulty.site.accepts(&ours) && faulty.site.accepts(&theirs));

        let start = Instant::now();
        let others = faulty
            .site
            .revocations
            .revoke_others(&auth, AuthSelector::UserId(42));
        others.await.unwrap();
        assert!(in_time(start.elapsed()));
        assert!(!faulty.site.accepts(&theirs));
        request.finish().assert_stored();
    });
}

#[test]
fn lost_entries_are_appended_again_by_a_process_that_holds_them() {
    block_on(async {
        let faulty = Faulty::new().await;
        let [ended, blocked] = [0, 1].map(|_| faulty.site.signed_in());
        faulty.send("/logout", &ended).await;
        let revocations = &faulty.site.revocations;
        revocations
            .revoke_all(AuthSelector::UserId(42))
            .await
            .unwrap();
        faulty.store.forget();
        eventually(|| faulty.store.store().entries().len() >= 2).await;
        let later = Revocations::builder().clock(&faulty.site.clock);
        let later = later
            .with_store(faulty.store.store().clone())
            .await
            .unwrap();
        let later = Site::of(&faulty.site.clock, &later);
        eventually(|| !later.accepts(&ended) && !later.accepts(&blocked)).await;
        // The numbers go on.
        revocations
            .revoke_all(AuthSelector::UserId(42))
            .await
            .unwrap();
        assert!(later.accepts(&later.signed_in()));
    });
}

/// A store that loses its entries once more when the first part of them is appended again.
#[derive(Clone, Default)]
struct LosesTwice {
    store: MemoryStore,
    is_next: Arc<AtomicBool>,
}

impl RevocationStore for LosesTwice {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            let appended = self.store.append(entries).await;
            if self.is_next.swap(false, Ordering::SeqCst) {
                self.store.clear();
            }
            appended
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        self.store.read(after, wait)
    }
}

#[test]
fn entries_lost_again_during_a_repair_are_appended_again() {
    block_on(async {
        let clock = TestClock::at(T0);
        let store = LosesTwice::default();
        let revocations = Revocations::builder().clock(&clock);
        let revocations = revocations.with_store(store.clone()).await.unwrap();
        let _site = Site::of(&clock, &revocations);
        // More than one piece of a repair.
        for number in 0..1200_u128 {
            let id = SessionId::from_bytes(number.to_be_bytes());
            drop(revocations.revoke_session::<Auth>(id));
        }
        revocations.flush().await.unwrap();
        eventually(|| store.store.entries().len() == 1200).await;
        store.is_next.store(true, Ordering::SeqCst);
        store.store.clear();
        eventually(|| store.store.entries().len() >= 1200).await;
        let distinct: HashSet<_> = store.store.entries().into_iter().collect();
        assert_eq!(distinct.len(), 1200);
    });
}

#[test]
fn repair_that_fails_is_tried_again() {
    block_on(async {
        let faulty = Faulty::new().await;
        faulty.send("/logout", &faulty.site.signed_in()).await;
        faulty.store.fail_appends(true);
        faulty.store.forget();
        let is_away = |state: &RevocationState| !matches!(state, RevocationState::Live { .. });
        faulty.until(is_away).await;
        // Long enough for some attempts.
        sleep(Duration::from_millis(300)).await;
        assert!(is_away(&faulty.site.revocations.state()));
        faulty.store.fail_appends(false);
        eventually(|| faulty.store.store().entries().len() == 1).await;
        faulty
            .until(|state| matches!(state, RevocationState::Live { .. }))
            .await;
    });
}

#[test]
fn junk_in_the_store_is_skipped_and_counted() {
    block_on(async {
        let faulty = Faulty::new().await;
        let junk: Vec<_> = [[0; 32], [1; 32], [2; 32], [255; 32]]
            .map(RevocationEntry::from_bytes)
            .into();
        faulty.store.append(&junk).await.unwrap();
        let cookie = faulty.site.signed_in();
        faulty.send("/logout", &cookie).await;
        let skipped = || match faulty.site.revocations.state() {
            RevocationState::Live { counters, .. } => counters.skipped,
            state => panic!("{state:?}"),
        };
        eventually(|| skipped() == 4).await;
        assert!(!faulty.site.accepts(&cookie));
    });
}

#[test]
fn queued_entries_are_appended_when_the_last_handle_is_dropped() {
    let store = FaultyStore::new();
    let cookie = block_on(async {
        let revocations = Revocations::with_store(store.clone()).await.unwrap();
        let clock = TestClock::at(T0);
        let site = Site::of(&clock, &revocations);
        let cookie = site.signed_in();
        store.delay_appends(Duration::from_millis(300));
        let request = site.request(&cookie);
        request.session().destroy();
        let _ = request.finish();
        cookie
    });
    assert!(!cookie.is_empty());
    assert_eq!(store.store().entries().len(), 1);
}

#[test]
fn store_that_is_not_read_in_5_seconds_is_an_error_of_the_constructor() {
    block_on(async {
        let store = FaultyStore::new();
        store.fail_reads(true);
        let start = Instant::now();
        let err = Revocations::with_store(store).await.unwrap_err();
        assert!(matches!(err, RevocationStoreError::Unavailable(_)));
        let took = start.elapsed();
        assert!((4..8).contains(&took.as_secs()), "{took:?}");
    });
}

/// A store that panics now and then.
struct Panics(MemoryStore, std::sync::atomic::AtomicU32);

impl Panics {
    fn count(&self) {
        let count = self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        assert!(count % 3 != 2, "on purpose");
    }
}

impl RevocationStore for Panics {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            self.count();
            self.0.append(entries).await
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            self.count();
            self.0.read(after, wait).await
        })
    }
}

#[test]
fn store_that_panics_is_tried_again() {
    block_on(async {
        let store = MemoryStore::new();
        let revocations = Revocations::with_store(Panics(store.clone(), 0.into()))
            .await
            .unwrap();
        let site = Site::of(&TestClock::at(T0), &revocations);
        for count in 1..5 {
            let request = site.request(&site.signed_in());
            request.session().destroy();
            let _ = request.finish();
            eventually(|| store.entries().len() == count).await;
        }
    });
}

#[test]
fn sign_in_into_a_group_without_a_number_is_a_503() {
    block_on(async {
        let faulty = Faulty::new().await;
        faulty.store.fail_appends(true);
        let failed = faulty
            .site
            .revocations
            .revoke_all(AuthSelector::UserId(42))
            .await;
        assert_eq!(failed, Err(RevocationError::NotRecorded));
        let (answer, _) = faulty.send("/login", "").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.header("retry-after").is_some());
        assert!(answer.set_cookies().is_empty() && answer.body.is_empty());
        faulty.store.fail_appends(false);
        faulty.site.revocations.flush().await.unwrap();
        let (answer, _) = faulty.send("/login", "").await;
        assert_eq!(answer.body, b"hello");
        assert_eq!(answer.set_cookies().len(), 1);
    });
}

#[test]
fn future_of_a_revocation_need_not_be_awaited() {
    block_on(async {
        let faulty = Faulty::new().await;
        let cookie = faulty.site.signed_in();
        drop(faulty.site.revocations.revoke_all(AuthSelector::UserId(42)));
        assert!(!faulty.site.accepts(&cookie));
        eventually(|| faulty.store.store().entries().len() == 1).await;
        let origin = faulty.site.request(&cookie).session().info().origin();
        assert_eq!(origin, SessionOrigin::Revoked);
    });
}

/// Futures of revocations are `Send`, for tasks on other threads.
#[test]
fn futures_are_send() {
    fn is_send<F: Future + Send>(future: F) {
        drop(future);
    }
    let site = Site::new();
    let request = site.request("");
    let (auth, revocations) = (request.session(), &site.revocations);
    is_send(revocations.revoke_all(AuthSelector::UserId(1)));
    is_send(revocations.revoke_others(&auth, AuthSelector::UserId(1)));
    is_send(revocations.revoke_everyone::<Auth>());
    is_send(revocations.flush());
    is_send(Revocations::with_store(MemoryStore::new()));
    is_send(auth.ended());
}

/// A store that fails once after the list was read, and then never comes to the end of a backlog.
#[derive(Default)]
struct Backlog(std::sync::atomic::AtomicU32);

impl RevocationStore for Backlog {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move { Ok(Appended::of(entries)) })
    }

    fn read<'a>(&'a self, after: &'a Position, _: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let count = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if count == 1 {
                return Err(RevocationStoreError::unavailable("on purpose"));
            }
            Ok(Page {
                entries: Vec::new(),
                position: after.clone(),
                is_last: count == 0,
            })
        })
    }
}

#[test]
fn list_is_not_current_before_the_last_page_of_a_backlog() {
    block_on(async {
        let store = std::sync::Arc::new(Backlog::default());
        let revocations = Revocations::with_store(Shared(store.clone()))
            .await
            .unwrap();
        let reads = || store.0.load(std::sync::atomic::Ordering::SeqCst);
        eventually(|| reads() > 20).await;
        assert!(matches!(
            revocations.state(),
            RevocationState::Behind { .. }
        ));
    });
}

/// A store that the test keeps, too.
struct Shared<S>(std::sync::Arc<S>);

impl<S: RevocationStore> RevocationStore for Shared<S> {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        self.0.append(entries)
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        self.0.read(after, wait)
    }
}
