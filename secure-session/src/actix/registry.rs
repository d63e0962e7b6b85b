//! The session types of a middleware, shared by all workers.

use std::{
    any::{Any, TypeId},
    fmt, iter,
};

use actix_web::{HttpRequest, HttpResponse};

use super::{
    base_path::BasePath, cross_origin::OriginSettings, denied::Denied,
    warnings::insecure_cookie::InsecureCookieMonitor,
};
#[cfg(feature = "fastify")]
use crate::codec::SharedKeys;
#[cfg(feature = "revocation")]
use crate::revocation::TypeRevocations;
use crate::{
    codec::Codec,
    log::{WarnOnce, event},
    policy::Limits,
    session::SecureSession,
};

/// An application's own response to a denied request.
pub(super) type DeniedResponse =
    Box<dyn Fn(&Denied, &HttpRequest) -> Option<HttpResponse> + Send + Sync>;

/// The session types of one middleware.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) sessions: Vec<Registration>,
    pub(super) origin: OriginSettings,
    pub(super) base_path: BasePath,
    pub(super) denied: Option<DeniedResponse>,
    pub(super) insecure_cookie: InsecureCookieMonitor,
    pub(super) override_reported: WarnOnce,
    pub(super) guarded_login_reported: WarnOnce,
    pub(super) overlap_reported: WarnOnce,
}

/// A session type of a middleware.
pub(super) struct Registration {
    pub(super) type_id: TypeId,
    pub(super) type_name: &'static str,
    pub(super) cookie_name: String,
    /// The names of the cookies that it removes or migrates.
    former_names: Vec<String>,
    /// The keys with which it reads the fastify format.
    #[cfg(feature = "fastify")]
    pub(super) fastify_keys: SharedKeys,
    /// Identifies the key that encrypts.
    pub(super) sealing_key_fingerprint: [u8; 4],
    /// Identifies the `Revocations` of a revocable type.
    #[cfg(feature = "revocation")]
    pub(super) revocations: Option<u64>,
    key_count: usize,
    secure: bool,
    limits: Limits,
    /// The `Codec<T>` of the type `type_id`.
    codec: Box<dyn Any + Send + Sync>,
}

impl Registration {
    pub(super) fn new<T: SecureSession>(codec: Codec<T>) -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            type_name: T::SCHEMA.type_name,
            cookie_name: codec.cookie_name().to_owned(),
            former_names: codec.policy().former_names().map(str::to_owned).collect(),
            #[cfg(feature = "fastify")]
            fastify_keys: codec.fastify_keys(),
            sealing_key_fingerprint: codec.sealing_key_fingerprint(),
            #[cfg(feature = "revocation")]
            revocations: codec.revocations().map(TypeRevocations::instance),
            key_count: codec.key_count(),
            secure: codec.policy().cookie.secure,
            limits: codec.policy().limits,
            codec: Box::new(codec),
        }
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.type_id == other.type_id || self.shares_cookie(other)
    }

    /// Returns true if both read, set or remove cookies with the same name.
    fn shares_cookie(&self, other: &Self) -> bool {
        self.names()
            .any(|name| other.names().any(|other| other == name))
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        iter::once(&self.cookie_name).chain(&self.former_names)
    }
}

impl Registry {
    pub(super) fn codec<T: SecureSession>(&self) -> Option<&Codec<T>> {
        self.find::<T>()?.codec.downcast_ref()
    }

    /// Logs the session types.
    pub(super) fn report(&self) {
        for session in &self.sessions {
            event!(
                debug,
                "session.registered",
                session = session.cookie_name,
                session_type = session.type_name,
                keys = session.key_count,
                secure = session.secure,
                idle = session.limits.idle,
                absolute = session.limits.absolute,
                "session registered"
            );
        }
    }

    fn find<T: SecureSession>(&self) -> Option<&Registration> {
        let type_id = TypeId::of::<T>();
        self.sessions
            .iter()
            .find(|session| session.type_id == type_id)
    }

    /// Returns true if a session of this middleware reads the fastify format with a key of the
    /// session `T` of another middleware, so that the cookie of one would open as the other.
    #[cfg(feature = "fastify")]
    pub(super) fn shares_keys<T: SecureSession>(&self, other: &Self) -> bool {
        let mut sessions = self.sessions.iter();
        (other.find::<T>())
            .is_some_and(|other| sessions.any(|it| it.fastify_keys.overlap(&other.fastify_keys)))
    }

    /// Returns true if a session of this middleware reads, sets or removes a cookie of the session
    /// `T` of another middleware.
    pub(super) fn shares_cookie<T: SecureSession>(&self, other: &Self) -> bool {
        let mut sessions = self.sessions.iter();
        (other.find::<T>())
            .is_some_and(|other| sessions.any(|session| session.shares_cookie(other)))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sessions.iter();
        f.debug_list()
            .entries(names.map(|session| &session.cookie_name))
            .finish()
    }
}
