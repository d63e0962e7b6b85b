//! The test kit, events and warnings.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_secure_session_tests::{T0, app::block_on, key, ring};
use actix_web::rt::time::sleep;
use secure_session::{
    Appended, EndReason, Page, Position, RevocationEntry, RevocationStore, Revocations,
    SecureSession, SessionEvent, SessionId, SessionMiddleware, StoreFuture,
    policy::FastifyMigration,
    test_util::{FaultyStore, MemoryStore, StoreState, TestClock, store_conformance},
};

use super::support::{Auth, AuthSelector, Site, cookie_of};

#[test]
fn store_in_memory_conforms() {
    block_on(async {
        let mut store = MemoryStore::new();
        store_conformance(move |state| {
            match state {
                StoreState::New => store = MemoryStore::new(),
                StoreState::Emptied => store.clear(),
                _ => {}
            }
            let store = FaultyStore::with(store.clone());
            async move { store }
        })
        .await;
    });
}

/// Entries of every third append become visible late, before entries that were read.
#[derive(Clone, Default)]
struct LateStore {
    store: MemoryStore,
    late: Arc<Mutex<(u32, Vec<RevocationEntry>)>>,
}

impl RevocationStore for LateStore {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            let is_late = {
                let mut late = self.late.lock().unwrap();
                late.0 += 1;
                late.0.is_multiple_of(3) && entries.len() == 2
            };
            if is_late {
                // The number is given now, and the entry is written after the next ones.
                let numbers = MemoryStore::new();
                let appended = numbers.append(entries).await?;
                sleep(Duration::from_millis(20)).await;
                let numbered: Vec<_> = entries
                    .iter()
                    .zip(appended.numbers())
                    .map(|(entry, number)| number.map_or(*entry, |it| entry.with_number(it)))
                    .collect();
                return self.store.append(&numbered).await;
            }
            self.store.append(entries).await
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        self.store.read(after, wait)
    }
}

#[test]
#[should_panic(expected = "numbers must rise in the order of reading")]
fn store_whose_numbers_become_visible_late_does_not_conform() {
    block_on(store_conformance(|_| async { LateStore::default() }));
}

/// What `on_event` received, in words.
fn with_events(site: &Site) -> (Site, Arc<Mutex<Vec<String>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let site = Site::with(&site.clock, &site.revocations, |builder| {
        builder.on_event(move |event| {
            let text = match event {
                SessionEvent::Began { id, previous, .. } => match previous {
                    None => format!("began {id}"),
                    Some(previous) => format!("began {id} after {previous}"),
                },
                SessionEvent::Ended { id, because, .. } => format!("ended {id} {because:?}"),
                SessionEvent::RevokedUsed { id, .. } => format!("used {id}"),
                _ => panic!("a new event"),
            };
            seen.lock().unwrap().push(text);
            assert!(
                !matches!(event, SessionEvent::RevokedUsed { .. }),
                "a panic is caught"
            );
        })
    });
    (site, events)
}

#[test]
fn application_learns_of_sessions_that_begin_end_and_are_used_afterwards() {
    let (site, events) = with_events(&Site::new());
    let expect = |expected: &[String]| {
        let seen = std::mem::take(&mut *events.lock().unwrap());
        assert_eq!(seen, expected);
    };
    let id_of = |cookie: &str| -> SessionId { site.request(cookie).session().info().id().unwrap() };
    let first = site.signed_in();
    let first_id = id_of(&first);
    expect(&[format!("began {first_id}")]);

    let request = site.request(&first);
    request.session().reauthenticate();
    let second = cookie_of(&request.finish()).unwrap();
    let second_id = id_of(&second);
    expect(&[
        format!("ended {first_id} {:?}", EndReason::Reauthenticated),
        format!("began {second_id} after {first_id}"),
    ]);

    let request = site.request(&second);
    request.session().set_visits(1);
    let second = cookie_of(&request.finish()).unwrap();
    expect(&[]);

    let request = site.request(&second);
    request.session().destroy();
    request.session().destroy();
    let _ = request.finish();
    expect(&[format!("ended {second_id} {:?}", EndReason::Destroyed)]);

    site.clock.advance(Duration::from_secs(59));
    assert!(!site.accepts(&second));
    expect(&[]);
    site.clock.advance(Duration::from_secs(1));
    assert!(!site.accepts(&second));
    expect(&[format!("used {second_id}")]);
    let secure_session::RevocationState::Live { counters, .. } = site.revocations.state() else {
        panic!("there is no store");
    };
    assert_eq!(counters.revoked_used, 1);
}

