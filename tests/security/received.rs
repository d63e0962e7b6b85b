//! Members that nobody writes are sent back byte for byte.

use actix_secure_session_tests::{REFRESH, T0, ring};
use secure_session::{
    EncodeError, RejectReason, SecureSession, Session,
    codec::Codec,
    test_util::{TestClock, TestSession},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::forge::{self, Forge};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
}

/// It is not `PartialEq`, so every write counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Opaque(Vec<u8>);

#[derive(SecureSession)]
#[session(cookie = "__Host-auth")]
struct Native {
    user: User,
    #[session(alias = "count", alias = "hits")]
    visits: u32,
    note: Option<String>,
    opaque: Opaque,
    #[session(lenient)]
    size: u8,
}

#[derive(SecureSession)]
#[session(cookie = "__Host-auth", forget = "old")]
struct NativeRest {
    user: User,
    visits: u32,
    #[session(rest)]
    others: Map<String, Value>,
}

#[derive(SecureSession)]
#[session(format = "fastify")]
struct Fastify {
    user: User,
    #[session(alias = "count", alias = "hits")]
    visits: u32,
    note: Option<String>,
    opaque: Opaque,
    size: u8,
    tree: Value,
    #[session(lenient = false)]
    admin: bool,
}

#[derive(SecureSession)]
#[session(format = "fastify")]
struct FastifyRest {
    user: User,
    visits: u32,
    #[session(rest)]
    others: Map<String, Value>,
}

/// A session type, whose cookies are created and decrypted without the library.
trait Kind: SecureSession {
    fn codec(clock: &TestClock, keys: &[u8]) -> Codec<Self> {
        Codec::builder(ring(keys)).clock(clock).build().unwrap()
    }
    fn cookie(json: &str) -> String;
    fn json(key: u8, value: &str) -> String;
    /// Writes only the field `visits`.
    fn visit(session: &Session<Self>);
    /// Writes `user` with the same value.
    fn write_user(session: &Session<Self>);
    fn change_user(session: &Session<Self>);
}

macro_rules! kinds {
    ($($name:ident in $format:ident),*) => {
        $(
            impl Kind for $name {
                fn cookie(json: &str) -> String {
                    $format::cookie(json)
                }

                fn json(key: u8, value: &str) -> String {
                    $format::json(key, value)
                }

                fn visit(session: &Session<Self>) {
                    session.update_visits(|visits| *visits += 1);
                }

                fn write_user(session: &Session<Self>) {
                    session.set_user(session.user().clone());
                }

                fn change_user(session: &Session<Self>) {
                    session.update_user(|user| user.name.push('!'));
                }
            }
        )*
    };
}

kinds!(Native in native, NativeRest in native, Fastify in fastify, FastifyRest in fastify);

mod native {
    use super::{Forge, T0, forge};

    pub(super) fn cookie(json: &str) -> String {
        let value = Forge::new(1, "__Host-auth").seal_json(T0, json);
        format!("__Host-auth={value}")
    }

    pub(super) fn json(key: u8, value: &str) -> String {
        forge::json(&Forge::new(key, "__Host-auth").open(value))
    }
}

/// The time is the first member and is not compared.
mod fastify {
    use super::{T0, forge};

    pub(super) fn cookie(json: &str) -> String {
        let members = json.strip_prefix('{').unwrap();
        let comma = if members == "}" { "" } else { "," };
        let json = format!("{{\"__ts\":{T0}{comma}{members}");
        let escapes = [('+', "%2B"), ('/', "%2F"), (';', "%3B"), ('=', "%3D")];
        let value = forge::fastify(1, json.as_bytes());
        let value = escapes.iter().fold(value, |text, (character, escape)| {
            text.replace(*character, escape)
        });
        format!("session={value}")
    }

    pub(super) fn json(key: u8, value: &str) -> String {
        let json = String::from_utf8(forge::fastify_open(key, value)).unwrap();
        let members = json.strip_prefix("{\"__ts\":").unwrap();
        let members = members.trim_start_matches(|digit: char| digit.is_ascii_digit());
        format!("{{{}", members.strip_prefix(',').unwrap_or(members))
    }
}

