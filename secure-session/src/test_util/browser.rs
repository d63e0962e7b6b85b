//! Keeps cookies between requests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_http::Request;
use actix_service::Service;
use actix_web::{
    Error,
    dev::ServiceResponse,
    http::header::{COOKIE, HeaderName, HeaderValue, HttpDate, ORIGIN, SET_COOKIE},
    test::TestRequest,
};

use super::{RequestCookie, TestClock, set_cookie::SetCookie};
use crate::{escape::Escaped, session::SecureSession};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Sends requests like a visitor's browser and keeps cookies between them.
///
/// It respects names, paths and lifetimes, and sends no expired cookies. All requests go to one
/// host over an encrypted connection. They have the header `Sec-Fetch-Site: same-origin`, as from
/// the application's own pages, unless the request has this header or `Origin`.
///
/// # Examples
///
/// ```
/// use actix_web::{App, HttpResponse, Responder, test::{self, TestRequest}, web};
/// use secure_session::{
///     Key, SecureSession, Session, SessionMiddleware,
///     test_util::{ResponseSession, TestBrowser},
/// };
///
/// #[derive(SecureSession)]
/// struct Auth { name: String }
///
/// async fn login(auth: Session<Auth>, name: String) -> impl Responder {
///     auth.sign_in();
///     auth.set_name(name);
///     HttpResponse::NoContent()
/// }
///
/// async fn page(auth: Session<Auth>) -> impl Responder {
///     auth.name().to_owned()
/// }
///
/// async fn logout(auth: Session<Auth>) -> impl Responder {
///     auth.destroy();
///     HttpResponse::NoContent()
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let sessions = SessionMiddleware::builder(Key::generate()?).session::<Auth>().build()?;
/// let auth = sessions.codec::<Auth>().expect("registered above");
/// let app = App::new()
///     .wrap(sessions)
///     .route("/login", web::post().to(login))
///     .route("/", web::get().to(page))
///     .route("/logout", web::post().to(logout));
/// let app = test::init_service(app).await;
/// let mut browser = TestBrowser::new();
///
/// let response = browser.call(&app, TestRequest::post().uri("/login").set_payload("Ada")).await;
/// ResponseSession::of(&auth, &response).assert_authenticated();
///
/// let response = browser.call(&app, TestRequest::get()).await;
/// assert_eq!(test::read_body(response).await, "Ada");
///
/// let response = browser.call(&app, TestRequest::post().uri("/logout")).await;
/// ResponseSession::of(&auth, &response).assert_removed();
/// assert_eq!(browser.cookie("__Host-auth"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct TestBrowser {
    cookies: Vec<Cookie>,
    clock: Option<TestClock>,
}

#[derive(Clone)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    /// As received; not checked, because there is only one host.
    domain: Option<String>,
    /// In seconds since 1970; `None` for a cookie that is dropped when the browser closes.
    end: Option<u64>,
}

impl TestBrowser {
    /// Makes a browser without cookies, which uses the system clock.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a browser without cookies, which uses this clock.
    #[must_use]
    pub fn at(clock: &TestClock) -> Self {
        Self {
            cookies: Vec::new(),
            clock: Some(clock.clone()),
        }
    }

    /// Sends a request with the browser's cookies, and keeps the cookies of the response.
    ///
    /// # Panics
    ///
    /// If the service returns an error instead of a response, as
    /// [`test::call_service`](actix_web::test::call_service) does. Such an error is from a
    /// middleware.
    #[expect(clippy::panic, reason = "same behavior as `call_service`")]
    pub async fn call<S, B>(&mut self, app: &S, request: TestRequest) -> ServiceResponse<B>
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    {
        let mut request = request.to_request();
        let cookies = self.cookie_header(request.path());
        if let Some(cookies) = cookies.and_then(|text| HeaderValue::from_str(&text).ok()) {
            request.headers_mut().append(COOKIE, cookies);
        }
        let headers = request.headers_mut();
        if !headers.contains_key(&SEC_FETCH_SITE) && !headers.contains_key(ORIGIN) {
            headers.insert(SEC_FETCH_SITE, HeaderValue::from_static("same-origin"));
        }
        match app.call(request).await {
            Ok(response) => {
                self.receive(&response);
                response
            }
            Err(err) => panic!(
                "the service returned an error instead of a response: {}",
                Escaped(err.to_string())
            ),
        }
    }

