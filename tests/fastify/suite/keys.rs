//! Keys, passphrases, signatures, and several sessions.

use std::time::Duration;

use actix_secure_session_tests::app::{Answer, block_on};
use actix_web::{
    App, HttpResponse,
    http::{StatusCode, header::COOKIE},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Key, KeyProblem, KeyRing, Reason, SecureSession, Session, SessionMiddleware,
    codec::{Codec, Fastify},
    policy::{Policy, SameSite, Signing},
    test_util::TestClock,
};

use super::{KEY, OTHER, T0, members, pair, send, visitors};
use crate::{
    file::recorded,
    support::{Members, Visitor, derived, key, plaintext},
};

#[test]
fn keys_as_text_and_as_bytes_stand_in_one_ring_and_each_opens() {
    let bytes: Vec<u8> = (1..=32).collect();
    let base64 = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let keys = || [key(KEY), Key::from_base64(base64).unwrap()];
    let ring = KeyRing::from_keys(keys()).unwrap();
    let reader: Codec<Visitor> = Codec::builder(ring).build().unwrap();
    let same = Key::from_bytes(&bytes).unwrap();
    for (index, key) in [key(KEY), same].into_iter().enumerate() {
        let writer: Codec<Visitor> = Codec::builder(key).build().unwrap();
        let text = writer.seal(&Visitor::defaults()).unwrap();
        assert_eq!(reader.open(text).unwrap().key_index(), index);
    }
}

#[test]
fn a_session_of_an_older_key_is_sent_again_under_the_first_with_its_time() {
    let clock = TestClock::at(T0);
    let server = |keys: [&str; 2]| {
        let ring = KeyRing::from_keys(keys.map(key)).unwrap();
        let sessions = SessionMiddleware::builder(ring).session::<Visitor>();
        sessions.clock(&clock).build().unwrap()
    };
    let old = send::<Visitor>(&server([OTHER, KEY]), "", |session| {
        session.set_user("alice");
    });
    clock.set(T0 + 60);
    let turned = server([KEY, OTHER]);
    let read = |session: &Session<Visitor>| assert_eq!(session.user(), Some("alice"));
    let answer = send::<Visitor>(&turned, &pair(&old), read);
    let expected = Members::of(&plaintext(&old.set_cookies()[0].value, OTHER));
    assert_eq!(members(&answer), expected, "`__ts` is as it was");
    let again = send::<Visitor>(&turned, &pair(&answer), read);
    assert!(again.set_cookies().is_empty());
}

#[test]
fn an_empty_list_of_keys_and_keys_of_a_wrong_length_are_refused() {
    let err = KeyRing::from_keys([]).unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::Empty);
    for bytes in [27, 37] {
        let err = Key::from_bytes(vec![7; bytes]).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Length { bytes });
        assert!(
            err.to_string()
                .contains(&format!("{bytes} bytes instead of 32")),
            "{err}"
        );
    }
}

#[test]
fn with_nothing_but_a_key_the_cookie_is_called_session() {
    let server = visitors(|policy| policy);
    let answer = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    let cookie = pair(&answer);
    assert!(cookie.starts_with("session="));
    send::<Visitor>(&server, &cookie, |session| {
        assert_eq!(session.user(), Some("alice"));
    });
}

#[derive(SecureSession)]
#[session(format = "fastify", cookie = "second", secure = false)]
struct Second {
    text: Option<String>,
}

/// Two passphrases; each key takes a second, and other tests need them, too.
fn two_keys() -> [Key; 2] {
    let vectors = ["passphrase-default-salt", "passphrase-binary-salt"];
    vectors.map(|name| recorded().vector(name).sealing_key())
}

