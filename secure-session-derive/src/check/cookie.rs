//! Requirements of browsers, which silently drop a cookie that does not meet them.

use syn::Ident;

use crate::{
    attr::ContainerAttrs,
    error::Errors,
    model::{
        Domain, Policy, SameSite,
        rules::{self, Attribute, Prefix},
    },
};

pub(super) fn check(attrs: &ContainerAttrs, type_name: &Ident, errors: &mut Errors) {
    prefix(attrs, type_name, errors);
    secure(attrs, errors);
}

/// RFC 6265bis §5.7: a browser drops a cookie that does not meet its prefix's requirements.
fn prefix(attrs: &ContainerAttrs, type_name: &Ident, errors: &mut Errors) {
    // The default name depends on the format.
    let is_default = attrs.cookie.is_absent();
    if attrs.cookie.is_unusable() || (is_default && attrs.format.is_unusable()) {
        return;
    }
    let policy = match Policy::resolve(attrs, type_name) {
        Ok(policy) => policy,
        Err(error) => return errors.push(error),
    };
    let name = policy.cookie.as_str();
    let Some(prefix) = Prefix::of(name) else {
        return;
    };
    let path = policy.path.as_str();
    let domain = policy.domain.as_ref().map(Domain::as_str);
    for (attribute, problem) in prefix.problems(policy.secure, policy.http_only, path, domain) {
        let span = match attribute {
            Attribute::Secure => attrs.secure.written().map(|secure| secure.key_span),
            Attribute::HttpOnly => attrs
                .http_only
                .written()
                .map(|http_only| http_only.key_span),
            Attribute::Path => attrs.path.written().map(|path| path.key_span),
            Attribute::Domain => attrs.domain.written().map(|domain| domain.key_span),
        };
        let message = if is_default {
            let prefix = if policy.secure { "__Secure-" } else { "" };
            let stem = rules::without_prefix(name);
            format!(
                "the default cookie name is `{name}`: {problem}, such as \
                 `cookie = \"{prefix}{stem}\"`"
            )
        } else {
            problem
        };
        // The attribute is set, because the defaults meet every prefix's requirements.
        errors.report_at(span.unwrap_or_else(|| type_name.span()), message);
    }
}

fn secure(attrs: &ContainerAttrs, errors: &mut Errors) {
    let Some(secure) = attrs.secure.written().filter(|secure| !secure.value) else {
        return;
    };
    let same_site_none = attrs.same_site.value() == Some(&SameSite::None);
    let partitioned = attrs.partitioned.on().is_some();
    for problem in rules::insecure_problems(same_site_none, partitioned) {
        errors.report_at(secure.key_span, problem);
    }
}
