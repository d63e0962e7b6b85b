//! Sessions side by side, and a session before and after a login.

use actix_secure_session_tests::{
    Auth, AuthField, T0, ada,
    app::{Answer, Server, block_on},
    jar::{Jar, SetCookie},
    ring,
};
use actix_web::{
    App, HttpResponse,
    http::header::COOKIE,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    SecureSession, Session, SessionMiddleware, SessionOrigin,
    policy::{Lifetime, SameSite},
    test_util::TestClock,
};

use crate::support::value_of;

#[derive(SecureSession, Debug, PartialEq)]
struct Account {
    name: String,
}

#[derive(SecureSession, Debug, PartialEq)]
#[session(cookie = "cart")]
struct Cart {
    name: String,
}

#[derive(SecureSession, Debug, PartialEq)]
#[session(cookie = "look", idle = "none", absolute = "365d", persistent)]
struct Look {
    name: String,
}

/// Three sessions with their own keys, limits and attributes.
struct Three {
    clock: TestClock,
    sessions: SessionMiddleware,
}

impl Three {
    fn new() -> Self {
        let clock = TestClock::at(T0);
        let sessions = SessionMiddleware::builder(ring(&[1]))
            .session_with::<Account>(|policy| policy.lifetime(Lifetime::aal3()))
            .session_with::<Cart>(|policy| {
                policy
                    .keys(ring(&[2]))
                    .path("/shop")
                    .domain("example.com")
                    .same_site(SameSite::Strict)
                    .lifetime(Lifetime::aal1())
                    .persistent(true)
            })
            .session_with::<Look>(|policy| policy.keys(ring(&[3])).http_only(false))
            .clock(&clock);
        let sessions = sessions.build().unwrap();
        Self { clock, sessions }
    }

    fn call(
        &self,
        cookies: &str,
        handler: fn(&Session<Account>, &Session<Cart>, &Session<Look>),
    ) -> Answer {
        let handle = move |account: Session<Account>, cart: Session<Cart>, look: Session<Look>| {
            handler(&account, &cart, &look);
            std::future::ready(HttpResponse::Ok().finish())
        };
        block_on(async {
            let app = App::new().wrap(self.sessions.clone());
            let app = init_service(app.route("/", web::to(handle))).await;
            let request = TestRequest::get().insert_header((COOKIE, cookies));
            Answer::of(call_service(&app, request.to_request()).await).await
        })
    }
}

fn names(answer: &Answer) -> Vec<String> {
    answer.set_cookies().into_iter().map(|c| c.name).collect()
}

/// C46: each of three sessions has its own keys, limits and attributes.
#[test]
fn three_sessions_have_their_own_keys_limits_and_attributes() {
    let three = Three::new();
    let answer = three.call("", |account, cart, look| {
        account.set_name("account");
        cart.set_name("cart");
        look.set_name("look");
    });
    let [account, cart, look] = ["__Host-account", "cart", "look"].map(|name| {
        let cookie = answer.cookie(name);
        cookie.unwrap_or_else(|| panic!("no {name}"))
    });
    assert_eq!(account.scope(), "httponly=;path=/;samesite=Lax;secure=");
    let scope = "domain=example.com;httponly=;path=/shop;samesite=Strict;secure=";
    assert_eq!(cart.scope(), scope);
    assert_eq!(look.scope(), "path=/;samesite=Lax;secure=");
    let ages = [&account, &cart, &look].map(SetCookie::max_age);
    assert_eq!(ages, [None, Some(30 * 86_400), Some(365 * 86_400)]);

    // Only its own key opens a session.
    for (key, opens) in [
        (1, [true, false, false]),
        (2, [false, true, false]),
        (3, [false, false, true]),
    ] {
        let found = [
            codec::<Account>(key).open(&account.value).is_ok(),
            codec::<Cart>(key).open(&cart.value).is_ok(),
            codec::<Look>(key).open(&look.value).is_ok(),
        ];
        assert_eq!(found, opens, "key {key}");
    }

    // Each is refreshed and expires by its own limit.
    let mut jar = Jar::default();
    jar.take(&answer);
    three.clock.set(T0 + 5 * 60);
    let refreshed = three.call(&jar.header(), |account, cart, look| {
        assert_eq!(
            (account.name(), cart.name(), look.name()),
            ("account", "cart", "look")
        );
    });
    assert_eq!(names(&refreshed), ["__Host-account"]);
    three.clock.set(T0 + 15 * 60);
    three.call(&jar.header(), |account, cart, look| {
        assert_eq!(
            (account.name(), cart.name(), look.name()),
            ("", "cart", "look")
        );
    });
    three.clock.set(T0 + 30 * 86_400);
    three.call(&jar.header(), |account, cart, look| {
        assert_eq!((account.name(), cart.name(), look.name()), ("", "", "look"));
        assert_eq!(cart.info().origin(), SessionOrigin::Expired);
    });
}

fn codec<T: SecureSession<Format = secure_session::codec::Native>>(
    key: u8,
) -> secure_session::codec::Codec<T> {
    let codec = secure_session::codec::Codec::builder(ring(&[key]));
    codec.clock(&TestClock::at(T0)).build().unwrap()
}

/// C46: destroying, regenerating or writing one of three leaves the others unchanged.
#[test]
fn changes_to_one_session_do_not_affect_the_others() {
    let three = Three::new();
    let mut jar = Jar::default();
    jar.take(&three.call("", |account, cart, look| {
        account.set_name("account");
        cart.set_name("cart");
        look.set_name("look");
    }));
    let before = jar.header();
    let answer = three.call(&before, |_, cart, _| cart.destroy());
    assert_eq!(names(&answer), ["cart"]);
    assert!(answer.set_cookies()[0].is_removal());
    jar.take(&answer);
    three.call(&jar.header(), |account, cart, look| {
        assert_eq!(
            (account.name(), cart.name(), look.name()),
            ("account", "", "look")
        );
    });
    let answer = three.call(&before, |account, cart, look| {
        account.regenerate();
        assert_eq!((cart.name(), look.name()), ("cart", "look"));
    });
    assert_eq!(names(&answer), ["__Host-account"]);
    let broken = before.replace("cart=", "cart=x");
    three.call(&broken, |account, cart, look| {
        assert_eq!(
            (account.name(), cart.name(), look.name()),
            ("account", "", "look")
        );
    });
}

/// C37: a session that was planted before a login is of no use to the attacker after it.
#[test]
fn planted_session_does_not_share_the_login() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let planted = server.codec().open(value_of(&cookie)).unwrap();
    let verbs: [(fn(&Session<Auth>), &str, u32); 3] = [
        (|auth| auth.sign_in(), "", 5),
        (|auth| auth.regenerate(), "", 5),
        (|auth| auth.regenerate_keeping(&[AuthField::Name]), "Ada", 0),
    ];
    for (verb, name, visits) in verbs {
        let answer = server.auth(&cookie, move |auth| {
            verb(auth);
            assert_eq!(auth.theme(), None, "an old secret is gone before a new one");
            let id = auth.info().id().unwrap();
            auth.set_theme(id.to_string());
            auth.set_user_id(42);
        });
        let victim = server.stored(&answer).unwrap();
        assert_ne!(victim.id(), planted.id());
        assert_eq!(victim.theme, Some(victim.id().to_string()), "of the new id");
        assert_eq!(victim.user_id, Some(42));
        // Only `keep` fields, or the listed ones, survive.
        assert_eq!((victim.name.as_str(), victim.visits), (name, visits));
        assert!(victim.roles.is_empty());
    }
}
