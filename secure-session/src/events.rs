//! What the log is written with: each event has a name that stays, and the manual's page `logs`
//! lists them all.
//!
//! The name is a field, as many subscribers print no other name, and the metadata's name too, by
//! which a subscriber can choose. The fields are worked out only when somebody listens, so an
//! ordinary request pays nothing for events that nobody sees.

use std::sync::atomic::{AtomicBool, Ordering};

/// Writes an event: level, name, fields, text.
macro_rules! event {
    ($level:ident, $name:literal, $($fields:tt)+) => {
        ::tracing::$level!(name: $name, event = $name, $($fields)+)
    };
}

/// Writes an event that a client can bring about as often as it likes: at `warn` the first time,
/// then at `debug`.
macro_rules! event_once {
    ($once:expr, $name:literal, $($fields:tt)+) => {
        if $once.is_first() {
            $crate::events::event!(warn, $name, $($fields)+);
        } else {
            $crate::events::event!(debug, $name, $($fields)+);
        }
    };
}

pub(crate) use {event, event_once};

/// Whether something was said already.
#[derive(Debug, Default)]
pub(crate) struct Once(AtomicBool);

impl Once {
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
