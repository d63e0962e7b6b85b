//! Revoked sessions: `inspect` and `entries` with a store that the library writes.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use secure_session::{
    Key, Position, RejectReason, RevocationEntry, RevocationStore as _, Revocations, SecureSession,
    SqliteStore, codec::Codec, test_util::TestClock,
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::{KEY, Outcome, call, file};

#[derive(SecureSession, Clone)]
#[session(revocable, purpose = "pay")]
pub(crate) struct Auth {
    #[session(identity, rename = "uid")]
    user_id: Option<u64>,
    #[session(revoke_by)]
    email: Option<String>,
    #[session(revoke_by)]
    serial: Option<u128>,
    visits: u32,
}

/// A string that the library escapes, and a number above 64 bits.
pub(crate) const EMAIL: &str = "ada's \"\u{e9}\u{1b}\\/\"@example.com";
pub(crate) const SERIAL: u128 = u128::MAX;

pub(crate) fn ada() -> Auth {
    Auth {
        user_id: Some(42),
        email: Some(EMAIL.to_owned()),
        serial: Some(SERIAL),
        visits: 1,
    }
}

/// The year 2100: `revoke` refuses entries that have ended by the system clock.
pub(crate) const NOW: u64 = 4_102_444_800;

/// The names that belong to the keys of these sessions.
pub(crate) const NAMES: &str =
    "--name __Host-auth --application shop --purpose pay --now 4102444800";

/// A running process of the application, and the store that it uses.
pub(crate) struct Shop {
    pub(crate) path: String,
    pub(crate) store: String,
    revocations: Revocations,
    pub(crate) codec: Codec<Auth>,
    runtime: Runtime,
}

impl Shop {
    /// Opens an application with a new store.
    pub(crate) fn new(name: &str) -> Self {
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
    pub(crate) fn cookie(&self, value: &Auth) -> String {
        self.codec.seal(value).expect("storable")
    }

    /// Waits until the store has what the process revoked.
    pub(crate) fn revoke<T>(&self, revoked: impl Future<Output = T>) {
        drop(revoked);
        let flushed = self.runtime.block_on(self.revocations.flush());
        flushed.expect("the store has it");
    }

    fn log_out(&self, cookie: &str) {
        let id = self.codec.open(cookie).expect("a session").id();
        self.revoke(self.revocations.revoke_session::<Auth>(id));
    }

    /// Waits until the process refuses a cookie that another process revoked.
    pub(crate) fn await_refusal(&self, cookie: &str) {
        self.wait(|| (self.codec.open(cookie).err() == Some(RejectReason::Revoked)).then_some(()));
    }

    /// The cookie of a user who signs in after the process has read its own entries.
    fn await_login(&self, value: &Auth) -> String {
        self.wait(|| Some(self.cookie(value)).filter(|cookie| self.codec.open(cookie).is_ok()))
    }

    /// Waits for the process, which reads the store on another thread.
    pub(crate) fn wait<T>(&self, mut found: impl FnMut() -> Option<T>) -> T {
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

    pub(crate) fn entries(&self) -> Vec<RevocationEntry> {
        let store = SqliteStore::open(&self.path).expect("a store");
        let start = Position::START;
        let page = store.read(&start, Duration::ZERO);
        self.runtime.block_on(page).expect("a page").entries
    }

    pub(crate) fn run(&self, arguments: &str, stdin: &str) -> Outcome {
        call(arguments)
            .revocations(&self.store)
            .keys(KEY)
            .stdin(stdin)
            .run()
    }

    fn inspect(&self, options: &str, cookie: &str) -> Outcome {
        self.run(&format!("inspect {NAMES} {options}"), cookie)
    }

    pub(crate) fn is_revoked(&self, cookie: &str) -> bool {
        let object = self.inspect("--json", cookie).json();
        object["reason"] == "revoked"
    }

    /// Runs `revoke` with this condition, which may contain spaces.
    pub(crate) fn revoke_where(&self, condition: &str) -> Outcome {
        call(&format!("revoke {NAMES} --where"))
            .with(condition)
            .revocations(&self.store)
            .run()
    }
}

/// How a sentence about several sessions ends.
const NOT_LATER: &str = "and this one was not signed in after that";

pub(crate) fn assert_says(shown: &str, parts: &[&str]) {
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
