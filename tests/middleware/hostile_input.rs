//! Altered cookies over the wire: nothing opens, nothing panics, and the answer is that to a
//! request without a cookie, byte for byte but for the date and the value of a new cookie.

use actix_secure_session_tests::{
    Auth, T0, ada,
    app::Server,
    http::{Connection, Loopback},
};
use actix_web::{HttpResponse, web};
use secure_session::{Session, codec::MAX_COOKIE_BYTES, test_util::TestClock};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

async fn read(auth: Session<Auth>) -> String {
    auth.name().to_owned()
}

async fn write(auth: Session<Auth>) -> HttpResponse {
    auth.update_visits(|visits| *visits += 1);
    HttpResponse::Ok().body(auth.visits().to_string())
}

/// Sends cookies to a route that reads and one that writes, and compares with no cookie at all.
struct Probe {
    connection: Connection,
    reading: String,
    writing: String,
    _server: Loopback,
}

impl Probe {
    fn start(server: &Server) -> Self {
        let loopback = Loopback::start(&server.sessions, |routes| {
            routes
                .route("/read", web::get().to(read))
                .route("/write", web::get().to(write));
        });
        let mut connection = loopback.connect();
        let [reading, writing] =
            ["/read", "/write"].map(|path| connection.get(path, b"").fingerprint());
        assert!(!reading.to_lowercase().contains("set-cookie"));
        assert!(writing.to_lowercase().contains("set-cookie"));
        Self {
            connection,
            reading,
            writing,
            _server: loopback,
        }
    }

    fn opens(&mut self, value: &[u8]) -> bool {
        let cookie = [b"__Host-auth=", value].concat();
        self.connection.get("/read", &cookie).body == b"Ada"
    }

    fn expect_no_session(&mut self, what: &str, value: &[u8]) {
        let cookie = [b"__Host-auth=", value].concat();
        let reading = self.connection.get("/read", &cookie).fingerprint();
        assert_eq!(reading, self.reading, "{what}, read");
        let writing = self.connection.get("/write", &cookie).fingerprint();
        assert_eq!(writing, self.writing, "{what}, write");
    }
}

fn start() -> (Probe, Vec<u8>) {
    let server = Server::at(&TestClock::at(T0), &[1, 2]);
    let cookie = server.cookie(&ada());
    let value = cookie.split_once('=').unwrap().1.as_bytes().to_vec();
    let mut probe = Probe::start(&server);
    assert!(probe.opens(&value), "the cookie itself opens");
    (probe, value)
}

fn sextet(character: u8) -> u8 {
    let position = ALPHABET.iter().position(|other| *other == character);
    u8::try_from(position.unwrap()).unwrap()
}

/// Bit by bit over the text: the bits of the decoded bytes, and in the last character those that
/// belong to no byte.
#[test]
fn a_cookie_with_any_bit_flipped_does_not_open() {
    let (mut probe, value) = start();
    for index in 0..value.len() {
        for bit in 0..6 {
            let mut altered = value.clone();
            let flipped = sextet(value[index]) ^ (1 << bit);
            altered[index] = ALPHABET[usize::from(flipped)];
            probe.expect_no_session(&format!("character {index}, bit {bit}"), &altered);
        }
    }
}

#[test]
fn a_cookie_with_any_character_of_another_alphabet_does_not_open() {
    let (mut probe, value) = start();
    for index in 0..value.len() {
        for odd in *b"+/=%.\"\\ ~\x80\xff" {
            let mut altered = value.clone();
            altered[index] = odd;
            // A blank at the end belongs to the header, not to the value; what is left is cut.
            probe.expect_no_session(&format!("character {index} is {odd:#x}"), &altered);
        }
    }
}

#[test]
fn a_cookie_cut_at_any_length_does_not_open() {
    let (mut probe, value) = start();
    for len in 0..value.len() {
        probe.expect_no_session(&format!("first {len}"), &value[..len]);
        if len > 0 {
            probe.expect_no_session(&format!("without first {len}"), &value[len..]);
        }
    }
}

