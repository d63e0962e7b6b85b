//! Session types, readers with the settings of the file, and an independent check of each cookie:
//! its plaintext, from the cipher alone.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fmt,
    rc::Rc,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use actix_secure_session_tests::{
    app::{Answer, block_on},
    jar::SetCookie,
};
use actix_web::{
    App, HttpResponse,
    http::{StatusCode, header::COOKIE},
    test, web,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305, aead::Aead as _};
use secure_session::{
    IntoKeyRing, Key, KeyProblem, KeyRing, Salt, SecureSession, Session, SessionMiddleware,
    codec::{Codec, Fastify},
    policy::{Policy, Signing},
    test_util::TestClock,
};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use crate::{file::Vector, same::same};

/// A field for each name that the recorded operations use.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", secure = false)]
pub(crate) struct Visitor {
    pub(crate) user: Option<String>,
    pub(crate) n: Option<u32>,
    pub(crate) a: Option<u32>,
    pub(crate) b: Option<u32>,
    pub(crate) mine: Option<u32>,
}

/// All members are unknown.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", secure = false)]
pub(crate) struct Nothing {}

/// All members are in its map.
#[derive(SecureSession, Debug, Clone, PartialEq)]
#[session(format = "fastify", secure = false)]
pub(crate) struct Anything {
    #[session(rest)]
    pub(crate) members: Map<String, Value>,
}

/// The key with these 64 digits.
pub(crate) fn key(hex: &str) -> Key {
    Key::from_hex(hex).unwrap()
}

/// Whether a key has these digits. A ring rejects the same key twice, and says so.
pub(crate) fn is_key(left: &Key, hex: &str) -> bool {
    match KeyRing::from_keys([left.clone(), key(hex)]) {
        Ok(_) => false,
        Err(err) => {
            assert_eq!(err.problem(), &KeyProblem::Duplicate { first: 0 });
            true
        }
    }
}

/// A key from a passphrase, derived once, because each takes about a second and 256 MiB.
pub(crate) fn derived(secret: &str, salt_b64: &str) -> Key {
    static KEYS: Mutex<BTreeMap<(String, String), Key>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = keys.entry((secret.to_owned(), salt_b64.to_owned()));
    let make = || Key::from_passphrase(secret, &Salt::from_base64(salt_b64).unwrap()).unwrap();
    key.or_insert_with(make).clone()
}

/// Random bytes equal to this nonce; any other use of them fails the test.
pub(crate) fn nonce(base64: &str) -> impl Fn(&mut [u8]) -> bool + Send + Sync + 'static {
    let nonce = STANDARD.decode(base64).unwrap();
    move |buffer| {
        buffer.copy_from_slice(&nonce);
        true
    }
}

impl Vector {
    /// The keys of the reader. A ring rejects one key twice, where the Node package uses the first.
    pub(crate) fn ring(&self) -> KeyRing {
        let mut keys = Vec::new();
        for hex in &self.keys_hex {
            keys.push(self.key_of(hex));
        }
        match KeyRing::from_keys(keys.clone()) {
            Ok(ring) => ring,
            Err(err) => {
                assert_eq!(self.name, "same-key-twice");
                assert_eq!(err.problem(), &KeyProblem::Duplicate { first: 0 });
                KeyRing::new(keys.remove(0))
            }
        }
    }

    /// The key that encrypted the value.
    pub(crate) fn sealing_key(&self) -> Key {
        self.key_of(&self.key_hex)
    }

    fn key_of(&self, hex: &str) -> Key {
        match (&self.secret, &self.salt_b64) {
            (Some(secret), Some(salt)) => derived(secret, salt),
            _ => key(hex),
        }
    }

    /// The reader's settings.
    pub(crate) fn policy(&self, policy: Policy<Fastify>) -> Policy<Fastify> {
        let policy = policy
            .cookie(&self.cookie_name)
            .secure(self.cookie_name.starts_with("__"))
            .idle(Duration::from_secs(self.expiry))
            .refresh(None);
        match (&self.secret, self.signed) {
            (Some(secret), true) => policy.signed(Signing::with_secret(secret)),
            (None, true) => policy.signed(Signing::with_session_key()),
            (_, false) => policy,
        }
    }

