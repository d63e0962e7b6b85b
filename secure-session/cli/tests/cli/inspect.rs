//! `inspect` shows what is in a cookie, or why it does not open and what to try.

use serde_json::{Value, json};

use crate::support::{
    KEY, NOW, OTHER_KEY, Outcome, call, cookie, fastify_cookie, native_cookie, with_key,
};

/// Runs a call at the time at which most cookies are created.
fn at_once(arguments: &str, input: &str) -> Outcome {
    with_key(&format!("{arguments} --now {NOW}"), input)
}

/// The output for a cookie that does not open, at that time.
fn refusal(arguments: &str, input: &str) -> String {
    at_once(arguments, input).refusal()
}

fn assert_says(shown: &str, parts: &[&str]) {
    for part in parts {
        assert!(shown.contains(part), "{part:?} in {shown}");
    }
}

#[test]
fn native_cookie_is_shown_with_all_metadata() {
    let cookie = native_cookie();
    let shown = with_key("inspect --name __Host-auth --now 1800000061", &cookie).text();
    let size = "__Host-auth=".len() + cookie.len();
    let id = shown
        .lines()
        .find_map(|line| line.strip_prefix("id            "));
    let id = id.expect("a line with the id");
    assert_eq!(id.len(), 32);
    let expected = format!(
        "opens         yes\n\
         format        native\n\
         name          __Host-auth\n\
         size          {size} of 4096 bytes\n\
         key           1 of 1, encrypts and decrypts\n\
         created       2027-01-15 08:00:00 UTC (1m 1s ago)\n\
         seen          2027-01-15 08:00:00 UTC (1m 1s ago)\n\
         expires       2027-01-15 08:30:00 UTC (in 28m 59s)\n\
         id            {id}\n\
         \n\
         {{\n  \"name\": \"Ada\",\n  \"user\": 7\n}}\n"
    );
    assert_eq!(shown, expected);
}

#[test]
fn schema_version_of_a_session_is_shown() {
    use secure_session::{Key, SecureSession, codec::Codec};
    use serde_json::Map;

    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth", version = 3, migrate = migrate)]
    struct Auth {}
    fn migrate(_: u32, _: &mut Map<String, Value>) {}

    let codec = Codec::<Auth>::builder(Key::from_hex(KEY).expect("a key"));
    let codec = codec.trivial_keys().build().expect("a sound policy");
    let cookie = codec.seal(&Auth {});
    let cookie = cookie.expect("storable");
    let shown = with_key("inspect --name __Host-auth", &cookie).text();
    assert_says(&shown, &["schema        version 3\n"]);
    let object = with_key("inspect --json --name __Host-auth", &cookie).json();
    assert_eq!(object["schema_version"], 3);
}

#[test]
fn fastify_cookie_is_shown_with_its_time() {
    let keys = format!("{OTHER_KEY},{KEY}");
    let shown = call("inspect --now 1800000000")
        .keys(&keys)
        .stdin(&fastify_cookie())
        .run()
        .text();
    assert_says(
        &shown,
        &[
            "format        fastify\n",
            "key           2 of 2, only decrypts\n",
            "issued        2027-01-15 08:00:00 UTC (now)\n",
            "expires       2027-01-16 08:00:01 UTC (in 1d)\n",
            "{\n  \"name\": \"Ada\",\n  \"user\": 7\n}\n",
        ],
    );
    assert!(!shown.contains("__ts"), "{shown}");
}

#[test]
fn cookies_are_found_in_headers_and_pasted_requests() {
    let (native, fastify) = (native_cookie(), fastify_cookie());
    let decoded = fastify
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3B", ";")
        .replace("%3D", "=");
    let header = format!("Cookie: _ga=GA1.2.3; session={fastify}; __Host-auth={native}");
    let (auth, session) = ("__Host-auth", "session");
    let response = format!("HTTP/1.1 200 OK\r\nset-cookie: {auth}={native}; Path=/; Secure\r\n");
    let junk_first = format!("{auth}=junk; {auth}={native}");
    let in_two_lines = format!("{}\n{}\n", &native[..50], &native[50..]);
    for (options, input, name) in [
        ("--name __Host-auth", format!("{native}\n"), auth),
        ("--name __Host-auth", header.clone(), auth),
        ("--name __Host-auth", response, auth),
        ("--name __Host-auth", junk_first, auth),
        ("--name __Host-auth", in_two_lines, auth),
        ("--name session", format!("{decoded}\n"), session),
        // Names in the input need no `--name`, and `session` is the default of the fastify format.
        ("", header.clone(), session),
        ("--format native", header, auth),
        ("", fastify, session),
        ("", decoded, session),
    ] {
        let object = at_once(&format!("inspect --json {options}"), &input).json();
        assert_eq!(object["name"], name, "{input}");
        assert_eq!(object["data"], json!({"name": "Ada", "user": 7}), "{input}");
        let format = if name == auth { "native" } else { "fastify" };
        assert_eq!(object["format"], format, "{input}");
    }
}

