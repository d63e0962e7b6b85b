//! One call of the random generator for each encryption, and an error if it fails.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_secure_session_tests::{Auth, ada, ring};
use secure_session::{EncodeError, codec::Codec};

#[test]
fn id_and_nonce_are_drawn_in_one_call() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let codec = Codec::<Auth>::builder(ring(&[1]))
        .random(move |buffer| {
            assert_eq!(buffer.len(), 16 + 24);
            counted.fetch_add(1, Ordering::Relaxed);
            buffer.fill(7);
            true
        })
        .build()
        .unwrap();
    codec.seal(&ada()).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn random_generator_that_fails_once_is_an_error_once() {
    let calls = AtomicUsize::new(0);
    let codec = Codec::<Auth>::builder(ring(&[1]))
        .random(move |buffer| {
            buffer.fill(7);
            calls.fetch_add(1, Ordering::Relaxed) > 0
        })
        .build()
        .unwrap();
    let err = codec.seal(&ada()).unwrap_err();
    assert_eq!(
        err,
        EncodeError::Random {
            session: "__Host-auth".into()
        }
    );
    assert!(codec.seal(&ada()).is_ok());
}

#[test]
fn all_values_and_ids_are_different() {
    let codec = Codec::<Auth>::builder(ring(&[1])).build().unwrap();
    let texts: HashSet<String> = (0..2000).map(|_| codec.seal(&ada()).unwrap()).collect();
    assert_eq!(texts.len(), 2000);
    let ids: HashSet<_> = texts
        .iter()
        .map(|text| codec.open(text).unwrap().id())
        .collect();
    assert_eq!(ids.len(), 2000);
    let nonces: HashSet<&str> = texts.iter().map(|text| &text[8..38]).collect();
    assert_eq!(nonces.len(), 2000);
}
