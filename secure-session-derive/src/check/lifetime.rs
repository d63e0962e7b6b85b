//! Lifetimes that contradict each other, defaults included.

use std::borrow::Cow;

use crate::{
    attr::{Attr, ContainerAttrs},
    error::Errors,
    model::{Duration, Format},
};

pub(super) fn check(attrs: &ContainerAttrs, errors: &mut Errors) {
    // The defaults are those of the format.
    if attrs.format.is_unusable() {
        return;
    }
    match attrs.format().format {
        // One clock, and a default of a day, which suits a persistent cookie too.
        Format::Fastify => {
            if attrs.idle.value() != Some(&None) {
                refresh_within_idle(attrs, errors);
            }
        }
        Format::Native => {
            if idle_is_said(attrs, errors) {
                idle_within_absolute(attrs, errors);
                refresh_within_idle(attrs, errors);
            }
        }
    }
}

/// A session meant to last, which the default idle time would end within the hour.
fn idle_is_said(attrs: &ContainerAttrs, errors: &mut Errors) -> bool {
    if !attrs.idle.is_absent() {
        return true;
    }
    let default = Duration::default_idle(Format::Native);
    let remedy = "say which is meant, such as `idle = \"none\"` or `idle = \"7d\"`";
    let month = Duration::a_month().seconds();
    let long = attrs.absolute.written();
    if let Some(absolute) = long.filter(|absolute| absolute.value.seconds() > month) {
        let message = format!(
            "`absolute = {}` is long, and the default `idle = {default}` would end the session \
             after a short pause; {remedy}",
            absolute.value
        );
        errors.report_at(absolute.value_span, message);
        return false;
    }
    if let Some(persistent) = attrs.persistent.on() {
        let message = format!(
            "`persistent` keeps the cookie when the browser is closed, and the default \
             `idle = {default}` would end the session after a short pause; {remedy}"
        );
        errors.report_at(persistent.key_span, message);
        return false;
    }
    true
}

fn idle_within_absolute(attrs: &ContainerAttrs, errors: &mut Errors) {
    let Some(Some(idle)) = effective_idle(attrs).map(Cow::into_owned) else {
        return;
    };
    let absolute = match &attrs.absolute {
        Attr::Absent => Duration::default_absolute(),
        Attr::Invalid => return,
        Attr::Set(absolute) => absolute.value.clone(),
    };
    if idle.seconds() <= absolute.seconds() {
        return;
    }
    match (attrs.idle.written(), attrs.absolute.written()) {
        (Some(written), Some(_)) => errors.report_at(
            written.value_span,
            format!(
                "`idle = {idle}` is longer than `absolute = {absolute}`, which ends the session \
                 first; shorten `idle` or write `idle = \"none\"`"
            ),
        ),
        (Some(written), None) => errors.report_at(
            written.value_span,
            format!(
                "`idle = {idle}` is longer than the default `absolute = {absolute}`, which ends \
                 the session first; give `absolute` too, at least `{idle}`"
            ),
        ),
        (None, Some(written)) => errors.report_at(
            written.value_span,
            format!(
                "`absolute = {absolute}` is shorter than the default `idle = {idle}`; give `idle` \
                 too, at most `{absolute}` or `\"none\"`"
            ),
        ),
        // Defaults that contradict each other would be our mistake; a test of theirs says so.
        (None, None) => {}
    }
}

fn refresh_within_idle(attrs: &ContainerAttrs, errors: &mut Errors) {
    let Some(refresh) = attrs.refresh.written() else {
        return;
    };
    let Some(idle) = effective_idle(attrs) else {
        return;
    };
    let default = if attrs.idle.is_absent() {
        "the default "
    } else {
        ""
    };
    match (idle.as_ref(), &refresh.value) {
        (None, _) => errors.report_at(
            refresh.key_span,
            "with `idle = \"none\"` there is no idle clock to refresh; remove `refresh`",
        ),
        (Some(idle), Some(after)) if after.seconds() >= idle.seconds() => {
            let message = format!(
                "`refresh = {after}` is not below {default}`idle = {idle}`, so an active session \
                 would end before it is sent again; shorten it, a tenth of `idle` is the default"
            );
            errors.report_at(refresh.value_span, message);
        }
        (Some(_), _) => {}
    }
}

/// The idle time, default included; nothing where it is wrong in itself.
fn effective_idle(attrs: &ContainerAttrs) -> Option<Cow<'_, Option<Duration>>> {
    match &attrs.idle {
        Attr::Absent => {
            let default = Duration::default_idle(attrs.format().format);
            Some(Cow::Owned(Some(default)))
        }
        Attr::Invalid => None,
        Attr::Set(idle) => Some(Cow::Borrowed(&idle.value)),
    }
}
