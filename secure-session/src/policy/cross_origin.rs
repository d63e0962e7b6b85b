//! Which requests from other origins get a session.

use crate::schema::CrossOriginAttribute;

/// Which requests from other origins get a session. Default: [`Refuse`](Self::Refuse).
///
/// An origin is a scheme, a host and a port. The check prevents cross-site request forgery (CSRF)
/// and looks only at requests that can change something: WebSocket handshakes, and methods other
/// than GET, HEAD, OPTIONS, TRACE and QUERY. A refused request gets
/// [`ExtractError::CrossOrigin`](crate::ExtractError::CrossOrigin), an empty 403.
///
/// | Request has | `Refuse` | `SameSite` | `Strict` | `Allow` |
/// |---|---|---|---|---|
/// | `Sec-Fetch-Site: same-origin` or `none` | yes | yes | yes | yes |
/// | `Sec-Fetch-Site: same-site` | if `Origin` is trusted | yes | if `Origin` is trusted | yes |
/// | `Sec-Fetch-Site: cross-site` | if `Origin` is trusted | if `Origin` is trusted | if `Origin` is trusted | yes |
/// | only `Origin`, and it is the request's own | yes | yes | yes | yes |
/// | only `Origin`, `null` or another one | if it is trusted | if it is trusted | if it is trusted | yes |
/// | neither header: not a browser, or an old one | yes | yes | no | yes |
/// | a header twice, or an unknown `Sec-Fetch-Site` | no | no | no | yes |
///
/// Trusted origins are those named with
/// [`trusted_origin`](crate::SessionMiddlewareBuilder::trusted_origin); `null` cannot be trusted.
///
/// Sources: Fetch Metadata Request Headers (W3C), §2.3; RFC 6454 §7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum CrossOrigin {
    /// Every request gets the session. For sessions that other sites must reach, such as the session
    /// of a login flow whose identity provider posts a form.
    ///
    /// # Security
    ///
    /// Then only the cookie's `SameSite` attribute protects against CSRF.
    Allow,
    /// Requests from the application's own and from trusted origins get the session. The default.
    #[default]
    Refuse,
    /// Requests from the same site get the session, too: from every host of the registrable domain,
    /// over the same scheme. A request with only `Origin`, such as a WebSocket handshake in Chrome,
    /// still needs a trusted origin.
    ///
    /// # Security
    ///
    /// On a domain whose hosts belong to different people and that is not in the Public Suffix
    /// List, such as a platform's domain with a host for each customer, every customer's page may
    /// act with the session. Name single hosts with
    /// [`trusted_origin`](crate::SessionMiddlewareBuilder::trusted_origin) instead.
    SameSite,
    /// Like `Refuse`, but a request with neither header gets no session.
    Strict,
}

impl From<CrossOriginAttribute> for CrossOrigin {
    fn from(attribute: CrossOriginAttribute) -> Self {
        match attribute {
            CrossOriginAttribute::Allow => Self::Allow,
            CrossOriginAttribute::Refuse => Self::Refuse,
            CrossOriginAttribute::SameSite => Self::SameSite,
            CrossOriginAttribute::Strict => Self::Strict,
        }
    }
}
