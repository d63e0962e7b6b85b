//! Explains why a cookie does not open, and what to try.
//!
//! The library returns only a reason, and clients see none. Here, the user has the keys.

use std::borrow::Cow;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use percent_encoding::percent_decode_str;
use secure_session::{ExpiryLimit, RejectReason, codec::MAX_COOKIE_BYTES, policy::Lifetime};

use super::opener::{Opener, Refusal, Session, Times};
use crate::{
    settings::{Format, Keys, Settings},
    time,
};

/// Version, key id, nonce and tag of the native format.
const NATIVE_OVERHEAD: usize = 1 + 4 + 24 + 16;

/// The nonce of the fastify format, as base64.
const NONCE_CHARACTERS: usize = 32;

/// The tag of the fastify format.
const TAG_BYTES: usize = 16;

/// A cookie that does not open.
pub(crate) struct Case<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) refusal: &'a Refusal,
    pub(crate) in_its_time: Option<&'a Session>,
    pub(crate) settings: &'a Settings,
    pub(crate) keys: &'a Keys,
}

/// Whether a value has the separator of the fastify format, escaped or not.
pub(crate) fn looks_like_fastify(value: &str) -> bool {
    value.contains(';') || value.to_ascii_lowercase().contains("%3b")
}

pub(crate) fn of_native(case: &Case<'_>) -> Vec<String> {
    match case.refusal.reason() {
        RejectReason::Expired(limit) => expired(case, limit),
        RejectReason::Forged => vec![
            format!(
                "a key of the ring encrypted it for this name, but characters are missing or \
                 altered; it has {}",
                characters(case.value)
            ),
            "copy the whole value, from the browser's list of cookies or the raw header".to_owned(),
        ],
        RejectReason::Malformed => native_malformed(case),
        RejectReason::NewerBuild => vec![
            "a newer version of the library encrypted it with an extension that this version does \
             not know"
                .to_owned(),
            "try a newer version of this program".to_owned(),
        ],
        RejectReason::UnknownKey => native_unknown_key(case),
        other => vec![other.to_string()],
    }
}

pub(crate) fn of_fastify(case: &Case<'_>) -> Vec<String> {
    match case.refusal.reason() {
        RejectReason::Expired(limit) => expired(case, limit),
        RejectReason::Forged => fastify_forged(case),
        RejectReason::Malformed => fastify_malformed(case),
        other => vec![other.to_string()],
    }
}

fn expired(case: &Case<'_>, limit: ExpiryLimit) -> Vec<String> {
    if has_own_end(case) {
        return vec!["the expiry that `remember_for` set has passed".to_owned()];
    }
    let (option, given, what) = match limit {
        ExpiryLimit::Absolute => (
            "--absolute",
            case.settings.absolute.is_some(),
            "its absolute limit has passed",
        ),
        _ => (
            "--idle",
            case.settings.idle.is_some(),
            "its idle limit has passed",
        ),
    };
    let mut sentences = vec![what.to_owned()];
    if !given {
        sentences.push(format!(
            "this is the default limit; if the session has another, set `{option}`"
        ));
    }
    sentences
}

/// Whether the session has its own expiry, which does not follow from the limits.
fn has_own_end(case: &Case<'_>) -> bool {
    let Some(session) = case.in_its_time else {
        return false;
    };
    let Times::Native { created, seen, .. } = session.times else {
        return false;
    };
    let defaults = Lifetime::default();
    let absolute = case.settings.absolute.unwrap_or(defaults.absolute());
    let idle = match case.settings.idle {
        None => defaults.idle(),
        Some(time::Limit::After(idle)) => Some(idle),
        Some(time::Limit::None) => None,
    };
    let end = created.saturating_add(absolute.as_secs());
    let end = idle.map_or(end, |idle| end.min(seen.saturating_add(idle.as_secs())));
    session.expires != end
}

