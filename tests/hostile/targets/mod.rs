//! Functions that hostile input can reach. Each panics if a guarantee is violated.

mod attributes;
mod cookie_header;
#[path = "../../security/support/forge.rs"]
#[allow(dead_code, reason = "the other tests use more of it")]
pub(crate) mod forge;
mod inspect;
mod key_text;
mod plaintext;

/// A function that takes any bytes.
pub(crate) struct Target {
    pub(crate) run: fn(&[u8]),
}

/// The value of the `Cookie` header.
pub(crate) const COOKIE_HEADER: Target = Target {
    run: cookie_header::run,
};

/// The authenticated content of a native cookie.
pub(crate) const NATIVE_PLAINTEXT: Target = Target {
    run: plaintext::native,
};

/// The authenticated content of a cookie of the fastify format.
pub(crate) const FASTIFY_PLAINTEXT: Target = Target {
    run: plaintext::fastify,
};

/// Keys as in a variable or a file.
pub(crate) const KEY_TEXT: Target = Target { run: key_text::run };

/// Names, paths and domains of cookies.
pub(crate) const ATTRIBUTES: Target = Target {
    run: attributes::run,
};

/// The standard input of `secure-session inspect`.
pub(crate) const INSPECT: Target = Target { run: inspect::run };
