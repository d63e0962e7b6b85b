//! The project's own small server and the real application, with one key and one jar.

use std::time::{Duration, SystemTime};

use actix_secure_session_tests::http::{Connection, Loopback};
use actix_web::{HttpResponse, web};
use secure_session::{
    Key, KeyRing, Salt, Session, SessionMiddleware,
    codec::Fastify,
    policy::{Policy, Signing, SigningAlgorithm},
    test_util::TestClock,
};
use serde_json::{Map, Value, json};

use crate::{
    browser::Browser,
    everything::{Everything, EverythingField, text},
    peer::PeerServer,
    random::{Random, seed},
    same::same_members,
};

const NEW: &str = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const OLD: &str = "f0e1d2c3b4a5968778695a4b3c2d1e0fffeeddccbbaa99887766554433221100";

fn ring(keys: &[&str]) -> KeyRing {
    KeyRing::from_keys(keys.iter().map(|hex| Key::from_hex(hex).unwrap())).unwrap()
}

/// The routes of `peer-server.mjs`, for the members that the struct knows.
fn routes(config: &mut web::ServiceConfig) {
    async fn all(session: Session<Everything>) -> HttpResponse {
        HttpResponse::Ok().json(session.snapshot().members())
    }
    async fn set(
        session: Session<Everything>,
        body: web::Json<Map<String, Value>>,
    ) -> HttpResponse {
        for (name, value) in body.into_inner() {
            match (name.as_str(), value) {
                ("name", Value::String(name)) => session.set_name(name),
                ("nickname", Value::String(name)) => session.set_nickname(name),
                ("nickname", Value::Null) => session.clear_nickname(),
                ("count", value) => session.set_count(serde_json::from_value(value).unwrap()),
                ("items", value) => {
                    let items: Vec<String> = serde_json::from_value(value).unwrap();
                    session.set_items(items);
                }
                ("extra", value) => session.set_extra(value),
                (other, _) => panic!("no field {other}"),
            }
        }
        HttpResponse::Ok().json(json!({ "ok": true }))
    }
    async fn touch(session: Session<Everything>) -> HttpResponse {
        session.touch();
        HttpResponse::Ok().json(json!({ "ok": true }))
    }
    async fn delete(session: Session<Everything>) -> HttpResponse {
        session.destroy();
        HttpResponse::Ok().json(json!({ "ok": true }))
    }
    async fn regenerate(session: Session<Everything>, body: web::Json<Value>) -> HttpResponse {
        match body.get("keep") {
            None => session.regenerate_keeping(&[]),
            Some(_) => session.regenerate_keeping(&[EverythingField::Name]),
        }
        HttpResponse::Ok().json(json!({ "ok": true }))
    }
    config
        .route("/all", web::get().to(all))
        .route("/set", web::post().to(set))
        .route("/touch", web::post().to(touch))
        .route("/delete", web::post().to(delete))
        .route("/regenerate", web::post().to(regenerate));
}

fn our_server(
    keys: KeyRing,
    clock: Option<&TestClock>,
    change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
) -> Loopback {
    let mut sessions = SessionMiddleware::builder(keys).session_with::<Everything>(change);
    if let Some(clock) = clock {
        sessions = sessions.clock(clock);
    }
    Loopback::start(&sessions.build().unwrap(), routes)
}

/// The session of both sides, as far as the struct knows it: a missing member has its default.
fn known(members: &Map<String, Value>) -> Map<String, Value> {
    Everything::of(members).members()
}

/// The members of a session that is created here, or that a method here resets: all fields.
fn written(members: &Map<String, Value>) -> Map<String, Value> {
    let mut written = members.clone();
    for (name, value) in known(members) {
        written.entry(name).or_insert(value);
    }
    written.retain(|name, value| name == "extra" || !value.is_null() || name == "theirs");
    written
}

