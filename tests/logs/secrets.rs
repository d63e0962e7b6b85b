//! No log line contains a key, a cookie, an id or a value, in any encoding.

use actix_secure_session_tests::{Auth, Prefs, T0, app::Server, key, key_bytes, logs::Logs};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use secure_session::{
    Key, RejectReason, Salt, SecureSession, SessionMiddleware,
    codec::Codec,
    policy::FastifyMigration,
    test_util::{TestClock, TestSession},
};
use serde_json::{Map, Value};

const SECRET: &str = "correct horse battery staple";

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// Bytes in the encodings that a log could use. Base64 with three offsets covers each position.
fn encodings(bytes: &[u8]) -> Vec<String> {
    let mut all = vec![
        String::from_utf8_lossy(bytes).into_owned(),
        hex(bytes),
        hex(bytes).to_uppercase(),
        format!("{bytes:?}").trim_matches(['[', ']']).to_owned(),
    ];
    for start in 0..3 {
        let whole = &bytes[start..start + (bytes.len() - start) / 3 * 3];
        all.extend([STANDARD.encode(whole), URL_SAFE_NO_PAD.encode(whole)]);
    }
    all
}

#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct Older {
    visits: String,
    theme: Option<String>,
}

#[test]
fn no_line_contains_a_key_a_cookie_an_id_or_a_value() {
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &[1, 2]);
    let secret = || Auth {
        name: SECRET.to_owned(),
        theme: Some(SECRET.to_owned()),
        user_id: Some(987_654_321),
        ..Auth::defaults()
    };
    let older = Codec::<Older>::builder(key(1)).clock(&clock);
    let older = older.build().unwrap();
    let misfit = Older {
        visits: SECRET.to_owned(),
        theme: None,
    };
    let cookies = [
        server.cookie(&secret()),
        Server::at(&clock, &[2]).cookie(&secret()),
        Server::at(&clock, &[3]).cookie(&secret()),
        format!("__Host-auth={}", older.seal(&misfit).unwrap()),
        format!("__Host-auth={SECRET}"),
    ];
    let (answers, logs) = Logs::of(|| {
        let mut answers = Vec::new();
        let builder = SessionMiddleware::builder(key(1)).application(SECRET);
        drop(builder.session::<Auth>().session::<Prefs>().build());
        for cookie in &cookies {
            answers.extend([
                server.auth(cookie, |auth| assert!(auth.name().len() < 99)),
                server.auth(cookie, |auth| auth.set_name(SECRET)),
                server.auth(cookie, |auth| {
                    auth.set_name(SECRET.repeat(2));
                    auth.sign_in();
                    auth.set_extra(serde_json::json!({ SECRET: SECRET }));
                }),
                server.auth(cookie, |auth| auth.set_name(SECRET.repeat(90))),
                server.auth(cookie, |auth| auth.set_name(SECRET.repeat(900))),
                server.auth(cookie, |auth| auth.set_ratio(f64::INFINITY)),
                server.auth(cookie, |auth| auth.destroy()),
            ]);
        }
        answers
    });
    let mut secrets: Vec<Vec<u8>> = vec![SECRET.into(), b"987654321".to_vec()];
    for first in 1..=3_u8 {
        secrets.push(key_bytes(first).to_vec());
    }
    let stored = answers.iter().filter_map(|answer| server.stored(answer));
    secrets.extend(stored.map(|session| session.id().as_bytes().to_vec()));
    let sent = answers
        .iter()
        .filter_map(|answer| answer.cookie("__Host-auth"));
    let sent = sent.map(|cookie| cookie.value);
    let came = cookies.iter().filter_map(|cookie| cookie.split_once('='));
    let values = came.map(|(_, value)| value.to_owned()).chain(sent);
    let values = values.filter(|value| value.len() > 20);
    secrets.extend(values.map(|value| value.as_bytes()[..20].to_vec()));
    let texts: Vec<String> = logs.all().into_iter().map(|(_, text)| text).collect();
    assert!(secrets.len() > 20 && texts.len() > 100);
    assert_hidden(&secrets, &texts);
}

