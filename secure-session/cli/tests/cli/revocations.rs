//! Revoked sessions: `inspect`, `entries` and `revoke` with a store that the library writes and reads.

use std::{
    fs::File,
    future::Future,
    time::{Duration, Instant},
};

use secure_session::{
    Key, Position, RejectReason, RevocationEntry, RevocationStore as _, Revocations, SecureSession,
    SqliteStore, codec::Codec, test_util::TestClock,
};
use serde_json::{Value, json, value::RawValue};
use tokio::runtime::{Builder, Runtime};

use crate::support::{KEY, OTHER_KEY, Outcome, call, fastify_cookie, file};

#[derive(SecureSession, Clone)]
#[session(revocable, purpose = "pay")]
struct Auth {
    #[session(identity, rename = "uid")]
    user_id: Option<u64>,
    #[session(revoke_by)]
    email: Option<String>,
    #[session(revoke_by)]
    serial: Option<u128>,
    visits: u32,
}

/// A string that the library escapes, and a number above 64 bits.
const EMAIL: &str = "ada's \"\u{e9}\u{1b}\\/\"@example.com";
const SERIAL: u128 = u128::MAX;

fn ada() -> Auth {
    Auth {
        user_id: Some(42),
        email: Some(EMAIL.to_owned()),
        serial: Some(SERIAL),
        visits: 1,
    }
}

/// The year 2100: `revoke` refuses entries that have ended by the system clock.
const NOW: u64 = 4_102_444_800;

/// The names that belong to the keys of these sessions.
const NAMES: &str = "--name __Host-auth --application shop --purpose pay --now 4102444800";

/// A running process of the application, and the store that it uses.
struct Shop {
    path: String,
    store: String,
    revocations: Revocations,
    codec: Codec<Auth>,
    runtime: Runtime,
}

impl Shop {
    /// Opens an application with a new store.
    fn new(name: &str) -> Self {
        let path = file(name, "");
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        let clock = TestClock::at_millis(NOW * 1000);
        // A store whose clock is ahead would delete entries that the command has just appended.
        let store = SqliteStore::open(&path).expect("a store");
        let revocations = Revocations::builder().clock(&clock).with_store(store);
        let revocations = runtime.block_on(revocations).expect("a list");
        let codec = Codec::<Auth>::builder(Key::from_hex(KEY).expect("a key"))
            .application("shop")
            .revocations(&revocations)
            .clock(&clock)
            .trivial_keys()
            .build();
        Self {
            store: format!("sqlite:{path}"),
            path,
            revocations,
            codec: codec.expect("a sound policy"),
            runtime,
        }
    }

    /// The cookie of a user who signs in now.
    fn cookie(&self, value: &Auth) -> String {
        self.codec.seal(value).expect("storable")
    }

    /// Waits until the store has what the process revoked.
    fn revoke<T>(&self, revoked: impl Future<Output = T>) {
        drop(revoked);
        let flushed = self.runtime.block_on(self.revocations.flush());
        flushed.expect("the store has it");
    }

    fn log_out(&self, cookie: &str) {
        let id = self.codec.open(cookie).expect("a session").id();
        self.revoke(self.revocations.revoke_session::<Auth>(id));
    }

    /// Waits until the process refuses a cookie that another process revoked.
    fn await_refusal(&self, cookie: &str) {
        self.wait(|| (self.codec.open(cookie).err() == Some(RejectReason::Revoked)).then_some(()));
    }

    /// The cookie of a user who signs in after the process has read its own entries.
    fn await_login(&self, value: &Auth) -> String {
        self.wait(|| Some(self.cookie(value)).filter(|cookie| self.codec.open(cookie).is_ok()))
    }

    /// Waits for the process, which reads the store on another thread.
    fn wait<T>(&self, mut found: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "not within 10 s");
            let pause = async { tokio::time::sleep(Duration::from_millis(5)).await };
            self.runtime.block_on(pause);
        }
    }

    /// Appends entries as they are.
    fn append(&self, entries: &[RevocationEntry]) {
        let store = SqliteStore::open(&self.path).expect("a store");
        let appended = self.runtime.block_on(store.append(entries));
        appended.expect("the store has them");
    }

    fn entries(&self) -> Vec<RevocationEntry> {
        let store = SqliteStore::open(&self.path).expect("a store");
        let start = Position::START;
        let page = store.read(&start, Duration::ZERO);
        self.runtime.block_on(page).expect("a page").entries
    }

    fn run(&self, arguments: &str, stdin: &str) -> Outcome {
        call(arguments)
            .revocations(&self.store)
            .keys(KEY)
            .stdin(stdin)
            .run()
    }

    fn inspect(&self, options: &str, cookie: &str) -> Outcome {
        self.run(&format!("inspect {NAMES} {options}"), cookie)
    }

    fn is_revoked(&self, cookie: &str) -> bool {
        let object = self.inspect("--json", cookie).json();
        object["reason"] == "revoked"
    }

    /// Runs `revoke` with this condition, which may contain spaces.
    fn revoke_where(&self, condition: &str) -> Outcome {
        call(&format!("revoke {NAMES} --where"))
            .with(condition)
            .revocations(&self.store)
            .run()
    }
}

