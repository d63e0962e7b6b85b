//! Sequences of requests, against the model: lifecycle methods and setters in any order over two
//! handles, two tabs, two concurrent requests, replayed cookies, changing keys, a clock that jumps.
//!
//! Through actix-web, and directly on session cells, which is fast enough for a million:
//! `MODEL_SEQUENCES=1000000 cargo test --release -p actix-secure-session-tests --test properties
//! session_cells`. `MODEL_SEED` generates other sequences. `sequences.regressions` stores those
//! that found a fault, planted or not.

use std::{
    collections::{HashMap, HashSet},
    env,
    time::{Duration, UNIX_EPOCH},
};

use actix_secure_session_tests::{
    Auth, AuthField, IDLE, NewerAuth, REFRESH, T0, jar::SetCookie, ring,
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner},
};
use secure_session::{
    SecureSession as _, Session, SessionId,
    codec::{Codec, Opened},
    test_util::TestClock,
};

use crate::{
    model::{Fields, Op, Sent, Stored, respond},
    servers::{Applications, Servers, Slots},
};

/// The rings of the servers. Each encrypts with another first key or knows another set.
pub(crate) const RINGS: [&[u8]; 4] = [&[1], &[2, 1], &[1, 2], &[2]];

/// The number of sequences per test unless `MODEL_SEQUENCES` is set; each has fewer than twelve
/// steps.
const SEQUENCES: u32 = 2_000;

/// The seed of the sequences unless `MODEL_SEED` is set.
const SEED: u64 = 1;

/// An operation of one of two handles.
#[derive(Debug, Clone)]
pub(crate) struct Doing {
    handle: usize,
    op: Op,
}

#[derive(Debug, Clone)]
enum Step {
    /// Moves the clock forwards, or a little backwards.
    Clock(i64),
    /// Two concurrent requests of one tab: both send the same cookie, and the response to the named
    /// one arrives last.
    Race {
        tab: usize,
        both: [Vec<Doing>; 2],
        last: usize,
    },
    /// Restores an earlier cookie in a tab.
    Replay {
        tab: usize,
        cookie: usize,
    },
    Request {
        tab: usize,
        doings: Vec<Doing>,
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
        "[a-c]{0,2}".prop_map(Op::SetName),
        (0..3_u64).prop_map(Op::SetUser),
        Just(Op::SignIn),
        Just(Op::TakeUser),
        Just(Op::Touch),
        Just(Op::UpdateVisits),
        Just(Op::WithoutActivity),
    ]
}

fn doings() -> impl Strategy<Value = Vec<Doing>> {
    let doing = (0..2_usize, op()).prop_map(|(handle, op)| Doing { handle, op });
    prop::collection::vec(doing, 0..4)
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
        8 => (0..2_usize, doings()).prop_map(|(tab, doings)| Step::Request { tab, doings }),
        2 => (0..2_usize, [doings(), doings()], 0..2_usize)
            .prop_map(|(tab, both, last)| Step::Race { tab, both, last }),
        3 => clock().prop_map(Step::Clock),
        1 => (0..2_usize, any::<usize>()).prop_map(|(tab, cookie)| Step::Replay { tab, cookie }),
        1 => (0..2_usize).prop_map(|tab| Step::Newer { tab }),
        1 => (0..RINGS.len()).prop_map(Step::Ring),
    ]
}

