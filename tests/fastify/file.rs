//! The recorded file. Its own `fields` explains each member.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) vectors: Vec<Vector>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) derivations: Vec<Derivation>,
    pub(crate) key_inputs: Vec<KeyInput>,
    pub(crate) signing: Vec<Signature>,
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The Node package and the library agree.
    Must,
    /// The library differs on purpose; see `quirks`.
    Quirk,
}

#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) level: Level,
    pub(crate) origin: Origin,
    pub(crate) cookie_name: String,
    pub(crate) key_hex: String,
    pub(crate) keys_hex: Vec<String>,
    pub(crate) secret: Option<String>,
    pub(crate) salt_b64: Option<String>,
    pub(crate) signed: bool,
    pub(crate) nonce_b64: Option<String>,
    pub(crate) issued: Option<u64>,
    pub(crate) plaintext_json: Option<String>,
    pub(crate) cookie_value_raw: Option<String>,
    pub(crate) cookie_header: String,
    pub(crate) set_cookie_header: Option<String>,
    pub(crate) now: u64,
    pub(crate) expiry: u64,
    pub(crate) expect: Expect,
    pub(crate) rotated: bool,
    pub(crate) reissue: Option<Reissue>,
    pub(crate) data_json: Option<String>,
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    Altered,
    Encoder,
    Plugin,
    Sealed,
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expect {
    Absent,
    Expired,
    Malformed,
    Ok,
    Throws,
    Undecryptable,
}

#[derive(Deserialize)]
pub(crate) struct Reissue {
    pub(crate) nonce_b64: String,
    pub(crate) plaintext_json: String,
    pub(crate) set_cookie_header: String,
}

#[derive(Deserialize)]
pub(crate) struct Transition {
    pub(crate) name: String,
    pub(crate) level: Level,
    pub(crate) cookie_name: String,
    pub(crate) keys_hex: Vec<String>,
    pub(crate) cookie_options: Map<String, Value>,
    pub(crate) expiry: u64,
    pub(crate) now: u64,
    pub(crate) cookie_header: Option<String>,
    pub(crate) ops: Vec<Vec<Value>>,
    pub(crate) peer_status: u16,
    pub(crate) plaintext_json: Option<String>,
    pub(crate) set_cookie_header: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Derivation {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) salt_text: Option<String>,
    pub(crate) salt_b64: String,
    pub(crate) key_hex: String,
}

#[derive(Deserialize)]
pub(crate) struct KeyInput {
    pub(crate) name: String,
    pub(crate) level: Level,
    pub(crate) options: Map<String, Value>,
    pub(crate) accepted: bool,
    pub(crate) key_hex: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Signature {
    pub(crate) name: String,
    pub(crate) key_hex: String,
    pub(crate) value: String,
    pub(crate) signed_value: String,
}

/// The file, parsed once.
pub(crate) fn recorded() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| serde_json::from_str(include_str!("../vectors/fastify.json")).unwrap())
}

impl File {
    pub(crate) fn vector(&self, name: &str) -> &Vector {
        let found = self.vectors.iter().find(|vector| vector.name == name);
        found.unwrap_or_else(|| panic!("no vector {name}"))
    }

    pub(crate) fn transition(&self, name: &str) -> &Transition {
        let found = self.transitions.iter().find(|step| step.name == name);
        found.unwrap_or_else(|| panic!("no transition {name}"))
    }

    pub(crate) fn key_input(&self, name: &str) -> &KeyInput {
        let found = self.key_inputs.iter().find(|input| input.name == name);
        found.unwrap_or_else(|| panic!("no key input {name}"))
    }
}
