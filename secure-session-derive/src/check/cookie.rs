//! What browsers demand of cookies, and drop without a word where it is not met.

use proc_macro2::Span;
use syn::Ident;

use crate::{
    attr::{ContainerAttrs, Spanned},
    error::Errors,
    model::{CookiePath, Format, Policy, SameSite},
};

pub(super) fn check(attrs: &ContainerAttrs, type_name: &Ident, errors: &mut Errors) {
    prefix(attrs, errors);
    default_name(attrs, type_name, errors);
    same_site_none_is_secure(attrs, errors);
    partitioned_is_secure(attrs, errors);
}

/// RFC 6265bis §5.7: a browser drops a cookie that does not keep what its prefix promises.
fn prefix(attrs: &ContainerAttrs, errors: &mut Errors) {
    let Some(name) = attrs.cookie.value() else {
        return;
    };
    let Some(prefix) = name.prefix() else {
        return;
    };
    let mut broken_by = |span: Span, remedy: &str| {
        let message = format!(
            "`{}` names need {} (RFC 6265bis §4.1.3); remove `{remedy}`, or take the prefix off the name",
            prefix.text,
            prefix.needs()
        );
        errors.report_at(span, message);
    };
    if let Some(secure) = off(attrs.secure.written()) {
        broken_by(secure.key_span, "secure = false");
    }
    if let Some(http_only) = off(attrs.http_only.written()).filter(|_| prefix.http_only) {
        broken_by(http_only.key_span, "http_only = false");
    }
    if let Some(path) = not_root(attrs).filter(|_| prefix.one_host) {
        broken_by(path.key_span, "path");
    }
    if let Some(domain) = attrs.domain.written().filter(|_| prefix.one_host) {
        broken_by(domain.key_span, "domain");
    }
}

/// The default name is a promise (`__Host-`), which these attributes break.
fn default_name(attrs: &ContainerAttrs, type_name: &Ident, errors: &mut Errors) {
    let is_native = !attrs.format.is_unusable() && attrs.format().format == Format::Native;
    if !attrs.cookie.is_absent() || !is_native {
        return;
    }
    let policy = match Policy::resolve(attrs, type_name) {
        Ok(policy) => policy,
        Err(error) => return errors.push(error),
    };
    let domain = attrs.domain.written().map(|domain| domain.key_span);
    let path = not_root(attrs).map(|path| path.key_span);
    let insecure = off(attrs.secure.written()).map(|secure| secure.key_span);
    let Some(first) = domain.or(path).or(insecure) else {
        return;
    };
    let default = policy.cookie.as_str();
    let stem = default.trim_start_matches("__Host-");
    let prefix = if policy.secure { "__Secure-" } else { "" };
    let message = format!(
        "the default name `{default}` needs `secure`, `path = \"/\"` and no `domain` (RFC 6265bis \
         §4.1.3); give another one, such as `cookie = \"{prefix}{stem}\"`"
    );
    errors.report_at(first, message);
}

fn same_site_none_is_secure(attrs: &ContainerAttrs, errors: &mut Errors) {
    let none = attrs.same_site.value() == Some(&SameSite::None);
    if let Some(secure) = off(attrs.secure.written()).filter(|_| none) {
        errors.report_at(
            secure.key_span,
            "`same_site = \"none\"` needs `secure`, browsers drop the cookie otherwise (RFC 6265bis \
             §5.7); remove `secure = false`",
        );
    }
}

fn partitioned_is_secure(attrs: &ContainerAttrs, errors: &mut Errors) {
    let partitioned = attrs.partitioned.on().is_some();
    if let Some(secure) = off(attrs.secure.written()).filter(|_| partitioned) {
        errors.report_at(
            secure.key_span,
            "`partitioned` needs `secure`, browsers drop the cookie otherwise (CHIPS); remove \
             `secure = false`",
        );
    }
}

fn off(flag: Option<&Spanned<bool>>) -> Option<&Spanned<bool>> {
    flag.filter(|flag| !flag.value)
}

fn not_root(attrs: &ContainerAttrs) -> Option<&Spanned<CookiePath>> {
    attrs.path.written().filter(|path| !path.value.is_root())
}
