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
const MAX_SITES: usize = 64;

/// The last middleware that each system built at each call of `build()`.
static SITES: Mutex<VecDeque<Site>> = Mutex::new(VecDeque::new());

struct Site {
    call: &'static Location<'static>,
    worker: Worker,
    sessions: Vec<Served>,
    told: bool,
}

/// A session as far as it can be compared.
struct Served {
    cookie: String,
    application: String,
    /// Tells one sealing key from another.
    key_mark: [u8; 4],
}

/// The thread of a server that builds its application.
#[derive(PartialEq, Eq)]
struct Worker {
    /// Of two systems in one process each may have its keys; every test of an application is one.
    system: Option<usize>,
    thread: String,
}

impl Worker {
    /// `None` where no server runs, so that nothing can be told.
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
    let sessions = registry.sessions.iter().map(|session| Served {
        cookie: session.cookie_name.clone(),
        application: application.to_owned(),
        key_mark: session.sealing_key_mark,
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
    sessions: Vec<Served>,
) -> Option<String> {
    let mut sites = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_same = |site: &Site| site.call == call && site.worker.system == worker.system;
    let at = sites.iter().position(is_same);
    let earlier = at.and_then(|at| sites.remove(at));
    let told = earlier.as_ref().is_some_and(|earlier| earlier.told);
    let differing = earlier
        .filter(|earlier| !earlier.told && earlier.worker != worker)
        .and_then(|earlier| differing(&earlier.sessions, &sessions));
    if sites.len() >= MAX_SITES {
        sites.pop_front();
    }
    sites.push_back(Site {
        call,
        worker,
        sessions,
        told: told || differing.is_some(),
    });
    differing
}

/// The first cookie that both have, under different keys.
fn differing(earlier: &[Served], now: &[Served]) -> Option<String> {
    let differs = |one: &&Served| {
        now.iter().any(|other| {
            (&one.cookie, &one.application) == (&other.cookie, &other.application)
                && one.key_mark != other.key_mark
        })
    };
    earlier.iter().find(differs).map(|one| one.cookie.clone())
}
