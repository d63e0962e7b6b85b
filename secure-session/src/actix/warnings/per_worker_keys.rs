//! Finds the mistake that logs out whoever meets another worker: keys made inside the closure of
//! `HttpServer::new`, which runs once on each.

use std::{
    collections::VecDeque,
    panic::Location,
    sync::{Mutex, PoisonError},
    thread,
};

use actix_web::rt::System;

use crate::{actix::registry::Registry, log::event};

/// So many are remembered: more than a program has servers and calls of `build()` at once.
const MAX_CALLS: usize = 64;

/// The last middleware that each system built at each call of `build()`.
static CALLS: Mutex<VecDeque<BuildCall>> = Mutex::new(VecDeque::new());

struct BuildCall {
    call: &'static Location<'static>,
    worker: Worker,
    sessions: Vec<SessionKeyInfo>,
    warned: bool,
}

/// A session as far as it can be compared.
struct SessionKeyInfo {
    cookie: String,
    application: String,
    /// Tells one sealing key from another.
    key_fingerprint: [u8; 4],
}

/// The thread of a server that builds its application.
#[derive(PartialEq, Eq)]
struct Worker {
    /// Of two systems in one process each may have its keys; every test of an application is one.
    system: Option<usize>,
    thread: String,
}

impl Worker {
    /// `None` where no server runs, so that nothing can be warned.
    fn current() -> Option<Self> {
        let system = System::try_current().map(|system| system.id());
        let thread = thread::current().name().unwrap_or_default().to_owned();
        // Under a plain tokio runtime there is no system, and actix-server names the threads so.
        let is_worker = system.is_some() || thread.starts_with("actix-server worker");
        is_worker.then_some(Self { system, thread })
    }
}

/// Notes that `build()` was called there, and warns when another worker of the same server got
/// another key there for the same cookie.
pub(crate) fn note(call: &'static Location<'static>, application: &str, registry: &Registry) {
    let Some(worker) = Worker::current() else {
        return;
    };
    let sessions = registry.sessions.iter().map(|session| SessionKeyInfo {
        cookie: session.cookie_name.clone(),
        application: application.to_owned(),
        key_fingerprint: session.sealing_key_fingerprint,
    });
    // A subscriber is the user's code, which must meet no lock.
    if let Some(session) = remember(call, worker, sessions.collect()) {
        event!(
            warn,
            "session.key_per_worker",
            session,
            "each worker has a key of its own, so a session that one worker made opens on no other, \
             and visitors are logged out at every other request: make keys and SessionMiddleware \
             once, before `HttpServer::new`, and wrap the app in `sessions.clone()`"
        );
    }
}

/// The cookie that is to be warned of, once for a system and a call.
fn remember(
    call: &'static Location<'static>,
    worker: Worker,
    sessions: Vec<SessionKeyInfo>,
) -> Option<String> {
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

/// The first cookie that both have, under different keys.
fn differing(earlier: &[SessionKeyInfo], now: &[SessionKeyInfo]) -> Option<String> {
    let differs = |one: &&SessionKeyInfo| {
        now.iter().any(|other| {
            (&one.cookie, &one.application) == (&other.cookie, &other.application)
                && one.key_fingerprint != other.key_fingerprint
        })
    };
    earlier.iter().find(differs).map(|one| one.cookie.clone())
}
