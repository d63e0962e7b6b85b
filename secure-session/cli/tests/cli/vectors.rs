//! Every recorded cookie, through `inspect --json`.

use serde_json::Value;

use crate::support::{call, file};

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

fn keys_of(vector: &Value) -> String {
    let mut keys: Vec<&str> = Vec::new();
    for key in list(vector, "keys_hex").iter().filter_map(Value::as_str) {
        // A ring contains a key once; @fastify/secure-session tries it twice.
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.join(",")
}

#[test]
fn every_native_vector_opens_or_fails_with_its_reason() {
    let vectors = recorded(include_str!("../../../../tests/vectors/native-v1.json"));
    let inspect = |vector: &Value| {
        let text = |name: &str| vector[name].as_str().expect("text").to_owned();
        let limit = |name: &str| match vector[name].as_u64() {
            Some(seconds) => format!("{seconds}s"),
            None => "none".to_owned(),
        };
        let options = [
            ("--name", text("cookie")),
            ("--application", text("application")),
            ("--purpose", text("purpose")),
            ("--idle", limit("idle")),
            ("--absolute", limit("absolute")),
            ("--now", vector["now"].to_string()),
        ];
        let mut call = call("inspect --json --format native");
        for (option, value) in &options {
            call = call.with(option).with(value);
        }
        call.keys(&keys_of(vector))
            // As a pair, because an empty input contains no cookie.
            .stdin(&format!("{}={}", text("cookie"), text("value")))
            .run()
            .json()
    };
    for vector in list(&vectors, "must_open") {
        let (object, name) = (inspect(vector), &vector["name"]);
        assert_eq!(object["opens"], true, "{name}");
        assert_eq!(object["key_index"], vector["sealed_by"], "{name}");
        for member in [
            "id",
            "created",
            "seen",
            "authenticated",
            "schema_version",
            "data",
        ] {
            assert_eq!(object[member], vector[member], "{name}: {member}");
        }
        if !vector["own_end"].is_null() {
            assert_eq!(object["expires"], vector["own_end"], "{name}");
        }
    }
    for vector in list(&vectors, "must_fail") {
        let (object, name) = (inspect(vector), &vector["name"]);
        assert_eq!(object["reason"], vector["reason"], "{name}");
        assert!(object["data"].is_null(), "{name}");
    }
}

/// The output of `inspect --json` for a recorded cookie of @fastify/secure-session.
fn inspect_fastify(vector: &Value, options: &str) -> Value {
    let text = |name: &str| vector[name].as_str().map(str::to_owned);
    let name = text("cookie_name").expect("a name");
    let now = vector["now"].as_u64().expect("a time");
    let now = format!("{}.{:03}", now / 1000, now % 1000);
    let idle = format!("{}s", vector["expiry"]);
    let arguments = format!("inspect --json --format fastify {options}");
    let keys = keys_of(vector);
    let header = format!("Cookie: {}", text("cookie_header").unwrap_or_default());
    let mut call = call(&arguments)
        .with("--name")
        .with(&name)
        .with("--now")
        .with(&now)
        .with("--idle")
        .with(&idle)
        .stdin(&header);
    if vector["signed"] == true {
        call = call.with("--signed");
    }
    let (Some(secret), Some(salt)) = (text("secret"), text("salt_b64")) else {
        return call.keys(&keys).run().json();
    };
    let vector_name = text("name").expect("a name");
    let path = file(&format!("vector-{vector_name}"), secret);
    call.with("--passphrase-file")
        .with(&path)
        .with("--salt-base64")
        .with(&salt)
        .run()
        .json()
}

/// Equality as in JavaScript, where `1.0` and `1` are the same number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| same(a, b))
        }
        (Value::Object(left), Value::Object(right)) => {
            let is_in_right =
                |(name, value)| right.get(name).is_some_and(|other| same(value, other));
            left.len() == right.len() && left.iter().all(is_in_right)
        }
        _ => left == right,
    }
}

/// Vectors of level "quirk" that open here.
const QUIRKS_THAT_OPEN: [&str; 2] = ["integer-beyond-double", "signed-and-rotated"];

#[test]
fn fastify_vectors_are_read_as_by_the_node_package() {
    let vectors = recorded(include_str!("../../../../tests/vectors/fastify.json"));
    for vector in list(&vectors, "vectors") {
        let name = vector["name"].as_str().expect("a name");
        let object = inspect_fastify(vector, "");
        if vector["level"] == "quirk" {
            assert_eq!(object["opens"], QUIRKS_THAT_OPEN.contains(&name), "{name}");
            continue;
        }
        match vector["expect"].as_str().expect("a verdict") {
            "ok" => {
                assert_eq!(object["opens"], true, "{name}: {object}");
                if !vector["data"].is_null() {
                    assert!(same(&object["data"], &vector["data"]), "{name}: {object}");
                }
            }
            "absent" => assert_eq!(object["reason"], "absent", "{name}"),
            "expired" => assert_eq!(object["reason"], "expired", "{name}"),
            "malformed" | "undecryptable" => {
                let reason = object["reason"].as_str();
                let is_refused = matches!(reason, Some("malformed" | "forged"));
                assert!(is_refused, "{name}: {object}");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn session_without_time_opens_with_the_option() {
    let vectors = recorded(include_str!("../../../../tests/vectors/fastify.json"));
    let mut vectors = list(&vectors, "vectors").iter();
    let vector = vectors.find(|vector| vector["name"] == "timestamp-missing");
    let vector = vector.expect("the vector");
    assert_eq!(inspect_fastify(vector, "")["opens"], false);
    let object = inspect_fastify(vector, "--without-time");
    assert_eq!(
        (&object["opens"], &object["data"]),
        (&true.into(), &vector["data"])
    );
}