/// The JSON that a request sends; `None` if it sends nothing. The first key encrypts.
fn sent<T: Kind>(
    json: &str,
    keys: &[u8],
    seconds: u64,
    work: impl FnOnce(&Session<T>),
) -> Option<String> {
    let clock = TestClock::at(T0 + seconds);
    let codec = T::codec(&clock, keys);
    let request = TestSession::from_cookie_header(&codec, T::cookie(json));
    work(&request.session());
    let response = request.finish();
    assert!(
        response.failure().is_none(),
        "{json}: {:?}",
        response.failure()
    );
    let (_, value) = response.set_cookie()?.split_once('=').unwrap();
    Some(T::json(keys[0], value.split(';').next().unwrap()))
}

fn after<T: Kind>(json: &str, work: impl FnOnce(&Session<T>)) -> Option<String> {
    sent(json, &[1], 1, work)
}

fn restored<T: Kind>(session: &Session<T>) {
    let info = session.info();
    assert_eq!((info.reason(), info.is_changed()), (None, false));
}

/// Requests that write no field send these members back unchanged.
fn goes_back<T: Kind>(json: &str) {
    let touched = after::<T>(json, |session| {
        assert_eq!(
            session.info().reason(),
            None,
            "{} {json}",
            std::any::type_name::<T>()
        );
        restored(session);
        session.touch();
    });
    assert_eq!(touched.as_deref(), Some(json), "touch");
    let resealed = sent::<T>(json, &[2, 1], 1, restored);
    assert_eq!(resealed.as_deref(), Some(json), "another key");
    let refreshed = sent::<T>(json, &[1], REFRESH, restored);
    assert!(refreshed.is_none_or(|sent| sent == json), "refresh");
    // Compared with what would be written.
    let replaced = after::<T>(json, |session| {
        session.replace(session.snapshot());
        session.touch();
    });
    assert_eq!(replaced.as_deref(), Some(json), "replace");
    let written = after::<T>(json, |session| {
        T::write_user(session);
        session.touch();
    });
    // A setter replaces `null` by the default that it was read as.
    if json.contains("\"user\"") && !json.contains("\"user\":null") {
        assert_eq!(written.as_deref(), Some(json), "equal value");
    }
    let clock = TestClock::at(T0);
    let codec = T::codec(&clock, &[1]);
    let (_, value) = json_cookie::<T>(json);
    let opened = codec.open(&value).unwrap();
    let again = opened.seal(&codec).unwrap();
    assert_eq!(T::json(1, &again), json, "sealed by the codec");
}

