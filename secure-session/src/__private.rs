//! Items for generated code. Not part of the public API; may change with every version.

pub use ::core;
pub use std::{string::String, vec::Vec};

pub use serde;
pub use serde_json::{Map, Value};

pub use crate::schema::bounds::{
    FieldClone, FieldDefault, FieldDeserialize, FieldSerialize, FieldShare, MigrationResult, copy,
    default, migrate, read,
};
pub use crate::{
    schema::{
        CrossOriginAttribute, Field, Found, NotMigrated, PolicyAttributes, RefreshAttribute,
        SameSiteAttribute, Schema,
    },
    schema::{FieldWriter, WriteError},
    session::{
        Accessors, Handle,
        compare::{ByPartialEq, Compared, NeverEqual},
    },
};

/// Traits whose names rustc suggests when code calls the methods of another session library.
pub use crate::session::other_libraries::{
    CallDestroyInstead, CallGeneratedClearInstead, CallGeneratedGetterInstead,
    CallGeneratedSetterInstead, CallSignInInstead,
};

#[cfg(feature = "revocation")]
pub use crate::schema::RevocationValue;

/// The fastify format.
#[cfg(feature = "fastify")]
pub use crate::schema::Fastify as FastifyFormat;
/// A placeholder, so that [`require_feature_fastify`] reports the only error.
#[cfg(not(feature = "fastify"))]
pub use crate::schema::Native as FastifyFormat;

/// Fails to compile if the feature `fastify` is off.
#[cfg(feature = "fastify")]
#[doc(hidden)]
#[macro_export]
macro_rules! __require_feature_fastify {
    () => {};
}

/// Fails to compile if the feature `fastify` is off.
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

/// The cipher of the native format, for tests against published vectors.
#[cfg(feature = "test-util")]
pub mod cipher {
    pub use crate::crypto::xchacha::Backend;
    use crate::crypto::xchacha::Cipher;

    /// Returns the ciphertext followed by the tag.
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

    /// Decrypts in place. If it returns `None`, `message` contains no plaintext.
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

    /// Returns the tag followed by the ciphertext.
    #[must_use]
    pub fn seal(key: &[u8; 32], nonce: &[u8; 24], message: &[u8]) -> Vec<u8> {
        SecretBox::new(key).seal(nonce, message.to_vec())
    }

    /// Returns the message if the tag is valid.
    #[must_use]
    pub fn open(key: &[u8; 32], nonce: &[u8; 24], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = sealed.to_vec();
        let is_authentic = SecretBox::new(key).open(nonce, &mut sealed);
        is_authentic.then(|| sealed.split_off(TAG_LEN))
    }
}

/// A process whose store a test plays, and the content of entries.
#[cfg(all(feature = "test-util", feature = "revocation"))]
pub mod revocation {
    pub use crate::revocation::manual::Process;
    use crate::revocation::{Content, RevocationEntry, Skipped, TypeNames};

    /// Returns the kind of an entry, the id, key or nothing, the number and `until`.
    #[must_use]
    pub fn content(entry: &RevocationEntry) -> (&'static str, Option<[u8; 16]>, u64, u32) {
        match entry.content() {
            Ok(Content::Session { id, until }) => ("session", Some(*id.as_bytes()), 0, until),
            Ok(Content::Group {
                key,
                is_type,
                number,
                until,
            }) => {
                let kind = if is_type { "type" } else { "group" };
                (kind, Some(key), number, until)
            }
            Ok(Content::Fence { number }) => ("fence", None, number, 0),
            Err(Skipped::Newer) => ("newer", None, 0, 0),
            Err(Skipped::Junk) => ("junk", None, 0, 0),
        }
    }

    /// Makes an entry of this content. Returns `None` for a kind that the library does not write.
    #[must_use]
    pub fn entry(kind: &str, id: [u8; 16], number: u64, until: u32) -> Option<RevocationEntry> {
        Some(match kind {
            "session" => RevocationEntry::of_session(crate::SessionId::from_bytes(id), until),
            "group" => RevocationEntry::of_group(id, until).with_number(number),
            "type" => RevocationEntry::of_type(id, until).with_number(number),
            "fence" => RevocationEntry::fence(number),
            _ => return None,
        })
    }

    /// Returns the key of a group.
    #[must_use]
    pub fn group_key(
        application: &str,
        cookie: &str,
        purpose: &str,
        field: &str,
        text: &str,
    ) -> [u8; 16] {
        let [application, cookie, purpose] = [application, cookie, purpose].map(str::to_owned);
        let names = TypeNames {
            application,
            cookie,
            purpose,
        };
        names.group_key(field.as_bytes(), text.as_bytes())
    }
}

/// For `#[derive(SessionGuard)]`.
pub use crate::{
    actix::{GuardRules, Verdict, extract_guard},
    schema::guard_fields::{GuardOption, GuardValue, has_getter},
};
pub use actix_web::{FromRequest, HttpRequest, dev::Payload};
