//! The cookie policy, with the defaults filled in.

use syn::{Ident, LitStr, ext::IdentExt as _};

use super::{
    ChosenFormat, CookieName, CookiePath, CrossOrigin, Domain, Duration, Format, SameSite,
};
use crate::attr::{Attr, ContainerAttrs};

/// The cookie and the lifetime that the attributes set, with the defaults filled in.
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the boolean attributes of a cookie"
)]
pub(crate) struct Policy {
    pub(crate) format: ChosenFormat,
    pub(crate) cookie: CookieName,
    pub(crate) path: CookiePath,
    pub(crate) domain: Option<Domain>,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) partitioned: bool,
    pub(crate) persistent: bool,
    pub(crate) idle: Option<Duration>,
    /// `None` in the fastify format, which has no absolute limit.
    pub(crate) absolute: Option<Duration>,
    pub(crate) refresh: Option<Refresh>,
    /// The longest `remember_for` of a revocable struct.
    pub(crate) remember: Option<Duration>,
    pub(crate) purpose: String,
    pub(crate) cross_origin: CrossOrigin,
}

/// When an active session is sent again.
pub(crate) enum Refresh {
    After(Duration),
    Never,
}

impl Policy {
    /// Fails only if the default cookie name, made from the struct's name, is invalid.
    pub(crate) fn resolve(attrs: &ContainerAttrs, type_name: &Ident) -> syn::Result<Self> {
        let format = attrs.format();
        let cookie = match (attrs.cookie.value(), format.format) {
            (Some(cookie), _) => cookie.clone(),
            (None, Format::Fastify) => CookieName::default_in_fastify(),
            (None, Format::Native) => default_cookie(type_name)?,
        };
        let flag = |given: &Attr<bool>, default| given.value().copied().unwrap_or(default);
        let idle = attrs.idle.value().cloned();
        let refresh = attrs.refresh.value().map(|after| match after {
            Some(after) => Refresh::After(after.clone()),
            None => Refresh::Never,
        });
        Ok(Self {
            format,
            cookie,
            path: attrs.path.value().cloned().unwrap_or_default(),
            domain: attrs.domain.value().cloned(),
            same_site: attrs.same_site.value().copied().unwrap_or(SameSite::Lax),
            secure: flag(&attrs.secure, true),
            http_only: flag(&attrs.http_only, true),
            partitioned: flag(&attrs.partitioned, false),
            persistent: flag(&attrs.persistent, false),
            idle: idle.unwrap_or_else(|| Some(Duration::default_idle(format.format))),
            absolute: absolute(attrs, format.format),
            refresh,
            remember: attrs.remember.value().cloned(),
            purpose: attrs.purpose.value().map(LitStr::value).unwrap_or_default(),
            cross_origin: attrs.cross_origin.value().copied().unwrap_or_default(),
        })
    }
}

fn absolute(attrs: &ContainerAttrs, format: Format) -> Option<Duration> {
    match format {
        Format::Fastify => None,
        Format::Native => {
            let given = attrs.absolute.value().cloned();
            Some(given.unwrap_or_else(Duration::default_absolute))
        }
    }
}

fn default_cookie(type_name: &Ident) -> syn::Result<CookieName> {
    CookieName::default_for(&type_name.unraw().to_string()).map_err(|reason| {
        let message = format!(
            "the default cookie name is made from the struct's name: {reason}, for example with \
             `#[session(cookie = \"__Host-auth\")]`"
        );
        syn::Error::new(type_name.span(), message)
    })
}