#[test]
fn a_cookie_with_any_character_doubled_or_gone_does_not_open() {
    let (mut probe, value) = start();
    for index in 0..value.len() {
        let mut doubled = value.clone();
        doubled.insert(index, value[index]);
        probe.expect_no_session(&format!("{index} doubled"), &doubled);
        let mut gone = value.clone();
        gone.remove(index);
        probe.expect_no_session(&format!("{index} gone"), &gone);
    }
}

#[test]
fn a_cookie_with_padding_quotes_or_a_tail_does_not_open() {
    let (mut probe, value) = start();
    let text = String::from_utf8(value).unwrap();
    for altered in [
        format!("{text}="),
        format!("{text}=="),
        format!("{text}A"),
        format!("{text}%3D"),
        format!("\"{text}\""),
        format!("{text}.{text}"),
        format!("{text},{text}"),
        text.replace('-', "+").replace('_', "/") + "=",
        text.to_uppercase(),
    ] {
        probe.expect_no_session(&altered, altered.as_bytes());
    }
}

#[test]
fn two_cookies_spliced_or_with_swapped_nonces_do_not_open() {
    let server = Server::at(&TestClock::at(T0), &[1]);
    let value = |visits| {
        let cookie = server.cookie(&Auth { visits, ..ada() });
        cookie.split_once('=').unwrap().1.as_bytes().to_vec()
    };
    let (one, two) = (value(1), value(2));
    let mut probe = Probe::start(&server);
    for at in 0..=one.len() {
        let spliced = [&one[..at], &two[at..]].concat();
        if spliced != one && spliced != two {
            probe.expect_no_session(&format!("spliced at {at}"), &spliced);
        }
    }
}

#[test]
fn a_value_beyond_the_limit_is_not_looked_at() {
    let (mut probe, _) = start();
    for len in [MAX_COOKIE_BYTES, 10_000, 60_000] {
        probe.expect_no_session(&format!("{len} characters"), &vec![b'A'; len]);
    }
}

#[test]
fn garbage_before_or_behind_hides_no_valid_cookie() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let junk = "__Host-auth=junk";
    for header in [
        format!("{junk}; {cookie}"),
        format!("{cookie}; {junk}"),
        format!("{junk}; {junk}; {junk}; {cookie}; {junk}"),
        format!("a=\"; {cookie}"),
        format!("{cookie}; \u{ff}=\u{fe}"),
    ] {
        server.auth(&header, |auth| assert_eq!(auth.name(), "Ada"));
    }
}

#[test]
fn four_cookies_of_one_name_are_tried_and_no_more() {
    let server = Server::default();
    let (junk, cookie) = ("__Host-auth=junk; ", server.cookie(&ada()));
    server.auth(&(junk.repeat(3) + &cookie), |auth| {
        assert_eq!(auth.name(), "Ada");
    });
    server.auth(&(junk.repeat(4) + &cookie), |auth| {
        assert_eq!(auth.name(), "");
    });
}

#[test]
fn the_first_of_two_valid_cookies_counts() {
    let server = Server::default();
    let bob = Auth {
        name: "Bob".to_owned(),
        ..ada()
    };
    let (ada, bob) = (server.cookie(&ada()), server.cookie(&bob));
    server.auth(&format!("{ada}; {bob}"), |auth| {
        assert_eq!(auth.name(), "Ada");
    });
    server.auth(&format!("{bob}; {ada}"), |auth| {
        assert_eq!(auth.name(), "Bob");
    });
}

#[test]
fn look_alike_names_are_not_read() {
    let server = Server::default();
    let cookie = server.cookie(&ada());
    let value = cookie.split_once('=').unwrap().1;
    for name in [
        "__host-auth",
        "__HOST-auth",
        "__Host-auth2",
        "x__Host-auth",
        "%5F_Host-auth",
    ] {
        server.auth(&format!("{name}={value}"), |auth| {
            assert_eq!(auth.name(), "");
            assert_eq!(auth.info().origin(), secure_session::Origin::New);
        });
    }
}
