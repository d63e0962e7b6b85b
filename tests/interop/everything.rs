//! A session with every kind of accessor, and random values for it.

use std::collections::BTreeMap;

use secure_session::SecureSession;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::random::Random;

/// Each kind of field with its own kind of accessors.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", secure = false)]
pub(crate) struct Everything {
    pub(crate) flag: bool,
    pub(crate) count: u32,
    pub(crate) big: i64,
    pub(crate) ratio: f64,
    pub(crate) triple: [u8; 3],
    pub(crate) pair: (i32, bool),
    pub(crate) name: String,
    pub(crate) items: Vec<String>,
    pub(crate) user_id: Option<u64>,
    pub(crate) nickname: Option<String>,
    pub(crate) scores: Option<Vec<u16>>,
    pub(crate) address: Option<Address>,
    pub(crate) limits: BTreeMap<String, Vec<f64>>,
    pub(crate) extra: Value,
    #[session(keep)]
    pub(crate) visits: u32,
    #[session(skip)]
    pub(crate) scratch: u32,
}

#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub(crate) struct Address {
    street: String,
    number: u32,
}

const EDGES: [f64; 12] = [
    0.0,
    1.0,
    -1.0,
    9_007_199_254_740_992.0,
    -9_007_199_254_740_992.0,
    4_294_967_296.0,
    1e21,
    1e-7,
    0.1,
    5e-324,
    f64::MAX,
    f64::MIN_POSITIVE,
];

/// Characters that JSON must or must not escape, and characters of each length in UTF-8 and UTF-16.
const SIGNS: [char; 28] = [
    '\0',
    '\u{1}',
    '\u{8}',
    '\t',
    '\n',
    '\u{b}',
    '\u{c}',
    '\r',
    '\u{1f}',
    '"',
    '\\',
    '/',
    '\u{7f}',
    '\u{80}',
    '\u{2028}',
    '\u{2029}',
    '\u{feff}',
    'é',
    'Ж',
    '日',
    '\u{d7ff}',
    '\u{e000}',
    '\u{ffff}',
    '🦀',
    '𝔘',
    '\u{10ffff}',
    '\u{301}',
    ' ',
];

const MAX_INTEGER: i64 = 1 << 53;

/// The maximum nesting of lists and objects.
pub(crate) const MAX_DEPTH: usize = 20;

pub(crate) fn text(random: &mut Random) -> String {
    let len = random.below(12);
    let letter = |random: &mut Random| char::from(b'a' + random.next().to_le_bytes()[0] % 26);
    (0..len)
        .map(|_| {
            if random.bool() {
                random.pick(&SIGNS)
            } else {
                letter(random)
            }
        })
        .collect()
}

fn double(random: &mut Random) -> f64 {
    if random.below(3) == 0 {
        return random.pick(&EDGES);
    }
    loop {
        let number = f64::from_bits(random.next());
        if number.is_finite() {
            return number;
        }
    }
}

fn integer(random: &mut Random) -> i64 {
    let edges = [0, 1, -1, MAX_INTEGER, -MAX_INTEGER, MAX_INTEGER - 1];
    if random.below(3) == 0 {
        return random.pick(&edges);
    }
    let number = i64::try_from(random.next() >> 11).expect("53 bits");
    if random.bool() { number } else { -number }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 0 { 7 } else { 5 }) {
        0 => Value::Null,
        1 => random.bool().into(),
        2 => text(random).into(),
        3 => integer(random).into(),
        4 => double(random).into(),
        5 => (0..random.below(4))
            .map(|_| value(random, depth - 1))
            .collect(),
        _ => {
            let names = ["", "k", "é", "\n"];
            let members =
                (0..random.below(4)).map(|index| (names[index], value(random, depth - 1)));
            members
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()
        }
    }
}

/// A list or object nested in another, exactly this deep.
fn nested(random: &mut Random, depth: usize) -> Value {
    (0..depth).fold(double(random).into(), |inner: Value, _| {
        match random.below(3) {
            0 => json!([inner]),
            1 => json!({ "d": inner }),
            _ => json!({ "": inner }),
        }
    })
}

impl Everything {
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut some = Random::new(random.next());
        Self {
            flag: random.bool(),
            count: u32::try_from(random.next() >> 32).expect("32 bits"),
            big: integer(random),
            ratio: double(random),
            triple: [0, 1, 2].map(|_| random.next().to_le_bytes()[0]),
            pair: (random.pick(&[0, -1, i32::MIN, i32::MAX]), random.bool()),
            name: text(random),
            items: (0..random.below(4)).map(|_| text(random)).collect(),
            user_id: some.bool().then(|| random.next() >> 11),
            nickname: some.bool().then(|| text(random)),
            scores: some.bool().then(|| vec![0, 65_535]),
            address: some.bool().then(|| Address {
                street: text(random),
                number: u32::MAX,
            }),
            limits: (0..random.below(3))
                .map(|_| (text(random), vec![double(random)]))
                .collect(),
            extra: if random.bool() {
                value(random, 3)
            } else {
                let depth = random.below(MAX_DEPTH + 1);
                nested(random, depth)
            },
            visits: 7,
            scratch: 9,
        }
    }

    /// The stored members, written field by field.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let all = json!({
            "flag": self.flag,
            "count": self.count,
            "big": self.big,
            "ratio": self.ratio,
            "triple": self.triple,
            "pair": self.pair,
            "name": self.name,
            "items": self.items,
            "limits": self.limits,
            "extra": self.extra,
            "visits": self.visits,
        });
        let Value::Object(mut members) = all else {
            unreachable!("an object is written above");
        };
        let options = [
            ("user_id", self.user_id.map(Value::from)),
            ("nickname", self.nickname.clone().map(Value::from)),
            ("scores", self.scores.clone().map(Value::from)),
            (
                "address",
                self.address.as_ref().map(|address| json!(address)),
            ),
        ];
        for (name, value) in options {
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
        members
    }

    /// The session read from these members: the members, and defaults.
    pub(crate) fn of(members: &Map<String, Value>) -> Self {
        fn read<T: serde::de::DeserializeOwned + Default>(
            members: &Map<String, Value>,
            name: &str,
        ) -> T {
            // JavaScript clears a value with `null`.
            let stored = members.get(name).filter(|value| !value.is_null());
            let read = stored.map(|value| serde_json::from_value(value.clone()));
            read.map_or_else(T::default, |value| {
                value.unwrap_or_else(|err| panic!("{name}: {err}"))
            })
        }
        Self {
            flag: read(members, "flag"),
            count: read(members, "count"),
            big: read(members, "big"),
            ratio: read(members, "ratio"),
            triple: read(members, "triple"),
            pair: read(members, "pair"),
            name: read(members, "name"),
            items: read(members, "items"),
            user_id: read(members, "user_id"),
            nickname: read(members, "nickname"),
            scores: read(members, "scores"),
            address: read(members, "address"),
            limits: read(members, "limits"),
            extra: read(members, "extra"),
            visits: read(members, "visits"),
            scratch: 0,
        }
    }
}

/// The nesting of lists and objects.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