/// Asserts that no text contains a secret in any encoding.
fn assert_hidden(secrets: &[Vec<u8>], texts: &[String]) {
    for encoded in secrets.iter().flat_map(|secret| encodings(secret)) {
        for text in texts {
            assert!(!text.contains(&encoded), "{text}");
        }
    }
}

const PASSPHRASE: &str = "a passphrase of thirty-two characters and more";

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Shared {
    name: String,
    visits: String,
}

/// Takes over the session above, has a lenient field, and rejects the migration of some sessions.
#[derive(SecureSession)]
#[session(cookie = "__Host-account", version = 1, migrate = Account::migrate)]
struct Account {
    name: String,
    #[session(lenient)]
    visits: u32,
    ratio: f64,
}

impl Account {
    fn migrate(_: u32, members: &mut Map<String, Value>) -> Result<(), String> {
        match members.get("refused") {
            Some(value) => Err(value.to_string()),
            None => Ok(()),
        }
    }
}

#[derive(SecureSession)]
#[session(cookie = "__Host-account")]
struct Refused {
    name: String,
    refused: String,
}

#[test]
fn lines_errors_and_debug_show_no_shared_or_derived_secrets() {
    let clock = TestClock::at(T0);
    let salt = Salt::from_bytes([7; 16]);
    let mut texts = Vec::new();
    let mut secrets: Vec<Vec<u8>> = vec![SECRET.into(), PASSPHRASE.into()];
    let ((), logs) = Logs::of(|| {
        let derived = Key::from_passphrase(PASSPHRASE, &salt).unwrap();
        let derived = || derived.clone();
        let key_bytes = derived().expose_secret().to_vec();
        let former = FastifyMigration::new(derived());
        let shared = Codec::<Shared>::builder(derived())
            .clock(&clock)
            .build()
            .unwrap();
        let account = Codec::<Account>::builder(key(1))
            .clock(&clock)
            .policy(|policy| policy.migrate_from_fastify(former))
            .build()
            .unwrap();
        let refused = Codec::<Refused>::builder(key(1))
            .clock(&clock)
            .build()
            .unwrap();
        let secret = || SECRET.to_owned();
        let of_node = shared
            .seal(&Shared {
                name: secret(),
                visits: secret(),
            })
            .unwrap();
        let not_converted = refused
            .seal(&Refused {
                name: secret(),
                refused: secret(),
            })
            .unwrap();
        let other_key = Codec::<Shared>::builder(key(9))
            .clock(&clock)
            .build()
            .unwrap();
        assert_eq!(other_key.open(&of_node).err(), Some(RejectReason::Forged));
        assert_eq!(
            account.open(&not_converted).err(),
            Some(RejectReason::Schema)
        );

        for (line, name) in [
            (format!("session={of_node}"), SECRET),
            (format!("__Host-account={not_converted}"), ""),
        ] {
            for ratio in [1.0, f64::NAN] {
                let session = TestSession::from_cookie_header(&account, line.clone());
                let auth = session.session();
                assert_eq!(auth.name(), name);
                auth.set_name(SECRET);
                auth.set_ratio(ratio);
                texts.extend([format!("{auth:?} {:?}", auth.info())]);
                let answer = session.finish();
                texts.extend(answer.failure().map(|err| format!("{err} {err:?}")));
                let value = answer
                    .set_cookie()
                    .map(|text| text.as_bytes()[20..40].to_vec());
                secrets.extend(value);
            }
        }
        let too_long = shared.seal(&Shared {
            name: SECRET.repeat(200),
            visits: secret(),
        });
        texts.push(too_long.unwrap_err().to_string());
        let opened = shared.open(&of_node).unwrap();
        texts.push(format!("{shared:?} {account:?} {opened:?}"));
        secrets.extend([key_bytes, of_node.as_bytes()[..20].to_vec()]);
        secrets.push(not_converted.as_bytes()[..20].to_vec());
    });
    texts.extend(logs.all().into_iter().map(|(_, text)| text));
    for event in ["session.schema_not_migrated", "session.field_reset"] {
        assert!(!logs.named(event).is_empty(), "{event}");
    }
    assert!(texts.len() > 20 && secrets.len() > 6);
    assert_hidden(&secrets, &texts);
}
