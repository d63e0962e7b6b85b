//! Detects keys and revocations that are made inside the closure of `HttpServer::new`, which runs
//! once per worker: users would be logged out whenever another worker handles their request, or stay
//! logged in there.

use std::{
    collections::VecDeque,
    panic::Location,
    sync::{Mutex, PoisonError},
    thread,
};

use actix_web::rt::System;

use crate::{actix::registry::Registry, log::event};

/// The maximum number of remembered calls, which is more than any program needs.
const MAX_CALLS: usize = 64;

/// The last middleware that each system built at each call site of `build()`.
static CALLS: Mutex<VecDeque<BuildCall>> = Mutex::new(VecDeque::new());

struct BuildCall {
    call: &'static Location<'static>,
    worker: Worker,
    sessions: Vec<SessionKeyInfo>,
    warned: bool,
}

/// The parts of a session to compare.
struct SessionKeyInfo {
    cookie: String,
    application: String,
    /// Identifies the key that encrypts.
    key_fingerprint: [u8; 4],
    /// Identifies the `Revocations`.
    #[cfg(feature = "revocation")]
    revocations: Option<u64>,
}

/// What differs between workers.
enum Difference {
    Keys,
    #[cfg(feature = "revocation")]
    Revocations,
}

/// A server's thread, which builds the application.
#[derive(PartialEq, Eq)]
struct Worker {
    /// Each system of a process may have its own keys; every test of an application runs in its own
    /// system.
    system: Option<usize>,
    thread: String,
}

impl Worker {
    /// Returns the current worker, or `None` outside a server.
    fn current() -> Option<Self> {
        let system = System::try_current().map(|system| system.id());
        let thread = thread::current().name().unwrap_or_default().to_owned();
        // In a plain tokio runtime there is no system, but actix-server names its threads.
        let is_worker = system.is_some() || thread.starts_with("actix-server worker");
        is_worker.then_some(Self { system, thread })
    }
}

/// Records a call of `build()`. Warns if another worker of the same server built the same cookie
/// with another key at this call site.
pub(crate) fn note(call: &'static Location<'static>, application: &str, registry: &Registry) {
    let Some(worker) = Worker::current() else {
        return;
    };
    let sessions = registry.sessions.iter().map(|session| SessionKeyInfo {
        cookie: session.cookie_name.clone(),
        application: application.to_owned(),
        key_fingerprint: session.sealing_key_fingerprint,
        #[cfg(feature = "revocation")]
        revocations: session.revocations,
    });
    // A subscriber is user code and must not run under the lock.
    match remember(call, worker, sessions.collect()) {
        None => {}
        Some((session, Difference::Keys)) => event!(
            warn,
            "session.key_per_worker",
            session,
            "workers were built with different keys, so a session created by one is rejected by \
             the others and visitors are logged out at random; create the keys and \
             SessionMiddleware once, before `HttpServer::new`, and wrap the app in \
             `sessions.clone()`"
        ),
        #[cfg(feature = "revocation")]
        Some((session, Difference::Revocations)) => event!(
            warn,
            "revocations.per_worker",
            session,
            "workers were built with different `Revocations`, so a session that one of them \
             revoked is valid in the others; create the `Revocations` and SessionMiddleware once, \
             before `HttpServer::new`, and wrap the app in `sessions.clone()`"
        ),
    }
}

/// Records a call and returns the cookie to warn about, at most once per system and call site.
fn remember(
    call: &'static Location<'static>,
    worker: Worker,
    sessions: Vec<SessionKeyInfo>,
) -> Option<(String, Difference)> {
    let mut calls = CALLS.lock().unwrap_or_else(PoisonError::into_inner);
    let is_same = |other: &BuildCall| other.call == call && other.worker.system == worker.system;
    let at = calls.iter().position(is_same);
    let earlier = at.and_then(|at| calls.remove(at));
    let warned = earlier.as_ref().is_some_and(|earlier| earlier.warned);
    let differing = earlier
        .filter(|earlier| !earlier.warned && earlier.worker != worker)
        .and_then(|earlier| differing(&earlier.sessions, &sessions));
    if calls.len() >= MAX_CALLS {
        calls.pop_front();
    }
    calls.push_back(BuildCall {
        call,
        worker,
        sessions,
        warned: warned || differing.is_some(),
    });
    differing
}

/// Returns the first cookie that both have under different keys or with different revocations.
fn differing(earlier: &[SessionKeyInfo], now: &[SessionKeyInfo]) -> Option<(String, Difference)> {
    let pairs = earlier
        .iter()
        .flat_map(|one| now.iter().map(move |other| (one, other)));
    let mut same = pairs.filter(|(one, other)| {
        (&one.cookie, &one.application) == (&other.cookie, &other.application)
    });
    same.find_map(|(one, other)| {
        if one.key_fingerprint != other.key_fingerprint {
            return Some((one.cookie.clone(), Difference::Keys));
        }
        #[cfg(feature = "revocation")]
        if one.revocations != other.revocations {
            return Some((one.cookie.clone(), Difference::Revocations));
        }
        None
    })
}