/// How a sentence about several sessions ends.
const NOT_LATER: &str = "and this one was not signed in after that";

fn assert_says(shown: &str, parts: &[&str]) {
    for part in parts {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }
}

#[test]
fn inspect_reports_a_session_that_was_ended() {
    let shop = Shop::new("inspect-session.db");
    let [ended, other] = [(); 2].map(|()| shop.cookie(&ada()));
    shop.log_out(&ended);
    let shown = shop.inspect("", &ended).refusal();
    assert_says(
        &shown,
        &[
            "reason        revoked\n              the session itself was ended",
            "created       2100-01-01 00:00:00 UTC (now)\n",
            "  \"uid\": 42,\n",
        ],
    );
    let object = shop.inspect("--json", &ended).json();
    assert_eq!(object["reason"], "revoked");
    assert!(object["data"].is_null() && object["limit"].is_null());
    assert_eq!(object["created"], NOW);
    let by_id = json!({"revoked_by": [{"kind": "session"}], "may_be_incomplete": false});
    assert_eq!(object["revocations"], by_id);

    assert_says(&shop.inspect("", &other).text(), &["revoked       no\n"]);
    let object = shop.inspect("--json", &other).json();
    let by_nothing = json!({"revoked_by": [], "may_be_incomplete": false});
    assert_eq!(object["revocations"], by_nothing);
}

#[test]
fn inspect_reports_all_sessions_of_a_value() {
    for (selector, member, text) in [
        (AuthSelector::UserId(42), "uid", "42".to_owned()),
        (
            AuthSelector::Email(EMAIL.to_owned()),
            "email",
            json!(EMAIL).to_string(),
        ),
        (AuthSelector::Serial(SERIAL), "serial", SERIAL.to_string()),
    ] {
        let shop = Shop::new(&format!("inspect-{member}.db"));
        let cookie = shop.cookie(&ada());
        let mut other = ada();
        (other.user_id, other.email, other.serial) = (Some(7), None, Some(1));
        let other = shop.cookie(&other);
        shop.revoke(shop.revocations.revoke_all(selector));
        let sentence = format!("all sessions with `{member}` {text} were ended, {NOT_LATER}");
        assert_says(&shop.inspect("", &cookie).refusal(), &[&sentence]);
        let object = shop.inspect("--json", &cookie).json();
        let by_group = json!([{"kind": "group", "member": member}]);
        assert_eq!(object["revocations"]["revoked_by"], by_group);
        assert!(!shop.is_revoked(&other));
    }
}

#[test]
fn inspect_accepts_a_login_after_all_sessions_were_ended() {
    for name in ["group", "type"] {
        let shop = Shop::new(&format!("inspect-later-{name}.db"));
        let before = shop.cookie(&ada());
        if name == "group" {
            shop.revoke(shop.revocations.revoke_all(AuthSelector::UserId(42)));
        } else {
            shop.revoke(shop.revocations.revoke_everyone::<Auth>());
        }
        let after = shop.await_login(&ada());
        assert!(shop.is_revoked(&before) && !shop.is_revoked(&after));
    }
}

#[test]
fn inspect_reports_all_sessions_of_the_name() {
    let shop = Shop::new("inspect-type.db");
    let cookie = shop.cookie(&ada());
    shop.revoke(shop.revocations.revoke_everyone::<Auth>());
    let shown = shop.inspect("", &cookie).refusal();
    let sentence = format!("all sessions of this name were ended, {NOT_LATER}");
    assert_says(&shown, &[&sentence]);
    let object = shop.inspect("--json", &cookie).json();
    assert_eq!(
        object["revocations"]["revoked_by"],
        json!([{"kind": "type"}])
    );
}

