//! Actix-web integration: the middleware and the extractors. The only room that depends on actix.

mod activity;
mod base_path;
mod builder;
mod cross_origin;
mod denial;
mod denied;
mod extract;
mod extract_error;
mod guard;
mod navigation;
mod refusable;
mod registry;
mod request_origin;
mod request_sessions;
mod response_headers;
mod service;
mod warnings;

use std::{fmt, sync::Arc};

use actix_service::{Service, Transform};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
};

#[cfg(feature = "test-util")]
pub(crate) use self::guard::decide as decide_guard;
pub use self::{
    builder::SessionMiddlewareBuilder,
    cross_origin::{SameOrigin, SameOriginBuilder},
    denied::Denied,
    extract::{ExtractSession, SessionExt},
    extract_error::ExtractError,
    guard::{RequireGuard, ReturnTo, SessionGuard},
};
pub use self::{
    denial::{GuardRules, Verdict},
    guard::extract as extract_guard,
};

use self::{registry::Registry, service::SessionService};
use crate::{codec::Codec, key::IntoKeyRing, session::SecureSession};

/// The middleware: opens an application's sessions on first use and stores their changes.
///
/// One middleware serves any number of session types. Build it once, before `HttpServer::new`, and
/// wrap each worker's app in a clone. If each worker builds it with different keys, a session opens
/// on one worker only, and the log warns.
///
/// The last `wrap` call runs first. So write the `wrap` call of other middleware that uses sessions
/// before the `wrap` call of this one.
///
/// - A request that does not open a session costs almost nothing, and nothing is added to its
///   response.
/// - If the request opened a session, its response gets `Vary: Cookie`. If it also has a
///   `Set-Cookie`, shared caches must not store it (`Cache-Control: private`).
/// - Changes and removals are sent with every response of the handler, including 4xx, 5xx and the
///   response to an `Err`. If a middleware outside this one replaces such an error, they are lost.
///   After a panic, nothing is sent.
/// - A request from another origin that can change something gets no session, but an empty 403
///   ([`CrossOrigin`](crate::policy::CrossOrigin)).
/// - If a session cannot be stored, the response becomes an empty 500 and the previous cookie is
///   kept. The changes to other sessions are still sent.
/// - On a scope inside an app that already has this middleware, it adds its session types. If a
///   type or cookie name is served by both, the outer middleware is used, and the log warns.
///
/// # Examples
///
/// ```
/// use actix_web::App;
/// use secure_session::{Key, SecureSession, SessionMiddleware};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// let sessions = SessionMiddleware::builder(Key::generate()?)
///     .session::<Auth>()
///     .build()?;
/// let app = App::new().wrap(sessions.clone());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SessionMiddleware {
    registry: Arc<Registry>,
}

impl SessionMiddleware {
    /// Makes a builder for a middleware with these keys; the first encrypts.
    pub fn builder(keys: impl IntoKeyRing) -> SessionMiddlewareBuilder {
        SessionMiddlewareBuilder::new(keys.into_key_ring())
    }

    /// Returns the codec of a session type, for use outside a request, or `None` if the type is not
    /// registered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use secure_session::{Key, SecureSession, SessionMiddleware};
    /// # #[derive(SecureSession)]
    /// # struct Auth { user_id: Option<u64> }
    /// # let sessions = SessionMiddleware::builder(Key::generate()?).session::<Auth>().build()?;
    /// let codec = sessions.codec::<Auth>().expect("Auth is registered above");
    /// assert_eq!(codec.cookie_name(), "__Host-auth");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn codec<T: SecureSession>(&self) -> Option<Codec<T>> {
        self.registry.codec().cloned()
    }
}

impl<S, B> Transform<S, ServiceRequest> for SessionMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SessionService<S>;
    type InitError = ();
    type Future = std::future::Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let registry = Arc::clone(&self.registry);
        std::future::ready(Ok(SessionService::new(service, registry)))
    }
}

impl fmt::Debug for SessionMiddleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionMiddleware")
            .field("sessions", &self.registry)
            .finish()
    }
}
