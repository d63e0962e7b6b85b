//! How a session travels: the `Cookie` header, the attributes of a cookie, the text of `Set-Cookie`.

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
