//! Rules of the fastify format: attributes that do not exist in it, and reserved member names.

use crate::{
    attr::ContainerAttrs,
    error::Errors,
    model::{Draft, Format, JsonName, Storage, rules},
};

pub(super) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    if draft.attrs.format.value() != Some(&Format::Fastify) {
        return;
    }
    one_clock(&draft.attrs, errors);
    no_binding(&draft.attrs, errors);
    names_of_fields(draft, errors);
    names_to_forget(&draft.attrs, errors);
}

fn one_clock(attrs: &ContainerAttrs, errors: &mut Errors) {
    if let Some(absolute) = attrs.absolute.written() {
        errors.report_at(
            absolute.key_span,
            "`absolute` does not exist in the fastify format, whose cookies contain only the time \
             of the last write; remove it and use `idle`",
        );
    }
    if let Some(idle) = attrs.idle.written().filter(|idle| idle.value.is_none()) {
        errors.report_at(idle.value_span, rules::IDLE_NONE_IN_FASTIFY);
    }
}

fn no_binding(attrs: &ContainerAttrs, errors: &mut Errors) {
    if let Some(purpose) = attrs.purpose.written() {
        errors.report_at(
            purpose.key_span,
            "`purpose` does not exist in the fastify format, which encrypts with the key as it \
             is; remove it and give the session its own keys",
        );
    }
}

fn names_of_fields(draft: &Draft<'_>, errors: &mut Errors) {
    for field in &draft.fields {
        let Storage::Member { name, aliases, .. } = &field.field.storage else {
            continue;
        };
        if !field.attrs.rename.is_unusable() {
            let remedy = if field.attrs.rename.is_absent() {
                format!("`#[session(rename = \"{}\")]`", free_name(&name.text))
            } else {
                format!("`rename = \"{}\"`", free_name(&name.text))
            };
            refuse(name, &format!("choose another, such as {remedy}"), errors);
        }
        for alias in aliases {
            refuse(alias, "remove the alias", errors);
        }
    }
}

fn names_to_forget(attrs: &ContainerAttrs, errors: &mut Errors) {
    for name in &attrs.forget {
        let name = JsonName::written(name);
        refuse(&name, "remove it from `forget`", errors);
    }
}

fn refuse(name: &JsonName, remedy: &str, errors: &mut Errors) {
    let Some(meaning) = meaning(&name.text) else {
        return;
    };
    let message = format!(
        "the member name `{}` is reserved in the fastify format: {meaning}; {remedy}",
        name.text
    );
    errors.report_at(name.span, message);
}

/// What a member name already means in the fastify format or in JavaScript.
fn meaning(name: &str) -> Option<&'static str> {
    match name {
        "__ts" => Some("it holds the time of the session"),
        // Node code may read an inherited property instead of the cookie's member.
        "__proto__" | "constructor" | "prototype" => Some("it has a meaning in JavaScript"),
        _ => None,
    }
}

/// A similar name that is not reserved.
fn free_name(name: &str) -> String {
    format!("{}_value", name.trim_matches('_'))
}
