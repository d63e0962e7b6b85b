//! Payloads: values that would not be read back unchanged, and authentic but unusual payloads.

use std::thread;

use actix_secure_session_tests::{
    Auth, T0, ada,
    app::{Answer, Server},
    key, ring,
};
use secure_session::{
    EncodeError, RejectReason, SecureSession, SessionOrigin, ValueProblem,
    codec::{Codec, Opened},
    test_util::TestClock,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
    ser::SerializeSeq as _,
};
use serde_json::{Map, Value, json};

use crate::support::{
    forge::{Forge, envelope, fastify},
    value_of,
};

fn codec<T: SecureSession>() -> Codec<T> {
    let codec = Codec::builder(ring(&[1])).clock(&TestClock::at(T0));
    codec.build().unwrap()
}

/// C12: a megabyte of one letter is as large as any other megabyte. Nothing is compressed, so no
/// length reveals what is next to a secret.
#[test]
fn repetitive_text_is_not_compressed() {
    let server = Server::default();
    let answer = server.auth("", |auth| auth.set_name("a".repeat(1 << 20)));
    assert_eq!(answer.status, 500);
    assert!(answer.set_cookies().is_empty());
    let len = |name: String| server.cookie(&Auth { name, ..ada() }).len();
    let different: String = ('a'..='z').cycle().step_by(7).take(2000).collect();
    assert_eq!(len("a".repeat(2000)), len(different));
    assert!(len("a".repeat(2000)) - len(String::new()) >= 2000 * 4 / 3);
}

/// Nested arrays of this depth, whose value is not as deep itself.
#[derive(Debug, Clone, Default, PartialEq)]
struct Levels(usize);

impl Serialize for Levels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        if self.0 > 1 {
            sequence.serialize_element(&Self(self.0 - 1))?;
        }
        sequence.end()
    }
}

impl<'de> Deserialize<'de> for Levels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;
        impl<'de> Visitor<'de> for Count {
            type Value = Levels;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("arrays in arrays")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Levels, A::Error> {
                let inner = sequence.next_element::<Levels>()?;
                Ok(Levels(1 + inner.map_or(0, |levels| levels.0)))
            }
        }
        deserializer.deserialize_seq(Count)
    }
}

#[derive(SecureSession, Debug, PartialEq)]
struct Nested {
    levels: Levels,
}