fn json_cookie<T: Kind>(json: &str) -> (String, String) {
    let cookie = T::cookie(json);
    let (name, value) = cookie.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

fn nested(depth: usize) -> String {
    format!("{}1{}", "[".repeat(depth), "]".repeat(depth))
}

fn each_kind(json: &str) {
    goes_back::<Native>(json);
    goes_back::<NativeRest>(json);
    goes_back::<Fastify>(json);
    goes_back::<FastifyRest>(json);
}

#[test]
fn members_are_sent_back_byte_for_byte_unless_written() {
    for json in [
        "{}",
        r#"{"user":{"avatar":"a.png","id":1,"name":"Ada","more":{"x":[1.10,-0,1E5]}}}"#,
        r#"{"visits" : 7 , "user" : { "name" : "\u0041da", "id" : 1 , "new":null }}"#,
        r#"{"vis\u0069ts":7,"other":"\/","\u006fdd":null}"#,
        r#"{"visits":7,"half":"x\ud83d","large":1e400,"\ud800":1}"#,
        r#"{"user":{"id":1,"name":"Ada","half":"\udead","large":-1E999}}"#,
        r#"{"user":null,"visits":null}"#,
        &format!(r#"{{"visits":7,"deep":{}}}"#, nested(600)),
    ] {
        each_kind(json);
    }
}

#[test]
fn writing_one_field_keeps_the_members_of_others() {
    fn check<T: Kind>() {
        let rows = [
            (
                r#"{"user":{"id":1,"name":"Ada","avatar":"a"}, "visits":7,"odd":1e400}"#,
                r#"{"user":{"id":1,"name":"Ada","avatar":"a"},"visits":8,"odd":1e400}"#,
            ),
            (r#"{"odd":"\ud83d"}"#, r#"{"odd":"\ud83d","visits":1}"#),
            (r#"{"visits":null,"z":1}"#, r#"{"visits":1,"z":1}"#),
            ("{}", r#"{"visits":1}"#),
        ];
        for (before, expected) in rows {
            assert_eq!(after::<T>(before, T::visit).as_deref(), Some(expected));
        }
        let user = r#"{"user":{"id":1,"name":"Ada","avatar":"a"},"visits":7}"#;
        let changed = r#"{"user":{"id":1,"name":"Ada!"},"visits":7}"#;
        assert_eq!(after::<T>(user, T::change_user).as_deref(), Some(changed));
    }
    check::<Native>();
    check::<NativeRest>();
    check::<Fastify>();
    check::<FastifyRest>();
}

#[test]
fn aliases_are_kept_until_their_field_is_written() {
    fn check<T: Kind>() {
        goes_back::<T>(r#"{"a":1,"hits":7,"b":2}"#);
        goes_back::<T>(r#"{"hits":5,"a":1,"visits":7,"count":6}"#);
        let rows = [
            (r#"{"a":1,"hits":7,"b":2}"#, r#"{"a":1,"visits":8,"b":2}"#),
            (
                r#"{"hits":5,"a":1,"visits":7,"count":6}"#,
                r#"{"a":1,"visits":8}"#,
            ),
        ];
        for (before, expected) in rows {
            assert_eq!(after::<T>(before, T::visit).as_deref(), Some(expected));
        }
    }
    check::<Native>();
    check::<Fastify>();
}

/// No text of a field outlives the user that it belongs to.
#[test]
fn no_received_text_survives_a_method_that_resets_fields() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth")]
    struct Kept {
        #[session(keep)]
        user: User,
    }
    let json = r#"{"user":{"id":1,"name":"Ada","planted":1},"planted":1}"#;
    let methods: [fn(&Session<Kept>); 3] = [Session::sign_in, Session::regenerate, |session| {
        session.regenerate_keeping(&[KeptField::User]);
    }];
    for method in methods {
        let clock = TestClock::at(T0);
        let codec = Codec::<Kept>::builder(ring(&[1]))
            .clock(&clock)
            .build()
            .unwrap();
        let request = TestSession::from_cookie_header(&codec, native::cookie(json));
        method(&request.session());
        let response = request.finish();
        let (_, value) = response.set_cookie().unwrap().split_once('=').unwrap();
        let sent = native::json(1, value.split(';').next().unwrap());
        assert_eq!(sent, r#"{"user":{"id":1,"name":"Ada"}}"#);
    }
    let begun = after::<Native>(json, |session| {
        session.destroy();
        session.set_note("new");
    });
    assert!(!begun.unwrap().contains("planted"));
}

/// The value of a field whose type is not `PartialEq` is kept until it is written.
#[test]
fn setter_of_an_equal_value_without_partial_eq_keeps_the_received_text() {
    let json = r#"{"opaque":[ 1, 2 ],"visits":7}"#;
    let written = after::<Native>(json, |session| session.set_opaque(Opaque(vec![1, 2])));
    assert_eq!(written.as_deref(), Some(json));
    let written = after::<Native>(json, |session| session.set_opaque(Opaque(vec![1])));
    assert_eq!(written.as_deref(), Some(r#"{"opaque":[1],"visits":7}"#));
}

#[test]
fn members_that_no_value_can_hold_are_kept_next_to_the_rest_field() {
    fn check<T: Kind>(others: fn(&Session<T>, fn(&mut Map<String, Value>))) {
        let json = r#"{"a":1.50,"odd":1e400,"half":"\ud83d","b":{"c" : 1}}"#;
        let change = |change: fn(&mut Map<String, Value>)| {
            after::<T>(json, |session| others(session, change)).unwrap()
        };
        assert_eq!(
            change(|others| {
                assert_eq!(others.keys().collect::<Vec<_>>(), ["a", "b"]);
                others.insert("new".to_owned(), json!(2));
            }),
            r#"{"a":1.50,"odd":1e400,"half":"\ud83d","b":{"c" : 1},"new":2}"#
        );
        assert_eq!(change(Map::clear), r#"{"odd":1e400,"half":"\ud83d"}"#);
        assert_eq!(
            change(|others| {
                others.remove("odd");
                others.insert("half".to_owned(), json!("whole"));
                others["a"] = json!(2);
            }),
            r#"{"a":2,"odd":1e400,"half":"whole","b":{"c" : 1}}"#
        );
        let deep = format!(r#"{{"deep":{}}}"#, nested(100));
        let sent = after::<T>(&deep, |session| {
            others(session, |others| {
                assert!(others.is_empty());
                others.insert("new".to_owned(), json!(2));
            });
        });
        assert_eq!(sent, Some(deep.replace('}', r#","new":2}"#)));
    }
    check::<NativeRest>(|session, change| session.update_others(change));
    check::<FastifyRest>(|session, change| session.update_others(change));
}

#[test]
fn value_too_deep_for_a_field_is_a_misfit_or_rejected() {
    let reason = |json: &str| {
        let clock = TestClock::at(T0);
        let (_, value) = json_cookie::<Native>(json);
        Native::codec(&clock, &[1]).open(&value).err()
    };
    let user = |depth| {
        format!(
            r#"{{"user":{{"id":1,"name":"Ada","new":{}}}}}"#,
            nested(depth)
        )
    };
    assert_eq!(reason(&user(63)), None);
    assert_eq!(reason(&user(64)), Some(RejectReason::Schema));
    assert_eq!(reason(r#"{"note":"\ud83d"}"#), Some(RejectReason::Schema));
    let note = |depth| format!(r#"{{"opaque":{}}}"#, nested(depth));
    goes_back::<Fastify>(&user(100));
    goes_back::<Fastify>(&note(300));
    goes_back::<Fastify>(r#"{"size":"large","note":"\ud83d","visits":[1]}"#);
    // It can be read but not written.
    goes_back::<Fastify>(&format!(r#"{{"tree":{}}}"#, nested(100)));
    let clock = TestClock::at(T0);
    let (_, value) = json_cookie::<Fastify>(r#"{"admin":"yes"}"#);
    let refused = Fastify::codec(&clock, &[1]).open(&value).err();
    assert_eq!(refused, Some(RejectReason::Schema));
}

/// Writing back a value that was read works; another value that is too deep is an error, because
/// the old value must not be sent instead.
#[test]
fn value_too_deep_to_write_is_rejected_instead_of_keeping_the_old_one() {
    let clock = TestClock::at(T0);
    let codec = Fastify::codec(&clock, &[1]);
    let (_, text) = json_cookie::<Fastify>(&format!(r#"{{"tree":{}}}"#, nested(100)));
    let mut opened = codec.open(&text).unwrap();
    assert!(opened.seal(&codec).is_ok());
    opened.tree = json!([opened.tree]);
    let refused = opened.seal(&codec).unwrap_err();
    assert!(
        matches!(&refused, EncodeError::Value { field: "tree", .. }),
        "{refused}"
    );
}

/// Also if nothing else changes, and in the cookie itself: reading drops it as well.
#[test]
fn forgotten_member_is_not_sent_again() {
    let touched = after::<NativeRest>(r#"{"old":1,"visits":7}"#, Session::touch);
    assert_eq!(touched.as_deref(), Some(r#"{"visits":7}"#));
}

#[test]
fn whitespace_is_dropped_before_a_session_is_too_large() {
    let json = format!(r#"{{"visits" : 7,{}"note":"a  b" }}"#, " ".repeat(2900));
    let sent = after::<Native>(&json, Native::visit);
    assert_eq!(sent.as_deref(), Some(r#"{"visits":8,"note":"a  b"}"#));
}

/// xorshift, for texts that are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[usize::try_from(self.below(texts.len() as u64)).unwrap()]
    }

    fn space(&mut self) -> &'static str {
        self.of(&["", "", "", " ", "\t", "\r\n"])
    }

    fn value(&mut self, depth: u64) -> String {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => self
                .of(&["0", "-0", "1.10", "1E5", "1e400", "18446744073709551616"])
                .to_owned(),
            1 => self
                .of(&[
                    "\"\"",
                    "\"\\u0061\"",
                    "\"x\\ud83d\"",
                    "\"\\/ é\"",
                    "\"]}\\\"\"",
                ])
                .to_owned(),
            2 => self.of(&["null", "true", "false"]).to_owned(),
            3 => {
                let depth = self.below(70) + 1;
                nested(usize::try_from(depth).unwrap())
            }
            4 => {
                let items: Vec<_> = (0..self.below(3)).map(|_| self.value(depth - 1)).collect();
                format!("[{}{}]", self.space(), items.join(","))
            }
            _ => {
                let items: Vec<_> = (0..self.below(3))
                    .map(|index| format!("\"n{index}\"{}:{}", self.space(), self.value(depth - 1)))
                    .collect();
                format!("{{{}}}", items.join(&format!("{},", self.space())))
            }
        }
    }

    /// Members that the struct reads, in any order, among others.
    fn object(&mut self) -> String {
        let mut members = Vec::new();
        for name in [
            "\"user\"",
            "\"visits\"",
            "\"a\"",
            "\"b\\u0063\"",
            "\"\\udc00\"",
            "\"d\"",
        ] {
            if self.below(3) == 0 {
                continue;
            }
            let value = match name {
                "\"user\"" => {
                    let new = self.of(&["", ",\"new\":{\"x\":1e400}", " , \"y\" : \"\\ud83d\""]);
                    format!("{{{}\"name\":\"Ada\",\"id\":1{new}}}", self.space())
                }
                "\"visits\"" => self.of(&["7", "null", "0"]).to_owned(),
                _ => self.value(2),
            };
            let place = self.below(members.len() as u64 + 1);
            let member = format!("{name}{}:{}{value}", self.space(), self.space());
            members.insert(usize::try_from(place).unwrap(), member);
        }
        format!("{{{}}}", members.join(self.of(&[",", " ,", ", "])))
    }
}

/// C71.
#[test]
fn unwritten_members_of_random_objects_are_sent_back_unchanged() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..500 {
        each_kind(&random.object());
    }
}

/// A build with an additional member inside a value and one of its own, and the previous build.
#[test]
fn two_builds_take_turns_and_lose_nothing() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct NewUser {
        id: u64,
        name: String,
        #[serde(default)]
        avatar: String,
    }
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth")]
    struct Newer {
        user: NewUser,
        visits: u32,
        theme: Option<String>,
        size: u8,
    }
    let clock = TestClock::at(T0);
    let old = Native::codec(&clock, &[1]);
    let old_rotated = Native::codec(&clock, &[2, 1]);
    let newer = Codec::<Newer>::builder(ring(&[1, 2]))
        .clock(&clock)
        .build()
        .unwrap();
    let newer_rotated = Codec::<Newer>::builder(ring(&[2, 1]))
        .clock(&clock)
        .build()
        .unwrap();
    let mut random = Random(7);
    let mut cookie = String::new();
    let (mut visits, mut avatar) = (0, String::new());
    for turn in 0..1000_u32 {
        clock.advance(std::time::Duration::from_secs(random.below(REFRESH / 5)));
        let rotates = random.below(2) == 0;
        let header = if turn.is_multiple_of(2) {
            let codec = if rotates { &newer_rotated } else { &newer };
            let request = TestSession::from_cookie_header(codec, &cookie);
            let session = request.session();
            if turn == 0 {
                session.set_user(NewUser {
                    id: 1,
                    name: "Ada".into(),
                    avatar: "0".into(),
                });
                session.set_theme("dark");
                "0".clone_into(&mut avatar);
            }
            assert_eq!(
                (&session.user().avatar, session.theme()),
                (&avatar, Some("dark"))
            );
            if random.below(3) == 0 {
                avatar = turn.to_string();
                session.update_user(|user| user.avatar.clone_from(&avatar));
            }
            request.finish().set_cookie().map(str::to_owned)
        } else {
            // Cookies of the new key still open, because it has both keys.
            let codec = if cookie_key_is_second(&cookie) || rotates {
                &old_rotated
            } else {
                &old
            };
            let request = TestSession::from_cookie_header(codec, &cookie);
            let session = request.session();
            assert_eq!((session.user().id, session.visits()), (1, visits));
            if random.below(3) == 0 {
                visits += 1;
                session.set_visits(visits);
                session.set_size(7);
            }
            request.finish().set_cookie().map(str::to_owned)
        };
        if let Some(header) = header {
            cookie = header.split(';').next().unwrap().to_owned();
        }
    }
    assert!(visits > 100, "{visits}");
}

/// Whether the second key encrypted the cookie.
fn cookie_key_is_second(cookie: &str) -> bool {
    let Some((_, value)) = cookie.split_once('=') else {
        return false;
    };
    let id = |key| Forge::new(key, "__Host-auth").header(1)[1..5].to_vec();
    forge::decoded(value)[1..5] == id(2)
}