#[test]
fn visitors_alternate_between_both_servers_without_losing_data() {
    const VISITORS: usize = 60;
    const REQUESTS: usize = 12;
    let mut random = Random::new(seed());
    let ours = our_server(ring(&[NEW]), None, |policy| policy);
    let theirs = PeerServer::start(&[("PEER_KEYS_HEX", NEW)]);
    let (mut ours, mut theirs) = (ours.connect(), Connection::open(&theirs.address));
    for visitor in 0..VISITORS {
        let mut browser = Browser::default();
        // The content of the session; `None` without one.
        let mut model: Option<Map<String, Value>> = None;
        let mut story = Vec::new();
        for _ in 0..REQUESTS {
            let here = random.bool();
            let begins = model.is_none();
            let server = if here { &mut ours } else { &mut theirs };
            let verb = random.pick(&["set", "set", "set", "touch", "regenerate", "delete"]);
            story.push(format!("{verb} {}", if here { "here" } else { "there" }));
            let mut body = Value::Null;
            match verb {
                "set" => {
                    body["name"] = json!(text(&mut random));
                    body["count"] = json!(random.below(1000));
                    if random.bool() {
                        body["items"] = json!([text(&mut random), "last"]);
                    }
                    if here {
                        body["extra"] = json!({ "": [null, random.below(9)] });
                    } else {
                        body["theirs"] = json!({ "deep": [text(&mut random), null] });
                    }
                    let mut members = model.take().unwrap_or_default();
                    let set = body.as_object().cloned().unwrap_or_default();
                    members.extend(set);
                    model = Some(members);
                }
                "touch" => model = Some(model.take().unwrap_or_default()),
                "regenerate" => {
                    let keeps = random.bool();
                    body = if keeps {
                        json!({ "keep": ["name"] })
                    } else {
                        json!({})
                    };
                    // Never stored and equal to its defaults, so nothing is sent.
                    if model.is_some() || !here {
                        let mut members = model.take().unwrap_or_default();
                        members.retain(|name, _| keeps && name == "name");
                        model = Some(members);
                    }
                }
                _ => model = None,
            }
            let reply = browser.post(server, &format!("/{verb}"), &body);
            assert_eq!(reply.status, 200, "{visitor}: {story:?}");
            if here && (begins || verb == "regenerate") {
                model = model.map(|members| written(&members));
            }
            let members = model.clone().unwrap_or_default();
            assert_eq!(
                browser.jar.is_empty(),
                model.is_none(),
                "{visitor}: {story:?}"
            );
            let peers = browser.get(&mut theirs, "/all").body;
            let peers = peers.as_object().expect("an object");
            assert!(
                same_members(peers, &members),
                "{story:?}: {peers:?} {members:?}"
            );
            let typed = browser.get(&mut ours, "/all").body;
            let typed = typed.as_object().expect("an object");
            assert!(
                same_members(typed, &known(&members)),
                "{story:?}: {typed:?}"
            );
        }
    }
}

#[test]
fn a_session_of_an_older_key_is_rotated_by_either_side_for_the_other() {
    let ours_before = our_server(ring(&[OLD]), None, |policy| policy);
    let theirs_before = PeerServer::start(&[("PEER_KEYS_HEX", OLD)]);
    let ours = our_server(ring(&[NEW, OLD]), None, |policy| policy);
    let both = format!("{NEW},{OLD}");
    let theirs = PeerServer::start(&[("PEER_KEYS_HEX", &both)]);
    let ours_after = our_server(ring(&[NEW]), None, |policy| policy);
    let theirs_after = PeerServer::start(&[("PEER_KEYS_HEX", NEW)]);
    let address = |server: &Loopback| server.address.to_string();
    let begins = [address(&ours_before), theirs_before.address.clone()];
    let rotates = [address(&ours), theirs.address.clone()];
    let reads = [address(&ours_after), theirs_after.address.clone()];
    for begin in &begins {
        for rotate in &rotates {
            for read in &reads {
                let [mut begin, mut rotate, mut read] =
                    [begin, rotate, read].map(|address| Connection::open(address));
                let mut browser = Browser::default();
                browser.post(&mut begin, "/set", &json!({ "name": "Zoë", "count": 3 }));
                let mut stale = browser.clone();
                assert_ne!(stale.get(&mut read, "/all").body["name"], "Zoë");
                let answer = browser.get(&mut rotate, "/all");
                assert_eq!(answer.set_cookies.len(), 1, "it is sent again");
                assert_eq!(browser.get(&mut rotate, "/all").set_cookies, [], "once");
                assert_eq!(browser.get(&mut read, "/all").body["name"], "Zoë");
            }
        }
    }
}

/// The idle limit of both sides, in seconds.
const IDLE: u64 = 3600;

/// Both servers, this number of seconds from now.
struct Both {
    _ours: Loopback,
    _theirs: PeerServer,
    addresses: [String; 2],
}

impl Both {
    fn later(seconds: u64) -> Self {
        let idle = Duration::from_secs(IDLE);
        // The Node process has only the machine's clock, with an offset.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let clock = TestClock::at(now.unwrap().as_secs() + seconds);
        let ours = our_server(ring(&[NEW]), Some(&clock), |policy| {
            policy.idle(idle).refresh(None)
        });
        let theirs = PeerServer::start(&[
            ("PEER_KEYS_HEX", NEW),
            ("PEER_EXPIRY", &IDLE.to_string()),
            ("PEER_CLOCK_MS", &(seconds * 1000).to_string()),
        ]);
        Self {
            addresses: [ours.address.to_string(), theirs.address.clone()],
            _ours: ours,
            _theirs: theirs,
        }
    }

    fn connections(&self) -> [Connection; 2] {
        self.addresses
            .each_ref()
            .map(|address| Connection::open(address))
    }
}

