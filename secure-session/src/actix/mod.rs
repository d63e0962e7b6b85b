//! The middleware and the extractors: the room that knows actix-web.

mod builder;
mod extract;
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

pub use self::{
    builder::SessionMiddlewareBuilder,
    extract::{ExtractError, ExtractSession, SessionExt},
};

use self::{registry::Registry, service::SessionService};
use crate::{codec::Codec, key::IntoKeyRing, session::SecureSession};

/// Opens the sessions of an application when a handler asks for them, and stores what it changed.
///
/// Of several `wrap` calls the last one runs first: other middleware that uses sessions is wrapped
/// before this one, so that it runs inside.
///
/// One middleware serves any number of session types. Make it once, outside of the closure of
/// `HttpServer::new`, and wrap each worker's app in a clone. Made inside with keys of its own, a
/// session opens on one worker only, and the log warns.
///
/// - A request that does not open a session costs next to nothing and sends nothing.
/// - A response of a request that opened one gets `Vary: Cookie`; with `Set-Cookie` it cannot be
///   stored by shared caches.
/// - A change or removal is sent with every response of the handler, also with 4xx, 5xx and the
///   response to an `Err`; a middleware outside of this one that replaces such an error drops it. A
///   panic sends nothing.
/// - A session that cannot be stored makes an empty 500 of the response; the old cookie stays, and
///   the changes of other sessions go out.
/// - Wrapped around a scope inside an app that has one already, it adds its session types; a type
///   or cookie name that the outer one serves stays the outer's, with a warning.
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
    /// Begins a middleware with these keys; the first seals.
    pub fn builder(keys: impl IntoKeyRing) -> SessionMiddlewareBuilder {
        SessionMiddlewareBuilder::new(keys.into_key_ring())
    }

    /// Gives the codec of a registered session, for use outside a request; `None` if the type is
    /// not registered.
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
