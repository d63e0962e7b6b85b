//! Which requests from other origins get the session.

use syn::LitStr;

/// The value of `cross_origin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CrossOrigin {
    Allow,
    #[default]
    Refuse,
    SameSite,
    Strict,
}

impl CrossOrigin {
    pub(crate) fn parse(text: &LitStr) -> syn::Result<Self> {
        match text.value().as_str() {
            "allow" => Ok(Self::Allow),
            "refuse" => Ok(Self::Refuse),
            "same-site" => Ok(Self::SameSite),
            "strict" => Ok(Self::Strict),
            other => {
                let message = format!(
                    "unknown `cross_origin = \"{}\"`; expected one of `\"refuse\"`, \
                     `\"same-site\"`, `\"allow\"`, `\"strict\"`",
                    other.escape_default()
                );
                Err(syn::Error::new(text.span(), message))
            }
        }
    }
}