#[test]
fn likeliest_of_several_unreadable_cookies_is_explained() {
    let header = format!("Cookie: _ga=GA1.2.3; __Host-auth={}; b=2", native_cookie());
    for (now, key, reason) in [
        ("1900000000", KEY, "expired"),
        (NOW, OTHER_KEY, "unknown-key"),
    ] {
        let inspect = call("inspect --now").with(now).keys(key);
        let shown = inspect.stdin(&header).run().refusal();
        assert_says(&shown, &[reason, "name          __Host-auth\n"]);
    }
}

#[test]
fn cookies_with_invalid_names_are_skipped() {
    let header = format!("Cookie: a,b=1; \u{e9}=2; __Host-auth={}", native_cookie());
    let object = at_once("inspect --json", &header).json();
    assert_eq!(object["name"], "__Host-auth");
    let trouble = with_key("inspect", "Cookie: a,b=1").trouble();
    assert!(trouble.contains("a,b"), "{trouble}");
}

#[test]
fn wrong_key_is_reported() {
    for (arguments, input, reason) in [
        ("inspect --name __Host-auth", native_cookie(), "unknown-key"),
        ("inspect --name session", fastify_cookie(), "forged"),
    ] {
        let inspect = call(arguments).keys(OTHER_KEY).with("--now").with(NOW);
        let shown = inspect.stdin(&input).run().refusal();
        let (cause, remedy) = ("the only key did not encrypt it", "try earlier keys");
        assert_says(&shown, &[reason, cause, remedy]);
    }
}

#[test]
fn values_bound_to_the_key_are_shown() {
    let value = cookie("seal --name __Host-auth --application shop --purpose pay --now 1800000000");
    let shown = refusal("inspect --name __Host-auth --application shop", &value);
    assert_says(
        &shown,
        &["unknown-key", "the application `shop`", "the purpose \"\""],
    );
    let inspect = "inspect --json --name __Host-auth --application shop --purpose pay";
    assert_eq!(at_once(inspect, &value).json()["opens"], true);
}

#[test]
fn cookie_name_with_another_prefix_is_tried() {
    let shown = refusal("inspect --name auth", &native_cookie());
    assert_says(&shown, &["unknown-key", "try `--name __Host-auth`"]);
    let plain = cookie("seal --name auth --now 1800000000");
    let shown = refusal("inspect --name __Host-auth", &plain);
    assert_says(&shown, &["unknown-key", "try `--name auth`"]);
}

#[test]
fn expired_session_names_the_limit_that_has_passed() {
    let value = native_cookie();
    let shown = with_key("inspect --name __Host-auth --now 1800003600", &value).refusal();
    assert_says(
        &shown,
        &[
            "reason        expired (idle limit)\n",
            "seen          2027-01-15 08:00:00 UTC (1h ago)\n",
            "expired       2027-01-15 08:30:00 UTC (30m ago)\n",
            "set `--idle`",
            "\"user\": 7",
        ],
    );
    let inspect = "inspect --name __Host-auth --idle none --absolute 1h --now 1800003600";
    let shown = with_key(inspect, &value).refusal();
    assert_says(
        &shown,
        &[
            "expired (absolute limit)",
            "expired       2027-01-15 09:00:00 UTC (now)",
        ],
    );
    assert!(!shown.contains("default"), "{shown}");
    let inspect = "inspect --name __Host-auth --idle 2h --now 1800003600";
    with_key(inspect, &value).text();
    let shown = with_key("inspect --idle 1m --now 1800000060", &fastify_cookie());
    let issued = "issued        2027-01-15 08:00:00";
    assert_says(&shown.refusal(), &["expired (idle limit)", issued]);
}

