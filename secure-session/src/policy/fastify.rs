//! What concerns cookies of @fastify/secure-session, in either use: as the format of a session, or
//! as a former one that a native session takes over.

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

/// The lifetime that the peer gives a session unless told otherwise, in seconds.
pub(crate) const DEFAULT_EXPIRY_SECONDS: u64 = 86_401;

/// The signature of the peer's option `signed: true`.
///
/// The encryption authenticates already, so a signature adds nothing but the form that the peer
/// expects. Wrong and missing signatures are refused; each key of the ring is tried.
#[derive(Clone)]
pub struct Signing {
    secrets: SigningSecrets,
    algorithm: SigningAlgorithm,
}

#[derive(Clone)]
pub(crate) enum SigningSecrets {
    /// The peer derives them from the session's keys.
    OfKeys,
    /// A passphrase, or the secrets of a separately registered @fastify/cookie; the first signs.
    Given(Vec<Zeroizing<Vec<u8>>>),
}

impl Signing {
    /// With the secret that the peer derives from its `key`.
    #[must_use]
    pub fn with_session_key() -> Self {
        Self {
            secrets: SigningSecrets::OfKeys,
            algorithm: SigningAlgorithm::default(),
        }
    }

    /// With a secret that is no key of the session: the peer's passphrase (its option `secret`), or
    /// the secret of a separately registered @fastify/cookie.
    #[must_use]
    pub fn with_secret(secret: impl AsRef<[u8]>) -> Self {
        Self::with_secrets([secret])
    }

    /// With several secrets, as a separately registered @fastify/cookie takes them
    /// (`secret: [new, old]`): the first signs, and each may have signed what comes in.
    ///
    /// A session that comes with the signature of another secret than the first is sent again.
    /// `build()` refuses an empty list, an empty secret and more than 16.
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
            0 => "has no secret; give one at least".to_owned(),
            len if len > KeyRing::MAX_KEYS => format!(
                "has {len} secrets, and {} is the most; remove those that no live session needs",
                KeyRing::MAX_KEYS
            ),
            _ => {
                let empty = secrets.iter().position(|secret| secret.is_empty())?;
                format!(
                    "has an empty secret at position {}; give the secret of the Node application",
                    empty.saturating_add(1)
                )
            }
        };
        Some(format!("`signed`: the signing {problem}"))
    }
}

/// Its secret is.
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

/// A session of @fastify/secure-session that a native one takes over; see
/// [`Policy::migrate_from_fastify`].
///
/// # Examples
///
/// ```
/// use secure_session::{Key, policy::FastifyMigration};
/// use std::time::Duration;
///
/// let former = FastifyMigration {
///     cookie: "my-session-cookie".to_owned(),
///     expiry: Duration::from_secs(24 * 3600),
///     ..FastifyMigration::new(Key::generate()?)
/// };
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct FastifyMigration {
    /// The keys of the peer, tried in turn; at most four.
    pub keys: KeyRing,
    /// The peer's `cookieName`. Default: `session`.
    pub cookie: String,
    /// The path of the peer's cookie, to remove it. Default: `/`.
    pub path: String,
    /// The domain of the peer's cookie, to remove it. Default: none.
    pub domain: Option<String>,
    /// The peer's `expiry`: how old a session may be, in whole seconds. Default: 86401 seconds.
    pub expiry: Duration,
    /// How the peer signs its cookies, with `signed: true`. Default: not at all.
    pub signed: Option<Signing>,
    /// Whether sessions without a time are taken over, as plugin versions before 7.3.0 made them.
    /// Default: `false`.
    ///
    /// # Security
    ///
    /// Such a session never ends until it is taken over.
    pub without_time: bool,
}

/// Its keys and its secret are.
impl ZeroizeOnDrop for FastifyMigration {}

impl FastifyMigration {
    /// A former session under these keys, with the peer's defaults.
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

