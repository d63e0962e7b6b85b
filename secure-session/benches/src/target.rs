//! An application without a socket. Its requests are created before the clock starts.

use std::{
    cell::RefCell,
    hint::black_box,
    pin::Pin,
    rc::Rc,
    time::{Duration, Instant},
};

use actix_http::Request;
use actix_service::Service;
use actix_web::{
    Error,
    body::{MessageBody, to_bytes},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{COOKIE, HeaderValue, SET_COOKIE},
    },
    test::{TestRequest, init_service},
};

use crate::apps::{Contender, Route, typed, with_app};

pub type Pending<T> = Pin<Box<dyn Future<Output = T>>>;

/// The number of requests created before the clock starts; actix-web keeps the memory of 128.
const READY: u32 = 64;

/// A response, as a client sees it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub set_cookies: Vec<String>,
    pub body: Vec<u8>,
}

/// The application of one contender, with a session's cookie.
pub struct Target {
    pub contender: Contender,
    ask: Box<dyn Fn(Request) -> Pending<Answer>>,
    time: Box<dyn Fn(u32, Box<dyn Fn() -> Request>) -> Pending<Duration>>,
    /// The pair `name=value` of a `Cookie` header.
    pair: RefCell<String>,
}

impl Target {
    pub async fn new(contender: Contender) -> Self {
        with_app!(contender, make => Self::of(contender, init_service(make()).await))
    }

    pub fn of<S, B>(contender: Contender, app: S) -> Self
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let app = Rc::new(app);
        let asked = Rc::clone(&app);
        Self {
            contender,
            ask: Box::new(move |request| Box::pin(answer(Rc::clone(&asked), request))),
            time: Box::new(move |count, request| {
                let app = Rc::clone(&app);
                Box::pin(async move { time(&*app, count, request).await })
            }),
            pair: RefCell::default(),
        }
    }

    pub async fn ask(&self, path: &str, cookies: &str) -> Answer {
        (self.ask)(request(path, header(cookies).as_ref())).await
    }

    /// Has the application create a session, so that the cookie is new and no refresh is due.
    pub async fn freshen(&self) -> Result<(), String> {
        let pair = match self.contender {
            // It reads no cookie.
            Contender::Bare => "id=bare".to_owned(),
            _ => self.begin().await?,
        };
        self.pair.replace(pair);
        Ok(())
    }

    /// Creates a session with all six fields and returns the pair of its cookie.
    pub async fn begin(&self) -> Result<String, String> {
        let answer = self.ask("/begin", "").await;
        match answer.set_cookies.as_slice() {
            [header] => Ok(pair_of(header).to_owned()),
            other => Err(format!("{}: /begin set {other:?}", self.contender)),
        }
    }

    /// The time of this number of requests, without the time to create them.
    pub async fn time(&self, path: &str, cookies: &str, count: u32) -> Duration {
        let (path, cookies) = (path.to_owned(), header(cookies));
        let request = Box::new(move || request(&path, cookies.as_ref()));
        (self.time)(count, request).await
    }

    /// The `Cookie` header for a route, with this number of other cookies before its own.
    pub fn cookies(&self, route: Route, others: usize) -> String {
        if !route.sends_cookie() {
            return String::new();
        }
        let others =
            (0..others).map(|index| format!("other_{index:02}=0123456789abcdef0123456789abcdef"));
        let pair = match (route, self.contender) {
            (Route::Refresh, Contender::Native | Contender::NativePureRust) => {
                typed::native::idle_pair()
            }
            (Route::Refresh, Contender::Fastify) => typed::fastify::idle_pair(),
            _ => self.pair.borrow().clone(),
        };
        let all: Vec<String> = others.chain([pair]).collect();
        all.join("; ")
    }
}

/// `name=value` of a `Set-Cookie` header.
pub fn pair_of(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap_or_default()
}

/// An empty text means no header.
fn header(cookies: &str) -> Option<HeaderValue> {
    let value = HeaderValue::from_str(cookies).expect("cookies are printable");
    (!cookies.is_empty()).then_some(value)
}

/// Requests share the header, so that its length costs nothing here, because callgrind also counts
/// the creation of a request.
fn request(path: &str, cookies: Option<&HeaderValue>) -> Request {
    let request = TestRequest::with_uri(path);
    match cookies {
        Some(value) => request.insert_header((COOKIE, value.clone())).to_request(),
        None => request.to_request(),
    }
}

async fn answer<S, B>(app: Rc<S>, request: Request) -> Answer
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    // No application here fails; the status would show it.
    let Ok(response) = app.call(request).await else {
        return Answer {
            status: 500,
            set_cookies: Vec::new(),
            body: Vec::new(),
        };
    };
    let set_cookies = (response.headers().get_all(SET_COOKIE))
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body()).await;
    Answer {
        status,
        set_cookies,
        body: body.map(|bytes| bytes.to_vec()).unwrap_or_default(),
    }
}

/// The time of this number of requests, without the time to create them.
pub async fn time<S, B>(app: &S, count: u32, request: impl Fn() -> Request) -> Duration
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
{
    let (mut sum, mut left) = (Duration::ZERO, count);
    while left > 0 {
        let ready = left.min(READY);
        let requests: Vec<Request> = (0..ready).map(|_| request()).collect();
        let mut right = 0;
        let start = Instant::now();
        for request in requests {
            let response = black_box(app.call(request).await);
            right += u32::from(response.is_ok_and(|response| response.status() == StatusCode::OK));
        }
        sum += start.elapsed();
        // Otherwise an error page would be measured instead of the route.
        assert_eq!(right, ready, "a response did not have the status 200");
        left -= ready;
    }
    sum
}