#[test]
fn both_sides_expire_a_session_at_the_same_time() {
    // The tests take time themselves. This margin is large enough on either side of the expiry.
    const MARGIN: u64 = 300;
    let both = Both::later(0);
    let begun = both.connections().map(|mut server| {
        let mut browser = Browser::default();
        browser.post(&mut server, "/set", &json!({ "name": "Zoë" }));
        browser
    });
    for (later, lives) in [(IDLE - MARGIN, true), (IDLE + MARGIN, false)] {
        let both = Both::later(later);
        for browser in &begun {
            for mut server in both.connections() {
                let reply = browser.clone().get(&mut server, "/all");
                assert_eq!(reply.body["name"] == "Zoë", lives, "after {later} s");
                assert_eq!(reply.set_cookies, [], "reading sends nothing");
            }
        }
    }
    // A touch on either side extends the session on both.
    let both = Both::later(IDLE - MARGIN);
    let touched = both.connections().map(|mut server| {
        let mut browser = begun[0].clone();
        browser.post(&mut server, "/touch", &Value::Null);
        browser
    });
    let both = Both::later(IDLE + MARGIN);
    for browser in &touched {
        for mut server in both.connections() {
            let reply = browser.clone().get(&mut server, "/all");
            assert_eq!(reply.body["name"], "Zoë");
        }
    }
}

#[test]
fn signed_cookies_work_both_ways_with_key_and_passphrase() {
    const SECRET: &str = "averylogphrasebiggerthanthirtytwochars";
    const SALT: &str = "mq9hDxBVDbspDR6n";
    let with_session_key = (
        our_server(ring(&[NEW]), None, |policy| {
            policy.signed(Signing::with_session_key())
        }),
        PeerServer::start(&[("PEER_KEYS_HEX", NEW), ("PEER_SIGNED", "1")]),
    );
    let derived = Key::from_passphrase(SECRET, &Salt::from_text(SALT).unwrap()).unwrap();
    let settings = [
        ("PEER_SECRET", SECRET),
        ("PEER_SALT", SALT),
        ("PEER_SIGNED", "1"),
    ];
    let with_secret = (
        our_server(derived.into(), None, |policy| {
            policy.signed(Signing::with_secret(SECRET))
        }),
        PeerServer::start(&settings),
    );
    for (ours, theirs) in [with_session_key, with_secret] {
        let (mut ours, mut theirs) = (ours.connect(), Connection::open(&theirs.address));
        let mut browser = Browser::default();
        browser.post(&mut ours, "/set", &json!({ "name": "Zoë" }));
        assert_eq!(browser.get(&mut theirs, "/all").body["name"], "Zoë");
        browser.post(&mut theirs, "/set", &json!({ "name": "Ada" }));
        assert_eq!(browser.get(&mut ours, "/all").body["name"], "Ada");
        let value = browser.jar.get_mut("session").unwrap();
        assert!(value.contains('.'), "{value}");
        value.truncate(value.len() - 5);
        value.push_str("AAAAA");
        assert_eq!(browser.get(&mut ours, "/all").body["name"], "");
        assert_eq!(browser.get(&mut theirs, "/all").body, json!({}));
    }
}

/// The secrets and the algorithm are those of a separately registered @fastify/cookie.
#[test]
fn cookies_signed_by_the_plugin_work_both_ways_per_algorithm() {
    for (name, algorithm) in [
        ("sha256", SigningAlgorithm::Sha256),
        ("sha384", SigningAlgorithm::Sha384),
        ("sha512", SigningAlgorithm::Sha512),
    ] {
        let ours = |secrets: &[&str]| {
            let signing = Signing::with_secrets(secrets).algorithm(algorithm);
            our_server(ring(&[NEW]), None, |policy| policy.signed(signing))
        };
        let theirs = |secrets: &str| {
            PeerServer::start(&[
                ("PEER_KEYS_HEX", NEW),
                ("PEER_SIGNED", "1"),
                ("PEER_COOKIE_SECRETS", secrets),
                ("PEER_COOKIE_ALGORITHM", name),
            ])
        };
        let (our_old, our_both) = (ours(&["old"]), ours(&["new", "old"]));
        let (their_old, their_both) = (theirs("old"), theirs("new,old"));
        let [our_old, our_both] = [our_old.address, our_both.address].map(|it| it.to_string());
        let (their_old, their_both) = (&their_old.address, &their_both.address);
        for (begin, read) in [
            (&our_old, their_old),
            (their_old, &our_old),
            (&our_old, their_both),
            (their_old, &our_both),
            (&our_both, their_both),
            (their_both, &our_both),
        ] {
            let [mut begin, mut read] = [begin, read].map(|address| Connection::open(address));
            let mut browser = Browser::default();
            browser.post(&mut begin, "/set", &json!({ "name": "Zoë" }));
            assert_eq!(browser.get(&mut read, "/all").body["name"], "Zoë", "{name}");
        }
    }
}
