//! Encryption and decryption without a request, compared with the private cookie jar of the package
//! `cookie`, in actix-web's version.
//!
//! All convert a struct to the text of a cookie and back. The jar handles only text, so
//! `serde_json` runs before it. Its text would also have to be percent-encoded for a header, which
//! is not measured.

use actix_web::cookie::{Cookie, CookieJar, Key};
use secure_session::codec::Codec;

use crate::{
    apps::Contender,
    measure::Case,
    payload::{
        FastifyPayload, Payload, SIZES, fastify_codec, fastify_payload, json, native_codec, payload,
    },
};

pub const OPERATIONS: [&str; 2] = ["seal", "open"];

/// The private jar and `serde_json`.
pub const JAR: &str = "cookie-jar";

/// The contenders whose codecs are measured.
pub fn contenders() -> Vec<&'static str> {
    (Contender::ALL.iter())
        .filter(|contender| !matches!(contender, Contender::Bare | Contender::ActixSession))
        .map(|contender| contender.name())
        .chain([JAR])
        .collect()
}

pub fn name(contender: &str, operation: &str, size: usize) -> String {
    format!("codec/{contender}/{operation}/{size}")
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in SIZES {
        cases.extend(native(Contender::Native, size, &native_codec()));
        cases.extend(native(
            Contender::NativePureRust,
            size,
            &crate::payload::pure_rust_codec(),
        ));
        cases.extend(fastify(size));
        cases.extend(jar(size));
    }
    cases
}

fn native(contender: Contender, size: usize, codec: &Codec<Payload>) -> [Case; 2] {
    let value = payload(size);
    let text = codec.seal(&value).expect("it fits");
    let [sealing, opening] = [codec.clone(), codec.clone()];
    [
        Case::of(name(contender.name(), "seal", size), move || {
            sealing.seal(&value)
        }),
        Case::of(name(contender.name(), "open", size), move || {
            opening.open(&text)
        }),
    ]
}

fn fastify(size: usize) -> [Case; 2] {
    let [sealing, opening] = [fastify_codec(), fastify_codec()];
    let value = fastify_payload(size);
    let text = sealing.seal(&value).expect("it fits");
    let contender = Contender::Fastify.name();
    [
        Case::of(name(contender, "seal", size), move || sealing.seal(&value)),
        Case::of(name(contender, "open", size), move || opening.open(&text)),
    ]
}

fn jar(size: usize) -> [Case; 2] {
    let key = Key::generate();
    let other = key.clone();
    let value = payload(size);
    let text = jar_seal(&key, &value);
    [
        Case::of(name(JAR, "seal", size), move || jar_seal(&key, &value)),
        Case::of(name(JAR, "open", size), move || jar_open(&other, &text)),
    ]
}

const NAME: &str = "payload";

fn jar_seal(key: &Key, value: &Payload) -> String {
    let mut jar = CookieJar::new();
    (jar.private_mut(key)).add(Cookie::new(NAME, json(value)));
    let sealed = jar.get(NAME).expect("it was added");
    sealed.value().to_owned()
}

fn jar_open(key: &Key, text: &str) -> Option<Payload> {
    let mut jar = CookieJar::new();
    jar.add_original(Cookie::new(NAME, text.to_owned()));
    let opened = jar.private(key).get(NAME)?;
    serde_json::from_str(opened.value()).ok()
}

/// Encrypted values are decrypted to the same values.
pub fn check() -> Result<(), String> {
    for size in SIZES {
        let value = payload(size);
        let key = Key::generate();
        let through_jar = jar_open(&key, &jar_seal(&key, &value));
        let through_native = through(&native_codec(), &value)?;
        let fastify_value = fastify_payload(size);
        let through_fastify: FastifyPayload = through(&fastify_codec(), &fastify_value)?;
        {
            // The same cipher from two crates: each decrypts values of the other.
            let pure = crate::payload::pure_rust_codec();
            let text = pure.seal(&value).map_err(|err| err.to_string())?;
            let opened = native_codec().open(text).map_err(|err| err.to_string())?;
            if opened.into_value() != value {
                return Err(format!("{size} bytes differ between the ciphers"));
            }
        }
        let same = through_jar.as_ref() == Some(&value)
            && through_native == value
            && through_fastify == fastify_value;
        if !same {
            return Err(format!("{size} bytes are not decrypted to the same value"));
        }
    }
    Ok(())
}

fn through<T: secure_session::SecureSession>(codec: &Codec<T>, value: &T) -> Result<T, String> {
    let text = codec.seal(value).map_err(|err| err.to_string())?;
    let opened = codec.open(text).map_err(|err| err.to_string())?;
    Ok(opened.into_value())
}