/// C42: up to 64 levels are read back equal; beyond, and at 10,000, it is an error without an
/// overflow.
#[test]
fn nesting_is_read_back_or_rejected_at_any_depth() {
    for depth in (1..=64).chain([65, 127, 128, 129, 10_000]) {
        let value = Nested {
            levels: Levels(depth),
        };
        match codec().seal(&value) {
            Ok(text) => {
                assert!(depth <= 64, "{depth}");
                assert_eq!(*codec::<Nested>().open(text).unwrap(), value);
            }
            Err(EncodeError::Value { field, problem, .. }) => {
                assert!(depth > 64, "{depth}");
                assert_eq!((field, problem), ("levels", ValueProblem::Nesting));
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[derive(SecureSession, Debug)]
#[session(cookie = "odd")]
struct Odd {
    value: Option<Value>,
    #[session(rest)]
    others: Map<String, Value>,
}

#[derive(SecureSession, Debug)]
#[session(cookie = "odd")]
struct Unseen {
    name: String,
}

#[derive(SecureSession, Debug)]
#[session(format = "fastify", cookie = "odd", secure = false)]
struct Peer {
    value: Option<Value>,
}

/// C42: JSON from Node, as deep as a cookie can contain, opens or does not, on half the stack of a
/// worker: in a field, in a member that no field names, in the map of `rest`, in both formats.
#[test]
fn deep_json_from_node_does_not_overflow_the_stack() {
    let opened = thread::Builder::new().stack_size(1024 * 1024).spawn(|| {
        let forge = Forge::new(1, "odd");
        let mut opened = 0;
        for depth in [60, 64, 65, 126, 127, 128, 129, 500, 1400] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[", "")] {
                let inner = if open == "[" { "" } else { "1" };
                let (open, close) = (open.repeat(depth), close.repeat(depth));
                for member in ["value", "other"] {
                    let json = format!("{{\"{member}\":{open}{inner}{close}}}");
                    if json.len() > 2900 {
                        continue;
                    }
                    let text = forge.seal_json(T0, &json);
                    opened += usize::from(codec::<Odd>().open(&text).is_ok());
                    opened += usize::from(codec::<Unseen>().open(&text).is_ok());
                    let timed = json.replacen('{', &format!("{{\"__ts\":{T0},"), 1);
                    let text = fastify(1, timed.as_bytes());
                    opened += usize::from(codec::<Peer>().open(&text).is_ok());
                }
            }
        }
        opened
    });
    assert!(
        opened.unwrap().join().unwrap() > 10,
        "what is shallow opens"
    );
}

#[derive(SecureSession, Debug, PartialEq)]
struct Numbers {
    double: f64,
    single: f32,
    signed: i64,
    unsigned: u64,
    wide: i128,
    text: String,
}

/// C42: numbers are read back exactly, or are an error on writing.
#[test]
fn numbers_are_read_back_equal_or_rejected() {
    let of = |double: f64, unsigned: u64, wide: i128| Numbers {
        double,
        single: 0.1,
        signed: i64::try_from(unsigned >> 1).unwrap(),
        unsigned,
        wide,
        text: String::new(),
    };
    let beyond_double = (1 << 53) + 1;
    for value in [
        of(
            9_007_199_254_740_993.0,
            beyond_double,
            i128::from(beyond_double),
        ),
        of(-0.0, u64::MAX, i128::MIN),
        of(f64::MIN_POSITIVE, u64::MAX - 1, i128::MAX),
        of(5e-324, 0, 0),
    ] {
        let text = codec::<Numbers>().seal(&value).unwrap();
        let opened = codec::<Numbers>().open(text).unwrap();
        assert_eq!(*opened, value);
        assert_eq!(opened.double.to_bits(), value.double.to_bits());
    }
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let err = codec().seal(&of(odd, 0, 0)).unwrap_err();
        let EncodeError::Value { field, problem, .. } = err else {
            panic!("{err}");
        };
        assert_eq!((field, problem), ("double", ValueProblem::NotFinite));
    }
}

/// C42: numbers of thousands of digits and lone surrogates from Node cause no failure, for any
/// field type. The rest of the session is read as a whole or not at all.
#[test]
fn long_numbers_and_lone_surrogates_from_node_cause_no_failure() {
    // The number of escaped characters of a fastify value is random; this leaves room for it.
    let digits = "9".repeat(2400);
    let payloads = [
        format!("{{\"value\":{digits}}}"),
        format!("{{\"value\":0.{digits}}}"),
        format!("{{\"value\":1e{}}}", &digits[..400]),
        format!("{{\"value\":-{digits}e-{}}}", &digits[..4]),
        format!("{{\"other\":{digits}}}"),
        r#"{"value":"\ud800"}"#.to_owned(),
        r#"{"value":"\udc00\ud800"}"#.to_owned(),
        r#"{"other":"\ud800"}"#.to_owned(),
        r#"{"\ud800":1}"#.to_owned(),
    ];
    let forge = Forge::new(1, "odd");
    let mut opens = 0;
    for json in &payloads {
        let start = &json[..20.min(json.len())];
        if let Ok(opened) = codec::<Odd>().open(forge.seal_json(T0, json)) {
            let text = opened.seal(&codec()).unwrap();
            let again = codec::<Odd>().open(text).unwrap();
            assert_eq!(
                (&again.value, &again.others),
                (&opened.value, &opened.others),
                "{start}"
            );
            opens += 1;
        }
        let timed = json.replacen('{', &format!("{{\"__ts\":{T0},"), 1);
        if let Ok(opened) = codec::<Peer>().open(fastify(1, timed.as_bytes())) {
            let text = opened.seal(&codec()).unwrap();
            assert_eq!(
                codec::<Peer>().open(text).unwrap().value,
                opened.value,
                "{start}"
            );
            opens += 1;
        }
    }
    assert!(opens >= 4, "only {opens} open");
}

/// The [`Auth`] read from this JSON, and the response to a request with it.
fn seen(json: &str) -> (Result<Opened<Auth>, RejectReason>, Answer) {
    let server = Server::default();
    let cookie = format!(
        "__Host-auth={}",
        Forge::new(1, "__Host-auth").seal_json(T0, json)
    );
    let opened = server.codec().open(value_of(&cookie));
    let reason = opened.as_ref().err().copied();
    let answer = server.auth(&cookie, move |auth| {
        assert_eq!(auth.info().reason(), reason);
        if reason.is_some() {
            assert_eq!(auth.snapshot(), Auth::defaults(), "nothing of it is loaded");
            assert_eq!(auth.info().origin(), SessionOrigin::Rejected);
        }
    });
    (opened, answer)
}

/// C43: missing members have their defaults, unknown ones are kept, and those of another type
/// reject the session; never a 500, and never part of a session.
#[test]
fn authentic_payload_of_another_shape_uses_defaults_or_is_rejected() {
    let rows = [
        ("{}", None),
        (r#"{"name":"Ada"}"#, None),
        (r#"{"name":"Ada","older":1,"oldest":{"a":[]}}"#, None),
        (r#"{"name":"Ada","user_id":null}"#, None),
        (r#"{"name":7}"#, Some(RejectReason::Schema)),
        (
            r#"{"name":"Ada","roles":"admin"}"#,
            Some(RejectReason::Schema),
        ),
        (
            r#"{"roles":["admin"],"name":[]}"#,
            Some(RejectReason::Schema),
        ),
        (r#"{"user_id":7,"visits":-1}"#, Some(RejectReason::Schema)),
        (
            r#"{"user_id":7,"visits":4294967296}"#,
            Some(RejectReason::Schema),
        ),
        (r#"{"user_id":7,"visits":1.5}"#, Some(RejectReason::Schema)),
        (r#"{"user_id":"7"}"#, Some(RejectReason::Schema)),
        (
            r#"{"name":"Ada","name":"Eve"}"#,
            Some(RejectReason::Malformed),
        ),
        (r#"{"name":"Ada""#, Some(RejectReason::Malformed)),
        (r#"{"name":"Ada"}}"#, Some(RejectReason::Malformed)),
        (r#"{"name":"Ada"} x"#, Some(RejectReason::Malformed)),
        (r#"["Ada"]"#, Some(RejectReason::Malformed)),
        ("null", Some(RejectReason::Malformed)),
        ("", Some(RejectReason::Malformed)),
        ("\u{feff}{}", Some(RejectReason::Malformed)),
    ];
    for (json, reason) in rows {
        let (opened, answer) = seen(json);
        assert_eq!(opened.as_ref().err().copied(), reason, "{json}");
        assert_eq!(answer.status, 200, "{json}");
        assert!(answer.set_cookies().is_empty(), "{json}");
        let Ok(opened) = opened else { continue };
        let expected: Value = serde_json::from_str(json).unwrap();
        assert_eq!(
            opened.name,
            expected["name"].as_str().unwrap_or(""),
            "{json}"
        );
        assert_eq!(
            (opened.roles.len(), opened.visits),
            (0, 0),
            "{json}: defaults"
        );
        for name in ["older", "oldest"] {
            let kept: Option<Value> = opened
                .unknown_member(name)
                .map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(kept.as_ref(), expected.get(name), "{json}");
        }
    }
}

/// C43: a field is read under the name of an older release if the struct has the alias, and only
/// then.
#[test]
fn payload_of_an_older_release_is_read_under_its_names() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth")]
    struct Renamed {
        #[session(alias = "name")]
        full_name: String,
        visits: u32,
    }
    let server = Server::default();
    let old = server.codec().seal(&ada()).unwrap();
    let codec = Codec::<Renamed>::builder(key(1))
        .clock(&server.clock)
        .build()
        .unwrap();
    let opened = codec.open(&old).unwrap();
    assert_eq!((opened.full_name.as_str(), opened.visits), ("Ada", 5));
    assert_eq!(opened.unknown_member("user_id"), Some("7"));
    // The older instance can still read the session that the newer one sends back.
    let back = server.codec().open(opened.seal(&codec).unwrap()).unwrap();
    assert_eq!(
        (back.user_id, back.name.as_str(), back.visits),
        (Some(7), "Ada", 5)
    );
}

/// C58: a foreign format version is not a session, even if everything else is valid.
#[test]
fn unknown_format_version_is_rejected() {
    let forge = Forge::new(1, "__Host-auth");
    let text = [envelope(T0), b"{}".to_vec()].concat();
    let server = Server::default();
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        let header = forge.header(version);
        let sealed = forge.seal_as(&header, &header, &text);
        assert_eq!(
            server.codec().open(&sealed).unwrap_err(),
            RejectReason::Malformed,
            "{version}"
        );
    }
    let header = forge.header(1);
    assert!(
        server
            .codec()
            .open(forge.seal_as(&header, &header, &text))
            .is_ok()
    );
}

/// C42: a member with a reserved name is rejected in a fastify session and ordinary data in a
/// native one.
#[test]
fn reserved_name_is_rejected_or_read_back_as_data() {
    #[derive(SecureSession, Debug)]
    #[session(format = "fastify", cookie = "odd", secure = false)]
    struct Open {
        #[session(rest)]
        members: Map<String, Value>,
    }
    for name in ["__ts", "__proto__", "constructor", "prototype"] {
        let members = Map::from_iter([(name.to_owned(), json!(5))]);
        let err = codec().seal(&Open {
            members: members.clone(),
        });
        let native = Odd {
            value: None,
            others: members.clone(),
        };
        let text = codec::<Odd>().seal(&native).unwrap();
        assert_eq!(codec::<Odd>().open(text).unwrap().others, members, "{name}");
        assert!(
            matches!(err, Err(EncodeError::Value { .. })),
            "{name}: {err:?}"
        );
    }
}

/// C43: the time of issue in the fastify format is a whole number of seconds, in any notation.
#[test]
fn fastify_time_must_be_whole_seconds() {
    #[derive(SecureSession)]
    #[session(format = "fastify")]
    struct Shared {}
    let codec = codec::<Shared>();
    let open = |time: &str| codec.open(fastify(1, format!(r#"{{"__ts":{time}}}"#).as_bytes()));
    for time in ["1800000000", "1800000000.0", "18e8"] {
        assert!(open(time).is_ok(), "{time}");
    }
    for time in [
        "1800000000.5",
        "-1",
        "9007199254740994",
        "1e300",
        "\"1800000000\"",
        "null",
    ] {
        assert_eq!(open(time).unwrap_err(), RejectReason::Malformed, "{time}");
    }
}

/// C43: a member that the struct forgets leaves no trace among those that are kept in place.
#[test]
fn forgotten_member_does_not_move_the_others() {
    #[derive(SecureSession)]
    #[session(format = "fastify", forget = "old")]
    struct Shared {
        n: u8,
    }
    #[derive(SecureSession)]
    #[session(format = "fastify")]
    struct Bare {}
    let codec = codec::<Shared>();
    let json = br#"{"__ts":1800000000,"old":2,"n":1,"y":3}"#;
    let sealed = codec.open(fastify(1, json)).unwrap().seal(&codec).unwrap();
    let opened = self::codec::<Bare>().open(sealed).unwrap();
    assert_eq!(opened.unknown_members().collect::<Vec<_>>(), ["n", "y"]);
}
