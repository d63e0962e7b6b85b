//! The frozen vectors of the native format, made by an independent program.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secure_session::{
    Key, KeyRing, RejectReason, SecureSession,
    codec::{Codec, Native},
    policy::Lifetime,
    test_util::TestClock,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(SecureSession)]
struct Anything {
    #[session(rest)]
    members: Map<String, Value>,
}

/// The members of most vectors, as fields.
#[derive(SecureSession)]
struct Fields {
    name: Value,
    user_id: Option<u64>,
}

/// A field that no vector has, so that all members are unknown.
#[derive(SecureSession)]
struct Other {
    other: Option<u8>,
}

#[derive(Deserialize)]
struct Vectors {
    must_open: Vec<MustOpen>,
    must_fail: Vec<MustFail>,
}

#[derive(Deserialize)]
struct Setting {
    name: String,
    keys_hex: Vec<String>,
    application: String,
    cookie: String,
    purpose: String,
    idle: Option<u64>,
    absolute: u64,
    now: u64,
    value: String,
}

#[derive(Deserialize)]
struct MustOpen {
    #[serde(flatten)]
    setting: Setting,
    sealed_by: usize,
    nonce_hex: String,
    id: String,
    created: u64,
    seen: u64,
    own_end: Option<u64>,
    authenticated: Option<u64>,
    data: Map<String, Value>,
}

#[derive(Deserialize)]
struct MustFail {
    #[serde(flatten)]
    setting: Setting,
    reason: String,
}

impl Setting {
    fn codec<T: SecureSession<Format = Native>>(
        &self,
        keys: Vec<Key>,
        random: Vec<u8>,
    ) -> Codec<T> {
        let idle = self.idle.map(Duration::from_secs);
        let lifetime = Lifetime::new(idle, Duration::from_secs(self.absolute));
        Codec::builder(KeyRing::from_keys(keys).unwrap())
            .application(&self.application)
            .policy(|policy| {
                policy
                    .cookie(&self.cookie)
                    .purpose(&self.purpose)
                    .lifetime(lifetime)
            })
            .clock(&TestClock::at(self.now))
            .random(move |buffer| {
                buffer.copy_from_slice(&random);
                true
            })
            .trivial_keys()
            .build()
            .unwrap()
    }

    fn keys(&self) -> Vec<Key> {
        self.keys_hex
            .iter()
            .map(|hex| Key::from_hex(hex).unwrap())
            .collect()
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/native-v1.json")).unwrap()
}

fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

#[test]
fn every_valid_vector_opens_and_encrypts_to_the_same_bytes() {
    for vector in vectors().must_open {
        let (setting, name) = (&vector.setting, &vector.setting.name);
        let codec: Codec<Anything> = setting.codec(setting.keys(), unhex(&vector.nonce_hex));
        let opened = codec
            .open(&setting.value)
            .unwrap_or_else(|err| panic!("{name}: {err}"));
        assert_eq!(opened.members, vector.data, "{name}");
        assert_eq!(opened.id().to_string(), vector.id, "{name}");
        assert_eq!(opened.created_at(), time(vector.created), "{name}");
        assert_eq!(opened.seen_at(), time(vector.seen), "{name}");
        assert_eq!(
            opened.authenticated_at(),
            vector.authenticated.map(time),
            "{name}"
        );
        assert_eq!(opened.key_index(), vector.sealed_by, "{name}");
        if let Some(end) = vector.own_end {
            assert_eq!(opened.expires_at(&codec), time(end), "{name}");
        }
        let mut keys = setting.keys();
        keys.rotate_left(vector.sealed_by);
        let sealer: Codec<Anything> = setting.codec(keys, unhex(&vector.nonce_hex));
        assert_eq!(opened.seal(&sealer).unwrap(), setting.value, "{name}");
    }
}

#[test]
fn every_invalid_vector_fails_with_its_reason() {
    for vector in vectors().must_fail {
        let setting = &vector.setting;
        let codec: Codec<Anything> = setting.codec(setting.keys(), Vec::new());
        let reason = codec.open(&setting.value).unwrap_err();
        // Known and unknown members are read in different ways.
        let codec: Codec<Fields> = setting.codec(setting.keys(), Vec::new());
        assert_eq!(
            codec.open(&setting.value).unwrap_err(),
            reason,
            "{}",
            setting.name
        );
        let codec: Codec<Other> = setting.codec(setting.keys(), Vec::new());
        assert_eq!(
            codec.open(&setting.value).unwrap_err(),
            reason,
            "{}",
            setting.name
        );
        let told = match reason {
            RejectReason::Expired(_) => "expired",
            RejectReason::Forged => "forged",
            RejectReason::Malformed => "malformed",
            RejectReason::NewerBuild => "newer-build",
            RejectReason::UnknownKey => "unknown-key",
            _ => "another",
        };
        assert_eq!(told, vector.reason, "{}", setting.name);
    }
}