    /// The reader, outside a request.
    pub(crate) fn reader<T: SecureSession<Format = Fastify>>(&self) -> Codec<T> {
        self.codec(self.ring(), self.now, |policy| policy)
    }

    /// A codec with the reader's settings except these.
    pub(crate) fn codec<T: SecureSession<Format = Fastify>>(
        &self,
        keys: impl IntoKeyRing,
        now: u64,
        change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
    ) -> Codec<T> {
        let codec = Codec::builder(keys)
            .policy(|policy| change(self.policy(policy)))
            .clock(&TestClock::at_millis(now))
            .trivial_keys();
        codec.build().unwrap()
    }

    /// The reader as a middleware.
    pub(crate) fn middleware<T: SecureSession<Format = Fastify>>(&self) -> SessionMiddleware {
        self.middleware_with::<T>(|policy| policy)
    }

    /// The reader as a middleware, with changed settings.
    pub(crate) fn middleware_with<T: SecureSession<Format = Fastify>>(
        &self,
        change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
    ) -> SessionMiddleware {
        SessionMiddleware::builder(self.ring())
            .session_with::<T>(|policy| change(self.policy(policy)))
            .clock(&TestClock::at_millis(self.now))
            .trivial_keys()
            .build()
            .unwrap()
    }
}

/// Sends one request with this `Cookie` header to a handler that takes the session.
pub(crate) fn request<T: SecureSession>(
    sessions: &SessionMiddleware,
    cookies: Option<&str>,
    handler: impl Fn(&Session<T>) -> StatusCode + 'static,
) -> Answer {
    let handler = Rc::new(handler);
    let was_called = Rc::new(Cell::new(false));
    let called = Rc::clone(&was_called);
    let route = web::to(move |session: Session<T>| {
        called.set(true);
        let response = HttpResponse::build(handler(&session)).finish();
        async move { response }
    });
    let answer = block_on(async {
        let app = App::new().wrap(sessions.clone()).route("/", route);
        let app = test::init_service(app).await;
        let mut request = test::TestRequest::get();
        if let Some(cookies) = cookies {
            request = request.insert_header((COOKIE, cookies));
        }
        Answer::of(test::call_service(&app, request.to_request()).await).await
    });
    assert!(was_called.get(), "what the handler asserts is asserted");
    answer
}

/// The plaintext of a cookie's value, from the cipher alone; a signature is cut off.
pub(crate) fn plaintext(value: &str, key_hex: &str) -> String {
    let value = percent_decoded(value);
    let sealed = value.split('.').next().unwrap();
    let (cipher, nonce) = sealed.split_once(';').expect("cipher;nonce");
    let [cipher, nonce] = [cipher, nonce].map(|half| STANDARD.decode(half).unwrap());
    let nonce: [u8; 24] = nonce.try_into().expect("24 bytes");
    let key: Vec<u8> = (0..32)
        .map(|index| u8::from_str_radix(&key_hex[2 * index..2 * index + 2], 16).unwrap())
        .collect();
    let secretbox = XSalsa20Poly1305::new_from_slice(&key).unwrap();
    let opened = secretbox.decrypt(&nonce.into(), cipher.as_slice());
    String::from_utf8(opened.expect("it authenticates")).unwrap()
}

/// The value in a `Set-Cookie` header.
pub(crate) fn value_of(set_cookie: &str) -> String {
    SetCookie::parse(set_cookie).value
}

/// Removes one layer of percent-encoding, like a cookie parser.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        decoded.push(char::from(
            u8::from_str_radix(digits, 16).expect("hexadecimal"),
        ));
        decoded += rest;
    }
    decoded
}

/// The members of a JSON object, in order.
#[derive(Debug)]
pub(crate) struct Members(pub(crate) Vec<(String, Value)>);

impl Members {
    pub(crate) fn of(json: &str) -> Self {
        serde_json::from_str(json).unwrap_or_else(|err| panic!("{json}: {err}"))
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// In order.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        self.names() == other.names()
            && pairs
                .into_iter()
                .all(|(left, right)| same(&left.1, &right.1))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> de::Visitor<'de> for Pairs {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Members(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}
