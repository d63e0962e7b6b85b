//! Rules between lifetimes, including the defaults.

use crate::{
    attr::{Attr, ContainerAttrs},
    error::Errors,
    model::{
        Duration, Format,
        rules::{self, TimeSpan},
    },
};

pub(super) fn check(attrs: &ContainerAttrs, errors: &mut Errors) {
    // The defaults depend on the format.
    if attrs.format.is_unusable() {
        return;
    }
    match attrs.format().format {
        // It has one limit, whose default of a day suits a persistent cookie too.
        Format::Fastify => {
            if attrs.idle.value() != Some(&None) {
                refresh_within_idle(attrs, errors);
            }
        }
        Format::Native => {
            if idle_is_explicit(attrs, errors) {
                idle_within_absolute(attrs, errors);
                refresh_within_idle(attrs, errors);
            }
        }
    }
}

/// Long-lived sessions need an explicit `idle`, as the default would end them within the hour.
fn idle_is_explicit(attrs: &ContainerAttrs, errors: &mut Errors) -> bool {
    if !attrs.idle.is_absent() {
        return true;
    }
    let default = Duration::default_idle(Format::Native);
    let remedy = "set `idle`, such as `idle = \"none\"` or `idle = \"7d\"`";
    let month = Duration::a_month().seconds();
    let long = attrs.absolute.written();
    if let Some(absolute) = long.filter(|absolute| absolute.value.seconds() > month) {
        let message = format!(
            "`absolute = {}` is long, but the default `idle = {default}` would end the session \
             after a short pause; {remedy}",
            absolute.value
        );
        errors.report_at(absolute.value_span, message);
        return false;
    }
    if let Some(persistent) = attrs.persistent.on() {
        let message = format!(
            "`persistent` keeps the cookie when the browser is closed, but the default \
             `idle = {default}` would end the session after a short pause; {remedy}"
        );
        errors.report_at(persistent.key_span, message);
        return false;
    }
    true
}

fn idle_within_absolute(attrs: &ContainerAttrs, errors: &mut Errors) {
    let (Some(idle), Some(absolute)) = (effective_idle(attrs), effective_absolute(attrs)) else {
        return;
    };
    let idle_span = attrs.idle.written().map(|idle| idle.value_span);
    let absolute_span = attrs.absolute.written().map(|absolute| absolute.value_span);
    // A test checks that the defaults do not contradict each other.
    let Some(span) = idle_span.or(absolute_span) else {
        return;
    };
    if let Some(problem) = rules::idle_problem(&idle, &absolute) {
        errors.report_at(span, problem);
    }
}

fn refresh_within_idle(attrs: &ContainerAttrs, errors: &mut Errors) {
    let Some(refresh) = attrs.refresh.written() else {
        return;
    };
    if attrs.idle.is_unusable() {
        return;
    }
    let Some(idle) = effective_idle(attrs) else {
        return errors.report_at(refresh.key_span, rules::REFRESH_WITHOUT_IDLE);
    };
    let after = refresh.value.as_ref().map(Duration::time_span);
    if let Some(problem) = after.and_then(|after| rules::refresh_problem(&after, &idle)) {
        errors.report_at(refresh.value_span, problem);
    }
}

/// The idle limit or its default; `None` if there is no limit or the attribute is invalid.
fn effective_idle(attrs: &ContainerAttrs) -> Option<TimeSpan> {
    match &attrs.idle {
        Attr::Absent => Some(Duration::default_idle(attrs.format().format).default_time_span()),
        Attr::Invalid => None,
        Attr::Set(idle) => idle.value.as_ref().map(Duration::time_span),
    }
}

/// The absolute limit or its default; `None` if the attribute is invalid.
fn effective_absolute(attrs: &ContainerAttrs) -> Option<TimeSpan> {
    match &attrs.absolute {
        Attr::Absent => Some(Duration::default_absolute().default_time_span()),
        Attr::Invalid => None,
        Attr::Set(absolute) => Some(absolute.value.time_span()),
    }
}
