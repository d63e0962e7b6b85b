//! Values that the Node package wrote, and its results for values that it was given.

use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use secure_session::{RejectReason, SessionOrigin, codec::Codec, test_util::TestClock};
use serde_json::{Map, Value};

use crate::{
    file::{self, Expect, Level, Reissue, Vector, recorded},
    same::same_members,
    support::{Anything, Members, Nothing, nonce, percent_decoded, plaintext, request, value_of},
};

fn must() -> impl Iterator<Item = &'static Vector> {
    let vectors = recorded().vectors.iter();
    vectors.filter(|vector| vector.level == Level::Must)
}

fn data(vector: &Vector) -> Map<String, Value> {
    serde_json::from_str(vector.data_json.as_deref().unwrap()).unwrap()
}

/// The kind of refusal is up to the library, but a received cookie is never absent, and one that
/// never was a session has not expired.
fn agrees(expect: Expect, reason: Option<RejectReason>) -> bool {
    let refused = [
        RejectReason::Malformed,
        RejectReason::Forged,
        RejectReason::UnknownKey,
    ];
    match expect {
        Expect::Ok => reason.is_none(),
        Expect::Absent => reason == Some(RejectReason::Absent),
        Expect::Expired => matches!(reason, Some(RejectReason::Expired(_))),
        Expect::Malformed | Expect::Undecryptable => {
            reason.is_some_and(|reason| refused.contains(&reason))
        }
        Expect::Throws => false,
    }
}

#[test]
fn every_recorded_value_has_the_packages_verdict_and_data() {
    let mut seen = 0;
    for vector in must() {
        let name = &vector.name;
        let Some(value) = &vector.cookie_value_raw else {
            assert_eq!(vector.expect, Expect::Absent, "{name}");
            continue;
        };
        let codec: Codec<Anything> = vector.reader();
        // A parser has removed one layer of percent-encoding. If another is left, the value cannot
        // be distinguished from one that no parser has seen, so it is passed as in the header.
        let in_header = vector.cookie_header.split_once('=').unwrap().1;
        let opened = codec.open(if value.contains('%') {
            in_header
        } else {
            value
        });
        let reason = opened.as_ref().err().copied();
        assert!(agrees(vector.expect, reason), "{name}: {reason:?}");
        if let Ok(opened) = opened {
            assert!(same_members(&opened.members, &data(vector)), "{name}");
            assert_eq!(opened.key_index() > 0, vector.rotated, "{name}");
        }
        if let Some(header) = &vector.set_cookie_header {
            let escaped = codec.open(value_of(header));
            assert_eq!(escaped.err(), reason, "{name}: as it stands in the header");
        }
        seen += 1;
    }
    assert_eq!(seen, 81, "nothing is left out");
}

#[test]
fn every_recorded_cookie_header_has_the_packages_verdict_in_a_request() {
    let mut seen = 0;
    for vector in must() {
        let name = &vector.name;
        let found = Arc::new(Mutex::new(None));
        let out = Arc::clone(&found);
        let sessions = vector.middleware::<Anything>();
        let answer = request::<Anything>(&sessions, Some(&vector.cookie_header), move |session| {
            let facts = (session.info().origin(), session.info().reason());
            *out.lock().unwrap() = Some((facts, session.members().clone()));
            StatusCode::OK
        });
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        let ((origin, reason), members) = found.lock().unwrap().take().unwrap();
        assert!(agrees(vector.expect, reason), "{name}: {reason:?}");
        assert_eq!(
            origin == SessionOrigin::Restored,
            vector.expect == Expect::Ok,
            "{name}"
        );
        if vector.expect == Expect::Ok {
            assert!(same_members(&members, &data(vector)), "{name}");
        } else {
            assert!(members.is_empty(), "{name}");
        }
        let sent = answer.cookie(&vector.cookie_name);
        assert_eq!(sent.is_some(), vector.rotated, "{name}: sent again");
        if let (Some(sent), Some(reissue)) = (sent, &vector.reissue) {
            let sent = plaintext(&sent.value, &vector.keys_hex[0]);
            let [sent, theirs] = [&sent, &reissue.plaintext_json].map(|text| Members::of(text));
            assert_eq!(sent, theirs, "{name}");
        }
        seen += 1;
    }
    assert_eq!(seen, 83, "nothing is left out");
}

