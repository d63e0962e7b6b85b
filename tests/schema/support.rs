//! Several builds of one application: the same key and cookie name, each with its own struct.

use std::rc::Rc;

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
    ring,
};
use actix_web::{App, HttpResponse, http::header::COOKIE, test, web};
use secure_session::{
    SecureSession, Session, SessionMiddleware,
    codec::{Codec, Opened},
    test_util::TestClock,
};
use serde_json::{Map, Value};

/// All members are unknown to it, so it returns their text unchanged.
#[derive(SecureSession)]
#[session(cookie = "auth")]
pub(crate) struct Bare {}

/// Encrypts any object.
#[derive(SecureSession)]
#[session(cookie = "auth")]
struct Raw {
    #[session(rest)]
    members: Map<String, Value>,
}

/// A codec at [`T0`] for the cookie that all builds share.
pub(crate) fn codec<T: SecureSession>() -> Codec<T> {
    Codec::builder(ring(&[1]))
        .clock(&TestClock::at(T0))
        .build()
        .expect("a sound policy")
}

/// The cookie of a build that stored this object, without a version.
pub(crate) fn sealed(members: Value) -> String {
    let Value::Object(members) = members else {
        panic!("an object");
    };
    codec().seal(&Raw { members }).expect("storable")
}

/// The members of a cookie in order, each as its text.
pub(crate) fn texts(cookie: &str) -> Vec<(String, String)> {
    let opened = codec::<Bare>().open(cookie).expect("opens");
    let names = opened.unknown_members();
    names
        .map(|name| {
            (
                name.to_owned(),
                opened.unknown_member(name).unwrap().to_owned(),
            )
        })
        .collect()
}

/// The object of a cookie.
pub(crate) fn object(cookie: &str) -> Value {
    let members = texts(cookie).into_iter();
    let members = members.map(|(name, text)| (name, serde_json::from_str(&text).unwrap()));
    Value::Object(members.collect())
}

/// The version in a cookie.
pub(crate) fn version(cookie: &str) -> u32 {
    codec::<Bare>()
        .open(cookie)
        .expect("opens")
        .schema_version()
}

/// The cookie after a build opened it and encrypted it again.
pub(crate) fn through<T: SecureSession>(
    cookie: &str,
    change: impl FnOnce(&mut Opened<T>),
) -> String {
    let codec = codec::<T>();
    let mut opened = codec.open(cookie).expect("opens");
    change(&mut opened);
    opened.seal(&codec).expect("storable")
}

/// Stores a JSON text unchanged; it is never read back.
pub(crate) mod raw {
    use serde::{Deserializer, Serialize, Serializer};
    use serde_json::value::RawValue;

    pub(crate) fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(text.to_owned())
            .unwrap()
            .serialize(to)
    }

    #[expect(clippy::unnecessary_wraps, reason = "serde's signature")]
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(_: D) -> Result<String, D::Error> {
        Ok(String::new())
    }
}

/// A browser whose requests reach one build or another.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookie: String,
}

impl Browser {
    pub(crate) fn with(cookie: String) -> Self {
        Self { cookie }
    }

    /// Sends a request to the build of `T` and returns whether the response set a cookie.
    pub(crate) fn request<T: SecureSession>(
        &mut self,
        handler: impl Fn(&Session<T>) + 'static,
    ) -> bool {
        let handler = Rc::new(handler);
        let route = web::to(move |session: Session<T>| {
            handler(&session);
            async { HttpResponse::Ok().finish() }
        });
        let sessions = SessionMiddleware::builder(ring(&[1]))
            .session::<T>()
            .clock(&TestClock::at(T0))
            .build()
            .expect("a sound policy");
        let name = sessions
            .codec::<T>()
            .expect("registered")
            .cookie_name()
            .to_owned();
        let answer = block_on(async {
            let app = test::init_service(App::new().wrap(sessions).route("/", route)).await;
            let mut request = test::TestRequest::get();
            if !self.cookie.is_empty() {
                request = request.insert_header((COOKIE, format!("{name}={}", self.cookie)));
            }
            Answer::of(test::call_service(&app, request.to_request()).await).await
        });
        assert_eq!(answer.status, 200);
        let sent = answer.cookie(&name);
        if let Some(cookie) = &sent {
            self.cookie.clone_from(&cookie.value);
        }
        sent.is_some()
    }
}
