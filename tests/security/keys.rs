//! Key rings: rotation, retirement, and keys that are rejected at start-up.

use std::{fs, process};

use actix_secure_session_tests::{
    Auth, Prefs, T0, ada,
    app::{Jar, Server},
    key,
    logs::Logs,
    ring,
};
use secure_session::{
    Key, KeyProblem, KeyRing, RejectReason, SecureSession, SessionMiddleware,
    codec::Codec,
    policy::{FastifyMigration, Policy},
    test_util::TestClock,
};
use tracing::Level;

use crate::support::{
    Shared,
    forge::{hex, key_bytes},
    shared, value_of,
};

const OLD: u8 = 1;
const NEW: u8 = 2;

/// C47: the position counts in rings of any size, and the last of sixteen keys decrypts like the
/// first.
#[test]
fn first_of_sixteen_keys_encrypts_and_the_last_decrypts() {
    let keys: Vec<u8> = (1..=16).collect();
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &keys);
    for (index, key) in keys.iter().enumerate() {
        let cookie = Server::at(&clock, &[*key]).cookie(&ada());
        let opened = server.codec().open(value_of(&cookie)).unwrap();
        assert_eq!(opened.key_index(), index);
        let again = opened.seal(&server.codec()).unwrap();
        assert_eq!(
            Server::at(&clock, &[1]).codec().open(again).unwrap().id(),
            opened.id()
        );
    }
}

/// C48: cookies of a removed key stop working at the next start, and many of them log nothing above
/// `debug`.
#[test]
fn cookies_of_a_retired_key_stop_working_at_once_without_noise() {
    let clock = TestClock::at(T0);
    let before = Server::at(&clock, &[OLD]);
    let mut jar = Jar::default();
    jar.take(&before.auth("", |auth| auth.set_user_id(7)));
    before.auth(&jar.header(), |auth| assert_eq!(auth.user_id(), Some(7)));

    let restarted = Server::at(&clock, &[NEW]);
    let header = jar.header();
    let ((), logs) = Logs::of(|| {
        for _ in 0..200 {
            let answer = restarted.auth(&header, |auth| {
                assert_eq!(auth.user_id(), None);
                assert_eq!(auth.info().reason(), Some(RejectReason::UnknownKey));
            });
            assert_eq!(answer.status, 200);
            assert!(answer.set_cookies().is_empty());
        }
    });
    assert_eq!(logs.at(Level::DEBUG).len(), 200);
    assert!(logs.all().iter().all(|(level, _)| *level >= Level::DEBUG));
}

/// C49: an error in a list of keys names the position, never the content.
#[test]
fn invalid_key_in_a_list_is_named_by_position_not_content() {
    let [good, other] = [1, 2].map(|first| hex(&key_bytes(first)));
    let secret = "5ec2e7".repeat(10);
    let rows = [
        (String::new(), None, KeyProblem::Empty),
        (",,".to_owned(), Some(0), KeyProblem::Empty),
        (
            format!("{good},{}", &secret[..10]),
            Some(1),
            KeyProblem::Text { characters: 10 },
        ),
        (
            format!("{},{good}", &secret[..60]),
            Some(0),
            KeyProblem::Text { characters: 60 },
        ),
        (
            format!("{good}\n{}", hex(&key_bytes(9)[..31])),
            Some(1),
            KeyProblem::Text { characters: 62 },
        ),
        (
            format!("{good},{}ee", hex(&key_bytes(9))),
            Some(1),
            KeyProblem::Text { characters: 66 },
        ),
        (
            format!("{good},{other},{good}"),
            Some(2),
            KeyProblem::Duplicate { first: 0 },
        ),
    ];
    for (text, index, problem) in rows {
        let err = text.parse::<KeyRing>().unwrap_err();
        assert_eq!((err.index(), err.problem()), (index, &problem), "{text}");
        let shown = format!("{err} {err:?}");
        if let Some(index) = index {
            assert!(shown.contains(&format!("key {}", index + 1)), "{shown}");
        }
        for part in text.split([',', '\n']).filter(|part| !part.is_empty()) {
            assert!(!shown.contains(&part[..6.min(part.len())]), "{shown}");
        }
    }
}