#[test]
fn two_sessions_with_passphrases_keep_names_attributes_and_data_apart() {
    let [first, second] = two_keys();
    let week = Duration::from_secs(7 * 86_400);
    let sessions = SessionMiddleware::builder(first)
        .session_with::<Visitor>(|policy| policy.cookie("first").persistent(true))
        .session_with::<Second>(|policy| {
            policy
                .keys(second)
                .domain("example.com")
                .idle(week)
                .persistent(true)
        })
        .build()
        .unwrap();
    let both = |cookies: String, handler: fn(&Session<Visitor>, &Session<Second>)| {
        let route = web::to(move |one: Session<Visitor>, two: Session<Second>| {
            handler(&one, &two);
            async { HttpResponse::NoContent().finish() }
        });
        block_on(async {
            let app = App::new().wrap(sessions.clone()).route("/", route);
            let app = init_service(app).await;
            let request = TestRequest::get().insert_header((COOKIE, cookies));
            let answer = Answer::of(call_service(&app, request.to_request()).await).await;
            assert_eq!(
                answer.status,
                StatusCode::NO_CONTENT,
                "the handler was called"
            );
            answer
        })
    };
    let answer = both("other=1".to_owned(), |one, two| {
        one.set_user("alice");
        two.set_text("basket");
    });
    let [one, two] = ["first", "second"].map(|name| answer.cookie(name).unwrap());
    assert_eq!(
        (one.max_age(), two.max_age()),
        (Some(86_401), Some(7 * 86_400))
    );
    assert_eq!(two.attributes["domain"], "example.com");
    assert!(!one.attributes.contains_key("domain"));
    let cookies = format!("first={}; second={}", one.value, two.value);
    let answer = both(cookies.clone(), |one, _| {
        assert_eq!(one.user(), Some("alice"));
    });
    assert!(answer.set_cookies().is_empty());
    let answer = both(cookies, |one, two| {
        one.set_n(1);
        two.destroy();
    });
    assert!(!answer.cookie("first").unwrap().is_removal());
    assert!(answer.cookie("second").unwrap().is_removal());
}

#[test]
fn a_cookie_of_one_key_does_not_open_under_another() {
    let codec = |key: Key| -> Codec<Visitor> { Codec::builder(key).build().unwrap() };
    let [one, two] = two_keys().map(codec);
    let text = one.seal(&Visitor::defaults()).unwrap();
    assert!(one.open(&text).is_ok());
    assert_eq!(two.open(&text).unwrap_err(), Reason::Forged);
}

#[test]
fn two_sessions_under_one_key_are_refused_unless_they_are_asked_for_by_name() {
    let build = |change: fn(Policy<Fastify>) -> Policy<Fastify>| {
        SessionMiddleware::builder(key(KEY))
            .session_with::<Visitor>(change)
            .session_with::<Second>(change)
            .build()
    };
    let err = build(|policy| policy).unwrap_err().to_string();
    assert!(err.contains("dangerously_share_keys"), "{err}");
    // What the option is about: a value opens under the other's name.
    let sessions = build(|policy| policy.dangerously_share_keys()).unwrap();
    let text = sessions
        .codec::<Second>()
        .unwrap()
        .seal(&Second::defaults())
        .unwrap();
    assert!(sessions.codec::<Visitor>().unwrap().open(text).is_ok());
}

#[test]
fn a_passphrase_of_32_bytes_and_a_salt_of_16_characters_are_enough() {
    let secret = "a".repeat(32);
    let salt = recorded()
        .derivations
        .iter()
        .find(|entry| entry.name == "latin1-salt");
    let salt = salt.unwrap();
    assert_eq!(
        (
            &salt.secret,
            salt.salt_text.as_ref().unwrap().chars().count()
        ),
        (&secret, 16)
    );
    let codec: Codec<Visitor> = Codec::builder(derived(&secret, &salt.salt_b64))
        .build()
        .unwrap();
    let text = codec.seal(&Visitor::defaults()).unwrap();
    assert_eq!(*codec.open(text).unwrap(), Visitor::defaults());
}

#[test]
fn a_signed_host_cookie_comes_back_and_one_with_another_end_does_not() {
    let server = visitors(|policy| {
        let policy = policy.cookie("__Host-session").secure(true);
        policy.same_site(SameSite::Strict).signed(Signing::by_key())
    });
    let answer = send::<Visitor>(&server, "", |session| session.set_user("alice"));
    let cookie = pair(&answer);
    send::<Visitor>(&server, &cookie, |session| {
        assert_eq!(session.user(), Some("alice"));
    });
    let mut altered = cookie;
    let end = altered.split_off(altered.len() - 5);
    altered += if end == "AAAAA" { "BBBBB" } else { "AAAAA" };
    send::<Visitor>(&server, &altered, |session| {
        assert_eq!(session.user(), None);
    });
}
