//! The responses to denied requests.

use std::any::TypeId;

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED,
            LOCATION, SET_COOKIE, TRAILER, TRANSFER_ENCODING, VARY, WWW_AUTHENTICATE,
        },
    },
};
use url::Url;

use super::return_to::{is_return_to, with_next, without_query};
use crate::{
    actix::{
        base_path::BasePath,
        denial::{GuardRules, Verdict},
        denied::{Denied, VARIES_BY, for_applications},
        navigation::{is_history_restore, is_htmx, is_navigation},
        registry::Registry,
        request_origin::is_own_origin,
    },
    log::{WarnOnce, event},
};

const HX_CURRENT_URL: HeaderName = HeaderName::from_static("hx-current-url");
const HX_REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// A denial of a request, with the guard that it is about.
pub(in crate::actix) struct Denial {
    pub(in crate::actix) verdict: Verdict,
    pub(in crate::actix) rules: &'static GuardRules,
    pub(in crate::actix) session: TypeId,
    /// The name of the session's cookie.
    pub(in crate::actix) cookie: String,
}

/// Returns the response to a request that a guard denied. `denial` is the guard's, if there is one.
pub(in crate::actix) fn respond(
    denied: &Denied,
    denial: Option<&Denial>,
    request: &HttpRequest,
    registry: &Registry,
) -> HttpResponse {
    let answer = Answer::to(denied, denial, request, registry);
    let mut response = answer.response(denied, request, &registry.base_path);
    if response.status() == StatusCode::UNAUTHORIZED
        && let Some(denial) = denial
        && let Ok(scheme) =
            HeaderValue::try_from(format!("Cookie cookie-name=\"{}\"", denial.cookie))
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

/// How a denied request is answered.
enum Answer<'a> {
    /// Redirects to a page of the guard.
    Redirect(&'a str),
    /// Tells htmx to load a page of the guard.
    HxRedirect(&'a str),
    /// An empty 403.
    Empty,
    ForApplications,
}

impl<'a> Answer<'a> {
    fn to(
        denied: &Denied,
        denial: Option<&'a Denial>,
        request: &HttpRequest,
        registry: &Registry,
    ) -> Self {
        let headers = request.headers();
        let is_htmx = is_htmx(headers);
        let is_navigation = is_navigation(headers);
        if *denied == Denied::Forbidden {
            return if is_htmx || is_navigation {
                Self::Empty
            } else {
                Self::ForApplications
            };
        }
        let page = denial.and_then(|denial| match denial.verdict {
            Verdict::NotSignedIn => denial.rules.login,
            Verdict::Stale => denial.rules.confirm,
            Verdict::Forbidden => None,
        });
        match (page, denial) {
            (Some(page), Some(denial)) if is_at(request, page, &registry.base_path) => {
                report_loop(denial, page, &registry.guarded_login_reported);
                Self::ForApplications
            }
            (Some(page), _) if is_htmx => Self::HxRedirect(page),
            (Some(page), _) if is_navigation => Self::Redirect(page),
            _ => Self::ForApplications,
        }
    }

    fn response(self, denied: &Denied, request: &HttpRequest, base: &BasePath) -> HttpResponse {
        let mut response = match self {
            Self::ForApplications => return for_applications(denied),
            Self::Empty => HttpResponse::Forbidden(),
            Self::Redirect(page) => {
                let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
                let path = request.uri().path_and_query().map(|it| it.as_str());
                let next = path.filter(|path| is_read && is_return_to(path, page));
                let mut response = HttpResponse::SeeOther();
                response.insert_header((LOCATION, place(base, page, next)));
                response
            }
            Self::HxRedirect(page) => {
                let next = current_page(request, base);
                let next = next.as_deref().filter(|path| is_return_to(path, page));
                let mut response = HttpResponse::Unauthorized();
                response.insert_header((HX_REDIRECT, place(base, page, next)));
                response
            }
        };
        response.insert_header((CACHE_CONTROL, "no-store"));
        response.insert_header((VARY, VARIES_BY));
        response.finish()
    }
}

/// Returns true if the request is for a page of the guard, with or without the path of the proxy.
fn is_at(request: &HttpRequest, page: &str, base: &BasePath) -> bool {
    let (path, page) = (request.path(), without_query(page));
    path == page || base.strip(path) == Some(page)
}

/// Returns the address of a page of the guard, as the browser sees it.
fn place(base: &BasePath, page: &str, next: Option<&str>) -> String {
    let address = base.before(page);
    next.map_or(address.clone(), |next| with_next(&address, next))
}

/// Returns the path of the page that htmx is on, if it is a page of this site. It is the requested
/// one if htmx loads a page of the history.
fn current_page(request: &HttpRequest, base: &BasePath) -> Option<String> {
    if is_history_restore(request.headers()) {
        return Some(request.uri().path_and_query()?.to_string());
    }
    let url = request.headers().get(HX_CURRENT_URL)?.to_str().ok()?;
    let url = Url::parse(url).ok()?;
    let origin = url.origin().ascii_serialization();
    let is_tls = request.app_config().secure();
    if !is_own_origin(request.head(), is_tls, origin.as_bytes()) {
        return None;
    }
    let path = base.strip(url.path())?;
    Some(match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

/// Logs that a guard denies the page that it redirects to: at `error` the first time, then at
/// `debug`, because each visitor causes it.
fn report_loop(denial: &Denial, page: &str, reported: &WarnOnce) {
    macro_rules! report {
        ($level:ident) => {
            event!(
                $level,
                "session.guarded_login",
                session = denial.cookie,
                guard = denial.rules.name,
                page,
                "the guard redirects to `{page}`, which is behind the guard itself; responding \
                 with 401; move that route outside of the guard"
            )
        };
    }
    if reported.is_first() {
        report!(error);
    } else {
        report!(debug);
    }
}

/// Copies the headers of the denied response to the one that replaces it, such as those that an inner
/// middleware for CORS added. Those that describe its body, and those that the new one has, are left
/// out; lists are joined.
pub(in crate::actix) fn keep_headers(
    before: &HeaderMap,
    mut response: HttpResponse<BoxBody>,
) -> HttpResponse<BoxBody> {
    let headers = response.headers_mut();
    let is_kept = |name: &HeaderName| {
        let is_list = *name == VARY || *name == SET_COOKIE;
        is_list || !(is_about_the_body(name) || headers.contains_key(name))
    };
    let names: Vec<_> = before.keys().filter(|name| is_kept(name)).collect();
    for name in names {
        for value in before.get_all(name) {
            let has_it = headers.get_all(name).any(|it| it == value);
            if !has_it {
                headers.append(name.clone(), value.clone());
            }
        }
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Returns true for headers about the content, its coding and its cached copy (RFC 9110 §8, RFC
/// 9530), and for those that belong to the status.
fn is_about_the_body(name: &HeaderName) -> bool {
    let others = [
        ACCEPT_RANGES,
        CACHE_CONTROL,
        ETAG,
        LAST_MODIFIED,
        LOCATION,
        TRAILER,
        TRANSFER_ENCODING,
        WWW_AUTHENTICATE,
        HeaderName::from_static("repr-digest"),
    ];
    let is_content = {
        let name = name.as_str();
        name.starts_with("content-") && !name.starts_with("content-security-policy")
    };
    is_content || others.contains(name)
}