/// C49: a key that anyone can guess is rejected at build, by its position in the ring.
#[test]
fn key_of_one_repeated_byte_is_rejected_at_build_by_position() {
    for byte in [0, 1, b'a', 0xff] {
        for place in 1..=3 {
            let mut keys = vec![key(1), key(2)];
            keys.insert(place - 1, Key::from_bytes([byte; 32]).unwrap());
            let ring = KeyRing::from_keys(keys).unwrap();
            let problems = [
                SessionMiddleware::builder(ring.clone())
                    .session::<Auth>()
                    .build()
                    .map(drop),
                Codec::<Auth>::builder(ring.clone()).build().map(drop),
                SessionMiddleware::builder(self::ring(&[1]))
                    .session_with::<Auth>(|policy| policy.keys(ring))
                    .build()
                    .map(drop),
            ];
            for problem in problems {
                let text = problem.unwrap_err().to_string();
                assert!(text.contains(&format!("key {place} of the ring")), "{text}");
                assert!(text.contains("`openssl rand -hex 32`"), "{text}");
                assert!(!text.contains(&hex(&[byte; 4])), "{text}");
            }
        }
    }
}

/// C49: a key with bytes in equal steps is rejected as well, including that of the manual's
/// example.
#[test]
fn key_with_sequential_bytes_is_rejected_at_build_by_position() {
    let steps = [(0, 1), (1, 1), (0x20, 255), (0xff, 255), (7, 3), (200, 16)];
    for (first, step) in steps {
        let mut next: u8 = first;
        let bytes = [(); 32].map(|()| {
            let byte = next;
            next = next.wrapping_add(step);
            byte
        });
        let counting = || Key::from_bytes(bytes).unwrap();
        let ring = KeyRing::from_keys([key(1), counting()]).unwrap();
        let builder = || SessionMiddleware::builder(ring.clone()).session::<Auth>();
        let text = builder().build().unwrap_err().to_string();
        let pattern = "key 2 of the ring has bytes in equal steps, like keys in examples";
        assert!(text.contains(pattern), "{text}");
        assert!(text.contains("`openssl rand -hex 32`"), "{text}");
        assert!(!text.contains(&hex(&bytes[..4])), "{text}");
        assert!(builder().trivial_keys().build().is_ok());
    }
    let example = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";
    let codec = Codec::<Auth>::builder(Key::from_hex(example).unwrap());
    assert!(codec.build().is_err());
}

/// C49: the keys of a migration can create sessions, so they are checked too.
#[test]
fn trivial_key_of_a_migration_is_rejected_at_build() {
    let counting: Vec<u8> = (0..32).collect();
    for bytes in [vec![0; 32], counting] {
        let trivial = Key::from_bytes(bytes).unwrap();
        let keys = KeyRing::from_keys([key(9), trivial]).unwrap();
        let builder = SessionMiddleware::builder(key(1)).session_with::<Auth>(|policy| {
            policy.migrate_from_fastify(FastifyMigration::new(keys))
        });
        let text = builder.build().unwrap_err().to_string();
        let named = "`migrate_from_fastify`: key 2 of the ring ";
        assert!(text.contains(named), "{text}");
    }
}

/// C50: without keys there is no server. An unset variable, an empty one and an empty file are
/// errors; there is no fallback.
#[test]
fn missing_keys_are_an_error() {
    let err = KeyRing::from_env("SECURITY_CHECKS_NO_SUCH_VARIABLE").unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::Unset);
    let path = std::env::temp_dir().join(format!("security-empty-{}", process::id()));
    for content in ["", "\n", " , \n"] {
        fs::write(&path, content).unwrap();
        let err = KeyRing::from_file(&path).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Empty, "{content:?}");
        assert_eq!(
            content.parse::<KeyRing>().unwrap_err().problem(),
            &KeyProblem::Empty
        );
    }
    fs::remove_file(&path).unwrap();
    let err = KeyRing::from_file(&path).unwrap_err();
    assert_eq!(err.problem(), &KeyProblem::Unreadable);
}

