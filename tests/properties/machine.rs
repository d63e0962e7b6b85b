//! Sequences of requests, against the model: verbs and setters in any order, two tabs, replayed
//! cookies, keys that change, a clock that jumps.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    time::{Duration, UNIX_EPOCH},
};

use actix_http::Request;
use actix_secure_session_tests::{
    Auth, AuthField, IDLE, NewerAuth, REFRESH, T0, app::Answer, ring,
};
use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    test::{TestRequest, init_service},
    web,
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};
use secure_session::{
    SecureSession as _, Session, SessionId, SessionMiddleware,
    codec::{Codec, Opened},
    test_util::TestClock,
};

use crate::model::{Fields, Op, Sent, Stored, respond};

/// The rings of the servers; all seal with another first key or know another set.
const RINGS: [&[u8]; 4] = [&[1], &[2, 1], &[1, 2], &[2]];

/// How many sequences are tried; each has up to twelve steps.
const SEQUENCES: u32 = 20_000;

#[derive(Debug, Clone)]
enum Step {
    /// Moves the clock, forwards or a little backwards.
    Clock(i64),
    /// Puts an earlier cookie back into a tab.
    Replay {
        tab: usize,
        cookie: usize,
    },
    Request {
        tab: usize,
        ops: Vec<Op>,
    },
    /// Puts a cookie of a newer build into a tab.
    Newer {
        tab: usize,
    },
    /// Restarts the server with another ring.
    Ring(usize),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        Just(Op::ClearUser),
        Just(Op::Destroy),
        Just(Op::Read),
        Just(Op::Reauthenticate),
        Just(Op::Regenerate),
        Just(Op::RegenerateKeepingName),
        (120..10_000_000_u64).prop_map(Op::RememberFor),
        Just(Op::Renew),
        "[a-c]{0,2}".prop_map(Op::SetName),
        (0..3_u64).prop_map(Op::SetUser),
        Just(Op::SignIn),
        Just(Op::TakeUser),
        Just(Op::Touch),
        Just(Op::UpdateVisits),
        Just(Op::WithoutActivity),
    ]
}

fn clock() -> impl Strategy<Value = i64> {
    let limits = [REFRESH, IDLE].map(|limit| i64::try_from(limit).unwrap());
    prop_oneof![
        3 => 0..400_i64,
        2 => proptest::sample::select(vec![
            limits[0] - 1, limits[0], limits[1] - 1, limits[1], limits[1] + 1,
        ]),
        1 => -90..0_i64,
        1 => 0..50_000_i64,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..2_usize, prop::collection::vec(op(), 0..4))
            .prop_map(|(tab, ops)| Step::Request { tab, ops }),
        3 => clock().prop_map(Step::Clock),
        1 => (0..2_usize, any::<usize>()).prop_map(|(tab, cookie)| Step::Replay { tab, cookie }),
        1 => (0..2_usize).prop_map(|tab| Step::Newer { tab }),
        1 => (0..RINGS.len()).prop_map(Step::Ring),
    ]
}

/// Runs what a test wants in the handler.
fn run(auth: &Session<Auth>, op: &Op) {
    match op {
        Op::ClearUser => auth.clear_user_id(),
        Op::Destroy => auth.destroy(),
        Op::Read => assert!(auth.name().len() < 100),
        Op::Reauthenticate => auth.reauthenticate(),
        Op::Regenerate => auth.regenerate(),
        Op::RegenerateKeepingName => auth.regenerate_keeping(&[AuthField::Name]),
        Op::RememberFor(time) => auth.remember_for(Duration::from_secs(*time)),
        Op::Renew => auth.renew(),
        Op::SetName(name) => auth.set_name(name),
        Op::SetUser(id) => auth.set_user_id(*id),
        Op::SignIn => auth.sign_in(),
        Op::TakeUser => {
            auth.take_user_id();
        }
        Op::Touch => auth.touch(),
        Op::UpdateVisits => auth.update_visits(|visits| *visits += 1),
        Op::WithoutActivity => auth.without_activity(),
    }
}

thread_local! {
    /// What the next handler is to do; everything runs on one thread.
    static OPS: RefCell<Vec<Op>> = const { RefCell::new(Vec::new()) };
}

/// What the sequences share: applications are dear to make.
struct Servers<S> {
    apps: Vec<S>,
    clock: TestClock,
    /// Opens what any of the servers sealed.
    reader: Codec<Auth>,
    newer: Codec<NewerAuth>,
}

/// One sequence.
struct Sequence<'a, S> {
    servers: &'a Servers<S>,
    ring: usize,
    tabs: [Option<String>; 2],
    /// Every cookie that was ever sent, and what the model says it holds.
    cookies: Vec<String>,
    known: HashMap<String, (SessionId, Stored)>,
    ids: HashSet<SessionId>,
}

