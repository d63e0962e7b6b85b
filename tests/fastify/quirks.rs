//! Where the library does otherwise, on purpose: one row for each entry of the file that is no
//! `must`, with what happens here, shown.

use std::{collections::BTreeSet, time::Duration};

use actix_web::http::StatusCode;
use secure_session::{
    EncodeError, Key, KeyProblem, Reason, Salt,
    codec::Codec,
    policy::SameSite,
    test_util::TestClock,
};
use serde_json::{Value, json};

use crate::{
    file::{Level, Transition, Vector, recorded},
    settings,
    support::{Anything, Members, Nothing, Visitor, VisitorField, plaintext, request},
};

struct Quirk {
    /// `v:` vectors, `t:` transitions, `k:` key inputs.
    entry: &'static str,
    /// What the library does.
    here: &'static str,
    shown_by: fn(),
}

const fn quirk(entry: &'static str, here: &'static str, shown_by: fn()) -> Quirk {
    Quirk {
        entry,
        here,
        shown_by,
    }
}

const QUIRKS: [Quirk; 28] = [
    quirk("v:long-value", "longer than browsers keep: neither read nor written", || {
        let vector = recorded().vector("long-value");
        assert_eq!(refused(vector), Reason::Malformed);
        let members = serde_json::from_str(vector.data_json.as_ref().unwrap()).unwrap();
        let err = vector.reader().seal(&Anything { members }).unwrap_err();
        assert!(matches!(err, EncodeError::TooLarge { limit: 4096, .. }), "{err}");
    }),
    quirk("v:lone-surrogate", "half a character is no text: no session", || {
        refused(recorded().vector("lone-surrogate"));
    }),
    quirk("v:clock-behind", "a time more than a minute ahead is no session", || {
        let vector = recorded().vector("clock-behind");
        assert_eq!(refused(vector), Reason::Malformed);
        let issued = vector.issued.unwrap();
        for (behind, opens) in [(60_000, true), (61_000, false)] {
            let codec: Codec<Nothing> = vector.codec(vector.ring(), issued - behind, |p| p);
            let opened = codec.open(vector.cookie_value_raw.as_ref().unwrap());
            assert_eq!(opened.is_ok(), opens, "{behind} ms behind");
        }
    }),
    quirk("v:junk-inside-cipher", "base64 is read strictly", || {
        assert_eq!(refused(recorded().vector("junk-inside-cipher")), Reason::Malformed);
    }),
    quirk("v:wire-quoted", "quotes are no base64", || {
        assert_eq!(refused(recorded().vector("wire-quoted")), Reason::Malformed);
    }),
    quirk("v:signed-but-unsigned-arrives", "where a signature is asked for it is needed", || {
        refused(recorded().vector("signed-but-unsigned-arrives"));
    }),
    quirk("v:signed-and-rotated", "the signature of every key is tried", || {
        let vector = recorded().vector("signed-and-rotated");
        let codec: Codec<Visitor> = vector.reader();
        let opened = codec.open(vector.cookie_value_raw.as_ref().unwrap()).unwrap();
        assert_eq!((opened.user.as_deref(), opened.key_index()), (Some("alice"), 1));
        let again = opened.seal(&codec).unwrap();
        assert_eq!(codec.open(&again).unwrap().key_index(), 0);
    }),
    quirk("v:integer-beyond-double", "64-bit integers are exact", || {
        let vector = recorded().vector("integer-beyond-double");
        let codec: Codec<Anything> = vector.reader();
        let opened = codec.open(vector.cookie_value_raw.as_ref().unwrap()).unwrap();
        assert_eq!(opened.members["id"], json!(9_007_199_254_740_993_u64));
        let again = plaintext(&opened.seal(&codec).unwrap(), &vector.key_hex);
        assert_eq!(&again, vector.plaintext_json.as_ref().unwrap());
    }),
    quirk("v:timestamp-missing", "no session, unless the option for migration is on", || {
        let vector = recorded().vector("timestamp-missing");
        refused(vector);
        let value = vector.cookie_value_raw.as_ref().unwrap();
        let lenient = vector.codec::<Visitor>(vector.ring(), vector.now, |policy| {
            policy.accept_sessions_without_time()
        });
        assert_eq!(lenient.open(value).unwrap().user.as_deref(), Some("old"));
        let server = vector.middleware_with::<Visitor>(|p| p.accept_sessions_without_time());
        let answer = request::<Visitor>(&server, Some(&vector.cookie_header), |session| {
            assert_eq!(session.user(), Some("old"));
            StatusCode::OK
        });
        let sent = answer.cookie("session").expect("it is sent again at once");
        let sent = Members::of(&plaintext(&sent.value, &vector.key_hex));
        let now = json!((vector.now + 500) / 1000);
        assert!(sent.0.contains(&("__ts".to_owned(), now)), "{sent:?}");
    }),
    quirk("v:plaintext-not-json", "no session, and no failure", || {
        assert_eq!(refused(recorded().vector("plaintext-not-json")), Reason::Malformed);
    }),
    quirk("v:plaintext-null", "no session, and no failure", || {
        assert_eq!(refused(recorded().vector("plaintext-null")), Reason::Malformed);
    }),
    quirk("t:set-same-value", "an equal value is no change", || {
        let step = recorded().transition("set-same-value");
        assert!(step.run(&step.server::<Visitor>()).set_cookies().is_empty());
    }),
    quirk("t:set-null", "`None` is left out; null reads as `None`", || {
        let step = recorded().transition("set-null");
        let answer = on_visitor(step, |session| session.clear_user());
        let stored = step.stored(&answer).unwrap();
        assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"n":1}"#));
        let codec: Codec<Visitor> = step.server::<Visitor>().codec().unwrap();
        let theirs = codec.open(step.recorded().unwrap().value).unwrap();
        assert_eq!((theirs.user.as_deref(), theirs.n), (None, Some(1)));
    }),
    quirk("t:delete-then-set", "the last operation wins: a new session", || {
        let step = recorded().transition("delete-then-set");
        let answer = step.run(&step.server::<Visitor>());
        let stored = step.stored(&answer).unwrap();
        assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"b":2}"#));
    }),
    quirk("t:regenerate-given-text", "names are fields; a text is no list of them", || {
        let step = recorded().transition("regenerate-given-text");
        let answer = on_visitor(step, |session| session.regenerate_keeping(&[VisitorField::N]));
        let stored = step.stored(&answer).unwrap();
        assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"n":1}"#));
    }),
    quirk("t:no-timestamp-read", "no session", || {
        let step = recorded().transition("no-timestamp-read");
        let answer = on_visitor(step, |session| assert_eq!(session.user(), None));
        assert!(answer.set_cookies().is_empty());
    }),
    quirk("t:no-timestamp-set", "a new session, unless the option for migration is on", || {
        let step = recorded().transition("no-timestamp-set");
        let stored = step.stored(&step.run(&step.server::<Visitor>())).unwrap();
        assert_eq!(stored, Members::of(r#"{"__ts":1700000005,"a":1}"#));
        let server = step.server_with::<Visitor>(|policy| policy.accept_sessions_without_time());
        let mut stored = step.stored(&step.run(&server)).unwrap();
        let mut theirs = Members::of(step.plaintext_json.as_ref().unwrap());
        for members in [&mut stored, &mut theirs] {
            members.0.sort_by(|left, right| left.0.cmp(&right.0));
        }
        assert_eq!(stored, theirs);
    }),
    quirk("t:no-timestamp-rotate", "no session, unless the option for migration is on", || {
        let step = recorded().transition("no-timestamp-rotate");
        let server = step.server::<Nothing>();
        assert!(step.read(&server).set_cookies().is_empty());
        let server = step.server_with::<Nothing>(|policy| policy.accept_sessions_without_time());
        let stored = step.stored(&step.read(&server)).unwrap();
        let mut names = stored.names();
        names.sort_unstable();
        assert_eq!(names, ["__ts", "user"]);
    }),
    quirk("t:set-timestamp-by-hand", "no field can have the name, and no `rest` member", || {
        let step = recorded().transition("set-timestamp-by-hand");
        let cookies = step.cookie_header.as_deref();
        let answer = request::<Anything>(&step.server::<Anything>(), cookies, |session| {
            session.update_members(|members| members.insert("__ts".to_owned(), json!(5)));
            StatusCode::OK
        });
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.set_cookies().is_empty(), "the old cookie stays");
    }),
    quirk("t:handler-fails-after-set", "the same: a change is sent with an error response", || {
        let step = recorded().transition("handler-fails-after-set");
        let answer = step.run(&step.server::<Visitor>());
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let theirs = step.plaintext_json.as_deref().map(Members::of);
        assert_eq!(step.stored(&answer), theirs);
    }),
    quirk("t:all-attributes", "all but `Expires` and `Priority`", || {
        let step = recorded().transition("all-attributes");
        let hour = Duration::from_secs(3600);
        let server = step.server_with::<Visitor>(|policy| policy.idle(hour));
        let mut theirs = step.recorded().unwrap().attributes;
        assert!(theirs.remove("expires").is_some() && theirs.remove("priority").is_some());
        assert_eq!(step.run(&server).cookie("session").unwrap().attributes, theirs);
    }),
    quirk("t:max-age-zero", "removal has a verb of its own", || {
        let step = recorded().transition("max-age-zero");
        on_visitor(step, |session| {
            let err = session.cookie_options(|cookie| cookie.max_age(Duration::ZERO)).unwrap_err();
            assert!(err.to_string().contains("destroy()"), "{err}");
        });
    }),
    quirk("t:options-twice", "calls add up", || {
        let step = recorded().transition("options-twice");
        let sent = step.run(&step.server::<Visitor>()).cookie("session").unwrap();
        assert_eq!(sent.max_age(), Some(5));
        assert_eq!((&*sent.attributes["path"], &*sent.attributes["domain"]), ("/x", "a.example"));
    }),
    quirk("t:options-null", "each attribute is set back by itself", || {
        let step = recorded().transition("options-null");
        let answer = on_visitor(step, |session| {
            session.touch();
            let five = Duration::from_secs(5);
            session.cookie_options(|cookie| cookie.max_age(five)).unwrap();
            session.cookie_options(|cookie| cookie.persistent(false)).unwrap();
        });
        let sent = answer.cookie("session").unwrap();
        assert_eq!(sent.attributes, step.recorded().unwrap().attributes);
    }),
    quirk("t:options-http-only-null", "an override unsets nothing that it does not name", || {
        let step = recorded().transition("options-http-only-null");
        let answer = on_visitor(step, |session| {
            session.touch();
            session.cookie_options(|cookie| cookie.same_site(SameSite::Strict)).unwrap();
        });
        assert!(answer.cookie("session").unwrap().attributes.contains_key("httponly"));
        let answer = on_visitor(step, |session| {
            session.touch();
            session.cookie_options(|cookie| cookie.http_only(false)).unwrap();
        });
        assert!(!answer.cookie("session").unwrap().attributes.contains_key("httponly"));
    }),
    quirk("t:signed-delete", "a removal is empty", || {
        let step = recorded().transition("signed-delete");
        let signing = secure_session::policy::Signing::by_key();
        let server = step.server_with::<Visitor>(|policy| policy.signed(signing));
        let sent = step.run(&server).cookie("session").unwrap();
        assert_eq!(sent.value, "");
        assert_eq!(sent.attributes, step.recorded().unwrap().attributes);
    }),
    quirk("k:list-wrong-second", "each key is checked when it is made", || {
        let input = recorded().key_input("list-wrong-second");
        let err = settings::ring(input).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Text { characters: 4 });
    }),
    quirk("k:key-and-secret", "a ring is made of keys; a passphrase is checked by itself", || {
        let input = recorded().key_input("key-and-secret");
        assert!(settings::ring(input).is_ok());
        let err = Key::from_passphrase("short", &Salt::fastify_default()).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Passphrase { bytes: 5 });
        assert!(Salt::from_text("x").is_err());
    }),
];

