//! One request each: it has a cookie, operations run on the session, and the response has a cookie.

use std::time::Duration;

use actix_secure_session_tests::{app::Answer, jar::SetCookie};
use actix_web::http::StatusCode;
use secure_session::{
    KeyRing, SecureSession, Session, SessionField as _, SessionMiddleware, SessionOrigin,
    codec::Fastify,
    policy::{CookieOptions, Policy, SameSite},
    test_util::TestClock,
};
use serde_json::Value;

use crate::{
    file::{Level, Transition, recorded},
    support::{Members, Nothing, Visitor, VisitorField, key, plaintext, request},
};

impl Transition {
    /// The server, with the attributes configured in the Node package.
    pub(crate) fn server<T: SecureSession<Format = Fastify>>(&self) -> SessionMiddleware {
        self.server_with::<T>(|policy| policy)
    }

    /// The same with changes.
    pub(crate) fn server_with<T: SecureSession<Format = Fastify>>(
        &self,
        change: impl FnOnce(Policy<Fastify>) -> Policy<Fastify>,
    ) -> SessionMiddleware {
        let keys = self.keys_hex.iter().map(|hex| key(hex));
        SessionMiddleware::builder(KeyRing::from_keys(keys).unwrap())
            .session_with::<T>(|policy| change(self.policy(policy)))
            .clock(&TestClock::at_millis(self.now))
            .build()
            .unwrap()
    }

    fn policy(&self, policy: Policy<Fastify>) -> Policy<Fastify> {
        let mut policy = policy
            .cookie(&self.cookie_name)
            .idle(Duration::from_secs(self.expiry));
        for (option, value) in &self.cookie_options {
            policy = match (option.as_str(), value) {
                ("domain", Value::String(domain)) => policy.domain(domain),
                ("httpOnly", Value::Bool(on)) => policy.http_only(*on),
                // The session's own lifetime, see `CookieOptions::max_age`.
                ("maxAge", Value::Number(_)) => policy.persistent(true),
                ("partitioned", Value::Bool(on)) => policy.partitioned(*on),
                ("path", Value::String(path)) => policy.path(path),
                ("sameSite", Value::Bool(true)) => policy.same_site(SameSite::Strict),
                ("sameSite", Value::Bool(false)) => policy.same_site(SameSite::Unspecified),
                ("sameSite", Value::String(none)) if none == "none" => {
                    policy.same_site(SameSite::None)
                }
                ("secure", Value::Bool(on)) => policy.secure(*on),
                // Not an attribute of the library; each is a quirk.
                ("expires" | "priority" | "signed", _) => policy,
                (option, value) => panic!("{}: {option} {value}", self.name),
            };
        }
        policy
    }

    /// Sends the request and runs its operations.
    pub(crate) fn run(&self, server: &SessionMiddleware) -> Answer {
        let ops = self.ops.clone();
        request::<Visitor>(server, self.cookie_header.as_deref(), move |session| {
            for op in &ops {
                run(session, op);
            }
            let fails = ops.iter().any(|op| op[0] == "fail");
            if fails {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::OK
            }
        })
    }

    /// Sends the request to a server that knows none of the session's members, and reads it.
    pub(crate) fn read(&self, server: &SessionMiddleware) -> Answer {
        request::<Nothing>(server, self.cookie_header.as_deref(), |session| {
            assert_ne!(session.info().origin(), SessionOrigin::Expired);
            StatusCode::OK
        })
    }

    /// The cookie that a response stores or removes. A login that expires under another path than
    /// the configured one also removes the cookie of that path, which the Node package leaves.
    fn sent(&self, answer: &Answer) -> Option<SetCookie> {
        let mut cookies = answer.set_cookies().into_iter();
        cookies.find(|cookie| cookie.name == self.cookie_name)
    }

    /// The members of the session in a response.
    pub(crate) fn stored(&self, answer: &Answer) -> Option<Members> {
        let cookie = self.sent(answer)?;
        let text = (!cookie.value.is_empty()).then(|| plaintext(&cookie.value, &self.keys_hex[0]));
        text.map(|text| Members::of(&text))
    }

    /// The response of the Node package.
    pub(crate) fn recorded(&self) -> Option<SetCookie> {
        self.set_cookie_header.as_deref().map(SetCookie::parse)
    }

    fn agrees(&self, answer: &Answer) {
        let name = &self.name;
        assert_eq!(answer.status.as_u16(), self.peer_status, "{name}");
        let theirs = self.plaintext_json.as_deref().map(Members::of);
        assert_eq!(self.stored(answer), theirs, "{name}");
        let sent = self.sent(answer);
        assert_eq!(sent.is_some(), self.set_cookie_header.is_some(), "{name}");
        let (Some(sent), Some(mut theirs)) = (sent, self.recorded()) else {
            return;
        };
        assert_eq!(sent.value.is_empty(), theirs.value.is_empty(), "{name}");
        // Without a path a browser uses the directory of the request, which is `/` here.
        let path = theirs.attributes.entry("path".to_owned());
        path.or_insert_with(|| "/".to_owned());
        assert_eq!(sent.attributes, theirs.attributes, "{name}");
    }
}

/// One operation, as its typed counterpart.
fn run(session: &Session<Visitor>, op: &[Value]) {
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    match (op[0].as_str().unwrap(), &op[1..]) {
        ("get", [Value::String(name)]) if name == "a" => drop(session.a()),
        ("get", [Value::String(name)]) if name == "user" => drop(session.user()),
        ("set", [Value::String(name), Value::String(value)]) if name == "user" => {
            session.set_user(value);
        }
        ("set", [Value::String(name), value]) => match name.as_str() {
            "a" => session.set_a(number(value)),
            "b" => session.set_b(number(value)),
            "mine" => session.set_mine(number(value)),
            "n" => session.set_n(number(value)),
            other => panic!("no field {other}"),
        },
        ("touch", []) => session.touch(),
        ("delete", []) => session.destroy(),
        ("regenerate", []) => session.regenerate(),
        ("regenerate", [Value::Array(names)]) => {
            // Typed fields cannot express a name that is not a field.
            let fields = VisitorField::ALL.iter().copied();
            let kept: Vec<_> = fields
                .filter(|field| names.contains(&field.name().into()))
                .collect();
            session.regenerate_keeping(&kept);
        }
        ("options", [Value::Object(options)]) => {
            session
                .cookie_options(|cookie| {
                    options
                        .iter()
                        .fold(cookie, |cookie, (option, value)| set(cookie, option, value))
                })
                .unwrap();
        }
        ("fail", []) => {}
        (op, _) => panic!("no operation {op}"),
    }
}

fn set(cookie: CookieOptions, option: &str, value: &Value) -> CookieOptions {
    match (option, value) {
        ("domain", Value::String(domain)) => cookie.domain(domain.as_str()),
        ("maxAge", Value::Number(seconds)) => {
            cookie.max_age(Duration::from_secs(seconds.as_u64().unwrap()))
        }
        ("path", Value::String(path)) => cookie.path(path),
        (option, value) => panic!("{option} {value}"),
    }
}

#[test]
fn every_recorded_request_gets_the_response_of_the_node_package() {
    let steps = recorded().transitions.iter();
    let mut seen = 0;
    for step in steps.filter(|step| step.level == Level::Must) {
        let answer = if step.ops.is_empty() {
            step.read(&step.server::<Nothing>())
        } else {
            step.run(&step.server::<Visitor>())
        };
        step.agrees(&answer);
        seen += 1;
    }
    assert_eq!(seen, 31);
}
