//! Altered cookies of both formats, byte by byte after decoding, and other spellings of an
//! unaltered one.

use actix_secure_session_tests::{Auth, T0, ada, app::Server, http::Loopback, key, ring};
use actix_web::web;
use secure_session::{
    RejectReason, SecureSession, Session, codec::Codec, policy::Signing, test_util::TestClock,
};

use crate::support::{
    Shared,
    forge::{HEADER_LEN, decoded, encoded, fastify_decoded, fastify_encoded},
    shared,
};

fn codec<T: SecureSession>() -> Codec<T> {
    let codec = Codec::builder(ring(&[1, 2])).clock(&TestClock::at(T0));
    codec.build().unwrap()
}

/// Every bit flipped, every truncation at both ends, every byte removed, doubled or followed by any
/// other.
fn alterations(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.to_vec();
            flipped[index] ^= 1 << bit;
            all.push(flipped);
        }
        all.push(bytes[..index].to_vec());
        all.push(bytes[index + 1..].to_vec());
        let mut gone = bytes.to_vec();
        gone.remove(index);
        all.push(gone);
        let mut doubled = bytes.to_vec();
        doubled.insert(index, bytes[index]);
        all.push(doubled);
    }
    for tail in 0..=255 {
        all.push([bytes, &[tail]].concat());
    }
    all.retain(|altered| altered != bytes);
    all
}

async fn name(auth: Session<Auth>) -> String {
    auth.name().to_owned()
}

/// C04: no alteration of the decoded bytes of a native cookie opens, and over the wire the response
/// to each is the one without a cookie.
#[test]
fn no_altered_native_cookie_opens() {
    let server = Server::with_keys(&[1, 2]);
    let codec = server.codec();
    let loopback = Loopback::start(&server.sessions, |routes| {
        routes.route("/", web::get().to(name));
    });
    let mut connection = loopback.connect();
    let absent = connection.get("/", b"").fingerprint();
    let mut answer_to = |value: &str| {
        let cookie = format!("__Host-auth={value}");
        connection.get("/", cookie.as_bytes()).fingerprint()
    };
    let text = codec.seal(&ada()).unwrap();
    assert_ne!(answer_to(&text), absent, "unaltered it opens");
    let alterations = alterations(&decoded(&text));
    assert!(alterations.len() > 1000);
    for altered in alterations {
        let value = encoded(&altered);
        let reason = codec.open(&value).unwrap_err();
        let expected = [
            RejectReason::Malformed,
            RejectReason::UnknownKey,
            RejectReason::Forged,
        ];
        assert!(expected.contains(&reason), "{reason}");
        assert_eq!(answer_to(&value), absent, "{value}");
    }
}

/// C04: no alteration of either half of a fastify cookie opens.
#[test]
fn no_altered_fastify_cookie_opens() {
    let codec = codec::<Shared>();
    let (sealed, nonce) = fastify_decoded(&codec.seal(&shared()).unwrap());
    assert!(
        codec.open(fastify_encoded(&sealed, &nonce)).is_ok(),
        "unaltered it opens"
    );
    let by_sealed = alterations(&sealed)
        .into_iter()
        .map(|sealed| (sealed, nonce.clone()));
    let by_nonce = alterations(&nonce)
        .into_iter()
        .map(|nonce| (sealed.clone(), nonce));
    let mut seen = 0;
    for (sealed, nonce) in by_sealed.chain(by_nonce) {
        let reason = codec.open(fastify_encoded(&sealed, &nonce)).unwrap_err();
        assert!(
            [RejectReason::Malformed, RejectReason::Forged].contains(&reason),
            "{reason}"
        );
        seen += 1;
    }
    assert!(seen > 1000);
}

/// C04: two native cookies with swapped nonces, or spliced at any byte, do not open.
#[test]
fn native_cookies_with_swapped_nonces_or_spliced_do_not_open() {
    let codec = codec::<Auth>();
    let [one, two] = [1, 2].map(|visits| {
        let text = codec.seal(&Auth { visits, ..ada() }).unwrap();
        decoded(&text)
    });
    assert_eq!(one.len(), two.len());
    let mut swapped = one.clone();
    swapped[5..HEADER_LEN].copy_from_slice(&two[5..HEADER_LEN]);
    assert_eq!(
        codec.open(encoded(&swapped)).unwrap_err(),
        RejectReason::Forged
    );
    // Version and key id are the same in both.
    for at in 6..one.len() {
        let spliced = [&one[..at], &two[at..]].concat();
        if spliced != one && spliced != two {
            assert_eq!(
                codec.open(encoded(&spliced)).unwrap_err(),
                RejectReason::Forged,
                "{at}"
            );
        }
    }
}

/// C04: the same for two fastify cookies.
#[test]
fn fastify_cookies_with_swapped_nonces_or_spliced_do_not_open() {
    let codec = codec::<Shared>();
    let [(one, nonce), (two, other)] = [1, 2].map(|visits| {
        let text = codec.seal(&Shared { visits, ..shared() }).unwrap();
        fastify_decoded(&text)
    });
    assert_eq!(
        codec.open(fastify_encoded(&one, &other)).unwrap_err(),
        RejectReason::Forged
    );
    assert_eq!(
        codec.open(fastify_encoded(&two, &nonce)).unwrap_err(),
        RejectReason::Forged
    );
    for at in 1..one.len() {
        let spliced = [&one[..at], &two[at..]].concat();
        if spliced != one && spliced != two {
            let text = fastify_encoded(&spliced, &nonce);
            assert_eq!(codec.open(text).unwrap_err(), RejectReason::Forged, "{at}");
        }
    }
}

