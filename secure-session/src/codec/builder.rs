//! Builds codecs.

use std::{fmt, marker::PhantomData, sync::Arc};

#[cfg(feature = "revocation")]
use super::EventHandler;
#[cfg(feature = "fastify")]
use super::wire::{FastifyWire, Migration};
use super::{
    Codec, Inner,
    log_state::LogState,
    wire::{Binding, NativeWire, SessionWire},
};
#[cfg(all(feature = "fastify", feature = "revocation"))]
use crate::log::event;
#[cfg(feature = "revocation")]
use crate::revocation::{Revocations, TypeNames, TypeRevocations};
use crate::{
    crypto::{random::Random, xchacha::Backend},
    error::ConfigError,
    key::{Key, KeyRing, REMEDY},
    policy::{Policy, ResolveContext, ResolvedPolicy},
    schema::{FormatKind, SessionData},
    time::Clock,
};

/// Builds a [`Codec`] without a middleware.
pub struct CodecBuilder<T: SessionData> {
    settings: SharedSettings,
    policy: Policy<T::Format>,
    session: PhantomData<fn() -> T>,
}

impl<T: SessionData> CodecBuilder<T> {
    pub(super) fn new(keys: KeyRing) -> Self {
        Self {
            settings: SharedSettings::new(keys),
            policy: Policy::of::<T>(),
            session: PhantomData,
        }
    }

    /// Sets the application's name, which is bound into the encryption in the native format.
    /// Default: empty.
    #[must_use]
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.settings.application = name.into();
        self
    }

    /// Overrides parts of the policy that the struct's attributes define.
    #[must_use]
    pub fn policy(mut self, change: impl FnOnce(Policy<T::Format>) -> Policy<T::Format>) -> Self {
        self.policy = change(self.policy);
        self
    }

    /// For development only: sends the cookie without `Secure`, as
    /// [`SessionMiddlewareBuilder::plain_http`](crate::SessionMiddlewareBuilder::plain_http) does.
    #[must_use]
    pub fn plain_http(mut self) -> Self {
        self.settings.plain_http = true;
        self
    }

    /// Sets the revocations, which a `revocable` session needs.
    #[cfg(feature = "revocation")]
    #[must_use]
    pub fn revocations(mut self, revocations: &Revocations) -> Self {
        self.settings.revocations = Some(revocations.clone());
        self
    }

    /// For tests only: replaces the system clock with a clock that the test controls.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn clock(mut self, clock: &crate::time::TestClock) -> Self {
        self.settings.clock = clock.clock();
        self
    }

    /// For tests only: replaces the operating system's random generator.
    ///
    /// `source` fills the buffer, and returns false to simulate a failure.
    ///
    /// # Security
    ///
    /// Repeated or predictable bytes break the encryption.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn random(mut self, source: impl Fn(&mut [u8]) -> bool + Send + Sync + 'static) -> Self {
        self.settings.random = Random::Test(Arc::new(source));
        self
    }

    /// For tests only: accepts keys that are easy to guess, such as those of test vectors.
    ///
    /// # Security
    ///
    /// Anyone can forge sessions under such a key.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn trivial_keys(mut self) -> Self {
        self.settings.trivial_keys = true;
        self
    }

    /// For tests only: uses the pure Rust cipher even if `ring` is compiled in, to compare the two.
    #[cfg(feature = "test-util")]
    #[must_use]
    pub fn pure_rust_cipher(mut self) -> Self {
        self.settings.backend = Backend::PureRust;
        self
    }

    /// Checks the configuration, derives the session's keys and builds the codec.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with a sentence for each problem.
    pub fn build(self) -> Result<Codec<T>, ConfigError> {
        ConfigError::check(self.settings.problems())?;
        build_codec(&self.settings, self.policy).map_err(ConfigError::new)
    }
}

impl<T: SessionData> fmt::Debug for CodecBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodecBuilder").finish_non_exhaustive()
    }
}

/// The settings that all sessions of an application share.
#[derive(Clone)]
pub(crate) struct SharedSettings {
    pub(crate) keys: KeyRing,
    pub(crate) application: String,
    pub(crate) plain_http: bool,
    /// Whether keys that are easy to guess are accepted, for tests and for inspecting old cookies.
    pub(crate) trivial_keys: bool,
    pub(crate) backend: Backend,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    #[cfg(feature = "revocation")]
    pub(crate) revocations: Option<Revocations>,
    #[cfg(feature = "revocation")]
    pub(crate) on_event: Option<EventHandler>,
}

impl SharedSettings {
    pub(crate) fn new(keys: KeyRing) -> Self {
        Self {
            keys,
            application: String::new(),
            plain_http: false,
            trivial_keys: false,
            backend: Backend::default(),
            clock: Clock::System,
            random: Random::System,
            #[cfg(feature = "revocation")]
            revocations: None,
            #[cfg(feature = "revocation")]
            on_event: None,
        }
    }

    /// Returns a sentence for each problem.
    pub(crate) fn problems(&self) -> Vec<String> {
        Binding::problem_of_application(&self.application)
            .into_iter()
            .collect()
    }
}