/// Runs the test's code in the handler.
pub(crate) fn run(handles: [&Session<Auth>; 2], doing: &Doing) {
    let auth = handles[doing.handle];
    match &doing.op {
        Op::ClearUser => auth.clear_user_id(),
        Op::Destroy => auth.destroy(),
        Op::Read => assert!(auth.name().len() < 100),
        Op::Reauthenticate => auth.reauthenticate(),
        Op::Regenerate => auth.regenerate(),
        Op::RegenerateKeepingName => auth.regenerate_keeping(&[AuthField::Name]),
        Op::RememberFor(time) => auth.remember_for(Duration::from_secs(*time)),
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

/// State that the sequences share, because applications are expensive to create.
struct World {
    servers: Box<dyn Servers>,
    clock: TestClock,
    /// Decrypts the values of all servers.
    reader: Codec<Auth>,
    newer: Codec<NewerAuth>,
}

impl World {
    fn new(servers: impl FnOnce(&TestClock) -> Box<dyn Servers>) -> Self {
        let clock = TestClock::at(T0);
        let reader = Codec::builder(ring(&[1, 2])).clock(&clock).build();
        let newer = Codec::builder(ring(&[1])).clock(&clock).build();
        Self {
            servers: servers(&clock),
            reader: reader.unwrap(),
            newer: newer.unwrap(),
            clock,
        }
    }
}

/// One sequence.
struct Sequence<'a> {
    world: &'a World,
    ring: usize,
    tabs: [Option<String>; 2],
    /// Every cookie that was ever sent, and its content according to the model.
    cookies: Vec<String>,
    known: HashMap<String, (SessionId, Stored)>,
    ids: HashSet<SessionId>,
}

impl<'a> Sequence<'a> {
    fn new(world: &'a World) -> Self {
        world.clock.set(T0);
        Self {
            world,
            ring: 0,
            tabs: [None, None],
            cookies: Vec::new(),
            known: HashMap::new(),
            ids: HashSet::new(),
        }
    }

    fn now(&self) -> u64 {
        self.world.clock.now()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Clock(seconds) => {
                let moved = self.now().checked_add_signed(seconds).unwrap();
                self.world.clock.set(moved);
            }
            Step::Newer { tab } => self.newer(tab),
            Step::Replay { tab, cookie } => {
                if let Some(index) = cookie.checked_rem(self.cookies.len()) {
                    self.tabs[tab] = Some(self.cookies[index].clone());
                }
            }
            Step::Race { tab, both, last } => self.race(tab, &both, last),
            Step::Request { tab, doings } => self.request(tab, &doings),
            Step::Ring(ring) => self.ring = ring,
        }
    }

    fn newer(&mut self, tab: usize) {
        let value = NewerAuth {
            name: "newer".to_owned(),
            future: Some("kept".to_owned()),
            ..NewerAuth::defaults()
        };
        let opened = self.world.newer.new_session(value).unwrap();
        let text = opened.seal(&self.world.newer).unwrap();
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

    fn request(&mut self, tab: usize, doings: &[Doing]) {
        let cookie = self.tabs[tab].clone();
        let sent = self
            .world
            .servers
            .answer(self.ring, cookie.as_deref(), doings);
        self.check(tab, cookie.as_deref(), doings, sent);
    }

    /// The requests do not know of each other; the tab keeps the cookie that arrives last.
    fn race(&mut self, tab: usize, both: &[Vec<Doing>; 2], last: usize) {
        let cookie = self.tabs[tab].clone();
        let doings = both.each_ref().map(Vec::as_slice);
        let sent = self
            .world
            .servers
            .race(self.ring, cookie.as_deref(), doings);
        let mut answers = doings.into_iter().zip(sent).collect::<Vec<_>>();
        answers.swap(last, 1);
        for (doings, sent) in answers {
            self.check(tab, cookie.as_deref(), doings, sent);
        }
    }

    /// Compares the cookie that a response sets with the one the model sends, and stores it in the
    /// tab.
    fn check(
        &mut self,
        tab: usize,
        cookie: Option<&str>,
        doings: &[Doing],
        sent: Option<SetCookie>,
    ) {
        let ring = RINGS[self.ring];
        let known = cookie.map(|text| self.known[text].clone());
        let came = known.filter(|(_, session)| session.opens(self.now(), ring));
        let came_id = came.as_ref().map(|(id, _)| *id);
        let ops = doings.iter().map(|doing| &doing.op);
        let expected = respond(came.map(|(_, session)| session), ops, self.now(), ring[0]);
        match (expected, sent) {
            (Sent::Nothing, None) => {}
            (Sent::Removal, Some(cookie)) if cookie.is_removal() => self.tabs[tab] = None,
            (Sent::Cookie { new_id, session }, Some(cookie)) if !cookie.is_removal() => {
                let opened = self.world.reader.open(&cookie.value).unwrap();
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

/// The session of a cookie in the model; values that the codec does not expose are taken from
/// there.
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

#[test]
fn no_sequence_of_requests_diverges_from_the_model() {
    let world = World::new(|clock| Box::new(Applications::new(clock)));
    diverges_nowhere(&world);
}

#[test]
fn no_sequence_on_session_cells_diverges_from_the_model() {
    let world = World::new(|clock| Box::new(Slots::new(clock)));
    diverges_nowhere(&world);
}

fn diverges_nowhere(world: &World) {
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seed = number("MODEL_SEED").unwrap_or(SEED);
    let config = Config {
        cases: number("MODEL_SEQUENCES").map_or(SEQUENCES, |number| number.try_into().unwrap()),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/properties/sequences.regressions"
        )))),
        ..Config::default()
    };
    println!("{} sequences, MODEL_SEED={seed}", config.cases);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let steps = prop::collection::vec(step(), 1..12);
    TestRunner::new_with_rng(config, random)
        .run(&steps, |steps| {
            let mut sequence = Sequence::new(world);
            for step in steps {
                sequence.step(step);
            }
            Ok(())
        })
        .unwrap();
}
