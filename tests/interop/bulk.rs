//! Thousands of sessions, vectors written by the library, and derived keys.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secure_session::{
    Key, KeyProblem, KeyRing, Salt, SecureSession,
    codec::{Codec, Opened},
    policy::Signing,
    test_util::TestClock,
};
use serde_json::{Map, Value, json};

use crate::{
    everything::{Everything, MAX_DEPTH, depth, text},
    file::{Vector, recorded},
    peer::Bulk,
    random::{Random, seed},
    same::{same, same_members},
};

/// The number of sessions in each direction.
const SESSIONS: usize = 10_000;

/// The number of sessions in one command to the Node process.
const BATCH: usize = 250;

const KEY: &str = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn codec() -> Codec<Everything> {
    let codec = Codec::builder(Key::from_hex(KEY).unwrap());
    codec.build().unwrap()
}

fn object(value: &Value) -> Map<String, Value> {
    // Half a surrogate pair, which no Rust text can contain, occurs only in unknown members.
    let text = value
        .as_str()
        .expect("JSON as text")
        .replace(r"\ud83d", r"\ufffd");
    serde_json::from_str(&text).expect("an object")
}

/// Counts the kinds of generated values, to detect a generator that produces nothing of interest.
#[derive(Default)]
struct Coverage(BTreeMap<&'static str, usize>);

impl Coverage {
    fn see(&mut self, members: &Map<String, Value>) {
        self.count("an empty key", members.contains_key(""));
        for value in members.values() {
            self.see_value(value);
            self.count("nesting to 20", depth(value) == MAX_DEPTH);
        }
    }

    fn see_value(&mut self, value: &Value) {
        const MAX: i64 = 1 << 53;
        match value {
            Value::Null => self.count("null", true),
            Value::Bool(_) => self.count("a boolean", true),
            Value::Number(number) => {
                self.count("2^53", number.as_f64() == Some(9_007_199_254_740_992.0));
                self.count("-2^53", number.as_i64() == Some(-MAX));
                self.count("a double", number.is_f64());
            }
            Value::String(text) => {
                self.count("a control character", text.contains(char::is_control));
                self.count(
                    "an astral character",
                    text.chars().any(|sign| sign > '\u{ffff}'),
                );
            }
            Value::Array(values) => {
                self.count("a list", true);
                for value in values {
                    self.see_value(value);
                }
            }
            Value::Object(members) => {
                self.count("an object", true);
                self.count("an empty key", members.contains_key(""));
                for value in members.values() {
                    self.see_value(value);
                }
            }
        }
    }

    fn count(&mut self, what: &'static str, is_seen: bool) {
        *self.0.entry(what).or_default() += usize::from(is_seen);
    }

    fn check(&self) {
        println!("{:?}", self.0);
        assert_eq!(self.0.len(), 11);
        for (what, seen) in &self.0 {
            assert!(*seen > 20, "{what} was seen {seen} times");
        }
    }
}

/// Changes some members through the value and returns the changes for the Node process.
fn change(session: &mut Opened<Everything>, random: &mut Random) -> (Value, Value) {
    let (mut set, mut removed) = (json!({}), Vec::new());
    if random.bool() {
        session.name = text(random);
        set["name"] = json!(session.name);
    }
    if random.bool() {
        session.items.push(text(random));
        set["items"] = json!(session.items);
    }
    if random.bool() {
        session.user_id = None;
        removed.push("user_id");
    }
    if random.bool() {
        session.ratio = f64::from_bits(random.next() >> 2);
        set["ratio"] = json!(session.ratio);
    }
    (set, json!(removed))
}

#[test]
fn ten_thousand_sessions_created_here_are_changed_and_sent_back() {
    let seed = seed();
    let (codec, mut peer, mut coverage) = (codec(), Bulk::start(), Coverage::default());
    let mut random = Random::new(seed);
    for first in (0..SESSIONS).step_by(BATCH) {
        let begun: Vec<Everything> = (0..BATCH)
            .map(|_| Everything::random(&mut random))
            .collect();
        let sealed = begun.iter().map(|value| codec.seal(value).unwrap());
        let values: Vec<String> = sealed.collect();
        let config = json!({ "keys": [KEY] });
        let answers = peer.ask(&json!({
            "op": "change", "config": config, "seed": seed, "first": first, "values": values,
        }));
        assert_eq!(answers.len(), BATCH);
        let mut sessions = Vec::new();
        for (begun, answer) in begun.iter().zip(&answers) {
            assert!(answer.is_object(), "it opens there: {begun:?}");
            let before = object(&answer["before"]);
            coverage.see(&before);
            let written = begun.members();
            assert!(same_members(&before, &written), "{before:?} {written:?}");

            let mut opened = codec.open(answer["value"].as_str().unwrap()).unwrap();
            let after = object(&answer["after"]);
            let expected = Everything {
                count: opened.count,
                name: begun.name.clone() + "🦀",
                // Compared by value below, because `1.0` is sent back as `1`.
                extra: opened.extra.clone(),
                scratch: 0,
                ..begun.clone()
            };
            assert_eq!(*opened, expected);
            assert!(same(&opened.extra, &begun.extra), "{:?}", begun.extra);
            assert_eq!(json!(opened.count), after["count"]);
            let mut unknown: Vec<&str> = opened.unknown_members().collect();
            unknown.sort_unstable();
            assert_eq!(unknown, ["", "theirs"]);
            let (set, removed) = change(&mut opened, &mut random);
            let value = opened.seal(&codec).unwrap();
            sessions.push(json!({ "value": value, "set": set, "removed": removed }));
        }
        let wrong = peer.ask(&json!({
            "op": "compare", "config": config, "first": first, "sessions": sessions,
        }));
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    coverage.check();
}

#[test]
fn ten_thousand_sessions_created_there_are_changed_and_sent_back() {
    let seed = seed();
    let (codec, mut peer, mut coverage) = (codec(), Bulk::start(), Coverage::default());
    let mut random = Random::new(seed);
    for first in (0..SESSIONS).step_by(BATCH) {
        let config = json!({ "keys": [KEY] });
        let begun = peer.ask(&json!({
            "op": "make", "config": config, "seed": seed, "first": first, "count": BATCH,
        }));
        assert_eq!(begun.len(), BATCH);
        let mut sessions = Vec::new();
        for session in &begun {
            let mut opened = codec.open(session["value"].as_str().unwrap()).unwrap();
            let members = object(&session["json"]);
            coverage.see(&members);
            assert_eq!(*opened, Everything::of(&members));
            let known = Everything::of(&Map::new()).members();
            let named = |name: &str| {
                known.contains_key(name)
                    || ["user_id", "nickname", "scores", "address"].contains(&name)
            };
            let mut unknown: Vec<&str> = opened.unknown_members().collect();
            let mut expected: Vec<&str> = members.keys().map(String::as_str).collect();
            expected.retain(|name| !named(name));
            unknown.sort_unstable();
            expected.sort_unstable();
            assert_eq!(unknown, expected);

            // Only what is changed here differs there. A default is not a change if there was no
            // member.
            let (mut set, removed) = change(&mut opened, &mut random);
            let defaults = Everything::of(&Map::new()).members();
            if let Value::Object(set) = &mut set {
                set.retain(|name, value| {
                    members.contains_key(name) || defaults.get(name) != Some(&*value)
                });
            }
            let value = opened.seal(&codec).unwrap();
            sessions.push(json!({ "value": value, "set": set, "removed": removed }));
        }
        let wrong = peer.ask(&json!({
            "op": "compare", "config": config, "first": first, "sessions": sessions,
        }));
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    coverage.check();
}

#[derive(SecureSession)]
#[session(format = "fastify", secure = false)]
struct Nothing {}

#[derive(SecureSession)]
#[session(format = "fastify", secure = false)]
struct Anything {
    #[session(rest)]
    members: Map<String, Value>,
}

impl Vector {
    fn codec<T: SecureSession<Format = secure_session::codec::Fastify>>(&self) -> Codec<T> {
        let mut keys: Vec<&String> = self.keys_hex.iter().collect();
        keys.dedup();
        let keys = keys.into_iter().map(|hex| Key::from_hex(hex).unwrap());
        Codec::builder(KeyRing::from_keys(keys).unwrap())
            .policy(|policy| {
                let policy = policy
                    .cookie(&self.cookie_name)
                    .secure(true)
                    .idle(Duration::from_secs(self.expiry));
                match (self.signed, &self.secret) {
                    (false, _) => policy,
                    (true, None) => policy.signed(Signing::with_session_key()),
                    (true, Some(secret)) => policy.signed(Signing::with_secret(secret)),
                }
            })
            .clock(&TestClock::at_millis(self.now))
            .trivial_keys()
            .build()
            .unwrap()
    }
}

#[test]
fn node_package_reads_equal_data_from_each_rewritten_vector() {
    let (mut sessions, mut unread) = (Vec::new(), Vec::new());
    let vectors = recorded().vectors.iter();
    for vector in vectors.filter(|vector| vector.data_json.is_some()) {
        let value = vector.cookie_value_raw.as_ref().unwrap();
        let whole = vector.codec::<Nothing>();
        let Ok(opened) = whole.open(value) else {
            unread.push(vector.name.as_str());
            continue;
        };
        let mut sealed = vec![opened.seal(&whole).unwrap()];
        let each = vector.codec::<Anything>();
        if let Ok(opened) = each.open(value) {
            assert!(!opened.members.contains_key("__ts"), "{}", vector.name);
            sealed.push(opened.seal(&each).unwrap());
        }
        for value in sealed {
            sessions.push(json!({
                "name": vector.name,
                "config": {
                    "keys": vector.keys_hex,
                    "secret": vector.secret,
                    "salt": vector.salt_b64,
                    "cookie": vector.cookie_name,
                    "expiry": vector.expiry,
                    "signed": vector.signed,
                },
                "now": vector.now,
                "value": value,
                "json": vector.data_json,
            }));
        }
    }
    // Entries of the table of quirks that are not sessions here.
    assert_eq!(
        unread,
        [
            "long-value",
            "clock-behind",
            "junk-inside-cipher",
            "wire-quoted",
            "signed-but-unsigned-arrives",
            "timestamp-missing",
        ]
    );
    assert_eq!(sessions.len(), 102, "each twice");
    let wrong = Bulk::start().ask(&json!({ "op": "read", "sessions": sessions }));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn twenty_new_passphrases_derive_the_keys_of_libsodium() {
    let mut random = Random::new(seed());
    let inputs: Vec<(Vec<u8>, [u8; 16])> = (0..20)
        .map(|index| {
            let passphrase = match index % 4 {
                0 => random.bytes(32),
                1 => random.bytes(1024),
                2 => "日本語🦀ß".repeat(3 + random.below(3)).into_bytes(),
                _ => (0..40)
                    .map(|_| b' ' + random.next().to_le_bytes()[0] % 95)
                    .collect(),
            };
            let salt = random.bytes(16).try_into().expect("16 bytes");
            (passphrase, salt)
        })
        .collect();
    let encoded = inputs.iter().map(|(passphrase, salt)| {
        json!({ "secret": STANDARD.encode(passphrase), "salt": STANDARD.encode(salt) })
    });
    let encoded: Vec<Value> = encoded.collect();
    let keys = Bulk::start().ask(&json!({ "op": "derive", "inputs": encoded }));
    assert_eq!(keys.len(), 20);
    for ((passphrase, salt), theirs) in inputs.into_iter().zip(keys) {
        let ours = Key::from_passphrase(&passphrase, &Salt::from_bytes(salt)).unwrap();
        let theirs = Key::from_hex(theirs.as_str().unwrap()).unwrap();
        // A ring rejects the same key twice, and says so.
        let err = KeyRing::from_keys([ours, theirs]).unwrap_err();
        assert_eq!(
            err.problem(),
            &KeyProblem::Duplicate { first: 0 },
            "{passphrase:?} {salt:?}"
        );
    }
}
