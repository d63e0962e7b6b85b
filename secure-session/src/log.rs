//! Logging macros. Every event has a stable name, which the manual's page `logs` lists, and the
//! target [`TARGET`], whatever file it is in: moving code must not change what a filter selects.
//!
//! The name is a field, because many subscribers print no other name, and also the metadata's name,
//! by which a subscriber can filter. Fields are computed only if a subscriber takes the event, so
//! an event that nobody reads costs a request nothing.

use std::sync::atomic::{AtomicBool, Ordering};

/// The target of every event.
pub(crate) const TARGET: &str = "secure_session";

/// Writes an event: level, name, fields, text.
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

/// Returns true if a subscriber may take events of this level.
macro_rules! is_logged {
    ($level:ident) => {
        ::tracing::enabled!(target: $crate::log::TARGET, ::tracing::Level::$level)
    };
}

/// Writes an event that a client can bring about as often as it likes: at `warn` the first time,
/// then at `debug`.
macro_rules! event_once {
    ($once:expr, $name:literal, $($fields:tt)+) => {
        if $once.is_first() {
            $crate::log::event!(warn, $name, $($fields)+);
        } else {
            $crate::log::event!(debug, $name, $($fields)+);
        }
    };
}

pub(crate) use event;
pub(crate) use event_once;
pub(crate) use is_logged;

/// Whether something was said already.
#[derive(Debug, Default)]
pub(crate) struct WarnOnce(AtomicBool);

impl WarnOnce {
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// True the first time.
    pub(crate) fn is_first(&self) -> bool {
        !self.is_over() && !self.0.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
