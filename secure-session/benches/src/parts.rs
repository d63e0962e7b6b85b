//! The parts that no cookie session can avoid, on the same JSON, and nothing else: no times, no id,
//! no header, no check.

use std::{hint::black_box, sync::LazyLock};

use base64::Engine;
use chacha20::{R20, hchacha};
use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use crate::{
    account::{Account, JSON, VISITS, account},
    apps::{Contender, Route},
    base64url::VECTORS,
    measure::{Case, Cost, Measured, Summary},
};

const NONCE_LEN: usize = 24;
const TAG_LEN: usize = 16;
const SEALED_LEN: usize = NONCE_LEN + JSON.len() + TAG_LEN;
const TEXT_LEN: usize = (SEALED_LEN * 4).div_ceil(3);

const KEY: [u8; 32] = *b"a key of thirty-two bytes, known";
const NONCE: [u8; NONCE_LEN] = *b"twenty-four bytes, known";

/// The names of the cases, in the order of a request.
pub const ALL: [&str; 7] = [
    "base64 decode",
    "AEAD open",
    "JSON read",
    "JSON write",
    "random nonce",
    "AEAD seal",
    "base64 encode",
];

/// The parts that a route needs.
pub fn of(route: Route) -> &'static [&'static str] {
    match route {
        Route::Unused => &[],
        Route::Read => &ALL[..3],
        Route::Refresh | Route::Count => &ALL,
        Route::Login => &ALL[3..],
    }
}

/// The sum of a route's parts, by their medians and by their minima.
pub fn sum(route: Route, measured: &Measured) -> Cost {
    let sum = |of_time: fn(Summary) -> f64| {
        let times = of(route).iter().map(|part| of_time(measured.get(part)));
        times.sum()
    };
    Cost {
        median: sum(|time| time.median),
        minimum: sum(|time| time.minimum),
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::of(ALL[0], decoded),
        Case::of(ALL[1], opened),
        Case::of(ALL[2], json_read),
        Case::of(ALL[3], json_written),
        Case::of(ALL[4], random),
        Case::of(ALL[5], sealed),
        Case::of(ALL[6], encoded),
    ]
}

/// Runs the parts of a route once.
pub fn once(route: Route) {
    if route.sends_cookie() {
        drop(black_box((decoded(), opened(), json_read())));
    }
    if route.sets_cookie(Contender::Native) {
        black_box((json_written(), random(), sealed(), encoded()));
    }
}

/// The inputs of the parts.
struct Given {
    sealed: [u8; JSON.len()],
    tag: [u8; TAG_LEN],
    text: [u8; TEXT_LEN],
    account: Account,
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let (tag, sealed) = sealed();
    Given {
        sealed,
        tag,
        text: encoded(),
        account: account(VISITS),
    }
});

fn decoded() -> [u8; SEALED_LEN] {
    decode(&GIVEN.text)
}

fn opened() -> [u8; JSON.len() + TAG_LEN] {
    let mut message = [0; JSON.len() + TAG_LEN];
    let (left, right) = message.split_at_mut(JSON.len());
    left.copy_from_slice(&GIVEN.sealed);
    right.copy_from_slice(&GIVEN.tag);
    open(&mut message);
    message
}

fn json_read() -> Account {
    serde_json::from_slice(black_box(JSON).as_bytes()).expect("it is the account's JSON")
}

fn json_written() -> (usize, [u8; 2 * JSON.len()]) {
    written(&GIVEN.account)
}

fn sealed() -> ([u8; TAG_LEN], [u8; JSON.len()]) {
    let mut message = json();
    (seal(&mut message), message)
}

/// The parts do what their names say.
pub fn check() -> Result<(), String> {
    let (tag, ours) = sealed();
    let mut theirs = json();
    let other_tag = XChaCha20Poly1305::new(&KEY.into())
        .encrypt_inout_detached(&NONCE.into(), b"", theirs.as_mut_slice().into())
        .map_err(|err| err.to_string())?;
    let (json_len, written) = json_written();
    let right = ours == theirs
        && tag == other_tag.as_slice()
        && opened().starts_with(JSON.as_bytes())
        && json_read() == account(VISITS)
        && &written[..json_len] == JSON.as_bytes()
        && decoded() == [7; SEALED_LEN]
        && random() != random();
    if right {
        Ok(())
    } else {
        Err("the unavoidable parts do not do what their names say".to_owned())
    }
}

fn json() -> [u8; JSON.len()] {
    let mut text = [0; JSON.len()];
    text.copy_from_slice(JSON.as_bytes());
    text
}

/// XChaCha20-Poly1305 is `HChaCha20` for a key of this message, and ChaCha20-Poly1305 with it
/// (draft-irtf-cfrg-xchacha §2.3). `HChaCha20` runs for each nonce.
fn cipher() -> (LessSafeKey, Nonce) {
    // Keeps the compiler from computing any of it.
    let (key, nonce) = black_box((KEY, NONCE));
    let (first, last) = nonce.split_at(16);
    let first: [u8; 16] = first.try_into().expect("it was split there");
    let subkey = hchacha::<R20>(&key.into(), &first.into());
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(last);
    let key = UnboundKey::new(&CHACHA20_POLY1305, &subkey).expect("it has 32 bytes");
    (LessSafeKey::new(key), Nonce::assume_unique_for_key(nonce))
}

fn seal(message: &mut [u8]) -> [u8; TAG_LEN] {
    let (key, nonce) = cipher();
    let tag = key
        .seal_in_place_separate_tag(nonce, Aad::empty(), message)
        .expect("the message is short");
    tag.as_ref().try_into().expect("a tag has 16 bytes")
}

fn open(message: &mut [u8]) {
    let (key, nonce) = cipher();
    key.open_in_place(nonce, Aad::empty(), message)
        .expect("it was sealed with this key");
}

fn written(value: &Account) -> (usize, [u8; 2 * JSON.len()]) {
    let mut text = [0; 2 * JSON.len()];
    let mut left = text.as_mut_slice();
    serde_json::to_writer(&mut left, value).expect("there is room");
    let left = left.len();
    (text.len() - left, text)
}

fn encoded() -> [u8; TEXT_LEN] {
    let mut text = [0; TEXT_LEN];
    let sealed = black_box([7; SEALED_LEN]);
    (VECTORS.encode_slice(sealed, &mut text)).expect("there is room");
    text
}

fn decode(text: &[u8; TEXT_LEN]) -> [u8; SEALED_LEN] {
    let mut sealed = [0; SEALED_LEN];
    (VECTORS.decode_slice(black_box(text), &mut sealed)).expect("it was encoded here");
    sealed
}

fn random() -> [u8; NONCE_LEN] {
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).expect("the system gives random bytes");
    nonce
}