/// Spellings of a base64 text that a lenient decoder decodes to the same bytes.
fn spellings(text: &str) -> Vec<String> {
    let url_safe = text.replace('+', "-").replace('/', "_");
    let standard = text.replace('-', "+").replace('_', "/");
    let middle = text.len() / 2;
    let mut all = vec![
        url_safe.clone(),
        standard.clone(),
        format!("{text}="),
        format!("{text}=="),
        format!("{text}===="),
        text.trim_end_matches('=').to_owned(),
        format!("{} {}", &text[..middle], &text[middle..]),
        format!("{}\n{}", &text[..middle], &text[middle..]),
        format!("{}={}", &text[..middle], &text[middle..]),
        format!(" {text}"),
        format!("{text}."),
        format!("{text};"),
    ];
    all.extend(other_trailing_bits(text));
    all.retain(|other| other != text);
    all
}

/// The last character with bits that belong to no byte.
fn other_trailing_bits(text: &str) -> Option<String> {
    let padding = text.len() - text.trim_end_matches('=').len();
    let data = text.trim_end_matches('=');
    if data.len().is_multiple_of(4) {
        return None;
    }
    let (start, last) = data.split_at(data.len() - 1);
    // In both alphabets the low bits of these are zero, so the next letter sets one.
    let next = char::from(last.as_bytes()[0] + 1);
    Some(format!("{start}{next}{}", "=".repeat(padding)))
}

/// C20: a native session has one spelling. No other spelling of the same bytes opens, so a revoked
/// id cannot return in another spelling.
#[test]
fn native_value_opens_in_only_one_spelling() {
    let codec = codec::<Auth>();
    let mut seen = 0;
    for len in 0..12 {
        let name = "x".repeat(len);
        let text = codec.seal(&Auth { name, ..ada() }).unwrap();
        assert!(codec.open(&text).is_ok());
        let escaped = text.replace('A', "%41").replace('-', "%2D");
        for other in spellings(&text).into_iter().chain([escaped]) {
            let opened = codec.open(&other);
            if other != text {
                assert_eq!(
                    opened.unwrap_err(),
                    RejectReason::Malformed,
                    "{text}\n{other}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

/// C19, C20: a fastify value is base64 with padding in the standard alphabet and nothing else. As
/// in the Node package, any character may be escaped, and the session is the same.
#[test]
fn fastify_value_opens_in_standard_base64_with_any_escapes() {
    let codec = codec::<Shared>();
    let mut refused = 0;
    for len in 0..6 {
        let name = "x".repeat(len);
        let text = codec.seal(&Shared { name, ..shared() }).unwrap();
        let (sealed, nonce) = fastify_decoded(&text);
        let plain = fastify_encoded(&sealed, &nonce);
        let (first, second) = plain.split_once(';').unwrap();
        let altered = (spellings(first)
            .into_iter()
            .map(|half| format!("{half};{second}")))
        .chain(
            spellings(second)
                .into_iter()
                .map(|half| format!("{first};{half}")),
        )
        .chain([
            format!("{plain};"),
            format!("{plain};{second}"),
            format!("\"{plain}\""),
        ]);
        for other in altered {
            assert_eq!(
                codec.open(&other).unwrap_err(),
                RejectReason::Malformed,
                "{other}"
            );
            refused += 1;
        }
        let lower_case = text
            .replace("%2B", "%2b")
            .replace("%3B", "%3b")
            .replace("%3D", "%3d");
        let everything: String = plain.bytes().flat_map(escaped).collect();
        for same in [&plain, &text, &lower_case, &everything] {
            assert!(codec.open(same).is_ok(), "{same}");
        }
        let twice = text.replace('%', "%25");
        assert_eq!(
            codec.open(&twice).unwrap_err(),
            RejectReason::Malformed,
            "{twice}"
        );
    }
    assert!(refused > 100, "{refused}");
}

/// The percent-encoding of a byte.
fn escaped(byte: u8) -> [char; 3] {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap();
    ['%', digit(byte >> 4), digit(byte & 15)].map(|character| character.to_ascii_uppercase())
}

/// C20: a third segment, where a signature would be, is not part of an unsigned value.
#[test]
fn unexpected_signature_is_rejected() {
    let signed = Codec::<Shared>::builder(key(1))
        .clock(&TestClock::at(T0))
        .policy(|policy| policy.signed(Signing::with_session_key()))
        .build()
        .unwrap();
    let text = signed.seal(&shared()).unwrap();
    assert!(text.contains('.') && signed.open(&text).is_ok());
    assert_eq!(
        codec::<Shared>().open(&text).unwrap_err(),
        RejectReason::Malformed
    );
    let without = text.split('.').next().unwrap();
    assert!(codec::<Shared>().open(without).is_ok());
    assert_eq!(signed.open(without).unwrap_err(), RejectReason::Malformed);
    assert!(signed.open(format!("{text}.{text}")).is_err());
}