#[derive(SecureSession)]
struct Plain {
    name: String,
}

#[test]
fn revocable_session_needs_revocations_and_no_other_does() {
    let builder = || SessionMiddleware::builder(ring(&[1])).session::<Auth>();
    let err = builder().build().unwrap_err().to_string();
    assert!(
        err.contains("a `revocable` session needs `.revocations(…)`"),
        "{err}"
    );
    let revocations = Revocations::in_memory();
    let plain = SessionMiddleware::builder(ring(&[1])).revocations(&revocations);
    assert!(plain.session::<Plain>().build().is_ok());
    // The same revocations serve one application.
    let site = Site::of(&TestClock::at(T0), &revocations);
    let err = builder()
        .application("other")
        .revocations(&site.revocations)
        .build();
    let err = err.unwrap_err().to_string();
    assert!(
        err.contains("these `Revocations` already serve the session"),
        "{err}"
    );
    assert!(revocations.bind::<Auth>("", |policy| policy).is_ok());
    assert!(revocations.bind::<Auth>("other", |policy| policy).is_err());
}

#[test]
fn revocations_can_serve_another_application_once_the_first_is_gone() {
    let revocations = Revocations::in_memory();
    let sessions = |application: &str| {
        let builder = SessionMiddleware::builder(ring(&[1])).session::<Auth>();
        builder.revocations(&revocations).application(application)
    };
    assert!(sessions("shop").trusted_origin("null").build().is_err());
    let blog = sessions("blog").build().unwrap();
    assert!(sessions("shop").build().is_err());
    drop(blog);
    assert!(sessions("shop").build().is_ok());
}

#[test]
fn remember_needs_a_revocable_session() {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let day = Duration::from_secs(86_400);
    let err = builder
        .session_with::<Plain>(|policy| policy.remember(day))
        .build();
    let err = err.unwrap_err().to_string();
    assert!(
        err.contains("`remember` has no effect on a session that is not"),
        "{err}"
    );
}

#[test]
fn revoked_session_never_falls_back_to_a_legacy_cookie() {
    use secure_session::codec::{Codec, Fastify};
    #[derive(SecureSession)]
    #[session(format = "fastify", cookie = "node")]
    struct Node {
        user_id: Option<u64>,
    }
    fn is_fastify<T: SecureSession<Format = Fastify>>(codec: &Codec<T>) -> &str {
        codec.cookie_name()
    }
    let clock = TestClock::at(T0);
    let revocations = Revocations::builder().clock(&clock).in_memory();
    let sessions = SessionMiddleware::builder(ring(&[1]))
        .clock(&clock)
        .revocations(&revocations)
        .session_with::<Auth>(|policy| {
            policy.migrate_from_fastify(FastifyMigration {
                cookie: "node".to_owned(),
                ..FastifyMigration::new(key(7))
            })
        });
    let site = Site {
        clock: clock.clone(),
        revocations,
        sessions: sessions.build().unwrap(),
    };
    let node = Codec::<Node>::builder(key(7))
        .clock(&clock)
        .build()
        .unwrap();
    let text = node.seal(&Node { user_id: Some(42) }).unwrap();
    let legacy = format!("{}={text}", is_fastify(&node));
    assert!(site.accepts(&legacy));
    let native = site.signed_in();
    let request = site.request(&native);
    request.session().destroy();
    let _ = request.finish();
    assert!(!site.accepts(&format!("{native}; {legacy}")));
}

#[test]
fn late_write_does_not_replace_the_cookie_of_a_newer_login() {
    let site = Site::new();
    let [cookie, other] = [0, 1].map(|_| site.signed_in());
    drop(site.revocations.revoke_all(AuthSelector::UserId(42)));
    site.clock.advance(Duration::from_secs(59));
    let write = |cookie: &str| {
        let request = site.request(cookie);
        request.session().set_visits(1);
        request.session().touch();
        request.finish()
    };
    write(&cookie).assert_unchanged();
    let request = site.request(&cookie);
    request.session().reauthenticate();
    request.finish().assert_unchanged();
    let request = site.request(&cookie);
    request.session().destroy();
    request.finish().assert_removed();
    let request = site.request(&cookie);
    request.session().sign_in();
    request.session().set_user_id(42);
    request.finish().assert_stored();
    // Afterwards, it is a new session.
    site.clock.advance(Duration::from_secs(1));
    let stored = write(&other).stored();
    assert_eq!((stored.user_id, stored.visits), (None, 1));
}
