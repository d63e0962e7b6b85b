//! Captures log events.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// The events of a test, in order.
#[derive(Debug, Clone)]
pub struct Logs {
    events: Arc<Mutex<Vec<Logged>>>,
    most: Level,
}

/// A logged event.
#[derive(Debug, Clone)]
pub struct Logged {
    /// Its level.
    pub level: Level,
    /// The name in its metadata.
    pub name: &'static str,
    /// Names and values of its fields except the message, in order; text without quotes.
    pub fields: Vec<(&'static str, String)>,
    message: String,
    /// Formatted as by `tracing-subscriber`, without the time and the module.
    pub line: String,
}

impl Logged {
    /// The value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let (_, value) = fields.find(|(other, _)| *other == name)?;
        Some(value)
    }

    /// `message field=value …`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.fields {
            text.extend([" ", name, "=", value]);
        }
        text
    }
}

impl Default for Logs {
    fn default() -> Self {
        Self::up_to(Level::TRACE)
    }
}

impl Logs {
    /// A subscriber for this level and those above it.
    #[must_use]
    pub fn up_to(most: Level) -> Self {
        Self {
            events: Arc::default(),
            most,
        }
    }

    /// Runs `test` and returns the events that the library logs on this thread meanwhile.
    pub fn of<R>(test: impl FnOnce() -> R) -> (R, Self) {
        let logs = Self::default();
        let result = tracing::subscriber::with_default(logs.clone(), test);
        (result, logs)
    }

    /// Events of this level, each as `message field=value …`.
    #[must_use]
    pub fn at(&self, level: Level) -> Vec<String> {
        let events = self.events().into_iter();
        let chosen = events.filter(|event| event.level == level);
        chosen.map(|event| event.text()).collect()
    }

    /// All events with their level.
    #[must_use]
    pub fn all(&self) -> Vec<(Level, String)> {
        let events = self.events().into_iter();
        events.map(|event| (event.level, event.text())).collect()
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> Vec<Logged> {
        let events = self.events.lock();
        events.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Appends the events of others.
    pub fn extend(&self, others: &Self) {
        let others = others.events();
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.extend(others);
    }

    /// The events of this name (`session.…`).
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Logged> {
        let mut events = self.events();
        events.retain(|event| event.name == name);
        events
    }
}

impl Subscriber for Logs {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("secure_session") && *metadata.level() <= self.most
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let (level, target) = (*metadata.level(), metadata.target());
        assert_eq!(target, "secure_session", "the one target of every event");
        let logged = Logged {
            level,
            name: metadata.name(),
            line: format!("{level} {target}: {}{}", text.message, text.line),
            fields: text.fields,
            message: text.message,
        };
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(logged);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Text {
    message: String,
    line: String,
    fields: Vec<(&'static str, String)>,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.line.extend([" ", field.name(), "=", &text]);
            self.fields.push((field.name(), text));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let quoted = format!("{value:?}");
        self.line.extend([" ", field.name(), "=", &quoted]);
        self.fields.push((field.name(), value.to_owned()));
    }
}
