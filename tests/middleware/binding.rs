//! A value opens under the name, application and purpose that it was sealed for, and no other.

use actix_secure_session_tests::{app::Server, key, ring};
use secure_session::{Reason, SecureSession, SessionMiddleware, codec::Codec};

#[derive(SecureSession)]
#[session(cookie = "one")]
struct One {
    name: String,
}

#[derive(SecureSession)]
#[session(cookie = "two")]
struct Two {
    name: String,
}

fn one(application: &str, purpose: &str) -> Codec<One> {
    Codec::builder(key(1))
        .application(application)
        .policy(|policy| policy.purpose(purpose))
        .build()
        .unwrap()
}

#[test]
fn a_value_of_one_session_does_not_open_as_another_with_the_same_fields() {
    let sessions = SessionMiddleware::builder(ring(&[1]))
        .session::<One>()
        .session::<Two>()
        .build()
        .unwrap();
    let (one, two) = (
        sessions.codec::<One>().unwrap(),
        sessions.codec::<Two>().unwrap(),
    );
    let text = one.seal(&One { name: "Ada".into() }).unwrap();
    assert_eq!(one.open(&text).unwrap().name, "Ada");
    assert_eq!(two.open(&text).unwrap_err(), Reason::UnknownKey);
    let text = two.seal(&Two { name: "Ada".into() }).unwrap();
    assert_eq!(two.open(&text).unwrap().name, "Ada");
    assert_eq!(one.open(&text).unwrap_err(), Reason::UnknownKey);
}

#[test]
fn swapped_cookies_open_nothing_in_a_request() {
    use actix_secure_session_tests::{Auth, Prefs, ada};
    let server = Server::default();
    let prefs = server.sessions.codec::<Prefs>().unwrap();
    let theirs = prefs
        .seal(&Prefs {
            theme: Some("dark".into()),
            basket: vec![],
        })
        .unwrap();
    let ours = server.codec().seal(&ada()).unwrap();
    let swapped = format!("__Host-auth={theirs}; prefs={ours}");
    server.call(&swapped, |auth, prefs| {
        assert_eq!(auth.snapshot(), Auth::defaults());
        assert_eq!(prefs.snapshot(), Prefs::defaults());
        actix_web::HttpResponse::Ok()
    });
    let straight = format!("__Host-auth={ours}; prefs={theirs}");
    server.call(&straight, |auth, prefs| {
        assert_eq!((auth.name(), prefs.theme()), ("Ada", Some("dark")));
        actix_web::HttpResponse::Ok()
    });
}

#[test]
fn application_and_purpose_are_bound() {
    let value = One { name: "Ada".into() };
    let text = one("shop", "login").seal(&value).unwrap();
    assert_eq!(one("shop", "login").open(&text).unwrap().name, "Ada");
    for (application, purpose) in [
        ("", "login"),
        ("blog", "login"),
        ("shop", ""),
        ("shop", "invitation"),
        ("login", "shop"),
        ("shoplogin", ""),
    ] {
        let other = one(application, purpose);
        assert_eq!(other.open(&text).unwrap_err(), Reason::UnknownKey);
    }
}

#[test]
fn a_forged_value_under_a_known_key_id_is_told_from_an_unknown_key() {
    let codec = one("", "");
    let text = codec.seal(&One { name: "Ada".into() }).unwrap();
    let mut forged = text.clone().into_bytes();
    let last = forged.len() - 5;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(codec.open(forged).unwrap_err(), Reason::Forged);
    assert_eq!(codec.open("").unwrap_err(), Reason::Malformed);
}
