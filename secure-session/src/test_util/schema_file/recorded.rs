//! The file: what a session is bound to, and its shapes, oldest first.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use super::{limits::RecordedLimits, shape::Shape};
use crate::{
    escape::Escaped,
    schema::{Format as _, FormatKind},
    session::SecureSession,
};

/// The contents of a file.
pub(super) struct Recorded {
    session: String,
    cookie: String,
    purpose: String,
    format: String,
    /// Of a revocable session.
    limits: Option<RecordedLimits>,
    pub(super) shapes: Vec<Shape>,
    /// The shapes as in the file, so that they are written back unchanged.
    texts: Vec<String>,
}

type Object = BTreeMap<String, Box<RawValue>>;

impl Recorded {
    /// Makes a file with this shape.
    pub(super) fn first<T: SecureSession>(shape: &Shape) -> Self {
        let recorded = Self {
            session: T::SCHEMA.type_name.to_owned(),
            cookie: T::SCHEMA.policy.cookie.to_owned(),
            purpose: T::SCHEMA.policy.purpose.to_owned(),
            format: format_name::<T>().to_owned(),
            limits: RecordedLimits::of::<T>(),
            shapes: Vec::new(),
            texts: Vec::new(),
        };
        recorded.with(shape)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let file: Object = serde_json::from_str(text).ok()?;
        let string = |name: &str| serde_json::from_str(file.get(name)?.get()).ok();
        let shapes: Vec<Box<RawValue>> = serde_json::from_str(file.get("shapes")?.get()).ok()?;
        Some(Self {
            session: string("session")?,
            cookie: string("cookie")?,
            purpose: string("purpose")?,
            format: string("format")?,
            limits: match file.get("limits") {
                Some(limits) => Some(RecordedLimits::parse(limits.get())?),
                None => None,
            },
            shapes: (shapes.iter())
                .map(|shape| parse_shape(shape.get()))
                .collect::<Option<_>>()?,
            texts: shapes.iter().map(|shape| shape.get().to_owned()).collect(),
        })
    }

    /// Returns a copy with one more shape at the end.
    pub(super) fn with(&self, shape: &Shape) -> Self {
        let parse = |text: &String| parse_shape(text);
        let texts: Vec<String> = (self.texts.iter().cloned())
            .chain([text_of(shape)])
            .collect();
        Self {
            session: self.session.clone(),
            cookie: self.cookie.clone(),
            purpose: self.purpose.clone(),
            format: self.format.clone(),
            limits: self.limits,
            shapes: texts.iter().filter_map(parse).collect(),
            texts,
        }
    }

    /// Returns a copy with the limits that the struct has now.
    pub(super) fn with_limits<T: SecureSession>(mut self) -> Self {
        self.limits = RecordedLimits::of::<T>();
        self
    }

