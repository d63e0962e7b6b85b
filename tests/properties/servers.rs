//! Drivers of the sequences: an application, or session cells alone.

use std::{cell::RefCell, collections::VecDeque};

use actix_secure_session_tests::{Auth, app::Answer, jar::SetCookie, ring};
use actix_web::{
    App, HttpResponse,
    rt::System,
    test::{self, TestRequest},
    web,
};
use secure_session::{
    Session, SessionMiddleware,
    codec::Codec,
    test_util::{TestClock, TestSession},
};

use crate::sequences::{Doing, RINGS, run};

const NAME: &str = "__Host-auth";

/// One server for each ring, with one clock.
pub(crate) trait Servers {
    /// Returns the cookie that the response to a request sets.
    fn answer(&self, ring: usize, cookie: Option<&str>, doings: &[Doing]) -> Option<SetCookie>;

    /// Does the same for two concurrent requests.
    fn race(
        &self,
        ring: usize,
        cookie: Option<&str>,
        both: [&[Doing]; 2],
    ) -> [Option<SetCookie>; 2];
}

thread_local! {
    /// The operations of the next handlers; everything runs on one thread.
    static DOINGS: RefCell<VecDeque<Vec<Doing>>> = const { RefCell::new(VecDeque::new()) };
}

type Call = Box<dyn Fn(Option<&str>, &[&[Doing]]) -> Vec<Option<SetCookie>>>;

/// Applications, called as actix-web calls them.
pub(crate) struct Applications(Vec<Call>);

impl Applications {
    pub(crate) fn new(clock: &TestClock) -> Self {
        Self(RINGS.iter().map(|keys| application(clock, keys)).collect())
    }
}

impl Servers for Applications {
    fn answer(&self, ring: usize, cookie: Option<&str>, doings: &[Doing]) -> Option<SetCookie> {
        self.0[ring](cookie, &[doings]).remove(0)
    }

    fn race(
        &self,
        ring: usize,
        cookie: Option<&str>,
        both: [&[Doing]; 2],
    ) -> [Option<SetCookie>; 2] {
        self.0[ring](cookie, &both).try_into().unwrap()
    }
}

fn application(clock: &TestClock, keys: &[u8]) -> Call {
    let sessions = SessionMiddleware::builder(ring(keys)).session::<Auth>();
    let sessions = sessions.clock(clock).build().unwrap();
    let system = System::new();
    let app = system.block_on(async {
        let app = App::new().wrap(sessions).route("/", web::get().to(handler));
        test::init_service(app).await
    });
    Box::new(move |cookie, requests| {
        let request = || {
            let header = cookie.map(|text| ("Cookie", format!("{NAME}={text}")));
            let request = TestRequest::get();
            match header {
                Some(header) => request.insert_header(header),
                None => request,
            }
        };
        DOINGS.with_borrow_mut(|doings| doings.extend(requests.iter().map(|list| list.to_vec())));
        let answers = requests
            .iter()
            .map(|_| test::call_service(&app, request().to_request()));
        let answers = system.block_on(futures_util::future::join_all(answers));
        let answers = answers.into_iter().map(|answer| {
            let answer = system.block_on(Answer::of(answer));
            assert_eq!(answer.status, 200);
            answer.cookie(NAME)
        });
        answers.collect()
    })
}

/// Two handles of one session, and a point in the middle where another request may run.
async fn handler(auth: Session<Auth>, also: Session<Auth>) -> HttpResponse {
    let doings = DOINGS.with_borrow_mut(VecDeque::pop_front).unwrap();
    for doing in doings {
        run([&auth, &also], &doing);
        actix_web::rt::task::yield_now().await;
    }
    HttpResponse::Ok().finish()
}

/// Session cells without a service around them.
pub(crate) struct Slots(Vec<Codec<Auth>>);

impl Slots {
    pub(crate) fn new(clock: &TestClock) -> Self {
        let codec = |keys: &&[u8]| Codec::builder(ring(keys)).clock(clock).build().unwrap();
        Self(RINGS.iter().map(codec).collect())
    }

    fn begin(&self, ring: usize, cookie: Option<&str>) -> TestSession<Auth> {
        match cookie {
            Some(text) => TestSession::from_cookie_header(&self.0[ring], format!("{NAME}={text}")),
            None => TestSession::new(&self.0[ring]),
        }
    }
}

impl Servers for Slots {
    fn answer(&self, ring: usize, cookie: Option<&str>, doings: &[Doing]) -> Option<SetCookie> {
        let session = self.begin(ring, cookie);
        let handles = [session.session(), session.session()];
        for doing in doings {
            run(handles.each_ref(), doing);
        }
        end(session)
    }

    fn race(
        &self,
        ring: usize,
        cookie: Option<&str>,
        both: [&[Doing]; 2],
    ) -> [Option<SetCookie>; 2] {
        let sessions = [(); 2].map(|()| self.begin(ring, cookie));
        let most = both.map(<[_]>::len).into_iter().max().unwrap_or_default();
        for index in 0..most {
            for (session, doings) in sessions.iter().zip(both) {
                if let Some(doing) = doings.get(index) {
                    run([&session.session(), &session.session()], doing);
                }
            }
        }
        sessions.map(end)
    }
}

fn end(session: TestSession<Auth>) -> Option<SetCookie> {
    let answer = session.finish();
    assert!(answer.failure().is_none(), "{answer:?}");
    answer.set_cookie().map(SetCookie::parse)
}
