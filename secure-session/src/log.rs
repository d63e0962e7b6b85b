//! Logging macros.
//!
//! Every event has a stable name, listed in the manual's page `logs`. Every event has the target
//! [`TARGET`], because moving code must not change what a filter selects.
//!
//! The name is both a field, because many subscribers print nothing else, and the metadata's name,
//! which subscribers can filter by. Fields are computed only if a subscriber is interested in the
//! event.

use std::{
    collections::BTreeSet,
    fmt::Display,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The target of every event.
pub(crate) const TARGET: &str = "secure_session";

/// Logs an event: level, name, fields, text.
macro_rules! event {
    ($level:ident, $name:literal, $($fields:tt)+) => {
        ::tracing::$level!(
            name: $name,
            target: $crate::log::TARGET,
            event = $name,
            $($fields)+
        )
    };
}

/// Returns true if a subscriber may be interested in events of this level.
macro_rules! is_logged {
    ($level:ident) => {
        ::tracing::enabled!(target: $crate::log::TARGET, ::tracing::Level::$level)
    };
}

/// Logs an event that a client can trigger at will: at `warn` the first time, then at `debug`.
macro_rules! event_once {
    ($once:expr, $name:literal, $($fields:tt)+) => {
        if $once.is_first() {
            $crate::log::event!(warn, $name, $($fields)+);
        } else {
            $crate::log::event!(debug, $name, $($fields)+);
        }
    };
}

/// Logs an `error` event. If neither a subscriber nor a logger is installed, a build with debug
/// assertions prints `$text` to standard error, once for each event and session.
///
/// For mistakes that developers make before they have installed a subscriber.
macro_rules! event_or_stderr {
    ($session:expr, $name:literal, $text:expr, $($fields:tt)+) => {
        $crate::log::event!(error, $name, $($fields)+);
        if cfg!(debug_assertions) && !$crate::log::is_error_logged() {
            $crate::log::print_once($name, $session, &$text);
        }
    };
}

pub(crate) use event;
pub(crate) use event_once;
pub(crate) use event_or_stderr;
pub(crate) use is_logged;

/// Returns true if a subscriber or a logger is interested in errors.
pub(crate) fn is_error_logged() -> bool {
    is_logged!(ERROR) || ::log::log_enabled!(target: TARGET, ::log::Level::Error)
}

/// Prints the text to standard error, once for each event and session.
pub(crate) fn print_once(event: &'static str, session: &str, text: &dyn Display) {
    static PRINTED: Mutex<BTreeSet<(&'static str, String)>> = Mutex::new(BTreeSet::new());
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_first = printed.insert((event, session.to_owned()));
    drop(printed);
    if is_first {
        eprintln!(
            "ERROR {TARGET}: {text} event={event:?} session={session:?}\n  (printed once, because \
             no `tracing` subscriber is installed; see the page `logs` of the manual)"
        );
    }
}

/// A flag that is set the first time an event is logged.
#[derive(Debug, Default)]
pub(crate) struct WarnOnce(AtomicBool);

impl WarnOnce {
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Returns true the first time it is called.
    pub(crate) fn is_first(&self) -> bool {
        // A load first, because it does not contend with other threads as a swap does.
        !self.is_over() && !self.0.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
