//! The authenticated content: envelope and JSON, written by someone who has a key.

use std::{cell::RefCell, collections::BTreeMap};

use actix_secure_session_tests::{Auth, T0, ring};
use secure_session::{
    RejectReason, SecureSession,
    codec::{Codec, Native},
    test_util::TestClock,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use super::forge::{self, Forge};

/// A field of each kind.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "__Host-auth", forget = "forgotten")]
struct Everything {
    number: u64,
    signed: i128,
    double: f64,
    flag: bool,
    letter: char,
    pair: (i8, [u16; 2]),
    text: String,
    #[session(alias = "old", alias = "older")]
    list: Vec<String>,
    maybe: Option<u32>,
    maybe_text: Option<String>,
    map: BTreeMap<String, Kind>,
    value: Value,
    #[session(rename = "renamed \" \\")]
    renamed: String,
    #[session(skip)]
    skipped: u8,
    #[session(rest)]
    rest: Map<String, Value>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Plain,
    Number(i32),
    Parts {
        text: String,
    },
}

/// A lenient struct that also migrates older sessions.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "__Host-auth", lenient, version = 3, migrate = migrate)]
struct Forgiving {
    number: u64,
    #[session(alias = "older")]
    text: String,
    list: Vec<String>,
    maybe: Option<u32>,
    value: Value,
}

fn migrate(_: u32, members: &mut Map<String, Value>) {
    if let Some(value) = members.remove("old") {
        members.insert("number".to_owned(), value);
    }
}

#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify")]
struct Shared {
    user_id: Option<u64>,
    name: String,
    #[session(lenient)]
    double: f64,
    list: Vec<String>,
    value: Value,
}

struct Codecs {
    forge: Forge,
    auth: Codec<Auth>,
    everything: Codec<Everything>,
    forgiving: Codec<Forgiving>,
    shared: Codec<Shared>,
}

thread_local! {
    static CODECS: RefCell<Codecs> = RefCell::new(Codecs::new());
}

impl Codecs {
    fn new() -> Self {
        let clock = TestClock::at(T0);
        Self {
            forge: Forge::new(1, "__Host-auth"),
            auth: Codec::builder(ring(&[1])).clock(&clock).build().unwrap(),
            everything: Codec::builder(ring(&[1])).clock(&clock).build().unwrap(),
            forgiving: Codec::builder(ring(&[1])).clock(&clock).build().unwrap(),
            shared: Codec::builder(ring(&[1])).clock(&clock).build().unwrap(),
        }
    }
}

/// The first byte says what follows: the whole plaintext, or the JSON after a valid envelope.
pub(crate) fn native(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    CODECS.with_borrow(|codecs| {
        let (plaintext, json) = match mode % 2 {
            0 => (rest.to_vec(), None),
            _ => ([&forge::envelope(T0), rest].concat(), Some(rest)),
        };
        let text = codecs.forge.seal(&plaintext);
        let forge = &codecs.forge;
        let opens = native_opens(&codecs.auth, forge, &text)
            | native_opens(&codecs.everything, forge, &text)
            | native_opens(&codecs.forgiving, forge, &text);
        if let Some(json) = json {
            check_json(opens, json);
        }
    });
}

/// The input is the JSON; `\x01` is replaced by the time.
pub(crate) fn fastify(data: &[u8]) {
    let time = (T0 * 1000).to_string();
    let parts: Vec<&[u8]> = data.split(|byte| *byte == 1).collect();
    let json = parts.join(time.as_bytes());
    CODECS.with_borrow(|codecs| {
        let text = forge::fastify(1, &json);
        match codecs.shared.open(&text) {
            Ok(opened) => {
                // Everything is stored again, unless it no longer fits a cookie.
                if let Ok(text) = opened.seal(&codecs.shared) {
                    let again = codecs.shared.open(&text).unwrap();
                    assert_eq!(*again, *opened);
                    assert_eq!(again.reset_fields(), opened.reset_fields());
                    assert_eq!(members(&again), members(&opened));
                }
                check_json(true, &json);
            }
            Err(reason) => check_reason(reason),
        }
    });
}

/// Whether it opens. If so, everything in it is kept when it is encrypted again.
fn native_opens<T>(codec: &Codec<T>, forge: &Forge, text: &str) -> bool
where
    T: SecureSession<Format = Native> + PartialEq + std::fmt::Debug,
{
    match codec.open(text) {
        Ok(opened) => {
            if let Ok(sealed) = opened.seal(codec) {
                let [before, after] = [text, &sealed].map(|text| forge.open(text));
                assert_eq!(forge::extensions(&after), forge::extensions(&before));
                let again = codec.open(&sealed).unwrap();
                assert_eq!(*again, *opened);
                assert_eq!(again.id(), opened.id());
                assert_eq!(again.created_at(), opened.created_at());
                assert_eq!(again.seen_at(), opened.seen_at());
                assert_eq!(again.expires_at(codec), opened.expires_at(codec));
                assert_eq!(again.authenticated_at(), opened.authenticated_at());
                assert_eq!(again.schema_version(), opened.schema_version());
                assert_eq!(again.reset_fields(), opened.reset_fields());
                assert_eq!(again.migrated_from(), None);
                assert_eq!(members(&again), members(&opened));
            }
            true
        }
        Err(reason) => {
            check_reason(reason);
            false
        }
    }
}

fn members<T: SecureSession>(opened: &secure_session::codec::Opened<T>) -> Vec<(String, String)> {
    opened
        .unknown_members()
        .map(|name| {
            (
                name.to_owned(),
                opened.unknown_member(name).unwrap().to_owned(),
            )
        })
        .collect()
}

/// The writer has the key, and the value was bound to the name.
fn check_reason(reason: RejectReason) {
    assert!(
        matches!(
            reason,
            RejectReason::Malformed
                | RejectReason::NewerBuild
                | RejectReason::Schema
                | RejectReason::Expired(_)
        ),
        "{reason:?}"
    );
}

/// A value that opens is an object to other JSON parsers, too.
fn check_json(opens: bool, json: &[u8]) {
    if opens {
        let text = std::str::from_utf8(json).unwrap();
        serde_json::from_str::<BTreeMap<String, &RawValue>>(text).unwrap();
    }
}
