//! Foreign text in messages: no terminal control, no forged lines.

use std::{error::Error, ffi::OsString, fs, process};

use actix_secure_session_tests::{Auth, Prefs, T0, key, logs::Logs};
use secure_session::{
    IntoKeyRing as _, Key, KeyRing, Session, SessionMiddleware,
    codec::Codec,
    policy::{FastifyMigration, Policy},
    test_util::TestSession,
};
use secure_session_cli::Inspection;

/// Sets a terminal's title, colours text, changes its direction and begins a line.
const DIRTY: &str = "a\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{200b}\r\nforged";

fn assert_clean(text: &str, own_line_ends: bool) {
    let obeyed = |character: char| character.is_control() && (character != '\n' || !own_line_ends);
    assert!(!text.contains(obeyed), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
    assert!(!text.contains("\nforged"), "{text:?}");
}

/// Both texts of an error, and those of its causes; each problem is on its own line.
fn assert_error_is_clean(err: &(dyn Error + 'static)) {
    for text in [format!("{err}"), format!("{err:?}"), format!("{err:#?}")] {
        assert_clean(&text, true);
    }
    if let Some(cause) = err.source() {
        assert_error_is_clean(cause);
    }
}

fn assert_logs_are_clean(logs: &Logs) {
    for event in logs.events() {
        assert_clean(&event.line, false);
    }
}

/// C72: each text of a configuration, alone and with the others.
#[test]
fn configuration_with_control_bytes_prints_none() {
    type Change = fn(Policy) -> Policy;
    let changes: [Change; 11] = [
        |policy| policy.cookie(DIRTY),
        |policy| policy.path(DIRTY),
        |policy| policy.domain(DIRTY),
        |policy| policy.purpose(DIRTY),
        |policy| policy.remove_legacy_cookie(DIRTY, "/", None),
        |policy| policy.remove_legacy_cookie("old", DIRTY, None),
        |policy| policy.remove_legacy_cookie("old", "/", Some(DIRTY)),
        |policy| {
            policy.migrate_from_fastify(FastifyMigration {
                cookie: DIRTY.to_owned(),
                ..FastifyMigration::new(key(2))
            })
        },
        |policy| {
            policy.migrate_from_fastify(FastifyMigration {
                path: DIRTY.to_owned(),
                ..FastifyMigration::new(key(2))
            })
        },
        |policy| {
            policy.migrate_from_fastify(FastifyMigration {
                domain: Some(DIRTY.to_owned()),
                ..FastifyMigration::new(key(2))
            })
        },
        |policy| changes_of_one_name(policy),
    ];
    let mut refused = 0;
    for application in ["", DIRTY] {
        for change in changes {
            let ((), logs) = Logs::of(|| {
                let builder = SessionMiddleware::builder(key(1)).application(application);
                let builder = builder
                    .session_with::<Auth>(|policy| {
                        assert_clean(&format!("{policy:?}"), false);
                        let policy = change(policy);
                        assert_clean(&format!("{policy:?}"), false);
                        policy
                    })
                    .session_with::<Prefs>(change);
                assert_clean(&format!("{builder:?}"), false);
                match builder.build() {
                    Ok(sessions) => assert_clean(&format!("{sessions:?}"), false),
                    Err(err) => {
                        refused += 1;
                        assert_error_is_clean(&err);
                        for problem in err.problems() {
                            assert_clean(problem, false);
                        }
                    }
                }
                let codec = Codec::<Auth>::builder(key(1)).application(application);
                if let Err(err) = codec.policy(change).build() {
                    assert_error_is_clean(&err);
                }
            });
            assert_logs_are_clean(&logs);
        }
    }
    assert!(refused >= 18, "{refused}");
}

/// Everything at once.
fn changes_of_one_name(policy: Policy) -> Policy {
    policy
        .cookie(DIRTY)
        .path(DIRTY)
        .domain(DIRTY)
        .purpose(DIRTY)
        .remove_legacy_cookie(DIRTY, DIRTY, Some(DIRTY))
        .migrate_from_fastify(FastifyMigration {
            cookie: DIRTY.to_owned(),
            path: DIRTY.to_owned(),
            domain: Some(DIRTY.to_owned()),
            ..FastifyMigration::new(key(2))
        })
}

/// C72: key sources, and options for one response.
#[test]
fn key_sources_and_cookie_options_with_control_bytes_print_none() {
    assert_error_is_clean(&KeyRing::from_env(DIRTY).unwrap_err());
    assert_error_is_clean(&KeyRing::from_file(DIRTY).unwrap_err());
    assert_error_is_clean(&DIRTY.parse::<KeyRing>().unwrap_err());
    assert_error_is_clean(&Key::from_hex(DIRTY).unwrap_err());
    assert_error_is_clean(&Key::from_base64(DIRTY).unwrap_err());
    assert_error_is_clean(&Key::from_bytes(DIRTY).unwrap_err());

    let codec = Codec::<Auth>::builder(key(1)).build().unwrap();
    let session = TestSession::new(&codec);
    let ((), logs) = Logs::of(|| {
        let auth = session.session();
        for err in [
            auth.cookie_options(|cookie| cookie.path(DIRTY)),
            auth.cookie_options(|cookie| cookie.domain(DIRTY)),
        ] {
            assert_error_is_clean(&err.unwrap_err());
        }
        auth.cookie_options(|cookie| {
            assert_clean(&format!("{:?}", cookie.clone().path(DIRTY)), false);
            cookie
        })
        .unwrap();
    });
    assert_logs_are_clean(&logs);
}

/// Pseudo-random numbers (xorshift64), the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    /// A header of cookies and junk, with control bytes, C1 and bidirectional marks everywhere.
    fn header(&mut self, live: &str) -> Vec<u8> {
        let pieces: [&[u8]; 16] = [
            b"\x1b]0;x\x07",
            b"\x1b[31m",
            b"\r\n",
            b"\x00",
            b"\x7f",
            b"\xc2\x9b",
            b"\x9b",
            b"\xe2\x80\xae",
            b"\xff",
            b"__Host-auth",
            b"session",
            b"=",
            b"; ",
            b"\"",
            b"%1b",
            live.as_bytes(),
        ];
        let mut header = Vec::new();
        for _ in 0..=self.below(12) {
            header.extend_from_slice(pieces[self.below(pieces.len())]);
        }
        header
    }
}

/// C72: text from clients, in the log, in errors and in `inspect`.
#[test]
fn headers_with_control_bytes_print_none() {
    let file = std::env::temp_dir().join(format!("printing-{}", process::id()));
    fs::write(&file, "5e".repeat(32)).unwrap();
    let now = T0.to_string();
    let file_text = file.to_str().unwrap();
    let inspections = [
        vec![],
        vec!["--name", "__Host-auth"],
        vec!["--format", "fastify"],
    ];
    let inspections = inspections.map(|way| {
        let always = ["--key-file", file_text, "--now", &now];
        let arguments = always.into_iter().chain(way).map(OsString::from);
        Inspection::of(arguments).unwrap()
    });
    fs::remove_file(&file).unwrap();

    let codec = Codec::<Auth>::builder(key(1).into_key_ring())
        .build()
        .unwrap();
    let live = codec.seal(&actix_secure_session_tests::ada()).unwrap();
    let mut numbers = Numbers(0x5eed);
    let mut shown = 0;
    for _ in 0..10_000 {
        let header = numbers.header(&live);
        let (err, logs) = Logs::of(|| {
            let session = TestSession::from_cookie_header(&codec, &header);
            let auth: Session<Auth> = session.session();
            auth.update_visits(|visits| *visits += 1);
            let reason = auth.info().reason();
            assert_clean(&format!("{auth:?} {:?}", auth.info()), false);
            let _ = session.finish();
            reason.map(|reason| format!("{reason} {reason:?}"))
        });
        assert_clean(&err.unwrap_or_default(), false);
        assert_logs_are_clean(&logs);
        for inspection in &inspections {
            for text in inspection.shown(&header, false).into_iter().flatten() {
                shown += 1;
                assert_clean(&text, true);
            }
        }
    }
    assert!(shown >= 20_000, "{shown}");
}
