//! Three base64url implementations, on cookie values. These figures decided which one the library
//! uses.

use std::{hint::black_box, sync::LazyLock};

use base64::{
    Engine,
    engine::{
        general_purpose::{NO_PAD, URL_SAFE_NO_PAD},
        simd::Simd,
    },
};

use crate::measure::Case;

/// The engine with vector instructions, which the library uses.
pub static VECTORS: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

/// Bytes of an encrypted value, for 30, 120, 600 and 2400 bytes of JSON.
pub const SIZES: [usize; 4] = [98, 188, 668, 2468];

pub const HANDS: [&str; 3] = ["base64", "base64, vector instructions", "base64-simd"];

pub const OPERATIONS: [&str; 2] = ["encode", "decode"];

pub fn name(hand: &str, operation: &str, size: usize) -> String {
    format!("base64url/{hand}/{operation}/{size}")
}

pub fn cases() -> Vec<Case> {
    SIZES.into_iter().flat_map(cases_of).collect()
}

fn cases_of(size: usize) -> [Case; 6] {
    let bytes: Vec<u8> = (0..size).map(|index| index.to_le_bytes()[0]).collect();
    let text = URL_SAFE_NO_PAD.encode(&bytes);
    let [scalar, vectors, simd] = HANDS;
    let [encode, decode] = OPERATIONS;
    let (out, back) = (vec![0; text.len()], vec![0; size]);
    [
        Case::of(
            name(scalar, encode, size),
            encoding(&URL_SAFE_NO_PAD, &bytes, &out),
        ),
        Case::of(
            name(vectors, encode, size),
            encoding(&*VECTORS, &bytes, &out),
        ),
        Case::of(name(simd, encode, size), {
            let (bytes, mut out) = (bytes.clone(), out.clone());
            move || {
                let out = base64_simd::Out::from_slice(out.as_mut_slice());
                base64_simd::URL_SAFE_NO_PAD
                    .encode(black_box(&bytes), out)
                    .len()
            }
        }),
        Case::of(
            name(scalar, decode, size),
            decoding(&URL_SAFE_NO_PAD, &text, &back),
        ),
        Case::of(
            name(vectors, decode, size),
            decoding(&*VECTORS, &text, &back),
        ),
        Case::of(name(simd, decode, size), {
            let (text, mut out) = (text.clone(), back.clone());
            move || {
                let out = base64_simd::Out::from_slice(out.as_mut_slice());
                let decoded = base64_simd::URL_SAFE_NO_PAD.decode(black_box(text.as_bytes()), out);
                decoded.expect("it was encoded here").len()
            }
        }),
    ]
}

fn encoding<E: Engine>(
    engine: &'static E,
    bytes: &[u8],
    out: &[u8],
) -> impl FnMut() -> usize + use<E> {
    let (bytes, mut out) = (bytes.to_vec(), out.to_vec());
    move || (engine.encode_slice(black_box(&bytes), &mut out)).expect("there is room")
}

fn decoding<E: Engine>(
    engine: &'static E,
    text: &str,
    out: &[u8],
) -> impl FnMut() -> usize + use<E> {
    let (text, mut out) = (text.to_owned(), out.to_vec());
    move || (engine.decode_slice(black_box(&text), &mut out)).expect("it was encoded here")
}
