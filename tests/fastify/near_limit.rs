//! Sessions near the size limit of a cookie: the nonce decides how many characters are escaped.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use actix_secure_session_tests::key;
use secure_session::{EncodeError, SecureSession, codec::Codec};

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Text {
    text: String,
}

/// A codec with random bytes that are the same each time, and the number of draws.
fn codec() -> (Codec<Text>, Arc<AtomicU64>) {
    let draws = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&draws);
    let codec = Codec::<Text>::builder(key(1)).random(move |bytes| {
        let mut state = counted.fetch_add(1, Ordering::SeqCst) + 1;
        for byte in bytes {
            // splitmix64
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[3];
        }
        true
    });
    (codec.build().unwrap(), draws)
}

fn text(len: usize) -> Text {
    Text {
        text: "x".repeat(len),
    }
}

/// With a single nonce it would be stored in four of ten cases.
#[test]
fn session_that_fits_with_some_nonces_is_stored() {
    let (codec, _) = codec();
    let text = text(2815);
    let stored = (0..1000).filter(|_| codec.seal(&text).is_ok()).count();
    assert!(stored >= 980, "{stored}");
}

#[test]
fn session_that_fits_with_no_nonce_is_too_large() {
    for (len, nonces) in [(2900, 12), (4000, 1)] {
        let (codec, draws) = codec();
        let err = codec.seal(&text(len)).unwrap_err();
        assert!(matches!(err, EncodeError::TooLarge { .. }), "{err}");
        assert_eq!(draws.load(Ordering::SeqCst), nonces, "{len}");
    }
}