#[test]
fn inspect_reports_the_revocation_of_an_expired_session() {
    let shop = Shop::new("inspect-expired.db");
    let [ended, other] = [(); 2].map(|()| shop.cookie(&ada()));
    shop.run(&format!("revoke {NAMES} --cookie"), &ended).text();
    let later = format!("--now {}", NOW + 1800);
    let shown = shop.inspect(&later, &ended).refusal();
    let revoked = "revoked       the session itself was ended, such as by a logout\n";
    assert_says(&shown, &["reason        expired (idle limit)\n", revoked]);
    let object = shop.inspect(&format!("--json {later}"), &ended).json();
    assert_eq!(object["reason"], "expired");
    let by_id = json!([{"kind": "session"}]);
    assert_eq!(object["revocations"]["revoked_by"], by_id);
    let shown = shop.inspect(&later, &other).refusal();
    assert_says(&shown, &["revoked       no\n"]);
}

#[test]
fn inspect_without_a_store_looks_for_no_revocation() {
    let shop = Shop::new("inspect-without.db");
    let cookie = shop.cookie(&ada());
    shop.log_out(&cookie);
    let inspect = |options: &str| {
        let arguments = format!("inspect {NAMES} {options}");
        call(&arguments).keys(KEY).stdin(&cookie).run()
    };
    assert!(!inspect("").text().contains("revoked"));
    assert!(inspect("--json").json().get("revocations").is_none());
}

#[test]
fn redacted_inspection_does_not_show_the_value_of_a_group() {
    let shop = Shop::new("inspect-redact.db");
    let cookie = shop.cookie(&ada());
    shop.revoke(shop.revocations.revoke_all(AuthSelector::Serial(SERIAL)));
    let shown = shop.inspect("--redact", &cookie).refusal();
    let sentence = format!("all sessions with the same `serial` were ended, {NOT_LATER}");
    assert_says(&shown, &[&sentence]);
    let json = shop.inspect("--redact --json", &cookie).stdout;
    assert!(!shown.contains(&SERIAL.to_string()), "{shown}");
    assert!(!json.contains(&SERIAL.to_string()), "{json}");
}

#[test]
fn first_cookie_that_is_not_revoked_is_shown() {
    let shop = Shop::new("inspect-several.db");
    let [ended, other] = [(); 2].map(|()| shop.cookie(&ada()));
    shop.log_out(&ended);
    let header = format!("Cookie: __Host-auth={ended}; __Host-auth={other}");
    let object = shop.inspect("--json", &header).json();
    assert_eq!(object["opens"], true);
    let header = format!("Cookie: __Host-auth=junk; __Host-auth={ended}");
    assert!(shop.is_revoked(&header));
}

#[test]
fn entries_that_have_run_out_revoke_nothing() {
    let shop = Shop::new("inspect-run-out.db");
    let cookie = shop.cookie(&ada());
    for revoke in ["--cookie", "--where uid=42", "--everyone --yes"] {
        let revoke = format!("revoke {NAMES} --until 2m {revoke}");
        shop.run(&revoke, &cookie).text();
    }
    for (now, is_revoked) in [(NOW + 119, true), (NOW + 120, false)] {
        let inspect = shop.inspect(&format!("--json --now {now}"), &cookie);
        assert_eq!(inspect.json()["reason"] == "revoked", is_revoked, "{now}");
        let entries = shop.run(&format!("entries --json --now {now}"), "").text();
        let entries: Value = serde_json::from_str(&entries).expect("JSON");
        assert_eq!(entries["run_out"], if is_revoked { 0 } else { 3 });
        assert_eq!(entries["sessions"], i32::from(is_revoked));
    }
}

/// An entry with this version, which is otherwise empty.
fn of_version(version: u8) -> RevocationEntry {
    let mut bytes = [0; RevocationEntry::LEN];
    bytes[0] = version;
    RevocationEntry::from_bytes(bytes)
}

#[test]
fn entries_of_a_newer_version_make_an_inspection_incomplete() {
    let shop = Shop::new("inspect-newer.db");
    let cookie = shop.cookie(&ada());
    shop.append(&[of_version(2)]);
    let shown = shop.inspect("", &cookie).text();
    let parts = [
        "revoked       no\n",
        "a newer version of the library",
        "may be incomplete",
    ];
    assert_says(&shown, &parts);
    let object = shop.inspect("--json", &cookie).json();
    assert_eq!(object["revocations"]["may_be_incomplete"], true);
}