/// The output for a vector that must fail.
fn refusal_of_vector(name: &str, now: u64) -> String {
    let recorded = include_str!("../../../../tests/vectors/native-v1.json");
    let recorded: Value = serde_json::from_str(recorded).expect("JSON");
    let vectors = recorded["must_fail"].as_array().expect("a list");
    let vector = vectors.iter().find(|vector| vector["name"] == name);
    let vector = vector.expect("the vector");
    let key = vector["keys_hex"][0].as_str().expect("a key");
    let value = vector["value"].as_str().expect("text");
    let shown = call(&format!("inspect --name __Host-auth --now {now}"))
        .keys(key)
        .stdin(value)
        .run();
    shown.refusal()
}

#[test]
fn session_of_a_newer_build_is_reported_as_such() {
    let shown = refusal_of_vector("an odd tag after even ones", 1_800_000_000);
    assert_says(
        &shown,
        &[
            "newer-build",
            "a newer version of the library encrypted it",
            "try a newer version",
        ],
    );
}

#[test]
fn expiry_set_by_remember_for_is_reported_as_such() {
    let shown = refusal_of_vector("at its own end", 1_800_000_100);
    assert_says(
        &shown,
        &[
            "expired (absolute limit)",
            "the expiry that `remember_for` set has passed",
            "expired  ",
        ],
    );
    assert!(!shown.contains("--absolute"), "{shown}");
}

#[test]
fn too_many_keys_for_the_fastify_format_do_not_hide_a_native_cookie() {
    let others = (1..=4)
        .map(|n| format!("{n:064x}"))
        .collect::<Vec<_>>()
        .join(",");
    let keys = format!("{others},{KEY}");
    let inspect = |arguments: &str, input: &str| {
        let call = call(arguments).keys(&keys).stdin(input);
        call.with("--now").with(NOW).run()
    };
    let native = inspect("inspect --json --name __Host-auth", &native_cookie());
    assert_eq!(native.json()["key_index"], 4);
    let fastify = inspect("inspect --json --format fastify", &fastify_cookie());
    assert!(fastify.trouble().contains('4'));
}

#[test]
fn json_of_an_expired_session_has_times_but_no_data() {
    let inspect = "inspect --json --name __Host-auth --now 1800001800.250";
    let object = with_key(inspect, &native_cookie()).json();
    assert_eq!(object["reason"], "expired");
    assert_eq!(object["limit"], "idle");
    assert_eq!(object["seen"], 1_800_000_000);
    assert_eq!(object["expires"], 1_800_001_800);
    assert!(object["data"].is_null());
}

#[test]
fn truncated_cookie_is_reported_with_its_length() {
    let native = native_cookie();
    for len in (1..6).chain(native.len() - 4..native.len()) {
        let shown = refusal("inspect --name __Host-auth --format native", &native[..len]);
        let has = format!("{len} character{}\n", if len == 1 { "" } else { "s" });
        assert_says(&shown, &["missing", &has, "copy the whole value"]);
    }
    let fastify = fastify_cookie();
    for len in (1..6).chain(fastify.len() - 8..fastify.len()) {
        let shown = refusal("inspect --format fastify", &fastify[..len]);
        assert_says(&shown, &["malformed", "missing", "copy the"]);
    }
}

#[test]
fn other_copy_mistakes_are_reported() {
    let native = native_cookie();
    for (input, what) in [
        (format!("\"{native}\""), "character 1 of"),
        (format!("{}...", &native[..40]), "character 41 of"),
        (
            native.replacen('A', "B", 1),
            "it begins with format version 5",
        ),
        ("x".repeat(5000), "browsers keep no more than 4096"),
        (
            "__Host-auth=; Max-Age=0".to_owned(),
            "a header that removes the cookie",
        ),
    ] {
        let shown = refusal("inspect --format native --name __Host-auth", &input);
        assert_says(&shown, &["malformed", what]);
    }
    let before = &native[70..71];
    let after = if before == "A" { "B" } else { "A" };
    let altered = [&native[..70], after, &native[71..]].concat();
    let shown = refusal("inspect --name __Host-auth", &altered);
    assert_says(&shown, &["forged", "missing or altered"]);
}

