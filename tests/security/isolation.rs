//! Sessions beside each other, and a session before and after a login.

use std::time::Duration;

use actix_secure_session_tests::{
    Auth, AuthField, T0,
    app::{Answer, Jar, Server, block_on},
    ring,
};
use actix_web::{
    App, HttpResponse,
    http::header::COOKIE,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Origin, SecureSession, Session, SessionMiddleware,
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

/// Three sessions with keys, limits and attributes of their own.
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
    let ages =
        [&account, &cart, &look].map(actix_secure_session_tests::set_cookie::SetCookie::max_age);
    assert_eq!(ages, [None, Some(30 * 86_400), Some(365 * 86_400)]);

    // No key but its own opens a session.
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

    // Each ends by its own limit.
    let mut jar = Jar::default();
    jar.take(&answer);
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
        assert_eq!(cart.info().origin(), Origin::Expired);
    });
}

fn codec<T: SecureSession<Format = secure_session::codec::Native>>(
    key: u8,
) -> secure_session::codec::Codec<T> {
    let codec = secure_session::codec::Codec::builder(ring(&[key]));
    codec.clock(&TestClock::at(T0)).build().unwrap()
}

/// C46: to delete, renew or write one of three leaves the others as they were.
#[test]
fn what_happens_to_one_session_leaves_the_others_alone() {
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
        account.renew();
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

/// What an application keeps in its session against forged requests.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(cookie = "login")]
struct Login {
    user_id: Option<u64>,
    csrf_secret: String,
    cart: Vec<String>,
    #[session(keep)]
    language: String,
}

/// C37: a session that was planted before a login gives its planter nothing after it.
#[test]
fn a_planted_session_is_not_the_one_that_logs_in() {
    let verbs: [(fn(&Session<Login>), bool); 3] = [
        (|login| login.sign_in(), false),
        (|login| login.regenerate(), false),
        (|login| login.regenerate_keeping(&[LoginField::Cart]), true),
    ];
    for (verb, keeps_cart) in verbs {
        let clock = TestClock::at(T0);
        let sessions = SessionMiddleware::builder(ring(&[1])).session::<Login>();
        let sessions = sessions.clock(&clock).build().unwrap();
        let codec = sessions.codec::<Login>().unwrap();
        let attacker = Login {
            user_id: None,
            csrf_secret: "known to the attacker".to_owned(),
            cart: vec!["planted".to_owned()],
            language: "fr".to_owned(),
        };
        let planted = codec.begin(attacker).unwrap();
        let cookie = format!("login={}", planted.seal(&codec).unwrap());
        let log_in = move |login: Session<Login>| {
            verb(&login);
            login.set_user_id(42);
            assert_eq!(
                login.csrf_secret(),
                "",
                "the old secret is gone before a new one is made"
            );
            login.set_csrf_secret(
                login
                    .info()
                    .id()
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
            );
            std::future::ready(HttpResponse::Ok().finish())
        };
        let answer = block_on(async {
            let app = App::new()
                .wrap(sessions.clone())
                .route("/", web::to(log_in));
            let app = init_service(app).await;
            let request = TestRequest::get().insert_header((COOKIE, cookie.as_str()));
            Answer::of(call_service(&app, request.to_request()).await).await
        });
        let victim = codec.open(answer.cookie("login").unwrap().value).unwrap();
        assert_ne!(victim.id(), planted.id());
        assert_ne!(victim.csrf_secret, planted.csrf_secret);
        assert_eq!(
            victim.csrf_secret,
            victim.id().to_string(),
            "bound to the new id"
        );
        assert_eq!(victim.user_id, Some(42));
        let cart: &[String] = if keeps_cart { &planted.cart } else { &[] };
        assert_eq!(victim.cart, cart);
        let language = if keeps_cart { "" } else { "fr" };
        assert_eq!(
            victim.language, language,
            "only `keep`, or only what is listed"
        );

        let again = codec.open(value_of(&cookie)).unwrap();
        assert_eq!(again.user_id, None, "the planted cookie is nobody's login");
        assert_eq!(again.authenticated_at(), None);
    }
}

/// C37: a member that no field names, planted or of another build, does not survive a login either.
#[test]
fn a_login_drops_members_that_no_field_names() {
    use actix_secure_session_tests::NewerAuth;
    let server = Server::default();
    let codec = secure_session::codec::Codec::<NewerAuth>::builder(ring(&[1]))
        .clock(&server.clock)
        .build()
        .unwrap();
    let planted = NewerAuth {
        future: Some("planted".to_owned()),
        name: "Eve".to_owned(),
        ..NewerAuth::defaults()
    };
    let cookie = format!("__Host-auth={}", codec.seal(&planted).unwrap());
    let verbs: [fn(&Session<Auth>); 3] = [
        |auth| auth.sign_in(),
        |auth| auth.regenerate(),
        |auth| auth.regenerate_keeping(&[AuthField::Name]),
    ];
    for (index, verb) in verbs.into_iter().enumerate() {
        let stored = server.stored(&server.auth(&cookie, verb)).unwrap();
        assert_eq!(stored.unknown_members().count(), 0, "{index}");
        assert_eq!(stored.name, if index == 2 { "Eve" } else { "" });
    }
    let kept = server
        .stored(&server.auth(&cookie, |auth| auth.set_visits(1)))
        .unwrap();
    assert_eq!(kept.unknown_member("future"), Some(r#""planted""#));
}

/// C46: limits are counted for each session, also when one request serves all of them.
#[test]
fn a_request_that_refreshes_one_session_leaves_the_clocks_of_the_others() {
    let three = Three::new();
    let mut jar = Jar::default();
    jar.take(&three.call("", |account, cart, look| {
        account.set_name("account");
        cart.set_name("cart");
        look.set_name("look");
    }));
    three.clock.advance(Duration::from_secs(5 * 60));
    let answer = three.call(&jar.header(), |account, cart, look| {
        assert_eq!(
            (account.name(), cart.name(), look.name()),
            ("account", "cart", "look")
        );
    });
    assert_eq!(
        names(&answer),
        ["__Host-account"],
        "only its refresh is due"
    );
}