/// The reason why it does not open, the same in a request, which is answered as one without a
/// cookie.
fn refused(vector: &'static Vector) -> Reason {
    #[derive(secure_session::SecureSession)]
    #[session(format = "fastify", secure = false)]
    struct Named {
        half: Option<String>,
        user: Option<String>,
    }
    let reason = vector
        .reader::<Named>()
        .open(vector.cookie_value_raw.as_ref().unwrap())
        .expect_err(&vector.name);
    let server = vector.middleware::<Named>();
    let answer = request::<Named>(&server, Some(&vector.cookie_header), move |session| {
        assert_eq!((session.half(), session.user()), (None, None));
        assert_eq!(session.info().reason(), Some(reason));
        StatusCode::OK
    });
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.set_cookies().is_empty());
    reason
}

/// The request of a step with a handler of the test's own.
fn on_visitor(
    step: &'static Transition,
    handler: impl Fn(&secure_session::Session<Visitor>) + 'static,
) -> actix_secure_session_tests::app::Answer {
    let cookies = step.cookie_header.as_deref();
    request::<Visitor>(&step.server::<Visitor>(), cookies, move |session| {
        handler(session);
        StatusCode::OK
    })
}

#[test]
fn every_quirk_of_the_file_is_done_otherwise_or_decided_on() {
    for quirk in &QUIRKS {
        println!("{}: {}", quirk.entry, quirk.here);
        (quirk.shown_by)();
    }
}

