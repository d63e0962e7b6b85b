//! Options for @fastify/secure-session cookies, as a session's format or as the source of a
//! migration.

use std::{fmt, time::Duration};

use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::{Policy, resolve::duration_problem};
use crate::{
    cookie,
    cookie::CookieAttributes,
    crypto::cookie_signature::SigningAlgorithm,
    key::{IntoKeyRing, KeyRing},
    schema::{Fastify, Native},
};

/// The default lifetime of @fastify/secure-session, in seconds.
pub(crate) const DEFAULT_EXPIRY_SECONDS: u64 = 86_401;

/// The signature of cookies, for the option `signed: true` of @fastify/secure-session.
///
/// The encryption already authenticates the value, so a signature only adds the form that the Node
/// package expects. Cookies with a wrong or missing signature are rejected. All keys or secrets are
/// tried.
#[derive(Clone)]
pub struct Signing {
    secrets: SigningSecrets,
    algorithm: SigningAlgorithm,
}

#[derive(Clone)]
pub(crate) enum SigningSecrets {
    /// Derived from the session's keys, as the Node package does.
    OfKeys,
    /// A passphrase, or the secrets of a separately registered @fastify/cookie; the first signs.
    Given(Vec<Zeroizing<Vec<u8>>>),
}

impl Signing {
    /// Signs with the secret that the Node package derives from its option `key`.
    #[must_use]
    pub fn with_session_key() -> Self {
        Self {
            secrets: SigningSecrets::OfKeys,
            algorithm: SigningAlgorithm::default(),
        }
    }

    /// Signs with a separate secret: the Node package's passphrase (its option `secret`), or the
    /// secret of a separately registered @fastify/cookie.
    #[must_use]
    pub fn with_secret(secret: impl AsRef<[u8]>) -> Self {
        Self::with_secrets([secret])
    }

    /// Signs with the first of several secrets and accepts signatures of all of them, like a
    /// separately registered @fastify/cookie (`secret: [new, old]`).
    ///
    /// A session that is received with the signature of another secret than the first is sent
    /// again. `build()` rejects an empty list, an empty secret and more than 16 secrets.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::{Key, SecureSession, codec::Codec};
    /// use secure_session::policy::{Signing, SigningAlgorithm};
    ///
    /// #[derive(SecureSession)]
    /// #[session(format = "fastify")]
    /// struct Visitor { user: Option<String> }
    ///
    /// // fastify.register(cookie, { secret: [new, old], algorithm: 'sha512' })
    /// let signing = Signing::with_secrets(["the new secret", "the old secret"])
    ///     .algorithm(SigningAlgorithm::Sha512);
    /// let codec = Codec::<Visitor>::builder(Key::generate()?)
    ///     .policy(|policy| policy.signed(signing))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_secrets<S: AsRef<[u8]>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let secrets = secrets.into_iter();
        let secrets = secrets.map(|secret| Zeroizing::new(secret.as_ref().to_vec()));
        Self {
            secrets: SigningSecrets::Given(secrets.collect()),
            algorithm: SigningAlgorithm::default(),
        }
    }

    /// Sets the hash of the signatures, the option `algorithm` of @fastify/cookie. Default:
    /// [`SigningAlgorithm::Sha256`].
    #[must_use]
    pub fn algorithm(self, algorithm: SigningAlgorithm) -> Self {
        Self { algorithm, ..self }
    }

    pub(crate) fn secrets(&self) -> &SigningSecrets {
        &self.secrets
    }

    pub(crate) fn hash(&self) -> SigningAlgorithm {
        self.algorithm
    }

    fn problem(&self) -> Option<String> {
        let SigningSecrets::Given(secrets) = &self.secrets else {
            return None;
        };
        let problem = match secrets.len() {
            0 => "has no secret; pass at least one".to_owned(),
            len if len > KeyRing::MAX_KEYS => format!(
                "has {len} secrets, but at most {} are allowed; remove those that no live session \
                 needs",
                KeyRing::MAX_KEYS
            ),
            _ => {
                let empty = secrets.iter().position(|secret| secret.is_empty())?;
                format!(
                    "has an empty secret at position {}; pass the secret of the Node application",
                    empty.saturating_add(1)
                )
            }
        };
        Some(format!("`signed`: the signing {problem}"))
    }
}

// Its secrets are zeroized.
impl ZeroizeOnDrop for Signing {}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.secrets {
            SigningSecrets::OfKeys => "Signing::with_session_key()",
            SigningSecrets::Given(secrets) if secrets.len() == 1 => "Signing::with_secret(..)",
            SigningSecrets::Given(_) => "Signing::with_secrets(..)",
        })?;
        match self.algorithm {
            SigningAlgorithm::Sha256 => Ok(()),
            algorithm => write!(f, ".algorithm({algorithm:?})"),
        }
    }
}