/// A second session of the fastify format.
#[derive(SecureSession, Debug)]
#[session(format = "fastify", cookie = "second", idle = "30m", secure = false)]
struct Second {
    name: String,
    visits: u32,
}

/// C51: one key for two sessions of the fastify format is rejected, because each would open as the
/// other, unless this is allowed explicitly.
#[test]
fn two_fastify_sessions_with_one_key_need_explicit_permission() {
    let builder = || SessionMiddleware::builder(ring(&[1]));
    let err = builder()
        .session::<Shared>()
        .session::<Second>()
        .build()
        .unwrap_err();
    assert!(err.to_string().contains("dangerously_share_keys"), "{err}");
    let overlapping = builder()
        .session_with::<Shared>(|policy| policy.keys(ring(&[2, 1])))
        .session::<Second>();
    assert!(overlapping.build().is_err(), "an older key counts as well");
    let apart = builder()
        .session_with::<Shared>(|policy| policy.keys(ring(&[2])))
        .session::<Second>();
    assert!(apart.build().is_ok());

    let shared_keys = builder()
        .session_with::<Shared>(Policy::dangerously_share_keys)
        .session_with::<Second>(Policy::dangerously_share_keys)
        .clock(&TestClock::at(T0))
        .build()
        .unwrap();
    let text = shared_keys
        .codec::<Shared>()
        .unwrap()
        .seal(&shared())
        .unwrap();
    let swapped = shared_keys.codec::<Second>().unwrap().open(&text).unwrap();
    assert_eq!(
        (swapped.name.as_str(), swapped.visits),
        ("Ada", 5),
        "what the name warns of"
    );
}

/// C51: one key may serve a native session and the fastify session that it takes over. Neither
/// format opens the other's value, because the native key is derived.
#[test]
fn one_key_can_serve_native_and_legacy_sessions_separately() {
    let clock = TestClock::at(T0);
    let former = |policy: Policy| policy.migrate_from_fastify(FastifyMigration::new(key(1)));
    let builder = SessionMiddleware::builder(ring(&[1])).session_with::<Auth>(former);
    let server = Server::of(&clock, builder.session::<Prefs>());
    let compat = Codec::<Shared>::builder(key(1))
        .clock(&clock)
        .build()
        .unwrap();

    let native = server.codec().seal(&ada()).unwrap();
    let old = compat.seal(&shared()).unwrap();
    assert!(compat.open(&native).is_err());
    assert!(server.codec().open(&old).is_err());
    server.auth(&format!("__Host-auth={old}"), |auth| {
        assert_eq!(auth.name(), "");
    });
    server.auth(&format!("session={native}"), |auth| {
        assert_eq!(auth.name(), "");
    });
    let answer = server.auth(&format!("session={old}"), |auth| {
        assert_eq!(auth.name(), "Ada");
    });
    let taken = server.stored(&answer).unwrap();
    assert_eq!((taken.name.as_str(), taken.visits), ("Ada", 5));
    // A native session without the option, next to a fastify one with the same key.
    let both = SessionMiddleware::builder(ring(&[1]))
        .session::<Auth>()
        .session::<Shared>();
    assert!(both.build().is_ok());
}

/// C58: a native session does not read the other format, under any name, unless configured.
#[test]
fn reading_the_fastify_format_is_off_by_default() {
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &[1]);
    let compat = Codec::<Shared>::builder(key(1))
        .clock(&clock)
        .build()
        .unwrap();
    let old = compat.seal(&shared()).unwrap();
    for name in ["session", "__Host-auth", "auth"] {
        let answer = server.auth(&format!("{name}={old}"), |auth| assert_eq!(auth.name(), ""));
        assert!(answer.set_cookies().is_empty(), "{name}");
    }
}
