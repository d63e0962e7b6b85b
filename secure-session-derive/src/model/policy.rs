//! The cookie and the lifetime, defaults filled in.

use syn::{Ident, LitStr, ext::IdentExt as _};

use super::{CookieName, CookiePath, Domain, Duration, SameSite};
use crate::attr::{ContainerAttrs, Given};

/// What the attributes say of the cookie and of the lifetime, defaults filled in.
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the boolean attributes of a cookie"
)]
pub(crate) struct Policy {
    pub(crate) cookie: CookieName,
    pub(crate) path: CookiePath,
    pub(crate) domain: Option<Domain>,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) partitioned: bool,
    pub(crate) persistent: bool,
    pub(crate) idle: Option<Duration>,
    pub(crate) absolute: Duration,
    pub(crate) refresh: Option<Refresh>,
    pub(crate) purpose: String,
}

/// When an active session is sent again.
pub(crate) enum Refresh {
    After(Duration),
    Never,
}

impl Policy {
    /// Fails only for a struct whose name makes no cookie name.
    pub(crate) fn resolve(attrs: &ContainerAttrs, type_name: &Ident) -> syn::Result<Self> {
        let cookie = match attrs.cookie.value() {
            Some(cookie) => cookie.clone(),
            None => default_cookie(type_name)?,
        };
        let flag = |given: &Given<bool>, default| given.value().copied().unwrap_or(default);
        let idle = attrs.idle.value().cloned();
        let refresh = attrs.refresh.value().map(|after| match after {
            Some(after) => Refresh::After(after.clone()),
            None => Refresh::Never,
        });
        Ok(Self {
            cookie,
            path: attrs.path.value().cloned().unwrap_or_default(),
            domain: attrs.domain.value().cloned(),
            same_site: attrs.same_site.value().copied().unwrap_or(SameSite::Lax),
            secure: flag(&attrs.secure, true),
            http_only: flag(&attrs.http_only, true),
            partitioned: flag(&attrs.partitioned, false),
            persistent: flag(&attrs.persistent, false),
            idle: idle.unwrap_or_else(|| Some(Duration::default_idle())),
            absolute: attrs
                .absolute
                .value()
                .cloned()
                .unwrap_or_else(Duration::default_absolute),
            refresh,
            purpose: attrs.purpose.value().map(LitStr::value).unwrap_or_default(),
        })
    }
}

fn default_cookie(type_name: &Ident) -> syn::Result<CookieName> {
    CookieName::default_for(&type_name.unraw().to_string()).map_err(|reason| {
        let message = format!(
            "the struct's name gives no cookie name ({reason}); give one, such as \
             `#[session(cookie = \"__Host-auth\")]`"
        );
        syn::Error::new(type_name.span(), message)
    })
}
