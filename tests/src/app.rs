//! An application in process, with one route whose handler runs the test's code.

use std::{future::Future, rc::Rc};

use actix_web::{
    App, HttpRequest, HttpResponse,
    body::MessageBody,
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{COOKIE, HeaderMap, SET_COOKIE},
    },
    test, web,
};
use secure_session::{
    Session, SessionExt as _, SessionMiddleware, SessionMiddlewareBuilder,
    codec::{Codec, Opened},
    test_util::TestClock,
};

pub use crate::jar::Jar;
use crate::{Auth, Prefs, T0, jar::SetCookie, ring};

/// Runs a future to completion on its own actix system.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// A test server: keys, clock, and the sessions [`Auth`] and [`Prefs`].
#[derive(Debug, Clone)]
pub struct Server {
    /// The clock of the middleware.
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

    /// A server from the test's own builder.
    ///
    /// # Panics
    ///
    /// If the configuration is rejected.
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
    /// If `Auth` is not registered.
    #[must_use]
    pub fn codec(&self) -> Codec<Auth> {
        self.sessions.codec().expect("Auth is registered")
    }

    /// The text `name=value` of a cookie created now.
    ///
    /// # Panics
    ///
    /// If the value cannot be stored.
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
        let mut request = test::TestRequest::get();
        if !cookies.is_empty() {
            request = request.insert_header((COOKIE, cookies));
        }
        self.send(request, handler)
    }

    /// Sends a request to any path to a handler that has both sessions.
    ///
    /// # Panics
    ///
    /// If one of them is not available.
    pub fn send<R: Into<HttpResponse>>(
        &self,
        request: test::TestRequest,
        handler: impl Fn(&Session<Auth>, &Session<Prefs>) -> R + 'static,
    ) -> Answer {
        self.send_any(request, move |request| {
            let (auth, prefs) = (request.session(), request.session());
            handler(&auth.expect("registered"), &prefs.expect("registered"))
        })
    }

    /// Sends a request to any path to a handler that has the request.
    pub fn send_any<R: Into<HttpResponse>>(
        &self,
        request: test::TestRequest,
        handler: impl Fn(&HttpRequest) -> R + 'static,
    ) -> Answer {
        let handler = Rc::new(handler);
        let route = web::to(move |request: HttpRequest| {
            let response: HttpResponse = handler(&request).into();
            async move { response }
        });
        block_on(async {
            let app = App::new()
                .wrap(self.sessions.clone())
                .default_service(route);
            let app = test::init_service(app).await;
            let response = test::call_service(&app, request.to_request()).await;
            Answer::of(response).await
        })
    }

    /// Sends a request to a handler that takes only [`Auth`] and responds with 200.
    pub fn auth(&self, cookies: &str, change: impl Fn(&Session<Auth>) + 'static) -> Answer {
        self.call(cookies, move |auth, _| {
            change(auth);
            HttpResponse::Ok()
        })
    }

    /// The [`Auth`] that a response stores; `None` if it sets no cookie or removes it.
    ///
    /// # Panics
    ///
    /// If the cookie does not open.
    #[must_use]
    pub fn stored(&self, answer: &Answer) -> Option<Opened<Auth>> {
        let cookie = answer.cookie("__Host-auth")?;
        (!cookie.is_removal()).then(|| self.codec().open(&cookie.value).expect("opens"))
    }
}

/// A response with its whole body.
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
    /// If the body fails.
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
    /// If one is malformed.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<SetCookie> {
        let headers = self.headers.get_all(SET_COOKIE);
        headers
            .map(|value| SetCookie::parse(value.to_str().expect("ASCII")))
            .collect()
    }

    /// The `Set-Cookie` header of this name.
    ///
    /// # Panics
    ///
    /// If there are two.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<SetCookie> {
        let mut cookies = self.set_cookies();
        cookies.retain(|cookie| cookie.name == name);
        assert!(cookies.len() <= 1, "{name} twice");
        cookies.pop()
    }

    /// A header that occurs at most once.
    ///
    /// # Panics
    ///
    /// If it occurs twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name);
        let value = values.next()?.to_str().ok();
        assert!(values.next().is_none(), "{name} twice");
        value
    }
}