#[test]
fn other_format_is_recognized() {
    let shown = refusal("inspect --name session --format native", &fastify_cookie());
    assert_says(&shown, &["malformed", "try `--format fastify`"]);
    let shown = refusal(
        "inspect --name __Host-auth --format fastify",
        &native_cookie(),
    );
    assert_says(&shown, &["malformed", "try `--format native`"]);
}

#[test]
fn missing_and_unexpected_signatures_are_reported() {
    let signed = cookie("seal --format fastify --name session --signed --now 1800000000");
    let shown = refusal("inspect --format fastify", &signed);
    assert_says(&shown, &["try `--signed`"]);
    let shown = refusal("inspect --format fastify --signed", &fastify_cookie());
    assert_says(&shown, &["has no signature"]);
    let object = at_once("inspect --json --format fastify --signed", &signed).json();
    assert_eq!(object["opens"], true);
}

#[test]
fn session_from_the_future_is_reported() {
    for (arguments, input) in [
        (
            "inspect --name __Host-auth --now 1799999000",
            native_cookie(),
        ),
        ("inspect --now 1799999000", fastify_cookie()),
    ] {
        let shown = with_key(arguments, &input).refusal();
        assert_says(&shown, &["malformed", "from the future", "16m 40s ahead"]);
    }
}

#[test]
fn half_a_surrogate_pair_is_reported_with_its_member() {
    let recorded = include_str!("../../../../tests/vectors/fastify.json");
    let recorded: Value = serde_json::from_str(recorded).expect("JSON");
    let vectors = recorded["vectors"].as_array().expect("a list");
    let vector = vectors
        .iter()
        .find(|vector| vector["name"] == "lone-surrogate");
    let text = |name: &str| vector.expect("the vector")[name].as_str().expect("text");
    let key = text("key_hex");
    let shown = call("inspect --now 1700000000")
        .keys(key)
        .stdin(text("cookie_header"))
        .run();
    assert_says(
        &shown.refusal(),
        &["malformed", "contains half a surrogate pair", "member `"],
    );
}

#[test]
fn absent_cookie_is_reported_with_the_names_of_others() {
    let shown = refusal("inspect --name Session", "Cookie: a=1; session=2");
    assert_says(
        &shown,
        &["absent", "no cookie `Session`", "found: a, session"],
    );
    for input in ["", "\n", "HTTP/1.1 200 OK\r\nset-cookie: b=1\r\n"] {
        let object = with_key("inspect --json --name a", input).json();
        assert_eq!(object["reason"], "absent", "{input:?}");
    }
    let shown = refusal("inspect", "");
    assert_says(&shown, &["absent", "no cookie on standard input"]);
}

#[test]
fn bare_native_value_requires_a_name() {
    let trouble = with_key("inspect", &native_cookie()).trouble();
    assert!(trouble.contains("`--name` is required"), "{trouble}");
}

#[test]
fn output_contains_no_terminal_control_characters() {
    let object = "{\"\u{9b}31m\u{202e}\":\"\u{9b}31m\u{7f}\u{e0041}\u{202e}\"}";
    let value = at_once("seal --name a", object).text();
    for arguments in ["", "--json", "--redact", "--json --redact"] {
        let shown = at_once(&format!("inspect --name a {arguments}"), &value).text();
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}' || c == '\u{e0041}';
        assert!(!shown.contains(raw), "{shown:?}");
        assert!(shown.contains("\\u009b31m\\u202e"), "{shown}");
    }
    let object: Value = serde_json::from_str(object).expect("JSON");
    let shown = at_once("inspect --json --name a", &value).json();
    assert_eq!(shown["data"], object);
}

#[test]
fn binary_and_oversized_input_is_rejected() {
    let junk: Vec<u8> = (128..=255).collect();
    for arguments in ["inspect --name a", "inspect --format fastify"] {
        assert_says(&with_key(arguments, &junk).refusal(), &["malformed"]);
    }
    let utf16 = native_cookie();
    let utf16: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = vec![b'a'; 2 << 20];
    let cases: [(&[u8], &str); 3] = [
        (&utf16, "standard input is UTF-16"),
        ("\u{feff}a=1".as_bytes(), "byte-order mark"),
        (&large, "more than 1048576 bytes"),
    ];
    for (input, what) in cases {
        let trouble = with_key("inspect --name a", input).trouble();
        assert!(trouble.contains(what), "{trouble}");
    }
}
