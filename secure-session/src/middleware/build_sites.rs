//! Finds the mistake that logs out whoever meets another worker: keys made inside the closure of
//! `HttpServer::new`, which runs once on each.

use std::{
    collections::HashMap,
    panic::Location,
    sync::{Mutex, OnceLock, PoisonError},
    thread,
};

use actix_web::rt::System;

use super::request::Registry;
use crate::events::event;

/// The last middleware that was built at each call of `build()`.
///
/// As many entries as the program has such calls, so nothing grows with time.
static SITES: OnceLock<Mutex<HashMap<&'static Location<'static>, Site>>> = OnceLock::new();

struct Site {
    worker: Worker,
    /// Cookie name, application, and what tells one sealing key from another.
    sessions: Vec<(String, String, [u8; 4])>,
    told: bool,
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
pub(super) fn note(site: &'static Location<'static>, application: &str, registry: &Registry) {
    let Some(worker) = Worker::current() else {
        return;
    };
    let sessions = registry.sessions.iter();
    let sessions: Vec<_> = sessions
        .map(|session| {
            let name = session.cookie_name.clone();
            (name, application.to_owned(), session.sealing_key_mark)
        })
        .collect();
    let sites = SITES.get_or_init(Mutex::default);
    let mut sites = sites.lock().unwrap_or_else(PoisonError::into_inner);
    let earlier = sites
        .get(site)
        .filter(|earlier| earlier.worker.system == worker.system);
    let told = earlier.is_some_and(|earlier| earlier.told);
    let differing = earlier
        .filter(|earlier| !earlier.told && earlier.worker != worker)
        .and_then(|earlier| differing(&earlier.sessions, &sessions))
        .cloned();
    let now = Site {
        worker,
        told: told || differing.is_some(),
        sessions,
    };
    sites.insert(site, now);
    // A subscriber is the user's code, which must meet no lock.
    drop(sites);
    if let Some(session) = differing {
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

/// The first cookie that both have, under different keys.
fn differing<'a>(
    one: &'a [(String, String, [u8; 4])],
    other: &[(String, String, [u8; 4])],
) -> Option<&'a String> {
    let differs = |(name, application, mark): &&(String, String, [u8; 4])| {
        other
            .iter()
            .any(|(other_name, other_application, other_mark)| {
                (name, application) == (other_name, other_application) && mark != other_mark
            })
    };
    one.iter().find(differs).map(|(name, ..)| name)
}