#[test]
fn every_entry_of_the_file_is_a_must_or_stands_in_the_table() {
    let file = recorded();
    let vectors = file.vectors.iter().map(|entry| ("v", &entry.name, entry.level));
    let transitions = file.transitions.iter().map(|entry| ("t", &entry.name, entry.level));
    let inputs = file.key_inputs.iter().map(|entry| ("k", &entry.name, entry.level));
    let all = vectors.chain(transitions).chain(inputs);
    let quirks = all.filter(|(.., level)| *level == Level::Quirk);
    let recorded: BTreeSet<String> = quirks.map(|(kind, name, _)| format!("{kind}:{name}")).collect();
    let listed: BTreeSet<String> = QUIRKS.iter().map(|quirk| quirk.entry.to_owned()).collect();
    assert_eq!(recorded, listed);
    assert_eq!(listed.len(), QUIRKS.len(), "none stands twice");
}

#[test]
fn the_table_in_the_manual_has_every_quirk() {
    let manual = include_str!("../../secure-session/src/manual/coming_from_node.md");
    for quirk in &QUIRKS {
        let entry = format!("`{}`", quirk.entry);
        assert!(manual.contains(&entry), "{entry} is not in the manual");
    }
}

/// A value that the file holds only as text.
#[test]
fn data_that_json_readers_refuse_is_null_in_the_file() {
    let vector = recorded().vector("lone-surrogate");
    let text = vector.data_json.as_ref().unwrap();
    assert!(serde_json::from_str::<Value>(text).is_err(), "{text}");
}