/// Builds the codec of one session.
///
/// # Errors
///
/// A sentence for each problem, at least one.
pub(crate) fn build_codec<T: SessionData>(
    settings: &SharedSettings,
    policy: Policy<T::Format>,
) -> Result<Codec<T>, Vec<String>> {
    let (policy, own_keys) = policy.resolve(&ResolveContext {
        type_name: T::SCHEMA.type_name,
        plain_http: settings.plain_http,
    })?;
    let named = |problem: String| {
        let (cookie, type_name) = (&policy.cookie.name, T::SCHEMA.type_name);
        vec![format!("session `{cookie}` ({type_name}): {problem}")]
    };
    let ring = match &own_keys {
        Some(keys) => keys,
        None => &settings.keys,
    };
    if !settings.trivial_keys
        && let Some(problem) = trivial_key_problem(ring, &policy)
    {
        return Err(named(problem));
    }
    let wire = match policy.format {
        FormatKind::Native => native_wire(ring, settings, &policy).map(SessionWire::Native),
        #[cfg(feature = "fastify")]
        FormatKind::Fastify => fastify_wire(ring, &policy).map(SessionWire::Fastify),
    };
    let wire = wire.map_err(named)?;
    #[cfg(feature = "revocation")]
    let revocations = type_revocations::<T>(settings, &policy).map_err(named)?;
    Ok(Codec {
        inner: Arc::new(Inner {
            wire,
            #[cfg(feature = "fastify")]
            migration: policy.fastify.migration.as_ref().map(Migration::new),
            policy,
            clock: settings.clock.clone(),
            random: settings.random.clone(),
            log_state: LogState::default(),
            #[cfg(feature = "revocation")]
            on_event: revocations.as_ref().and(settings.on_event.clone()),
            #[cfg(feature = "revocation")]
            revocations,
        }),
        session: PhantomData,
    })
}

/// Returns the revocations of a revocable type.
#[cfg(feature = "revocation")]
fn type_revocations<T: SessionData>(
    settings: &SharedSettings,
    policy: &ResolvedPolicy,
) -> Result<Option<TypeRevocations>, String> {
    if !T::SCHEMA.revocable {
        return Ok(None);
    }
    let Some(revocations) = &settings.revocations else {
        return Err(
            "a `revocable` session needs `.revocations(…)` on the builder, such as \
             `.revocations(&Revocations::in_memory())`"
                .to_owned(),
        );
    };
    let names = TypeNames {
        application: settings.application.clone(),
        cookie: policy.cookie.name.clone(),
        purpose: policy.purpose.clone(),
    };
    #[cfg(feature = "fastify")]
    if let Some(migration) = &policy.fastify.migration {
        event!(
            warn,
            "session.migration_not_revocable",
            session = policy.cookie.name,
            cookie = migration.cookie,
            "cookies of the Node package are still accepted for this revocable session, and a logout \
             cannot revoke them: a copy is valid until it expires; remove `migrate_from_fastify` \
             once the cookies have expired"
        );
    }
    let connected = revocations.connect::<T>(names, &policy.limits, &settings.clock);
    connected.map(Some).ok_or_else(|| {
        "these `Revocations` already serve the session with another application, cookie name, \
         purpose or limit; use the same everywhere, or make other `Revocations`"
            .to_owned()
    })
}

/// Returns the problem of the first key that is easy to guess, if any.
#[cfg_attr(
    not(feature = "fastify"),
    expect(unused_variables, reason = "the fastify format has keys in the policy")
)]
fn trivial_key_problem(ring: &KeyRing, policy: &ResolvedPolicy) -> Option<String> {
    let problem = trivial_key_in(ring);
    #[cfg(feature = "fastify")]
    let problem = problem.or_else(|| {
        let problem = trivial_key_in(&policy.fastify.migration.as_ref()?.keys)?;
        Some(format!("`migrate_from_fastify`: {problem}"))
    });
    problem
}

fn trivial_key_in(ring: &KeyRing) -> Option<String> {
    let mut patterns = ring.keys().map(Key::trivial_pattern).enumerate();
    patterns.find_map(|(index, pattern)| {
        let (number, pattern) = (index.saturating_add(1), pattern?);
        Some(format!(
            "key {number} of the ring {pattern}, so anyone can guess it; {REMEDY}"
        ))
    })
}

fn native_wire(
    ring: &KeyRing,
    settings: &SharedSettings,
    policy: &ResolvedPolicy,
) -> Result<NativeWire, String> {
    let binding = Binding::new(&settings.application, &policy.cookie.name, &policy.purpose)?;
    NativeWire::new(ring, &binding, settings.backend).map_err(|same| {
        let [first, second] = [same.first, same.second].map(|index| index.saturating_add(1));
        format!(
            "keys {first} and {second} of the ring have the same key id, so cookies under one of \
             them would not open; replace one of them"
        )
    })
}

#[cfg(feature = "fastify")]
fn fastify_wire(ring: &KeyRing, policy: &ResolvedPolicy) -> Result<FastifyWire, String> {
    let settings = &policy.fastify;
    FastifyWire::new(ring, settings.signed.as_ref(), settings.without_time)
}