    /// Keeps the cookies of a response to a request that the browser did not send.
    pub fn receive<B>(&mut self, response: &ServiceResponse<B>) {
        let path = response.request().path();
        for line in response.headers().get_all(SET_COOKIE) {
            let cookie = line.to_str().ok().and_then(SetCookie::parse);
            if let Some(cookie) = cookie {
                self.keep(self.cookie_of(&cookie, path));
            }
        }
    }

    /// Adds a cookie as if a response had set it.
    ///
    /// # Panics
    ///
    /// If its value cannot be stored.
    #[track_caller]
    pub fn put<T: SecureSession>(&mut self, cookie: &RequestCookie<T>) {
        let line = cookie.set_cookie();
        if let Some(cookie) = SetCookie::parse(&line) {
            self.keep(self.cookie_of(&cookie, "/"));
        }
    }

    /// Closes and reopens the browser, which drops all cookies that are not persistent.
    pub fn restart(&mut self) {
        self.cookies.retain(|cookie| cookie.end.is_some());
    }

    /// Returns the value of a cookie, for any path.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let now = self.now();
        let mut cookies = self.cookies.iter();
        let cookie = cookies.find(|cookie| cookie.name == name && cookie.lives(now))?;
        Some(&cookie.value)
    }

    /// Returns the `Cookie` header of a request to this path, or `None` if there are no cookies for
    /// it.
    #[must_use]
    pub fn cookie_header(&self, path: &str) -> Option<String> {
        let now = self.now();
        let matching = |cookie: &&Cookie| cookie.lives(now) && is_below(path, &cookie.path);
        let mut cookies: Vec<&Cookie> = self.cookies.iter().filter(matching).collect();
        // Longer paths come first (RFC 6265bis §5.8.3).
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = cookies.iter().map(|cookie| cookie.pair()).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Stores a cookie. It replaces one with the same name, path and domain.
    fn keep(&mut self, cookie: Cookie) {
        let same = |other: &Cookie| {
            (&other.name, &other.path, &other.domain)
                == (&cookie.name, &cookie.path, &cookie.domain)
        };
        let position = self.cookies.iter().position(same);
        let lives = cookie.lives(self.now());
        match position.and_then(|index| self.cookies.get_mut(index)) {
            Some(existing) => *existing = cookie,
            None if lives => self.cookies.push(cookie),
            None => {}
        }
        let now = self.now();
        self.cookies.retain(|cookie| cookie.lives(now));
    }

    fn cookie_of(&self, cookie: &SetCookie<'_>, request_path: &str) -> Cookie {
        let path = cookie
            .attribute("Path")
            .filter(|path| path.starts_with('/'));
        let domain = cookie.attribute("Domain").map(str::to_ascii_lowercase);
        Cookie {
            name: cookie.name.to_owned(),
            value: cookie.value.to_owned(),
            path: path
                .unwrap_or_else(|| default_path(request_path))
                .to_owned(),
            domain: domain.filter(|domain| !domain.is_empty()),
            end: self.end_of(cookie),
        }
    }

    /// Returns when a cookie expires. `Max-Age` takes precedence over `Expires` (RFC 6265bis §5.7).
    fn end_of(&self, cookie: &SetCookie<'_>) -> Option<u64> {
        if let Some(max_age) = cookie.max_age() {
            return Some(self.now().saturating_add_signed(max_age));
        }
        let date: HttpDate = cookie.attribute("Expires")?.parse().ok()?;
        Some(unix_seconds(date.into()))
    }

    fn now(&self) -> u64 {
        match &self.clock {
            Some(clock) => clock.now(),
            None => unix_seconds(SystemTime::now()),
        }
    }
}

impl Cookie {
    fn pair(&self) -> String {
        [&self.name, "=", &self.value].concat()
    }

    fn lives(&self, now: u64) -> bool {
        self.end.is_none_or(|end| end > now)
    }
}

/// Omits the value, which would open a session.
impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; Path={}", self.name, self.path)
    }
}

/// Returns true if a request path matches a cookie's path (RFC 6265bis §5.1.4).
fn is_below(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

/// Returns the directory of the request's path (RFC 6265bis §5.1.4).
fn default_path(request_path: &str) -> &str {
    match request_path.rsplit_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        _ => "/",
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs()
}
