//! Written values are read back unchanged, or rejected.

use std::collections::{BTreeMap, HashMap};

use actix_secure_session_tests::ring;
use secure_session::{EncodeError, SecureSession, ValueProblem, codec::Codec};
use serde::{Deserialize, Serialize, Serializer};

fn codec<T: SecureSession>() -> Codec<T> {
    Codec::builder(ring(&[1])).build().unwrap()
}

fn problem<T: SecureSession>(value: &T) -> (&'static str, ValueProblem) {
    match codec().seal(value).unwrap_err() {
        EncodeError::Value { field, problem, .. } => (field, problem),
        other => panic!("{other}"),
    }
}

#[derive(SecureSession, Debug, PartialEq)]
struct Numbers {
    a: f64,
    b: f32,
    c: i128,
    d: u128,
    e: i64,
    f: u64,
    g: (f64, [f32; 2]),
    h: Option<f64>,
    i: Vec<f64>,
    j: char,
}

#[test]
fn numbers_are_read_back_exactly() {
    let doubles = [
        0.1,
        -0.0,
        1.0,
        1e300,
        5e-324,
        f64::MAX,
        f64::MIN_POSITIVE,
        0.1 + 0.2,
        123_456_789.123_456_78,
        9_007_199_254_740_993.0,
    ];
    for double in doubles {
        let value = Numbers {
            a: double,
            b: f32::MIN_POSITIVE,
            c: i128::MIN,
            d: u128::MAX,
            e: i64::MIN,
            f: u64::MAX,
            g: (double, [0.1, f32::MAX]),
            h: Some(double),
            i: doubles.to_vec(),
            j: '\u{10ffff}',
        };
        let opened = codec()
            .open(codec::<Numbers>().seal(&value).unwrap())
            .unwrap();
        let opened: &Numbers = &opened;
        assert_eq!(opened, &value);
        assert_eq!(opened.a.to_bits(), double.to_bits());
    }
}

#[test]
fn numbers_that_json_cannot_represent_are_rejected_anywhere() {
    let changes: [(fn(&mut Numbers), &str); 6] = [
        (|n| n.a = f64::NAN, "a"),
        (|n| n.b = f32::INFINITY, "b"),
        (|n| n.g.0 = f64::INFINITY, "g"),
        (|n| n.g.1[1] = f32::NAN, "g"),
        (|n| n.h = Some(f64::NAN), "h"),
        (|n| n.i = vec![1.0, f64::NEG_INFINITY], "i"),
    ];
    for (change, field) in changes {
        let mut value = Numbers::defaults();
        change(&mut value);
        assert_eq!(problem(&value), (field, ValueProblem::NotFinite));
    }
}

#[derive(Clone, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Size {
    #[default]
    Small,
    Large(u8),
}

#[derive(SecureSession, Debug, PartialEq)]
struct Maps {
    number: BTreeMap<u64, String>,
    text: HashMap<String, u8>,
    size: BTreeMap<Size, u8>,
    flag: BTreeMap<bool, u8>,
    pair: BTreeMap<(u8, u8), u8>,
    option: BTreeMap<Option<u8>, u8>,
}

#[test]
fn maps_with_supported_key_types_are_read_back_unchanged() {
    let value = Maps {
        number: BTreeMap::from([(0, "a".into()), (u64::MAX, "b".into())]),
        text: HashMap::from([(String::new(), 1), ("ä\"".into(), 2)]),
        size: BTreeMap::from([(Size::Small, 1)]),
        flag: BTreeMap::from([(true, 1)]),
        ..Maps::defaults()
    };
    let opened = codec::<Maps>()
        .open(codec::<Maps>().seal(&value).unwrap())
        .unwrap();
    assert_eq!(*opened, value);
}

#[test]
fn maps_with_other_keys_are_rejected() {
    let changes: [(fn(&mut Maps), &str); 3] = [
        (|m| _ = m.pair.insert((1, 2), 3), "pair"),
        (|m| _ = m.option.insert(None, 3), "option"),
        (|m| _ = m.size.insert(Size::Large(1), 3), "size"),
    ];
    for (change, field) in changes {
        let mut value = Maps::defaults();
        change(&mut value);
        assert_eq!(problem(&value), (field, ValueProblem::MapKey));
    }
}

#[derive(Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>, Vec<Chain>);

#[derive(SecureSession, Debug, PartialEq)]
struct Deep {
    chain: Chain,
}

/// Each link of the chain is an array in an array.
fn chain(links: usize) -> Deep {
    let chain = (0..links).fold(Chain::default(), |inner, _| {
        Chain(Some(Box::new(inner)), Vec::new())
    });
    Deep { chain }
}

#[test]
fn nesting_of_arrays_and_objects_is_limited_to_64() {
    // The innermost link contains an empty vector.
    let opened = codec::<Deep>()
        .open(codec::<Deep>().seal(&chain(62)).unwrap())
        .unwrap();
    assert_eq!(*opened, chain(62));
    for links in [64, 65, 127, 1000] {
        assert_eq!(problem(&chain(links)), ("chain", ValueProblem::Nesting));
    }
}

#[derive(Clone, Default)]
struct Stubborn;

impl Serialize for Stubborn {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("hunter2"))
    }
}

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[derive(SecureSession)]
struct Refusing {
    stubborn: Stubborn,
}

#[test]
fn serialize_error_names_the_field_without_quoting_it() {
    let err = codec().seal(&Refusing::defaults()).unwrap_err();
    let text = err.to_string();
    assert!(
        text.contains("`stubborn`") && !text.contains("hunter2"),
        "{text}"
    );
    assert_eq!(problem(&Refusing::defaults()).1, ValueProblem::Custom);
}
