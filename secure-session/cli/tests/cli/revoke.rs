//! `revoke`, with a store that the library reads.

use std::fs::File;

use secure_session::{Key, RevocationEntry, SecureSession, codec::Codec, test_util::TestClock};
use serde_json::{json, value::RawValue};

use crate::{
    revocations::{EMAIL, NAMES, NOW, SERIAL, Shop, ada, assert_says},
    support::{KEY, OTHER_KEY, call, fastify_cookie},
};

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
#[cfg(target_os = "linux")]
fn failed_output_of_revoke_says_that_the_entry_was_appended() {
    let full = File::options().write(true).open("/dev/full");
    let shop = Shop::new("revoke-full.db");
    let call = call("revoke --name a --where uid=42").revocations(&shop.store);
    let output = call
        .command()
        .stdout(full.expect("a device"))
        .output()
        .expect("it runs");
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
