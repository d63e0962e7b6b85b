//! How times grow with the number of keys, sessions and cookies.

use std::rc::Rc;

use actix_web::{App, test::init_service};
use secure_session::{
    KeyRing, SecureSession, SessionMiddleware, codec::Codec, test_util::TestClock,
};

use crate::{
    apps::{
        Contender, Route,
        typed::{key, native},
    },
    measure::Case,
    payload::{Payload, payload},
    routes,
    target::Target,
};

/// Keys in a ring; the last one encrypted the cookie.
pub const KEYS: [u8; 4] = [1, 2, 4, 8];

/// Other cookies in the header, before the session's cookie.
pub const OTHERS: [usize; 3] = [0, 10, 50];

/// Sessions that the application registers; one is read.
pub const SESSIONS: [usize; 2] = [1, 16];

/// Unknown members in a cookie of the fastify format.
pub const MEMBERS: [usize; 3] = [75, 150, 300];

pub fn keys_name(keys: u8) -> String {
    format!("scaling/keys/{keys}")
}

pub fn sessions_name(sessions: usize) -> String {
    format!("scaling/sessions/{sessions}")
}

pub fn others_name(contender: Contender, others: usize) -> String {
    format!("scaling/others/{contender}/{others}")
}

fn members_name(members: usize) -> String {
    format!("scaling/members/{members}")
}

fn expired_name(members: usize) -> String {
    format!("scaling/expired/{members}")
}

/// The cases of bare actix-web and this library.
pub fn names() -> impl Iterator<Item = String> {
    let others = [Contender::Bare, Contender::Native]
        .into_iter()
        .flat_map(|contender| {
            OTHERS
                .into_iter()
                .map(move |number| others_name(contender, number))
        });
    (KEYS.into_iter().map(keys_name))
        .chain(SESSIONS.into_iter().map(sessions_name))
        .chain(others)
        .chain(MEMBERS.map(members_name))
        .chain(MEMBERS.map(expired_name))
}

/// An application with sixteen sessions, and the routes of the first.
pub async fn many_sessions() -> Rc<Target> {
    let app = App::new().wrap(sixteen()).configure(native::routes);
    Rc::new(Target::of(Contender::Native, init_service(app).await))
}

pub fn cases(targets: &[Rc<Target>], many: &Rc<Target>) -> Vec<Case> {
    let mut cases: Vec<Case> = KEYS.into_iter().map(keys_case).collect();
    cases.extend(MEMBERS.map(members_case));
    cases.extend(MEMBERS.map(expired_case));
    for target in targets {
        for others in OTHERS {
            let name = others_name(target.contender, others);
            cases.push(routes::case(name, target, Route::Read, others));
        }
        if target.contender == Contender::Native {
            cases.push(routes::case(sessions_name(1), target, Route::Read, 0));
        }
    }
    cases.push(routes::case(sessions_name(16), many, Route::Read, 0));
    cases
}

/// Only decrypts: a request with such a cookie would encrypt it again under the first key.
fn keys_case(keys: u8) -> Case {
    let text = codec(&[keys]).seal(&payload(120)).expect("it fits");
    let ring: Vec<u8> = (1..=keys).collect();
    let codec = codec(&ring);
    let opened = codec.open(&text).expect("the last key opens it");
    assert_eq!(opened.key_index(), usize::from(keys) - 1);
    Case::of(keys_name(keys), move || codec.open(&text))
}

/// Knows none of the members it reads.
#[derive(SecureSession)]
#[session(format = "fastify")]
struct Few {
    name: String,
}

/// Has all members that it writes.
#[derive(SecureSession)]
#[session(format = "fastify")]
struct Many {
    #[session(rest)]
    rest: serde_json::Map<String, serde_json::Value>,
}

fn members_case(members: usize) -> Case {
    let (text, codec) = (with_members(members), few(&TestClock::at(SEALED)));
    let opened = codec.open(&text).expect("it is not old");
    assert_eq!(opened.unknown_members().count(), members);
    Case::of(members_name(members), move || codec.open(&text).is_ok())
}

fn expired_case(members: usize) -> Case {
    let clock = TestClock::at(SEALED + 1_000_000);
    let (text, codec) = (with_members(members), few(&clock));
    assert!(codec.open(&text).is_err(), "it is old");
    Case::of(expired_name(members), move || codec.open(&text).is_ok())
}

const SEALED: u64 = 1_700_000_000;

fn few(clock: &TestClock) -> Codec<Few> {
    let built = Codec::builder(key(1)).clock(clock).build();
    built.expect("the session has no misuse")
}

/// The text of a cookie with this number of members of seven bytes.
fn with_members(members: usize) -> String {
    let names = (0..members).map(|number| (format!("{number:03}"), 7.into()));
    let many = Many {
        rest: names.collect(),
    };
    let codec = Codec::builder(key(1)).clock(&TestClock::at(SEALED)).build();
    let codec: Codec<Many> = codec.expect("the session has no misuse");
    codec.seal(&many).expect("it fits")
}

fn codec(keys: &[u8]) -> Codec<Payload> {
    // Far apart, so that the keys differ in every byte.
    let keys = keys.iter().map(|index| key(index * 31));
    let ring = KeyRing::from_keys(keys).expect("the keys differ");
    let built = Codec::builder(ring).build();
    built.expect("the session has no misuse")
}

/// Sessions besides the measured one.
macro_rules! others {
    ($($name:ident)*) => {
        $(
            #[derive(SecureSession)]
            struct $name {
                value: u32,
            }
        )*

        fn sixteen() -> SessionMiddleware {
            SessionMiddleware::builder(key(1))
                $(.session::<$name>())*
                .session::<native::Stored>()
                .build()
                .expect("the sessions have no misuse")
        }

        /// Including the measured one.
        const REGISTERED: usize = [$(stringify!($name)),*].len() + 1;
    };
}

others! {
    Other01 Other02 Other03 Other04 Other05 Other06 Other07 Other08 Other09 Other10 Other11 Other12
    Other13 Other14 Other15
}

const _: () = assert!(REGISTERED == SESSIONS[1]);
