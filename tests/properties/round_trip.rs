//! Decoding after encoding is the identity, and values that nobody encrypted never open.

use std::collections::BTreeMap;

use actix_secure_session_tests::ring;
use proptest::{prelude::*, test_runner::RngSeed};
use secure_session::{SecureSession, codec::Codec};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One field of each kind.
#[derive(SecureSession, Debug, Clone, PartialEq)]
struct Everything {
    number: u64,
    signed: i128,
    double: f64,
    flag: bool,
    letter: char,
    pair: (i8, [u16; 2]),
    text: String,
    list: Vec<String>,
    maybe: Option<u32>,
    maybe_text: Option<String>,
    maybe_list: Option<Vec<i64>>,
    #[session(lenient)]
    map: BTreeMap<String, Kind>,
    #[session(lenient)]
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

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        any::<i32>().prop_map(Kind::Number),
        ".{0,8}".prop_map(|text| Kind::Parts { text }),
    ]
}

/// JSON of any kind, as deep as possible in a cookie.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn everything()(
        (number, signed, double) in (any::<u64>(), any::<i128>(), prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL),
        (flag, letter, pair) in any::<(bool, char, (i8, [u16; 2]))>(),
        (text, list) in (".{0,40}", prop::collection::vec(".{0,8}", 0..4)),
        (maybe, maybe_text, maybe_list) in (
            any::<Option<u32>>(),
            prop::option::of(".{0,8}"),
            prop::option::of(any::<[i64; 3]>().prop_map(Vec::from)),
        ),
        map in prop::collection::btree_map(".{0,6}", kind(), 0..4),
        value in json(),
        renamed in ".{0,8}",
        rest in prop::collection::btree_map("[A-Z]{1,6}", json(), 0..3),
    ) -> Everything {
        Everything {
            number, signed, double, flag, letter, pair, text, list, maybe, maybe_text, maybe_list,
            map, value, renamed, skipped: 0, rest: rest.into_iter().collect(),
        }
    }
}

fn codec() -> Codec<Everything> {
    Codec::builder(ring(&[1])).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn encrypted_values_are_decrypted_unchanged(value in everything()) {
        let codec = codec();
        // Rejecting a cookie that would be too large is the only permitted failure.
        if let Ok(text) = codec.seal(&value) {
            let opened = codec.open(&text).unwrap();
            prop_assert_eq!(&*opened, &value);
            prop_assert_eq!(opened.double.to_bits(), value.double.to_bits());
        } else {
            let err = codec.seal(&value).unwrap_err();
            let is_large = matches!(err, secure_session::EncodeError::TooLarge { .. });
            prop_assert!(is_large, "{}", err);
        }
    }

    #[test]
    fn random_texts_of_the_alphabet_never_open(text in "AQ[A-Za-z0-9_-]{0,300}") {
        prop_assert!(codec().open(&text).is_err());
    }
}