impl<'a, S, B> Sequence<'a, S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    fn new(servers: &'a Servers<S>) -> Self {
        servers.clock.set(T0);
        Self {
            servers,
            ring: 0,
            tabs: [None, None],
            cookies: Vec::new(),
            known: HashMap::new(),
            ids: HashSet::new(),
        }
    }

    fn now(&self) -> u64 {
        self.servers.clock.now()
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Clock(seconds) => {
                let moved = self.now().checked_add_signed(seconds).unwrap();
                self.servers.clock.set(moved);
            }
            Step::Newer { tab } => self.newer(tab),
            Step::Replay { tab, cookie } => {
                if let Some(index) = cookie.checked_rem(self.cookies.len()) {
                    self.tabs[tab] = Some(self.cookies[index].clone());
                }
            }
            Step::Request { tab, ops } => self.request(tab, ops).await,
            Step::Ring(ring) => self.ring = ring,
        }
    }

    fn newer(&mut self, tab: usize) {
        let value = NewerAuth {
            name: "newer".to_owned(),
            future: Some("kept".to_owned()),
            ..NewerAuth::defaults()
        };
        let opened = self.servers.newer.begin(value).unwrap();
        let text = opened.seal(&self.servers.newer).unwrap();
        let session = Stored {
            fields: Fields {
                name: "newer".to_owned(),
                ..Fields::default()
            },
            unknown: true,
            created: self.now(),
            seen: self.now(),
            own_end: None,
            authenticated: None,
            key: 1,
        };
        self.learn(tab, text, opened.id(), session);
    }

    fn learn(&mut self, tab: usize, text: String, id: SessionId, session: Stored) {
        self.ids.insert(id);
        self.tabs[tab] = Some(text.clone());
        self.cookies.push(text.clone());
        self.known.insert(text, (id, session));
    }

    async fn request(&mut self, tab: usize, ops: Vec<Op>) {
        let ring = RINGS[self.ring];
        let cookie = self.tabs[tab].clone();
        let known = cookie.as_ref().map(|text| self.known[text].clone());
        let came = known.filter(|(_, session)| session.opens(self.now(), ring));
        let came_id = came.as_ref().map(|(id, _)| *id);
        let expected = respond(came.map(|(_, session)| session), &ops, self.now(), ring[0]);

        OPS.replace(ops);
        let mut request = TestRequest::get();
        if let Some(text) = cookie {
            request = request.insert_header(("Cookie", format!("__Host-auth={text}")));
        }
        let app = &self.servers.apps[self.ring];
        let response = app.call(request.to_request()).await;
        let answer = Answer::of(response.unwrap_or_else(|err| panic!("{err}"))).await;
        assert_eq!(answer.status, 200);

        match (expected, answer.cookie("__Host-auth")) {
            (Sent::Nothing, None) => {}
            (Sent::Removal, Some(cookie)) if cookie.is_removal() => self.tabs[tab] = None,
            (Sent::Cookie { new_id, session }, Some(cookie)) if !cookie.is_removal() => {
                let opened = self.servers.reader.open(&cookie.value).unwrap();
                assert_eq!(stored(&opened, &session), session);
                if new_id {
                    assert!(!self.ids.contains(&opened.id()), "an id twice");
                } else {
                    assert_eq!(Some(opened.id()), came_id);
                }
                self.learn(tab, cookie.value, opened.id(), session);
            }
            (expected, got) => panic!("{expected:?}, but {got:?}"),
        }
    }
}

/// The session of a cookie as the model has it; what the codec does not tell is taken from there.
fn stored(opened: &Opened<Auth>, model: &Stored) -> Stored {
    let seconds = |time: std::time::SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    Stored {
        fields: Fields {
            name: opened.name.clone(),
            user_id: opened.user_id,
            visits: opened.visits,
        },
        unknown: opened.unknown_member("future") == Some("\"kept\""),
        created: seconds(opened.created_at()),
        seen: seconds(opened.seen_at()),
        own_end: model.own_end,
        authenticated: opened.authenticated_at().map(seconds),
        key: if opened.key_index() == 0 { 1 } else { 2 },
    }
}

async fn handler(auth: Session<Auth>) -> HttpResponse {
    for op in OPS.take() {
        run(&auth, &op);
    }
    HttpResponse::Ok().finish()
}

#[test]
fn no_sequence_of_requests_diverges_from_the_model() {
    let system = actix_web::rt::System::new();
    let clock = TestClock::at(T0);
    let reader = Codec::<Auth>::builder(ring(&[1, 2]))
        .clock(&clock)
        .build()
        .unwrap();
    let newer = Codec::<NewerAuth>::builder(ring(&[1]))
        .clock(&clock)
        .build()
        .unwrap();
    let apps = system.block_on(async {
        let mut apps = Vec::new();
        for keys in RINGS {
            let sessions = SessionMiddleware::builder(ring(keys)).session::<Auth>();
            let sessions = sessions.clock(&clock).build().unwrap();
            let app = App::new().wrap(sessions).route("/", web::get().to(handler));
            apps.push(init_service(app).await);
        }
        apps
    });
    let servers = Servers {
        apps,
        clock,
        reader,
        newer,
    };
    let config = Config {
        cases: SEQUENCES,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/properties/machine.regressions"
        )))),
        ..Config::default()
    };
    let steps = prop::collection::vec(step(), 1..12);
    TestRunner::new(config)
        .run(&steps, |steps| {
            system.block_on(async {
                let mut sequence = Sequence::new(&servers);
                for step in steps {
                    sequence.step(step).await;
                }
            });
            Ok(())
        })
        .unwrap();
}