#[test]
fn entries_are_counted_by_kind_and_session() {
    let shop = Shop::new("entries.db");
    let cookie = shop.cookie(&ada());
    let revoke = |revoke: &str| shop.run(&format!("revoke {revoke}"), &cookie).text();
    // The same session with two ends, and a group with two numbers.
    revoke(&format!("{NAMES} --cookie"));
    revoke(&format!("{NAMES} --cookie --until 1d"));
    revoke(&format!("{NAMES} --where uid=42"));
    revoke(&format!("{NAMES} --where uid=42"));
    revoke(&format!("{NAMES} --where uid=43"));
    for _ in 0..2 {
        revoke(&format!("{NAMES} --everyone --yes"));
    }
    revoke("--name __Host-auth --everyone --yes --now 4102444800");
    // An entry of the year 2098 has run out.
    revoke("--name __Host-auth --everyone --yes --now 4039372800 --until 1d");
    let mut fence = [0; RevocationEntry::LEN];
    (fence[0], fence[1], fence[9]) = (1, 4, 1);
    let fence = RevocationEntry::from_bytes(fence);
    shop.append(&[of_version(0), of_version(2), of_version(3), fence]);

    let text = shop.run("entries --now 4102444800", "").text();
    let counts = "entries       13\n\
                  sessions      1\n\
                  groups        2\n\
                  types         3\n\
                  fences        1\n\
                  run out       1\n\
                  newer         2\n\
                  junk          1\n";
    assert_eq!(text, counts);
    let json = shop.run("entries --json --now 4102444800", "").text();
    let all = r#"{"entries":13,"sessions":1,"groups":2,"types":3,"fences":1,"run_out":1,"newer":2,"junk":1}"#;
    assert_eq!(json, format!("{all}\n"));
    for (names, count) in [(NAMES, 2), ("--name __Host-auth --now 4102444800", 1)] {
        let text = shop.run(&format!("entries {names}"), "").text();
        assert_says(
            &text,
            &["types         3\n", &format!("of session    {count}\n")],
        );
        let json = shop.run(&format!("entries --json {names}"), "").text();
        assert_says(&json, &[&format!(r#""types":3,"of_session":{count},"#)]);
    }
}

#[test]
fn entries_of_many_pages_are_counted() {
    let shop = Shop::new("entries-many.db");
    let session = |index: u32| {
        let mut bytes = [0; RevocationEntry::LEN];
        (bytes[0], bytes[1]) = (1, 1);
        bytes[2..6].copy_from_slice(&index.to_be_bytes());
        bytes[18..22].copy_from_slice(&u32::MAX.to_be_bytes());
        RevocationEntry::from_bytes(bytes)
    };
    let entries: Vec<_> = (0..2500).map(session).collect();
    shop.append(&entries);
    let text = shop.run("entries", "").text();
    assert_says(&text, &["entries       2500\n", "sessions      2500\n"]);
}

#[test]
fn application_and_purpose_of_entries_need_a_name() {
    let shop = Shop::new("entries-names.db");
    for options in ["--application a", "--purpose a"] {
        let trouble = shop.run(&format!("entries {options}"), "").trouble();
        assert_says(&trouble, &["need `--name`"]);
    }
}

#[test]
fn revoked_cookie_is_refused_by_a_running_process() {
    let shop = Shop::new("revoke-cookie.db");
    let [ended, other] = [(); 2].map(|()| shop.cookie(&ada()));
    let header = format!("Set-Cookie: __Host-auth={ended}; Path=/; Secure");
    let said = shop
        .run(&format!("revoke {NAMES} --cookie"), &header)
        .text();
    let expected = "Ended the session in the cookie `__Host-auth`. The entry counts until \
                    2101-02-06 00:00:00 UTC (in 401d).\n\
                    Running processes read it within a second.\n";
    assert_says(&said, &[expected, "if it is not `revocable`"]);
    shop.await_refusal(&ended);
    assert!(shop.codec.open(&other).is_ok());
    assert!(shop.is_revoked(&ended) && !shop.is_revoked(&other));
}

#[test]
fn value_is_revoked_with_the_text_that_the_library_writes() {
    for (name, condition, shown) in [
        ("number", "uid=42".to_owned(), "`uid` is 42 and"),
        ("blanks", "uid= 42 ".to_owned(), "`uid` is 42 and"),
        // Other escapes than those of the library.
        (
            "string",
            "email=\"\\u0061da's \\\"é\\u001B\\\\\\/\\\"@example.com\"".to_owned(),
            r#"`email` is "ada's \"é\u001b\\/\"@example.com" and"#,
        ),
        (
            "long",
            format!("serial={SERIAL}"),
            "`serial` is 340282366920938463463374607431768211455 and",
        ),
    ] {
        let shop = Shop::new(&format!("revoke-{name}.db"));
        let cookie = shop.cookie(&ada());
        let said = shop.revoke_where(&condition).text();
        let number = shop.entries().last().and_then(RevocationEntry::number);
        let number = number.expect("a number");
        let expected = format!(
            "Ended the sessions of `__Host-auth` (application `shop`, purpose `pay`) whose field \
             {shown} that were signed in before now. The entry (number {number}) counts until \
             2101-02-06 00:00:00 UTC (in 401d).\n\
             Running processes read it within a second.\n\
             This command does not know the struct. A mistyped field, name, application or purpose \
             revokes nothing,\n\
             and neither does a value of another type: 42 is an integer, '\"42\"' a string.\n"
        );
        assert_eq!(said, expected);
        shop.await_refusal(&cookie);
        assert!(shop.is_revoked(&cookie));
        // A later login is above the entry.
        assert!(shop.codec.open(shop.cookie(&ada())).is_ok());
    }
}

#[test]
fn everyone_is_revoked_only_with_yes() {
    let shop = Shop::new("revoke-everyone.db");
    let cookie = shop.cookie(&ada());
    let said = shop.run(&format!("revoke {NAMES} --everyone"), "").text();
    let would = "Would end all sessions of `__Host-auth` (application `shop`, purpose `pay`) that \
                 were signed in before now. The entry would count until 2101-02-06 00:00:00 UTC (in \
                 401d).\n\
                 Nothing was appended; add `--yes` to do it.\n";
    assert_eq!(said, would);
    assert!(shop.entries().is_empty());
    let said = shop
        .run(&format!("revoke {NAMES} --everyone --yes"), "")
        .text();
    let parts = [
        "Ended all sessions of `__Host-auth` (application `shop`, purpose `pay`) that were signed in \
         before now. The entry (number ",
        ") counts until 2101-02-06 00:00:00 UTC (in 401d).\n",
        "A mistyped name, application or purpose revokes nothing.\n",
    ];
    assert_says(&said, &parts);
    shop.await_refusal(&cookie);
    assert!(shop.is_revoked(&cookie));
}

#[test]
fn other_names_revoke_nothing_of_this_session() {
    let shop = Shop::new("revoke-names.db");
    let cookie = shop.cookie(&ada());
    for names in [
        "--name __Host-auth --application shop",
        "--name __Host-auth --purpose pay",
        "--name auth --application shop --purpose pay",
    ] {
        for sessions in ["--where uid=42", "--everyone --yes"] {
            shop.run(&format!("revoke {names} {sessions}"), "").text();
        }
    }
    for condition in ["user_id=42", "uid=\"42\"", "uid=421", "email=42"] {
        shop.revoke_where(condition).text();
    }
    assert!(!shop.is_revoked(&cookie));
}

#[test]
fn only_the_first_equals_sign_separates_field_and_value() {
    let shop = Shop::new("revoke-equals.db");
    let said = shop.revoke_where("token=\"a=b=\"").text();
    assert_says(&said, &["field `token` is \"a=b=\" and"]);
}

#[test]
fn fastify_cookie_is_not_revoked() {
    let shop = Shop::new("revoke-fastify.db");
    let cookie = fastify_cookie();
    let refused = shop.run("revoke --name session --cookie", &cookie);
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
    let what = "cookies of the fastify format cannot be revoked";
    assert_says(&refused.stderr, &[what]);
    assert!(!refused.stderr.contains("--format"), "{refused:?}");
    assert!(!refused.stderr.contains(&cookie[..16]), "{refused:?}");
    assert!(shop.entries().is_empty());
}

#[test]
fn idle_session_is_revoked_and_an_expired_one_is_not() {
    let shop = Shop::new("revoke-expired.db");
    let cookie = shop.cookie(&ada());
    let revoke = |now: u64, options: &str| {
        let arguments = format!("revoke {NAMES} --cookie --now {now} {options}");
        shop.run(&arguments, &cookie)
    };
    // From the future, idle, and with a longer limit.
    for (now, options) in [
        (NOW - 1000, ""),
        (NOW + 3600, ""),
        (NOW + 43_200, "--absolute 1d"),
    ] {
        revoke(now, options).text();
    }
    let appended = shop.entries().len();
    for (now, options) in [(NOW + 43_200, ""), (NOW + 600, "--absolute 10m")] {
        let refused = revoke(now, options);
        assert_eq!((refused.status, refused.stdout.as_str()), (1, ""));
        let what = "the cookie does not open: expired (absolute limit)";
        assert_says(&refused.stderr, &[what]);
    }
    assert_eq!(shop.entries().len(), appended);
}

#[test]
fn cookie_that_does_not_open_is_not_revoked() {
    let shop = Shop::new("revoke-closed.db");
    let cookie = shop.cookie(&ada());
    let foreign = cookie.replacen('A', "B", 1);
    for (names, input, key, what) in [
        (
            NAMES,
            cookie.as_str(),
            OTHER_KEY,
            "the only key did not encrypt it",
        ),
        ("--name __Host-auth", &cookie, KEY, "unknown-key"),
        (NAMES, &foreign, KEY, "malformed"),
        (NAMES, &cookie[..60], KEY, "forged"),
        (NAMES, "Cookie: a=1", KEY, "found: a"),
        (NAMES, "", KEY, "no cookie on standard input"),
    ] {
        let arguments = format!("revoke {names} --cookie");
        let revoke = call(&arguments).revocations(&shop.store);
        let refused = revoke.keys(key).stdin(input).run();
        assert_eq!(
            (refused.status, refused.stdout.as_str()),
            (1, ""),
            "{refused:?}"
        );
        assert_says(&refused.stderr, &["the cookie does not open: ", what]);
        assert!(!refused.stderr.contains(&cookie[..20]), "{refused:?}");
        assert!(!refused.stderr.contains(&key[..16]), "{refused:?}");
    }
    let arguments = format!("revoke {NAMES} --cookie");
    let without = call(&arguments).revocations(&shop.store).stdin(&cookie);
    let trouble = without.run().trouble();
    assert_says(&trouble, &["`SESSION_KEYS` is not set"]);
    assert!(shop.entries().is_empty());
}

#[test]
fn session_with_an_unreadable_member_is_revoked() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-note")]
    struct Note {
        text: Box<RawValue>,
    }
    // Half a surrogate pair, as JavaScript writes it.
    let text = RawValue::from_string(r#""\ud800""#.to_owned()).expect("JSON");
    let codec = Codec::<Note>::builder(Key::from_hex(KEY).expect("a key"));
    let clock = TestClock::at_millis(NOW * 1000);
    let codec = codec.clock(&clock).trivial_keys().build();
    let codec = codec.expect("a sound policy");
    let cookie = codec.seal(&Note { text }).expect("storable");
    let shop = Shop::new("revoke-unreadable.db");
    let revoke = format!("revoke --name __Host-note --cookie --now {NOW}");
    shop.run(&revoke, &cookie).text();
    assert_eq!(shop.entries().len(), 1);
}

#[test]
fn every_session_in_the_cookies_of_a_header_is_revoked() {
    let shop = Shop::new("revoke-several.db");
    let [one, two] = [(); 2].map(|()| shop.cookie(&ada()));
    let header = format!("Cookie: __Host-auth={one}; __Host-auth=junk; __Host-auth={two}");
    let said = shop
        .run(&format!("revoke {NAMES} --cookie"), &header)
        .text();
    assert_says(
        &said,
        &["Ended the 2 sessions in the cookies `__Host-auth`. The entries count until "],
    );
    assert!(shop.is_revoked(&one) && shop.is_revoked(&two));
}

#[test]
fn option_is_used_in_place_of_the_variable() {
    let shop = Shop::new("option.db");
    shop.revoke_where("uid=42").text();
    let entries = call("entries --revocations").with(&shop.store);
    let text = entries.revocations("sqlite:no/such/file").run().text();
    assert_says(&text, &["groups        1\n"]);
}

#[test]
fn exactly_one_selection_of_sessions_is_required() {
    let shop = Shop::new("revoke-selection.db");
    for selection in [
        "",
        "--yes",
        "--cookie --everyone",
        "--cookie --where a=1",
        "--where a=1 --everyone",
        "--where a=1 --where b=1",
        "--cookie --where a=1 --everyone --yes",
    ] {
        let trouble = shop
            .run(&format!("revoke {NAMES} {selection}"), "")
            .trouble();
        assert_says(&trouble, &["`--cookie`", "`--where", "`--everyone`"]);
    }
    for selection in ["--cookie --yes", "--where a=1 --yes"] {
        let trouble = shop
            .run(&format!("revoke {NAMES} {selection}"), "")
            .trouble();
        assert_says(&trouble, &["`--yes` is only for `--everyone`"]);
    }
    let trouble = shop.run("revoke --everyone", "").trouble();
    assert_says(&trouble, &["`--name` is required"]);
    assert!(shop.entries().is_empty());
}

#[test]
fn options_for_opening_a_cookie_are_refused_without_one() {
    let shop = Shop::new("revoke-options.db");
    for sessions in ["--where a=1", "--everyone"] {
        for (option, what) in [
            ("--absolute 1h", "`--absolute`"),
            ("--key-env A", "`--key-env`"),
            ("--key-file a", "`--key-file`"),
            ("--passphrase-file a", "`--passphrase-file`"),
            ("--fastify-default-salt", "a salt"),
        ] {
            let revoke = format!("revoke {NAMES} {sessions} {option}");
            let what = format!("secure-session: {what} is only for `--cookie`; remove it\n");
            assert_says(&shop.run(&revoke, "").trouble(), &[&what]);
        }
    }
    assert!(shop.entries().is_empty());
}

#[test]
fn value_that_groups_no_sessions_is_refused_with_its_quoted_form() {
    let shop = Shop::new("revoke-values.db");
    let is_not = "an integer, `true`, `false` or a string, and is";
    let is_no_integer = "a number that is not written as an integer";
    let is_long = "an integer of more than 128 bits";
    for (condition, kind, form) in [
        ("code=null", "`null`", r#"code='"null"'"#),
        ("a=[\"b's\"]", "an array", r#"a='"[\"b\u0027s\"]"'"#),
        ("a={\"b\":1}", "an object", r#"a='"{\"b\":1}"'"#),
        ("a=1.0", is_no_integer, r#"a='"1.0"'"#),
        ("a=1e5", is_no_integer, r#"a='"1e5"'"#),
        ("a=-0", "`-0`", r#"a='"-0"'"#),
        (
            "a=340282366920938463463374607431768211456",
            is_long,
            r#"a='"340282366920938463463374607431768211456"'"#,
        ),
        (
            "a=-170141183460469231731687303715884105729",
            is_long,
            r#"a='"-170141183460469231731687303715884105729"'"#,
        ),
    ] {
        let what = format!("{is_not} {kind}; write a string as `--where {form}`\n");
        assert_says(&shop.revoke_where(condition).trouble(), &[&what]);
    }
    assert!(shop.entries().is_empty());
    shop.revoke_where("a=-170141183460469231731687303715884105728")
        .text();
}

#[test]
fn value_that_is_not_json_is_refused_with_its_quoted_form() {
    let shop = Shop::new("revoke-not-json.db");
    for (condition, form) in [
        ("a=042", r#"a='"042"'"#),
        ("email=ada@example.com", r#"email='"ada@example.com"'"#),
        ("a.b-c_D=b's \"c\"", r#"a.b-c_D='"b\u0027s \"c\""'"#),
        ("a=\"\\ud800\"", r#"a='"\"\\ud800\""'"#),
        (
            "a=\u{1b}\u{9b}\u{202e}\n\u{e0041}",
            "a='\"\\u001b\\u009b\\u202e\\n\\udb40\\udc41\"'",
        ),
    ] {
        let what = format!("is not JSON; write a string as `--where {form}`, and an integer");
        assert_says(&shop.revoke_where(condition).trouble(), &[&what]);
    }
    assert!(shop.entries().is_empty());
}

#[test]
fn condition_that_is_no_field_and_value_is_not_repeated() {
    let shop = Shop::new("revoke-conditions.db");
    let base64 = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
    let long = format!("{}=x", "s3cr3t".repeat(11));
    for condition in [
        base64,
        "AQIDBAUGBwgJCgsMDQ4PEA==",
        KEY,
        "s3cr3t",
        "s3cr3t=",
        "s3cr3t= ",
        "=1",
        "=s3cr3t",
        "s3cr3t/a=null",
        "a b=s3cr3t",
        "s3cr3t\u{1b}=x",
        &long,
    ] {
        let trouble = shop.revoke_where(condition).trouble();
        let message = "secure-session: `--where` must be `FIELD=JSON`, such as `--where user_id=42` \
                       or `--where email='\"ada@example.com\"'`\n\
                       Try `secure-session revoke --help`.\n";
        assert_eq!(trouble, message);
    }
    assert!(shop.entries().is_empty());
}

#[test]
fn value_as_long_as_a_key_or_a_cookie_is_not_repeated() {
    let shop = Shop::new("revoke-long-value.db");
    for secret in [KEY, &shop.cookie(&ada())] {
        let trouble = shop.revoke_where(&format!("auth=x{secret}")).trouble();
        assert_says(&trouble, &["write a string as `--where auth='\"…\"'`"]);
        assert!(!trouble.contains(&secret[..16]), "{trouble}");
    }
}

#[test]
fn quoted_form_of_an_error_revokes_the_text() {
    let shop = Shop::new("revoke-quoted.db");
    let cookie = shop.cookie(&ada());
    let trouble = shop.revoke_where(&format!("email={EMAIL}")).trouble();
    let form = trouble.split_once("`--where ").expect("the form").1;
    let (form, _) = form.split_once("'`,").expect("its end");
    shop.revoke_where(&form.replacen("='", "=", 1)).text();
    assert!(shop.is_revoked(&cookie));
}

#[test]
fn end_of_an_entry_is_at_most_401_days_away() {
    let shop = Shop::new("revoke-until.db");
    for until in [
        "0s",
        "0d",
        "402d",
        "577441m",
        "none",
        "tomorrow",
        "1800000000",
    ] {
        let revoke = format!("revoke {NAMES} --where uid=42 --until {until}");
        let trouble = shop.run(&revoke, "").trouble();
        assert_says(&trouble, &["`--until` must be", "from `1s` to `401d`"]);
    }
    assert!(shop.entries().is_empty());
    for (until, end) in [
        ("", "2101-02-06 00:00:00 UTC (in 401d)"),
        ("--until 401d", "2101-02-06 00:00:00 UTC (in 401d)"),
        ("--until 12h", "2100-01-01 12:00:00 UTC (in 12h)"),
        ("--until 61s", "2100-01-01 00:02:00 UTC (in 2m)"),
    ] {
        let revoke = format!("revoke {NAMES} --where uid=42 {until}");
        assert_says(&shop.run(&revoke, "").text(), &[end]);
    }
    // Minutes are at most 32 bits.
    let late = format!("revoke --name a --where uid=42 --now {}", u64::MAX / 1000);
    shop.run(&late, "").text();
}

#[test]
fn entry_that_has_ended_by_the_system_clock_is_refused() {
    let shop = Shop::new("revoke-past.db");
    for sessions in ["--where uid=42", "--everyone", "--everyone --yes"] {
        let revoke = format!("revoke --name a {sessions} --until 1d --now 1700000000");
        let trouble = shop.run(&revoke, "").trouble();
        assert_says(&trouble, &["would have ended already by the system clock"]);
    }
    assert!(shop.entries().is_empty());
}

#[test]
fn failed_output_of_revoke_says_that_the_entry_was_appended() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return;
    };
    let shop = Shop::new("revoke-full.db");
    let call = call("revoke --name a --where uid=42").revocations(&shop.store);
    let output = call.command().stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let what = "secure-session: the entry was appended, but standard output cannot be written: ";
    assert!(stderr.starts_with(what), "{stderr}");
    assert_eq!(shop.entries().len(), 1);
}

#[test]
fn names_that_no_cookie_can_have_are_refused() {
    let shop = Shop::new("revoke-bad-name.db");
    for command in ["revoke --everyone --yes --name", "entries --name"] {
        for name in ["", "a b", "\u{1b}", "__Host-"] {
            let call = call(command).with(name).revocations(&shop.store);
            assert_says(&call.run().trouble(), &["name"]);
        }
    }
    assert!(shop.entries().is_empty());
}

#[test]
fn output_of_revoke_contains_no_control_characters() {
    let shop = Shop::new("revoke-clean.db");
    let dirty = "\u{1b}\u{9b}31m\u{202e}\n";
    let condition = format!("{dirty}={}", json!(dirty));
    for selection in ["--where", "--everyone"] {
        let mut call = call("revoke --name a --application").with(dirty);
        call = call.with("--purpose").with(dirty).with(selection);
        if selection == "--where" {
            call = call.with(&condition);
        }
        let said = call.revocations(&shop.store).run().text();
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.contains(raw), "{said:?}");
        assert_says(&said, &["application `\\u001b\\u009b31m\\u202e\\u000a`"]);
    }
}

#[test]
fn store_of_a_newer_version_is_an_error_with_only_its_cause() {
    let shop = Shop::new("newer.db");
    let cookie = shop.cookie(&ada());
    let path = shop.path.clone();
    drop(shop);
    let mut bytes = std::fs::read(&path).expect("the file");
    // The lowest byte of `user_version` in SQLite's header.
    bytes[63] = 9;
    std::fs::write(&path, bytes).expect("the file");
    for command in ["entries", "inspect --name a", "revoke --name a --where b=1"] {
        let call = call(command).keys(KEY).stdin(&cookie);
        let trouble = call.revocations(&format!("sqlite:{path}")).run().trouble();
        let what =
            format!("secure-session: revocation store: the file `{path}` was written by a newer");
        assert_says(&trouble, &[&what]);
        assert!(!trouble.contains("not available"), "{trouble}");
        assert!(!trouble.contains(&cookie[..20]), "{trouble}");
    }
}

#[test]
fn time_of_a_dry_run_is_the_given_one() {
    let shop = Shop::new("revoke-now.db");
    let revoke = format!("revoke --name a --everyone --until 1h --now {NOW}");
    let said = shop.run(&revoke, "").text();
    assert_says(
        &said,
        &["would count until 2100-01-01 01:00:00 UTC (in 1h)"],
    );
}
