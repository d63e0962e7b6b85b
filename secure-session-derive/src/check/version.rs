//! `version` and `migrate` need each other.

use crate::{attr::ContainerAttrs, error::Errors, model::Format};

pub(super) fn check(attrs: &ContainerAttrs, errors: &mut Errors) {
    if attrs.format.value() == Some(&Format::Fastify) {
        not_in_fastify(attrs, errors);
    } else {
        both_or_none(attrs, errors);
    }
}

fn both_or_none(attrs: &ContainerAttrs, errors: &mut Errors) {
    let ContainerAttrs {
        version, migrate, ..
    } = attrs;
    if let Some(version) = version.written().filter(|_| migrate.is_absent()) {
        errors.report_at(
            version.key_span,
            "`version` has no effect without `migrate`; add `migrate = path::to::function`, or \
             remove `version` (sessions without one have version 0)",
        );
    }
    if let Some(migrate) = migrate.written().filter(|_| version.is_absent()) {
        errors.report_at(
            migrate.key_span,
            "`migrate` is never called without a `version`; add `version = 1`",
        );
    }
}

fn not_in_fastify(attrs: &ContainerAttrs, errors: &mut Errors) {
    let keys = [
        (
            "version",
            attrs.version.written().map(|given| given.key_span),
        ),
        (
            "migrate",
            attrs.migrate.written().map(|given| given.key_span),
        ),
    ];
    for (name, span) in keys {
        if let Some(span) = span {
            let message = format!(
                "`{name}` does not exist in the fastify format, whose cookies cannot store a \
                 version; remove it, and rename the changed field or make it `lenient`"
            );
            errors.report_at(span, message);
        }
    }
}