    fn attributes(&self, present: &CookieAttributes) -> CookieAttributes {
        CookieAttributes {
            name: self.cookie.clone(),
            path: self.path.clone(),
            domain: self.domain.clone(),
            ..present.clone()
        }
    }

    fn problems(&self, present: &CookieAttributes) -> Vec<String> {
        let mut problems = self.attributes(present).problems_of_removal();
        problems.extend(duration_problem("expiry", self.expiry));
        problems.extend(too_many_keys(&self.keys));
        problems.extend(self.signed.as_ref().and_then(Signing::problem));
        problems
            .into_iter()
            .map(|problem| format!("`migrate_from_fastify`: {problem}"))
            .collect()
    }
}

/// The format has no key id, so each key costs an attempt to decrypt.
pub(crate) const MAX_FASTIFY_KEYS: usize = 4;

pub(crate) fn too_many_keys(keys: &KeyRing) -> Option<String> {
    let len = keys.len();
    (len > MAX_FASTIFY_KEYS).then(|| {
        format!(
            "{len} keys are more than the {MAX_FASTIFY_KEYS} that this format tries; remove keys \
             that no live session needs"
        )
    })
}

/// What a policy says of the fastify format.
#[derive(Debug, Clone, Default)]
pub(crate) struct FastifySettings {
    pub(crate) signed: Option<Signing>,
    pub(crate) without_time: bool,
    pub(crate) shares_keys: bool,
    pub(crate) migration: Option<FastifyMigration>,
    /// The header that removes the migrated cookie; `None` if the present one replaces it.
    pub(crate) migration_removal: Option<String>,
}

impl FastifySettings {
    pub(super) fn problems(&self, present: &CookieAttributes) -> Vec<String> {
        let signing = self.signed.as_ref().and_then(Signing::problem);
        let migration = self.migration.iter();
        let migration = migration.flat_map(|it| it.problems(present));
        signing.into_iter().chain(migration).collect()
    }

    pub(super) fn resolved(mut self, present: &CookieAttributes) -> Self {
        self.migration_removal = self.migration.as_ref().and_then(|migration| {
            let attributes = migration.attributes(present);
            (attributes != *present).then(|| cookie::removal(&migration.cookie, &attributes.tail()))
        });
        self
    }
}

/// What only the native format has.
impl Policy<Native> {
    /// Takes over sessions of @fastify/secure-session.
    ///
    /// Such a cookie is read only when no native one opens (nor has expired: it is then what could
    /// not be removed), and accepted by the peer's expiry. From
    /// then on the session is native, with its time of issue as the time of creation; the response
    /// that writes it removes the old cookie, and `destroy` removes both. A session that is older
    /// than the native absolute limit keeps the end it had.
    ///
    /// Default: no such cookie is looked at.
    ///
    /// # Security
    ///
    /// Remove the call once the longest expiry has passed: as long as it is there, whoever has the
    /// former key can make sessions.
    pub fn migrate_from_fastify(mut self, migration: FastifyMigration) -> Self {
        self.fastify.migration = Some(migration);
        self
    }
}

/// What only the fastify format has.
impl Policy<Fastify> {
    /// Signs the cookies as the peer does with `signed: true`. Default: no signature.
    pub fn signed(mut self, signing: Signing) -> Self {
        self.fastify.signed = Some(signing);
        self
    }

    /// Accepts sessions without a time, as plugin versions before 7.3.0 made them, and sends them
    /// again at once with one. Default: they are no sessions.
    ///
    /// # Security
    ///
    /// Such a session never ends until it is sent again.
    pub fn accept_sessions_without_time(mut self) -> Self {
        self.fastify.without_time = true;
        self
    }

    /// Lets two sessions of the fastify format have a key in common, which `build()` refuses
    /// otherwise.
    ///
    /// # Security
    ///
    /// This format binds a value to no name: a client can send the cookie of one session under the
    /// name of the other, and it opens.
    pub fn dangerously_share_keys(mut self) -> Self {
        self.fastify.shares_keys = true;
        self
    }
}
