//! The page to return to after a login.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, dev::Payload, http::header::LOCATION,
};
use url::form_urlencoded;

use crate::actix::{
    base_path::{BasePath, is_path_of_this_site},
    request_sessions,
};

/// The page that a visitor wanted to see before the login, from the query's `next`.
///
/// Guards redirect to `login?next=…`. The login page keeps `next` in the address of its form
/// ([`append_to`](Self::append_to)), and the login handler returns there.
///
/// # Security
///
/// `next` comes from the visitor's address bar, so anyone can choose it. Only paths of this site are
/// accepted: at most 2048 printable ASCII characters that begin with `/`, but not with `//`, without
/// `\`, `#` and segments `.` and `..`. The extractor does not accept the path of the request itself
/// either, which is the login. Anything else counts as no `next`.
///
/// # Examples
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use secure_session::{ReturnTo, SecureSession, Session};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// async fn login_form(to: ReturnTo) -> HttpResponse {
///     let action = to.append_to("/login"); // percent-encoded, but escape `&` in HTML
///     HttpResponse::Ok().content_type("text/html").body(format!(
///         r#"<form method="post" action="{action}"><input name="password"></form>"#
///     ))
/// }
///
/// async fn login(auth: Session<Auth>, to: ReturnTo) -> HttpResponse {
///     auth.sign_in();
///     auth.set_user_id(42);
///     to.see_other_or("/")
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReturnTo {
    path: Option<String>,
    base: BasePath,
}

impl ReturnTo {
    /// Checks a `next` from elsewhere, such as a field of a form. Anything but a path of this site
    /// is ignored: then there is nothing to return to.
    ///
    /// It does not know the path of the login, which it accepts, or the
    /// [`base_path`](crate::SessionMiddlewareBuilder::base_path): combine it with the extracted one,
    /// as in `to.or(ReturnTo::of(&form.next))`.
    #[must_use]
    pub fn of(next: &str) -> Self {
        Self {
            path: is_path_of_this_site(next).then(|| next.to_owned()),
            base: BasePath::default(),
        }
    }

    /// Returns this page, or the other one if there is none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let path = self.path.or(other.path);
        Self { path, ..self }
    }

    /// Returns the path and query, if there is one. Escape it in HTML.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Returns the address with `next` in its query, or the address alone if there is none.
    ///
    /// The address is the one that the browser sees, with any
    /// [`base_path`](crate::SessionMiddlewareBuilder::base_path).
    #[must_use]
    pub fn append_to(&self, address: &str) -> String {
        match &self.path {
            Some(path) => with_next(address, path),
            None => address.to_owned(),
        }
    }

    /// Responds with 303 to the page, or to `fallback` if there is none.
    ///
    /// [`base_path`](crate::SessionMiddlewareBuilder::base_path) is put in front. A `fallback` that
    /// is not a path of this site is replaced by `/`.
    #[must_use]
    pub fn see_other_or(&self, fallback: &str) -> HttpResponse {
        let fallback = if is_path_of_this_site(fallback) {
            fallback
        } else {
            "/"
        };
        let place = self.base.before(self.path().unwrap_or(fallback));
        HttpResponse::SeeOther()
            .insert_header((LOCATION, place))
            .finish()
    }
}

impl FromRequest for ReturnTo {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sessions = request.extensions();
        let base = request_sessions::find(&sessions).map(|it| it.registry().base_path.clone());
        let base = base.unwrap_or_default();
        ready(Ok(Self {
            path: next_in(request.query_string(), request.path(), &base),
            base,
        }))
    }
}

/// Returns the only `next` of a query as the application sees it, unless it is the login's own path.
fn next_in(query: &str, login: &str, base: &BasePath) -> Option<String> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    let mut values = pairs.filter(|(name, _)| name == "next");
    let next = values.next().map(|(_, value)| value.into_owned())?;
    if values.next().is_some() || !is_path_of_this_site(&next) {
        return None;
    }
    let next = base.strip(&next).map_or(next.as_str(), |path| path);
    is_return_to(next, login).then(|| next.to_owned())
}

/// Returns true for a path to return to after a login at `login`.
pub(super) fn is_return_to(path: &str, login: &str) -> bool {
    is_path_of_this_site(path) && without_query(path) != without_query(login)
}

pub(super) fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}

/// Returns the address with `next` in its query.
pub(super) fn with_next(address: &str, next: &str) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{address}{separator}next={next}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actix::base_path::MAX_PATH_LEN;

    #[test]
    fn paths_of_this_site_are_accepted_and_others_are_not() {
        let long = format!("/{}", "a".repeat(MAX_PATH_LEN - 1));
        for path in [
            "/",
            "/admin",
            "/a//b",
            "/a?next=//b&c=%5C",
            "/@a:b",
            "/a/..b/.c/...",
            "/a?b/../c",
            &long,
        ] {
            assert!(is_return_to(path, "/login"), "{path}");
        }
        let too_long = format!("{long}a");
        for path in [
            "",
            "admin",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n",
            " /",
            "/a b",
            "/a#b",
            "/é",
            "/..//a",
            "/a/./b",
            "/a/%2E./login",
            "/..",
            "https://evil.example",
            "javascript:alert(1)",
            "/login",
            "/login?next=/login",
            &too_long,
        ] {
            assert!(!is_return_to(path, "/login"), "{path:?}");
        }
    }
}
