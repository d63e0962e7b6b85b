//! Cookies: reading the `Cookie` header, a cookie's attributes, writing `Set-Cookie` headers.

mod attributes;
pub(crate) mod legacy;
mod request_cookies;
pub(crate) mod rules;
mod set_cookie;

pub use self::attributes::SameSite;
pub(crate) use self::{
    attributes::CookieAttributes,
    request_cookies::{MAX_CANDIDATES, RequestCookies, sets},
    set_cookie::{SetCookie, removal, text},
};