    /// Returns how the limits of a revocable session differ from the recorded ones.
    pub(super) fn limits_news<T: SecureSession>(&self) -> Option<String> {
        RecordedLimits::of::<T>()?.news(self.limits.as_ref())
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> String {
        let limits = self.limits.map_or_else(String::new, |limits| {
            format!("  \"limits\": {},\n", limits.text())
        });
        format!(
            "{{\n  \"session\": {},\n  \"cookie\": {},\n  \"purpose\": {},\n  \"format\": {},\n{limits}  \
             \"shapes\": [\n    {}\n  ]\n}}\n",
            quoted(&self.session),
            quoted(&self.cookie),
            quoted(&self.purpose),
            quoted(&self.format),
            self.texts.join(",\n    ")
        )
    }

    /// Returns the reasons why no cookie of an earlier build would be found, opened or migrated.
    pub(super) fn moved<T: SecureSession>(&self) -> Vec<String> {
        let now = Self::first::<T>(&Shape {
            version: 0,
            fields: Vec::new(),
            has_rest: false,
            aliases: Vec::new(),
            samples: Vec::new(),
        });
        let bindings = [
            ("cookie", &self.cookie, now.cookie),
            ("purpose", &self.purpose, now.purpose),
            ("format", &self.format, now.format),
        ];
        let mut problems = Vec::new();
        for (what, was, is) in bindings {
            if *was != is {
                let was = Escaped(quoted(was)).to_string();
                let remedy = if was == "\"\"" {
                    format!("remove `{what}` from `{}`", T::SCHEMA.type_name)
                } else {
                    format!("`#[session({what} = {was})]` on `{}`", T::SCHEMA.type_name)
                };
                problems.push(format!(
                    "`{what}` was {was} and is {}, so no session of an earlier build opens\n    to \
                     keep them: {remedy}\n    to start over: delete the file and create a new one",
                    Escaped(quoted(&is)),
                ));
            }
        }
        let highest = self.highest_version();
        if T::SCHEMA.version < highest {
            problems.push(format!(
                "`version` was {highest} and is {}, so the next migration would skip sessions of \
                 version {highest}\n    write `#[session(version = {highest}, migrate = …)]` or a \
                 higher number on `{}`",
                T::SCHEMA.version,
                T::SCHEMA.type_name,
            ));
        }
        problems
    }

    /// Describes how a shape differs from the last recorded one.
    pub(super) fn news(&self, current: &Shape) -> String {
        let Some(last) = self.shapes.last() else {
            return "it is the first".to_owned();
        };
        let (before, now) = (last.outline(), current.outline());
        let mut news = Vec::new();
        if last.version != current.version {
            news.push(format!("version {}", current.version));
        }
        for name in &current.fields {
            match before.get(name) {
                None => news.push(format!("`{}` is new", Escaped(name))),
                Some(forms) if now.get(name) != Some(forms) => {
                    news.push(format!("`{}` has a different form", Escaped(name)));
                }
                Some(_) => {}
            }
        }
        if current.has_rest && !last.has_rest {
            news.push("the `rest` field is new".to_owned());
        }
        let aliases = current.aliases.iter();
        let aliases = aliases.filter(|alias| !last.aliases.contains(alias));
        news.extend(aliases.map(|alias| format!("alias `{}` is new", Escaped(alias))));
        let gone = last.fields.iter().filter(|name| !now.contains_key(*name));
        news.extend(gone.map(|name| format!("`{}` was removed", Escaped(name))));
        news.join(", ")
    }

    /// Returns true if a recorded shape has a `rest` field.
    pub(super) fn has_rest(&self) -> bool {
        self.shapes.iter().any(|shape| shape.has_rest)
    }

    /// Returns the names that fields read now and that earlier sessions may have in their `rest`
    /// field.
    pub(super) fn taken_from_rest(&self, current: &Shape) -> Vec<String> {
        let is_new = |name: &&String| {
            let mut shapes = self.shapes.iter().filter(|shape| shape.has_rest);
            shapes.any(|shape| !shape.names().any(|known| known == *name))
        };
        current.names().filter(is_new).cloned().collect()
    }

    fn highest_version(&self) -> u32 {
        let versions = self.shapes.iter().map(|shape| shape.version);
        versions.max().unwrap_or_default()
    }
}

fn format_name<T: SecureSession>() -> &'static str {
    match T::Format::KIND {
        #[cfg(feature = "fastify")]
        FormatKind::Fastify => "fastify",
        FormatKind::Native => "native",
    }
}

fn parse_shape(text: &str) -> Option<Shape> {
    let shape: Object = serde_json::from_str(text).ok()?;
    let samples: Vec<Box<RawValue>> = serde_json::from_str(shape.get("samples")?.get()).ok()?;
    let mut parsed = Shape {
        version: serde_json::from_str(shape.get("version")?.get()).ok()?,
        has_rest: match shape.get("rest") {
            Some(rest) => serde_json::from_str(rest.get()).ok()?,
            None => false,
        },
        aliases: match shape.get("aliases") {
            Some(aliases) => serde_json::from_str(aliases.get()).ok()?,
            None => Vec::new(),
        },
        fields: serde_json::from_str(shape.get("fields")?.get()).ok()?,
        samples: (samples.iter())
            .map(|sample| sample.get().to_owned())
            .collect(),
    };
    // Older files do not record it.
    parsed.has_rest |= parsed.shows_rest();
    Some(parsed)
}

fn text_of(shape: &Shape) -> String {
    let list = |names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        names.join(", ")
    };
    let mut names = format!("\"fields\": [{}],", list(&shape.fields));
    if shape.has_rest {
        names.push_str("\n      \"rest\": true,");
    }
    if !shape.aliases.is_empty() {
        names.push_str("\n      \"aliases\": [");
        names.push_str(&list(&shape.aliases));
        names.push_str("],");
    }
    format!(
        "{{\n      \"version\": {},\n      {names}\n      \"samples\": [\n        {}\n      ]\n    }}",
        shape.version,
        shape.samples.join(",\n        ")
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
