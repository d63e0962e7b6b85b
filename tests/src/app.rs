//! An application in process: one route whose handler does what the test says.

use std::{future::Future, rc::Rc};

use actix_web::{
    App, HttpResponse,
    body::MessageBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{COOKIE, HeaderMap, SET_COOKIE},
    },
    test, web,
};
use secure_session::{
    Session, SessionMiddleware, SessionMiddlewareBuilder,
    codec::{Codec, Opened},
    test_util::TestClock,
};

pub use crate::jar::Jar;
use crate::{Auth, Prefs, T0, jar::SetCookie, ring};

/// Runs a future to its end on an actix system of its own.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// A server of the tests: keys, clock, and the sessions [`Auth`] and [`Prefs`].
#[derive(Debug, Clone)]
pub struct Server {
    /// What the middleware takes for the time.
    pub clock: TestClock,
    /// The middleware.
    pub sessions: SessionMiddleware,
}

impl Default for Server {
    fn default() -> Self {
        Self::with_keys(&[1])
    }
}

impl Server {
    /// A server with these keys (of [`crate::key`]) at [`T0`].
    #[must_use]
    pub fn with_keys(keys: &[u8]) -> Self {
        Self::at(&TestClock::at(T0), keys)
    }

    /// A server with these keys and this clock.
    #[must_use]
    pub fn at(clock: &TestClock, keys: &[u8]) -> Self {
        let builder = SessionMiddleware::builder(ring(keys));
        Self::of(clock, builder.session::<Auth>().session::<Prefs>())
    }

    /// A server of a builder of the test's own.
    ///
    /// # Panics
    ///
    /// When the configuration is refused.
    #[must_use]
    pub fn of(clock: &TestClock, builder: SessionMiddlewareBuilder) -> Self {
        let sessions = builder.clock(clock).build().expect("a sound configuration");
        Self {
            clock: clock.clone(),
            sessions,
        }
    }

    /// The codec of [`Auth`].
    ///
    /// # Panics
    ///
    /// When `Auth` is not registered.
    #[must_use]
    pub fn codec(&self) -> Codec<Auth> {
        self.sessions.codec().expect("Auth is registered")
    }

    /// The text `name=value` of a cookie made now.
    ///
    /// # Panics
    ///
    /// When the value cannot be stored.
    #[must_use]
    pub fn cookie(&self, auth: &Auth) -> String {
        let codec = self.codec();
        let text = codec.seal(auth).expect("storable");
        format!("{}={text}", codec.cookie_name())
    }

    /// Sends a request with this `Cookie` header to a handler that has both sessions.
    pub fn call<R: Into<HttpResponse>>(
        &self,
        cookies: &str,
        handler: impl Fn(&Session<Auth>, &Session<Prefs>) -> R + 'static,
    ) -> Answer {
        let handler = Rc::new(handler);
        let route = web::to(move |auth: Session<Auth>, prefs: Session<Prefs>| {
            let response: HttpResponse = handler(&auth, &prefs).into();
            async move { response }
        });
        block_on(async {
            let app = App::new().wrap(self.sessions.clone()).route("/", route);
            let app = test::init_service(app).await;
            let mut request = test::TestRequest::get();
            if !cookies.is_empty() {
                request = request.insert_header((COOKIE, cookies));
            }
            let response = test::call_service(&app, request.to_request()).await;
            Answer::of(response).await
        })
    }

    /// Sends a request to a handler that only has [`Auth`], and answers 200.
    pub fn auth(&self, cookies: &str, change: impl Fn(&Session<Auth>) + 'static) -> Answer {
        self.call(cookies, move |auth, _| {
            change(auth);
            HttpResponse::Ok()
        })
    }

    /// What an answer stored in [`Auth`]; `None` if it sent no cookie, or removed it.
    ///
    /// # Panics
    ///
    /// When the cookie does not open.
    #[must_use]
    pub fn stored(&self, answer: &Answer) -> Option<Opened<Auth>> {
        let cookie = answer.cookie("__Host-auth")?;
        (!cookie.is_removal()).then(|| self.codec().open(&cookie.value).expect("opens"))
    }
}

/// A response, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a response.
    ///
    /// # Panics
    ///
    /// When the body fails.
    pub async fn of<B: MessageBody>(response: ServiceResponse<B>) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let body = actix_web::body::to_bytes(response.into_body()).await;
        let Ok(body) = body else {
            panic!("the body fails");
        };
        Self {
            status,
            headers,
            body: body.to_vec(),
        }
    }

    /// All `Set-Cookie` headers.
    ///
    /// # Panics
    ///
    /// When one is malformed.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<SetCookie> {
        let headers = self.headers.get_all(SET_COOKIE);
        headers
            .map(|value| SetCookie::parse(value.to_str().expect("ASCII")))
            .collect()
    }

    /// The `Set-Cookie` of this name.
    ///
    /// # Panics
    ///
    /// When there are two.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<SetCookie> {
        let mut cookies = self.set_cookies();
        cookies.retain(|cookie| cookie.name == name);
        assert!(cookies.len() <= 1, "{name} twice");
        cookies.pop()
    }

    /// A header, if it stands there once.
    ///
    /// # Panics
    ///
    /// When it stands there twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name);
        let value = values.next()?.to_str().ok();
        assert!(values.next().is_none(), "{name} twice");
        value
    }
}