/// Settings of the @fastify/secure-session cookies that a native session migrates; see
/// [`Policy::migrate_from_fastify`].
///
/// # Examples
///
/// ```
/// use secure_session::{Key, policy::FastifyMigration};
/// use std::time::Duration;
///
/// let migration = FastifyMigration {
///     cookie: "my-session-cookie".to_owned(),
///     expiry: Duration::from_secs(24 * 3600),
///     ..FastifyMigration::new(Key::generate()?)
/// };
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FastifyMigration {
    /// The keys of the Node application, at most four. They are tried in order.
    pub keys: KeyRing,
    /// The Node package's option `cookieName`. Default: `session`.
    pub cookie: String,
    /// The path of the Node package's cookie, needed to remove it. Default: `/`.
    pub path: String,
    /// The domain of the Node package's cookie, needed to remove it. Default: none.
    pub domain: Option<String>,
    /// The Node package's option `expiry`: the maximum age of a session, in whole seconds. Default:
    /// 86401 seconds.
    pub expiry: Duration,
    /// The signature of the cookies, if the Node package has `signed: true`. Default: none.
    pub signed: Option<Signing>,
    /// Whether to migrate sessions without a time, from versions of the Node package before 7.3.0.
    /// Default: `false`.
    ///
    /// # Security
    ///
    /// Such a session never expires until it is migrated.
    pub without_time: bool,
}

// Its keys and secrets are zeroized.
impl ZeroizeOnDrop for FastifyMigration {}

impl FastifyMigration {
    /// Makes settings with these keys and the Node package's defaults.
    #[must_use]
    pub fn new(keys: impl IntoKeyRing) -> Self {
        Self {
            keys: keys.into_key_ring(),
            cookie: "session".to_owned(),
            path: "/".to_owned(),
            domain: None,
            expiry: Duration::from_secs(DEFAULT_EXPIRY_SECONDS),
            signed: None,
            without_time: false,
        }
    }

    fn attributes(&self, current: &CookieAttributes) -> CookieAttributes {
        CookieAttributes {
            name: self.cookie.clone(),
            path: self.path.clone(),
            domain: self.domain.clone(),
            ..current.clone()
        }
    }

    fn problems(&self, current: &CookieAttributes) -> Vec<String> {
        let mut problems = self.attributes(current).problems_of_removal();
        problems.extend(duration_problem("expiry", self.expiry));
        problems.extend(too_many_keys(&self.keys));
        problems.extend(self.signed.as_ref().and_then(Signing::problem));
        problems
            .into_iter()
            .map(|problem| format!("`migrate_from_fastify`: {problem}"))
            .collect()
    }
}

/// The format has no key id, so every key may cost an attempt to decrypt.
pub(crate) const MAX_FASTIFY_KEYS: usize = 4;

pub(crate) fn too_many_keys(keys: &KeyRing) -> Option<String> {
    let len = keys.len();
    (len > MAX_FASTIFY_KEYS).then(|| {
        format!(
            "this format allows at most {MAX_FASTIFY_KEYS} keys, and the ring has {len}; remove \
             keys that no live session needs"
        )
    })
}

/// The settings of a policy for the fastify format.
#[derive(Debug, Clone, Default)]
pub(crate) struct FastifySettings {
    pub(crate) signed: Option<Signing>,
    pub(crate) without_time: bool,
    pub(crate) shares_keys: bool,
    pub(crate) migration: Option<FastifyMigration>,
    /// The header that removes the migrated cookie; `None` if the current cookie replaces it.
    pub(crate) migration_removal: Option<String>,
}

impl FastifySettings {
    pub(super) fn problems(&self, current: &CookieAttributes) -> Vec<String> {
        let signing = self.signed.as_ref().and_then(Signing::problem);
        let migration = self.migration.iter();
        let migration = migration.flat_map(|it| it.problems(current));
        signing.into_iter().chain(migration).collect()
    }

    pub(super) fn resolved(mut self, current: &CookieAttributes) -> Self {
        self.migration_removal = self.migration.as_ref().and_then(|migration| {
            let attributes = migration.attributes(current);
            (attributes != *current).then(|| cookie::removal(&migration.cookie, &attributes.tail()))
        });
        self
    }
}

/// Options of the native format.
impl Policy<Native> {
    /// Migrates sessions of @fastify/secure-session. Default: their cookies are ignored.
    ///
    /// Such a cookie is only read if no native cookie opens. It is not read next to a native cookie
    /// that has expired or that only a newer build can open, because it is then a leftover that
    /// could not be removed. It must not be older than [`expiry`](FastifyMigration::expiry).
    ///
    /// From then on, the session is native, and its creation time is the time of issue. The
    /// response that writes the session removes the old cookie, and `destroy` removes both. A
    /// session that is older than the native absolute limit keeps its original expiry.
    ///
    /// # Security
    ///
    /// Remove the call once the longest expiry has passed. Until then, anyone who has the legacy
    /// key can forge sessions.
    pub fn migrate_from_fastify(mut self, migration: FastifyMigration) -> Self {
        self.fastify.migration = Some(migration);
        self
    }
}

/// Options of the fastify format.
impl Policy<Fastify> {
    /// Signs the cookies like the Node package with `signed: true`. Default: no signature.
    pub fn signed(mut self, signing: Signing) -> Self {
        self.fastify.signed = Some(signing);
        self
    }

    /// Accepts sessions without a time, from versions of the Node package before 7.3.0, and
    /// immediately sends them again with a time. Default: they are rejected.
    ///
    /// # Security
    ///
    /// Such a session never expires until it is sent again.
    pub fn accept_sessions_without_time(mut self) -> Self {
        self.fastify.without_time = true;
        self
    }

    /// Allows two sessions of the fastify format to share a key. Default: `build()` rejects shared
    /// keys.
    ///
    /// # Security
    ///
    /// This format does not bind a value to a name: a client can send the cookie of one session
    /// under the name of the other, and it opens.
    pub fn dangerously_share_keys(mut self) -> Self {
        self.fastify.shares_keys = true;
        self
    }
}
