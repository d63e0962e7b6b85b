//! No line of the log holds a key, a cookie, an id or a value, in any encoding.

use actix_secure_session_tests::{Auth, Prefs, T0, app::Server, key, logs::Logs};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use secure_session::{SecureSession, SessionMiddleware, test_util::TestClock};
use tracing::Level;

const SECRET: &str = "correct horse battery staple";

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// A part of it in the encodings that a log could show; of base64 what does not depend on where the
/// bytes begin.
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
fn no_line_holds_a_key_a_cookie_an_id_or_a_value() {
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &[1, 2]);
    let secret = || Auth {
        name: SECRET.to_owned(),
        theme: Some(SECRET.to_owned()),
        user_id: Some(987_654_321),
        ..Auth::defaults()
    };
    let older = secure_session::codec::Codec::<Older>::builder(key(1)).clock(&clock);
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
        secrets.push((0..32).map(|index| first + index).collect());
    }
    let stored = answers.iter().filter_map(|answer| server.stored(answer));
    secrets.extend(stored.map(|session| session.id().as_bytes().to_vec()));
    let sent = answers
        .iter()
        .filter_map(|answer| answer.cookie("__Host-auth"));
    let values = cookies.iter().filter_map(|cookie| cookie.split_once('='));
    let values = values
        .map(|(_, value)| value.to_owned())
        .chain(sent.map(|cookie| cookie.value));
    secrets.extend(
        values
            .filter(|value| value.len() > 20)
            .map(|value| value.as_bytes()[..20].to_vec()),
    );
    assert!(secrets.len() > 20 && logs.all().len() > 100);
    for (level, text) in logs.all() {
        assert!(level <= Level::TRACE);
        for secret in &secrets {
            for encoded in encodings(secret) {
                assert!(!text.contains(&encoded), "{text}");
            }
        }
    }
}