fn native_malformed(case: &Case<'_>) -> Vec<String> {
    if let Some(sentences) = malformed_in_any_format(case) {
        return sentences;
    }
    let value = case.value;
    if looks_like_fastify(value) {
        return vec![
            "it contains a `;`, like values of @fastify/secure-session".to_owned(),
            "try `--format fastify`".to_owned(),
        ];
    }
    let is_of_the_alphabet =
        |character: &char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    if let Some(place) = value.chars().position(|other| !is_of_the_alphabet(&other)) {
        return vec![
            format!(
                "character {} of {} is not in the base64url alphabet",
                place + 1,
                value.chars().count()
            ),
            "copy the value from the browser's list of cookies, without quotes or dots".to_owned(),
        ];
    }
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(value) else {
        return cut_off(value);
    };
    match bytes.first() {
        Some(1) if bytes.len() < NATIVE_OVERHEAD => cut_off(value),
        Some(1) => vec![
            "it is authentic, but its content is not a session that this version can read"
                .to_owned(),
            "try a newer version of this program".to_owned(),
        ],
        Some(version) => vec![
            format!("it begins with format version {version}, but only version 1 is known"),
            "it is another program's cookie, or one of a newer version of the library".to_owned(),
        ],
        None => cut_off(value),
    }
}

fn native_unknown_key(case: &Case<'_>) -> Vec<String> {
    let mut sentences = vec![format!(
        "{} for the name `{}`, the application {} and the purpose {}",
        none_of(case.keys),
        case.name,
        quoted(case.settings.application.as_deref()),
        quoted(case.settings.purpose.as_deref()),
    )];
    sentences.push(match name_that_opens(case) {
        Some(name) => format!("it was encrypted for the name `{name}`; try `--name {name}`"),
        None => "try earlier keys, and the name, application and purpose that the application \
                 sets: each is part of the key"
            .to_owned(),
    });
    sentences
}

/// The name with another prefix under which the value opens. Development over plain http drops the
/// prefix.
fn name_that_opens(case: &Case<'_>) -> Option<String> {
    let prefixes = ["__Host-Http-", "__Host-", "__Http-", "__Secure-"];
    let stem = prefixes
        .iter()
        .find_map(|prefix| case.name.strip_prefix(prefix))
        .unwrap_or(case.name);
    ["", "__Host-", "__Secure-"]
        .iter()
        .map(|prefix| format!("{prefix}{stem}"))
        .filter(|name| name != case.name)
        .find(|name| {
            let opener = Opener::new(Format::Native, name, case.settings, case.keys);
            let result = opener.map(|opener| opener.open(case.value));
            matches!(
                result,
                Ok(Ok(_) | Err(Refusal::Closed(RejectReason::Expired(_))))
            )
        })
}

fn fastify_malformed(case: &Case<'_>) -> Vec<String> {
    if let Some(sentences) = malformed_in_any_format(case) {
        return sentences;
    }
    let decoded = percent_decoded(without_cut_escape(case.value));
    let Some((sealed, rest)) = decoded.split_once(';') else {
        return without_separator(&decoded);
    };
    let (nonce, signature) = match rest.split_once('.') {
        Some((nonce, _)) => (nonce, true),
        None => (rest, false),
    };
    if signature != case.settings.signed {
        return vec![if signature {
            "it has a signature; try `--signed`".to_owned()
        } else {
            "it has no signature, but `--signed` requires one".to_owned()
        }];
    }
    if nonce.len() < NONCE_CHARACTERS {
        return cut_off(case.value);
    }
    if nonce.len() > NONCE_CHARACTERS {
        return vec![format!(
            "it has {} characters too many at its end",
            nonce.len() - NONCE_CHARACTERS
        )];
    }
    match (STANDARD.decode(sealed), STANDARD.decode(nonce)) {
        (Ok(sealed), Ok(_)) if sealed.len() >= TAG_BYTES => vec![
            "it is authentic, but its content is not a JSON object with a valid time `__ts`"
                .to_owned(),
            "@fastify/secure-session before 7.3.0 wrote no time: try `--without-time`".to_owned(),
        ],
        _ => vec![
            "it is not base64 on both sides of the `;`, or it is too short".to_owned(),
            "copy the value from the browser's list of cookies".to_owned(),
        ],
    }
}

/// Strips an incomplete escape at the end, which means that the end is missing, not that the
/// escapes are broken.
fn without_cut_escape(value: &str) -> &str {
    match value.rsplit_once('%') {
        Some((before, escape)) if escape.len() < 2 => before,
        _ => value,
    }
}

