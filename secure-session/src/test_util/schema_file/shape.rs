//! A shape: the members that a build's sessions are stored as.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{payload::json, schema::Found, session::SecureSession};

/// A shape, with samples that have a value for each of its fields.
pub(super) struct Shape {
    pub(super) version: u32,
    /// The members that fields are stored as. Other members of the samples are in a `rest` field.
    pub(super) fields: Vec<String>,
    /// There is a `rest` field.
    pub(super) has_rest: bool,
    /// The additional members that fields read. Only checked if a shape has a `rest` field.
    pub(super) aliases: Vec<String>,
    /// JSON objects.
    pub(super) samples: Vec<String>,
}

impl Shape {
    /// Returns the struct's current shape.
    ///
    /// # Errors
    ///
    /// A sentence about a sample that cannot be stored, or about fields without a value in any
    /// sample.
    pub(super) fn of<T: SecureSession>(samples: &[T]) -> Result<Self, String> {
        let mut shape = Self {
            version: T::SCHEMA.version,
            fields: Vec::new(),
            has_rest: false,
            aliases: T::SCHEMA.aliases.iter().map(ToString::to_string).collect(),
            samples: Vec::new(),
        };
        for (number, sample) in (1..).zip(samples) {
            let mut text = Vec::new();
            json::write(&mut text, sample, None, None).map_err(|(field, problem)| {
                let field = T::SCHEMA.fields.get(field).map_or("", |field| field.name);
                format!("field `{field}` of sample {number} cannot be stored: {problem}")
            })?;
            shape
                .samples
                .push(String::from_utf8_lossy(&text).into_owned());
        }
        let stored: Vec<Option<String>> = (0..T::SCHEMA.fields.len())
            .map(|field| shape.stored_name::<T>(field))
            .collect();
        let rest = rest_field::<T>();
        shape.has_rest = rest.is_some();
        let hidden: Vec<String> = (T::SCHEMA.fields.iter().zip(&stored).enumerate())
            .filter(|(index, (field, name))| name.is_none() && !field.skip && rest != Some(*index))
            .map(|(_, (field, _))| format!("`{}`", field.name))
            .collect();
        if !hidden.is_empty() {
            return Err(format!(
                "no sample of `{}` has a value for {}\nadd one: a field that is `None` or an empty \
                 list in all samples cannot be checked",
                T::SCHEMA.type_name,
                hidden.join(", ")
            ));
        }
        shape.fields = stored.into_iter().flatten().collect();
        Ok(shape)
    }

    /// Returns true if another shape has the same version and members with the same names and
    /// kinds, and has no alias or `rest` field that this one lacks.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.version == other.version
            && self.outline() == other.outline()
            && (self.has_rest || !other.has_rest)
            && other
                .aliases
                .iter()
                .all(|alias| self.aliases.contains(alias))
    }

    /// Returns true if a sample has a member that no field is stored as.
    pub(super) fn shows_rest(&self) -> bool {
        let samples = self.samples.iter();
        let mut members =
            samples.flat_map(|sample| json::members(sample.as_bytes()).unwrap_or_default());
        members.any(|member| {
            let name = member.name.as_deref();
            name.is_some_and(|name| !self.fields.iter().any(|field| field == name))
        })
    }

    /// Returns the names of the members that fields read.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.fields.iter().chain(&self.aliases)
    }

    /// Returns each field with the forms of its values.
    pub(super) fn outline(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut outline: BTreeMap<String, BTreeSet<String>> = (self.fields.iter())
            .map(|field| (field.clone(), BTreeSet::new()))
            .collect();
        for sample in &self.samples {
            for member in json::members(sample.as_bytes()).unwrap_or_default() {
                let form = form_of(&parsed(member.value));
                let Some(name) = member.name else { continue };
                if let Some(forms) = outline.get_mut(&*name)
                    && form != "null"
                {
                    forms.insert(form);
                }
            }
        }
        outline
    }

    /// Returns the member that a field is stored as, if a sample has a value for it.
    fn stored_name<T: SecureSession>(&self, field: usize) -> Option<String> {
        let samples = self.samples.iter();
        let mut members =
            samples.flat_map(|sample| json::members(sample.as_bytes()).unwrap_or_default());
        let shown = members.find(|member| {
            let found = member.name.as_deref().and_then(T::__find);
            let is_it = matches!(found, Some(Found::Current(index)) if index == field);
            is_it && !["null", "[]"].contains(&member.value)
        });
        Some(shown?.name?.into_owned())
    }
}

/// Parses a member's value. Returns `null` for a text that only fields can read.
pub(super) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns the kinds that a value consists of, without the value itself.
fn form_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(elements) => {
            let forms: BTreeSet<String> = elements.iter().map(form_of).collect();
            format!("[{}]", forms.into_iter().collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let members = members.iter();
            let forms = members.map(|(name, value)| format!("{name}: {}", form_of(value)));
            format!("{{{}}}", forms.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns the position of the `rest` field: the one whose text changes when a member is added.
fn rest_field<T: SecureSession>() -> Option<usize> {
    let mut value = T::defaults();
    let texts = |value: &T| -> Vec<_> {
        let fields = 0..T::SCHEMA.fields.len();
        fields.map(|field| json::field_text(value, field)).collect()
    };
    let before = texts(&value);
    value.__rest()?.insert("member".to_owned(), Value::Null);
    let mut pairs = before.into_iter().zip(texts(&value));
    pairs.position(|(before, after)| before != after)
}
