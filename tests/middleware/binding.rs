//! A value opens only under the name, application and purpose for which it was encrypted.

use actix_secure_session_tests::{Auth, Prefs, ada, app::Server, key};
use secure_session::{RejectReason, SecureSession, codec::Codec};

#[derive(SecureSession)]
#[session(cookie = "one")]
struct One {
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
fn swapped_cookies_open_nothing_in_a_request() {
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
        assert_eq!(other.open(&text).unwrap_err(), RejectReason::UnknownKey);
    }
}
