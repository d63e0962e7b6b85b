//! What generated code uses; no part of the public interface, and different with every version.

pub use std::string::String;

pub use serde;
pub use serde_json::{Map, Value};

pub use crate::{
    payload::json::{FieldWriter, WriteError},
    schema::{
        Accessors, Field, Found, NotMigrated, PolicyAttributes, RefreshAttribute,
        SameSiteAttribute, Schema,
    },
    session::{
        Handle,
        compare::{ByPartialEq, Compared, NeverEqual},
    },
};

/// The type of the fastify format.
#[cfg(feature = "fastify")]
pub use crate::schema::Fastify as FastifyFormat;
/// A type in its place, so that the only error is that of [`require_feature_fastify`].
#[cfg(not(feature = "fastify"))]
pub use crate::schema::Native as FastifyFormat;

/// A compile error if the feature `fastify` is off.
#[cfg(feature = "fastify")]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_feature_fastify {
    () => {};
}

/// A compile error if the feature `fastify` is off.
#[cfg(not(feature = "fastify"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_feature_fastify {
    () => {
        ::core::compile_error!(
            "`format = \"fastify\"` needs the feature `fastify`; add `features = [\"fastify\"]` to \
             the dependency `actix-secure-session`"
        );
    };
}

pub use crate::__require_feature_fastify as require_feature_fastify;

/// `Clone`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` is not `Clone`",
    label = "needs `Clone`: a read behind a write copies the session, so that earlier reads stay valid",
    note = "derive or implement `Clone` for `{Self}`"
)]
pub trait FieldClone: Clone {}

impl<F: Clone> FieldClone for F {}

/// `Default`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` has no default",
    label = "needs a value for sessions that were never stored",
    note = "derive `Default` for `{Self}`, or give one with `#[session(default = …)]`"
)]
pub trait FieldDefault: Default {}

impl<F: Default> FieldDefault for F {}

/// `Serialize`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be stored",
    label = "needs `serde::Serialize`",
    note = "derive `serde::Serialize` for `{Self}`, name a module with `#[session(with = …)]`, or keep the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldSerialize: serde::Serialize {}

impl<F: serde::Serialize + ?Sized> FieldSerialize for F {}

/// `DeserializeOwned`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be read back",
    label = "needs `serde::Deserialize`, owning its data",
    note = "derive `serde::Deserialize` for `{Self}`, name a module with `#[session(with = …)]`, or keep the field out of the cookie with `#[session(skip)]`"
)]
pub trait FieldDeserialize: serde::de::DeserializeOwned {}

impl<F: serde::de::DeserializeOwned> FieldDeserialize for F {}

/// `Send + Sync`, asked of a field in words that fit a session.
#[diagnostic::on_unimplemented(
    message = "the session field type `{Self}` cannot be shared between threads",
    label = "needs `Send`, `Sync` and no borrowed data: handles of a session move between threads",
    note = "use `Arc` in place of `Rc`, and atomics or `Mutex` in place of `Cell` and `RefCell`"
)]
pub trait FieldShare: Send + Sync + 'static {}

// Else the compiler names `Send` or `Sync` in its own words.
#[diagnostic::do_not_recommend]
impl<F: Send + Sync + 'static> FieldShare for F {}

/// What a `migrate` function may return.
#[diagnostic::on_unimplemented(
    message = "a migration cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "it returns nothing, or a `Result<(), E>` whose error refuses the session"
)]
pub trait MigrationResult {
    /// Whether it was done.
    ///
    /// # Errors
    ///
    /// When it was not.
    fn done(self) -> Result<(), NotMigrated>;
}

impl MigrationResult for () {
    fn done(self) -> Result<(), NotMigrated> {
        Ok(())
    }
}

impl<E> MigrationResult for Result<(), E> {
    fn done(self) -> Result<(), NotMigrated> {
        self.map_err(|_| NotMigrated)
    }
}

/// Runs the function that `migrate` names.
///
/// # Errors
///
/// When it returned one.
pub fn migrate<R: MigrationResult>(
    function: fn(from: u32, members: &mut Map<String, Value>) -> R,
    from: u32,
    members: &mut Map<String, Value>,
) -> Result<(), NotMigrated> {
    function(from, members).done()
}

/// The default of a field.
#[must_use]
pub fn default<F: FieldDefault>() -> F {
    F::default()
}

/// A copy of a field.
#[must_use]
pub fn copy<F: FieldClone>(field: &F) -> F {
    field.clone()
}

/// Reads a field.
///
/// # Errors
///
/// Those of its `Deserialize`.
pub fn read<'de, F: FieldDeserialize, D: serde::Deserializer<'de>>(
    value: D,
) -> Result<F, D::Error> {
    serde::Deserialize::deserialize(value)
}

/// What the command line needs of keys and nobody else may have.
#[cfg(feature = "cli")]
pub mod cli {
    use crate::key::{Key, KeyRing};

    /// The secret bytes of a key, to print them.
    #[must_use]
    pub fn key_bytes(key: &Key) -> &[u8; Key::LEN] {
        key.expose()
    }

    /// The keys of a ring, the one that seals first.
    pub fn ring_keys(ring: &KeyRing) -> impl Iterator<Item = &Key> {
        ring.keys()
    }
}

/// The cipher of the native format, for tests against published vectors.
#[cfg(feature = "test-util")]
pub mod cipher {
    pub use crate::crypto::xchacha::Backend;
    use crate::crypto::xchacha::Cipher;

    /// Gives ciphertext and tag.
    #[must_use]
    pub fn seal(
        backend: Backend,
        key: &[u8; 32],
        nonce: &[u8; 24],
        associated_data: &[u8],
        message: &[u8],
    ) -> Vec<u8> {
        let mut buffer = [associated_data, message].concat();
        Cipher::new(backend, key).seal(nonce, &mut buffer, associated_data.len());
        buffer.split_off(associated_data.len())
    }

    /// Decrypts in place; after `None` there is no plaintext in `message`.
    #[must_use]
    pub fn open<'a>(
        backend: Backend,
        key: &[u8; 32],
        nonce: &[u8; 24],
        associated_data: &[u8],
        message: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        Cipher::new(backend, key)
            .open(nonce, associated_data, message)
            .ok()
    }
}

/// The cipher of the fastify format, for tests against published vectors.
#[cfg(all(feature = "test-util", feature = "fastify"))]
pub mod secretbox {
    use crate::crypto::{secretbox::SecretBox, xchacha::TAG_LEN};

    /// Returns tag and ciphertext.
    #[must_use]
    pub fn seal(key: &[u8; 32], nonce: &[u8; 24], message: &[u8]) -> Vec<u8> {
        SecretBox::new(key).seal(nonce, message.to_vec())
    }

    /// Returns the message if the tag is right.
    #[must_use]
    pub fn open(key: &[u8; 32], nonce: &[u8; 24], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = sealed.to_vec();
        let is_authentic = SecretBox::new(key).open(nonce, &mut sealed);
        is_authentic.then(|| sealed.split_off(TAG_LEN))
    }
}