#[test]
fn session_of_an_older_key_is_encrypted_to_the_packages_bytes() {
    let mut seen = 0;
    for vector in must() {
        let Some(reissue) = &vector.reissue else {
            continue;
        };
        let Reissue { nonce_b64, .. } = reissue;
        let codec: Codec<Nothing> = Codec::builder(vector.ring())
            .policy(|policy| vector.policy(policy))
            .clock(&TestClock::at_millis(vector.now))
            .random(nonce(nonce_b64))
            .build()
            .unwrap();
        let opened = codec
            .open(vector.cookie_value_raw.as_ref().unwrap())
            .unwrap();
        let sealed = opened.seal(&codec).unwrap();
        assert_eq!(
            sealed,
            value_of(&reissue.set_cookie_header),
            "{}",
            vector.name
        );
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn session_created_at_the_same_millisecond_has_the_packages_timestamp() {
    let mut seen = 0;
    for vector in must().filter(|vector| vector.origin == file::Origin::Plugin) {
        let codec: Codec<Nothing> = vector.codec(vector.ring(), vector.issued.unwrap(), |p| p);
        let ours = plaintext(&codec.seal(&Nothing {}).unwrap(), &vector.keys_hex[0]);
        let theirs = Members::of(vector.plaintext_json.as_ref().unwrap());
        let time = theirs.0.into_iter().find(|(name, _)| name == "__ts");
        assert_eq!(
            Members::of(&ours),
            Members(vec![time.unwrap()]),
            "{}",
            vector.name
        );
        seen += 1;
    }
    assert_eq!(seen, 45);
}

/// The unaltered values whose bytes are not reproduced, and why.
const OTHER_BYTES: [(&str, &str); 6] = [
    (
        "long-value",
        "longer than browsers keep, so neither read nor written",
    ),
    ("timestamp-missing", "no session"),
    ("plaintext-not-json", "no session"),
    ("plaintext-null", "no session"),
    (
        "other-json-layout",
        "blanks between the tokens are not kept",
    ),
    (
        "number-spellings",
        "`__ts` is written as the peer writes it",
    ),
];

#[test]
fn encrypting_an_unaltered_value_with_its_nonce_reproduces_it() {
    let (mut same, mut other) = (0, Vec::new());
    let vectors = recorded().vectors.iter();
    for vector in vectors.filter(|vector| vector.origin != file::Origin::Altered) {
        let codec: Codec<Nothing> = Codec::builder(vector.sealing_key())
            .policy(|policy| vector.policy(policy))
            .clock(&TestClock::at_millis(vector.issued.unwrap_or(vector.now)))
            .random(nonce(vector.nonce_b64.as_ref().unwrap()))
            .trivial_keys()
            .build()
            .unwrap();
        let value = vector.cookie_value_raw.as_ref().unwrap();
        let sealed = codec.open(value).map(|opened| opened.seal(&codec).unwrap());
        let Some((_, reason)) = OTHER_BYTES.iter().find(|(name, _)| *name == vector.name) else {
            let sealed = sealed.unwrap_or_else(|reason| panic!("{}: {reason}", vector.name));
            assert_eq!(&percent_decoded(&sealed), value, "{}", vector.name);
            let header = vector.set_cookie_header.as_ref().unwrap();
            assert_eq!(sealed, value_of(header), "{}: the escapes", vector.name);
            same += 1;
            continue;
        };
        other.push(vector.name.as_str());
        if let Ok(sealed) = sealed {
            assert_ne!(
                &percent_decoded(&sealed),
                value,
                "{}: {reason}",
                vector.name
            );
            let [ours, theirs] = [&sealed, value].map(|value| plaintext(value, &vector.key_hex));
            assert_eq!(Members::of(&ours), Members::of(&theirs), "{}", vector.name);
        }
    }
    let mut listed: Vec<&str> = OTHER_BYTES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    other.sort_unstable();
    assert_eq!(other, listed);
    assert_eq!(same, 52);
}