fn without_separator(decoded: &str) -> Vec<String> {
    if URL_SAFE_NO_PAD
        .decode(decoded)
        .is_ok_and(|bytes| bytes.first() == Some(&1))
    {
        return vec![
            "it contains no `;` and looks like the native format".to_owned(),
            "try `--format native`".to_owned(),
        ];
    }
    if decoded.contains('%') {
        return vec!["its percent-encoding is broken, or it was encoded twice".to_owned()];
    }
    vec![
        "it contains no `;`, so the end is missing: a `;` that is not written as `%3B` ends a \
         cookie"
            .to_owned(),
        "copy the value with its percent-encoding".to_owned(),
    ]
}

fn fastify_forged(case: &Case<'_>) -> Vec<String> {
    if case.settings.signed && opens_without_signature(case) {
        return vec![
            "the key is right, but the signature was made with another secret".to_owned(),
            "a passphrase is the signing secret, too: try `--passphrase-file`; an application that \
             registers @fastify/cookie itself may use another secret"
                .to_owned(),
        ];
    }
    vec![
        format!("{}, or characters are altered", none_of(case.keys)),
        "try earlier keys; for a passphrase, `--passphrase-file` and its salt".to_owned(),
    ]
}

fn opens_without_signature(case: &Case<'_>) -> bool {
    let unsigned = case.settings.unsigned();
    let decoded = percent_decoded(case.value);
    let value = decoded
        .rsplit_once('.')
        .map_or(&*decoded, |(value, _)| value);
    let opener = Opener::new(Format::Fastify, case.name, &unsigned, case.keys);
    let result = opener.map(|opener| opener.open(value));
    matches!(
        result,
        Ok(Ok(_) | Err(Refusal::Closed(RejectReason::Expired(_))))
    )
}

fn malformed_in_any_format(case: &Case<'_>) -> Option<Vec<String>> {
    let size = case.name.len() + 1 + case.value.len();
    if case.value.is_empty() {
        return Some(vec![
            "it is empty, as in a header that removes the cookie".to_owned(),
        ]);
    }
    if size > MAX_COOKIE_BYTES {
        return Some(vec![format!(
            "it has {size} bytes, but browsers keep no more than {MAX_COOKIE_BYTES}"
        )]);
    }
    if let Refusal::Unreadable { member, .. } = case.refusal {
        return Some(vec![
            format!(
                "the text of member {} contains half a surrogate pair, which JavaScript writes and \
                 JSON parsers reject",
                quoted(Some(member))
            ),
            "a struct with a field for it cannot read the session; one without such a field keeps \
             the text"
                .to_owned(),
        ]);
    }
    case.in_its_time.map(|session| {
        let time = match session.times {
            Times::Fastify { issued } => issued,
            Times::Native {
                created,
                seen,
                authenticated,
                ..
            } => created.max(seen).max(authenticated.unwrap_or_default()),
        };
        let ahead = time.saturating_sub(case.settings.now_millis() / 1000);
        vec![
            format!(
                "it is from the future: its time is {} ahead of the clock",
                time::span(ahead)
            ),
            "compare the clocks of the machines, or set `--now`".to_owned(),
        ]
    })
}

fn cut_off(value: &str) -> Vec<String> {
    vec![
        format!("its end is missing; it has {}", characters(value)),
        "copy the whole value, from the browser's list of cookies or the raw header".to_owned(),
    ]
}

fn characters(value: &str) -> String {
    match value.chars().count() {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

fn none_of(keys: &Keys) -> String {
    match keys.ring.len() {
        1 => "the only key did not encrypt it".to_owned(),
        count => format!("none of the {count} keys encrypted it"),
    }
}

fn quoted(text: Option<&str>) -> String {
    text.map_or_else(|| "\"\"".to_owned(), |text| format!("`{text}`"))
}

/// Removes one layer of percent-encoding; returns the value unchanged if that is broken.
fn percent_decoded(value: &str) -> Cow<'_, str> {
    let is_whole = |escape: &str| {
        let mut digits = escape.bytes().take(2);
        digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit())
    };
    if !value.split('%').skip(1).all(is_whole) {
        return Cow::Borrowed(value);
    }
    let decoded = percent_decode_str(value).decode_utf8();
    decoded.unwrap_or(Cow::Borrowed(value))
}
